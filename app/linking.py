"""How viewports move together: by place in the patient, or by the way gone since the linking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.panes import Pane
from app.session import Session
from inference.mpr.lines import from_frame, to_frame
from inference.records import Affine, Point, Source

PARALLEL = 0.966
"""Cosine of 15°: planes that lean less against each other are scrolled together."""


def space_of(source: Source) -> str:
    """The space that a source lies in: a frame of reference, and whose it is.

    Scans of two patients never share one, whatever their headers say.
    """
    if not source.frame_of_reference:
        return source.source_id
    return f"{source.frame_of_reference} {source.who}"


def count_of(pane: Pane, source: Source | None) -> int:
    """How many planes a viewport can show."""
    if pane.stack is not None:
        return pane.stack.count
    return source.frames if source is not None else 0


def affine_of(pane: Pane, source: Source, index: int) -> Affine | None:
    """Where the plane `index` of a viewport lies."""
    if pane.stack is not None:
        return pane.stack.affine(index)
    return source.frame_affine(index)


def index_at(pane: Pane, source: Source, point: Point) -> int | None:
    """The plane of a viewport nearest to a place in the patient; None without geometry."""
    if pane.stack is not None:
        return pane.stack.index_at(point)
    return frame_at(source, point)


def frame_at(source: Source, point: Point) -> int | None:
    """The frame of a source nearest to a place in the patient; None without geometry."""
    if source.affine is None:
        return None
    depth = float(_normal(np.array(source.affine)) @ np.array(point))
    return int(np.argmin(np.abs(_depths(Pane(), source) - depth)))


def middle_of(pane: Pane, source: Source) -> Point | None:
    """The place in the patient at the middle of the plane that a viewport shows."""
    affine = affine_of(pane, source, pane.index)
    if affine is None:
        return None
    rows, columns = pane.stack.shape if pane.stack is not None else source.shape
    x, y, z = (np.array(affine) @ ((columns - 1) / 2, (rows - 1) / 2, 0.0, 1.0))[:3]
    return (float(x), float(y), float(z))


def frame_in_sight(session: Session, number: int) -> int:
    """The frame of its source that a viewport shows, or that lies nearest to what it shows."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None or pane.plane == "slices":
        return pane.index
    point = _cursor_in(session, source) or middle_of(pane, source)
    found = None if point is None else frame_at(source, point)
    return source.frames // 2 if found is None else found


def cursor_seen(session: Session, number: int) -> Point | None:
    """The crosshair where it lies in the plane that a viewport shows, LPS mm; else None."""
    source, pane = session.source_of(number), session.panes[number]
    point = None if source is None else _cursor_in(session, source)
    if source is None or point is None or index_at(pane, source, point) != pane.index:
        return None
    return point


def carried_cursor(session: Session, number: int, index: int) -> Point | None:
    """Where the crosshair goes when the plane that it lies in turns to another one."""
    source, pane = session.source_of(number), session.panes[number]
    point = cursor_seen(session, number)
    if source is None or point is None or "crosshair" not in session.links:
        return None
    here, there = affine_of(pane, source, pane.index), affine_of(pane, source, index)
    if here is None or there is None:
        return None
    column, row, _ = to_frame(here, point)
    return from_frame(there, column, row)


def _cursor_in(session: Session, source: Source) -> Point | None:
    """The crosshair, if it stands in the space of a source."""
    if session.cursor is None or session.cursor[0] != space_of(source):
        return None
    return session.cursor[1]


def anchors_of(session: Session) -> dict[int, float]:
    """Where each visible viewport stands now, for linking studies by the way gone from here."""
    found = {}
    for number in session.visible:
        source = session.source_of(number)
        if source is not None:
            pane = session.panes[number]
            found[number] = float(_depths(pane, source)[pane.index])
    return found


def patients_of(session: Session) -> set[str]:
    """Who is seen in the visible viewports."""
    sources = (session.source_of(number) for number in session.visible)
    return {source.who for source in sources if source is not None}


def followers(session: Session, number: int, index: int) -> dict[int, int]:
    """Which other viewports scroll along when `number` goes to `index`, and where to."""
    source = session.source_of(number)
    if source is None or "scroll" not in session.links:
        return {}
    found = {}
    for other in session.visible:
        target = None if other == number else _follow(session, number, source, index, other)
        if target is not None and target != session.panes[other].index:
            found[other] = target
    return found


def _follow(session: Session, number: int, source: Source, index: int, other: int) -> int | None:
    mine, pane, its = session.panes[number], session.panes[other], session.source_of(other)
    if its is None:
        return None
    if source is its and mine.plane == pane.plane:
        return index
    here, there = affine_of(mine, source, index), affine_of(pane, its, pane.index)
    if space_of(source) == space_of(its):
        if here is None or there is None or not _parallel(here, there):
            return None
        point = carried_cursor(session, number, index)
        point = point or middle_of(replace(mine, index=index), source)
        return None if point is None else index_at(pane, its, point)
    if number not in session.anchors or other not in session.anchors:
        return None
    gone = float(_depths(mine, source)[index]) - session.anchors[number]
    if here is not None and there is not None and _opposed(here, there):
        gone = -gone
    depth = session.anchors[other] + gone
    return int(np.argmin(np.abs(_depths(pane, its) - depth)))


def _normal(matrix: np.ndarray) -> np.ndarray:
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    return np.asarray(normal / np.linalg.norm(normal))


def _depths(pane: Pane, source: Source) -> np.ndarray:
    """Where each plane lies along its normal, float64 [planes], mm; numbers without geometry."""
    affine = affine_of(pane, source, 0)
    if affine is None:
        return np.arange(count_of(pane, source), dtype=float)
    matrix = np.array(affine)
    normal = _normal(matrix)
    if pane.stack is not None:
        return np.asarray(pane.stack.origins @ normal)
    if source.positions_mm is not None:
        return np.asarray(np.array(source.positions_mm) @ normal)
    steps = np.arange(source.frames) * float(normal @ matrix[:3, 2])
    return float(normal @ matrix[:3, 3]) + steps


def _parallel(one: Affine, other: Affine) -> bool:
    return abs(float(_normal(np.array(one)) @ _normal(np.array(other)))) >= PARALLEL


def _opposed(one: Affine, other: Affine) -> bool:
    return float(_normal(np.array(one)) @ _normal(np.array(other))) < 0
