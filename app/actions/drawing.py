"""How maps are drawn in the active viewport, and in those that scroll with it."""

from __future__ import annotations

from typing import Any

from app.kept_scales import KeptScale
from app.map_requests import Drawing
from app.panes import ScaleMode
from app.session import Session
from inference.errors import UserError

CONTOURS: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75)
"""Shares of the attribution that lines can be drawn around; 0 is no lines."""

MODES: tuple[ScaleMode, ...] = ("image", "series", "kept")


def edit(session: Session, **changes: Any) -> None:
    """Change how maps are drawn, wherever the same scan is scrolled along."""
    mine = session.panes[session.active].source_id
    for number in session.visible:
        alike = "scroll" in session.links and session.panes[number].source_id == mine
        if number == session.active or alike:
            session.edit_view(number, **changes)


def next_contours(session: Session) -> None:
    """Lines around a quarter, half, three quarters of the attribution, and none."""
    now = session.panes[session.active].contours
    edit(session, contours=next((share for share in CONTOURS if share > now), 0.0))


def toggle_cells(session: Session) -> None:
    """The map's own cells, or a smooth picture of them."""
    edit(session, cells=not session.panes[session.active].cells)


def next_scale(session: Session) -> None:
    """The scale of this image, of the series, and the kept one where there is one."""
    pane, source = session.panes[session.active], session.source_of(session.active)
    if source is None:
        return
    kept = session.scales.kept_limit(pane.attribution) is not None
    modes = MODES if kept else MODES[:2]
    now = session.scales.mode(pane, source)
    edit(session, scale=modes[(modes.index(now) + 1) % len(modes)])


def as_seen(session: Session, number: int) -> Drawing:
    """How a viewport draws its map, for a picture in a file."""
    pane, source = session.panes[number], session.source_of(number)
    if pane.attribution is None or source is None:
        return Drawing()
    scale = session.scales.scale(pane, source, session.results)
    return Drawing(
        limit=scale.limit if scale is not None else None,
        scale=scale.words if scale is not None else "",
        threshold=pane.threshold,
        level=session.scales.level(pane),
        cells=pane.cells,
    )


def kept_with_this(session: Session) -> tuple[KeptScale, ...]:
    """The kept scales, with that of the map in sight among them.

    Raises UserError where there is no whole map in sight.
    """
    pane, source = session.panes[session.active], session.source_of(session.active)
    shown = pane.attribution
    if shown is None or source is None or shown.coarse:
        raise UserError("There is no map whose scale could be kept.", "Explain first, with E.")
    scale = session.scales.scale(pane, source, session.results)
    assert scale is not None
    return session.scales.with_kept(shown, scale.limit)
