"""How a viewport's map is drawn, with the words that stand beside it: the same in every place."""

from __future__ import annotations

from app.panes import Pane
from app.session import Session
from app.views.wording import percent
from explain.method_titles import title_of
from widgets.canvas_overlay import MapStyle


def map_style(session: Session, number: int, blinking: str = "") -> MapStyle:
    """The scale of a viewport's map, the lines around its strongest parts, and its cells.

    `blinking` is what it is called while another viewport shows it for the moment.
    """
    pane, source = session.panes[number], session.source_of(number)
    shown = pane.attribution
    if shown is None or source is None:
        return MapStyle()
    scale = session.scales.scale(pane, source, session.results)
    level = session.scales.level(pane)
    return MapStyle(
        title=f"Now: {blinking}" if blinking else method_title(pane),
        limit=scale.limit if scale is not None else None,
        scale=scale.words if scale is not None else "",
        level=level,
        lines=f"lines hold {percent(pane.contours)} of it" if level is not None else "",
        cells=pane.cells,
    )


def method_title(pane: Pane) -> str:
    """What the method of the map in sight is called; "" where no method made it."""
    if pane.made is not None:
        return pane.made.title
    made = pane.attribution.provenance.method if pane.attribution is not None else None
    return title_of(made) if made is not None else ""


def shown_words(session: Session, number: int) -> str:
    """What the threshold leaves, such as "12 % of the pixels, 60 % of the attribution"."""
    pane, source = session.panes[number], session.source_of(number)
    if pane.attribution is None or source is None:
        return ""
    scale = session.scales.scale(pane, source, session.results)
    if scale is None:
        return ""
    found = session.scales.strengths(pane.attribution)
    pixels, mass = found.beyond(pane.threshold * scale.limit)
    if not len(found.magnitudes):
        return "The map is empty"
    if pixels == 0:
        return "Nothing of this map is so strong"
    return f"{percent(pixels)} of the pixels, {percent(mass)} of the attribution"
