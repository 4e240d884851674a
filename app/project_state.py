"""What the window keeps of its view in a project, so that it opens again as it was left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.panes import LINKS, Asked, Link, Pane, Place, Plane, ScaleMode
from inference.display import Voi
from inference.mpr.cut import Slab
from inference.records import Point

if TYPE_CHECKING:
    from app.session import Session

VIEW, FOLDER = "view", "folder"
"""The names among a project's states of what was in view, and of where the project lay."""


@dataclass(frozen=True)
class ZoomState:
    """What part of its picture a viewport showed: centre (column, row) and zoom of the fit."""

    center: tuple[float, float]
    zoom: float
    turns: int
    mirrored: bool


@dataclass(frozen=True)
class PaneState:
    """What one viewport showed, and how; a pane without its picture and its answers."""

    number: int
    source_id: str
    index: int
    plane: Plane
    slab: Slab | None
    model_id: str | None
    asked: Asked
    window: Voi | None
    inverted: bool
    overlay_visible: bool
    threshold: float
    opacity: float
    scale: ScaleMode | None
    percent: float
    contours: float
    cells: bool
    zoom: ZoomState | None

    def as_pane(self) -> Pane:
        """The viewport as it was, its picture still to come."""
        shared = {name: getattr(self, name) for name in _SHARED}
        return Pane(**shared)


@dataclass(frozen=True)
class ViewState:
    """What was seen of a project when it was left."""

    layout: str
    first: int
    active: int
    maximised: bool
    place: Place
    tool: str
    label: str
    links: tuple[Link, ...]
    own_axes: bool
    cursor: tuple[str, Point] | None
    panes: tuple[PaneState, ...]

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The sources in view, that of the active viewport first."""
        ordered = sorted(self.panes, key=lambda one: one.number != self.active)
        return tuple(dict.fromkeys(one.source_id for one in ordered))


STATE_RECORDS: tuple[type, ...] = (ViewState, PaneState, ZoomState, Asked, Slab)
"""The records that the store must know to give a view back."""

_SHARED = tuple(
    name for name in PaneState.__dataclass_fields__ if name in Pane.__dataclass_fields__
)


def view_of(session: Session, zooms: dict[int, ZoomState]) -> ViewState | None:
    """What is seen now, or was before a comparison began; None where no scan is."""
    before = session.comparison.before
    seen = before or session
    panes = tuple(
        _state_of(number, pane, None if before else zooms.get(number))
        for number, pane in enumerate(seen.panes)
        if pane.source_id is not None
    )
    if not panes:
        return None
    return ViewState(
        seen.layout,
        seen.first,
        seen.active,
        seen.maximised,
        session.place,
        session.tool,
        session.labels.label,
        tuple(one for one in LINKS if one in seen.links),
        session.own_axes,
        session.cursor,
        panes,
    )


def _state_of(number: int, pane: Pane, zoom: ZoomState | None) -> PaneState:
    shared = {name: getattr(pane, name) for name in _SHARED}
    return PaneState(number=number, zoom=zoom, **shared)
