"""How viewports move together: by place in the patient, or by the way gone since the linking."""

from __future__ import annotations

import numpy as np

from app.panes import Pane
from app.session import Session
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
    matrix = np.array(source.affine)
    normal = _normal(matrix)
    if source.positions_mm is not None:
        depths = np.array(source.positions_mm) @ normal
    else:
        steps = np.arange(source.frames) * float(normal @ matrix[:3, 2])
        depths = float(normal @ matrix[:3, 3]) + steps
    return int(np.argmin(np.abs(depths - float(normal @ np.array(point)))))


def anchors_of(session: Session) -> dict[int, float]:
    """Where each visible viewport stands now, for linking studies by the way gone from here."""
    found = {}
    for number in session.visible:
        source = session.source_of(number)
        if source is not None:
            found[number] = _depth(session.panes[number], source, session.panes[number].index)
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
        return index_at(pane, its, _middle(here, mine, source))
    if number not in session.anchors or other not in session.anchors:
        return None
    gone = _depth(mine, source, index) - session.anchors[number]
    if here is not None and there is not None and _opposed(here, there):
        gone = -gone
    return _index_at_depth(pane, its, session.anchors[other] + gone)


def _normal(matrix: np.ndarray) -> np.ndarray:
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    return np.asarray(normal / np.linalg.norm(normal))


def _depth(pane: Pane, source: Source, index: int) -> float:
    """Millimetres along the normal; frames where there is no geometry."""
    affine = affine_of(pane, source, index)
    if affine is None:
        return float(index)
    matrix = np.array(affine)
    return float(_normal(matrix) @ matrix[:3, 3])


def _index_at_depth(pane: Pane, source: Source, depth: float) -> int:
    count = count_of(pane, source)
    depths = [_depth(pane, source, index) for index in range(count)]
    return int(np.argmin(np.abs(np.array(depths) - depth)))


def _middle(affine: Affine, pane: Pane, source: Source) -> Point:
    rows, columns = pane.stack.shape if pane.stack is not None else source.shape
    x, y, z = (np.array(affine) @ ((columns - 1) / 2, (rows - 1) / 2, 0.0, 1.0))[:3]
    return (float(x), float(y), float(z))


def _parallel(one: Affine, other: Affine) -> bool:
    return abs(float(_normal(np.array(one)) @ _normal(np.array(other)))) >= PARALLEL


def _opposed(one: Affine, other: Affine) -> bool:
    return float(_normal(np.array(one)) @ _normal(np.array(other))) < 0
