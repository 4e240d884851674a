"""The shapes that people measure with: their lines, handles and movements; pure numbers.

Places are (column, row) in pixel edges, as in `Measure`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from inference.records import Measure, MeasureKind

Place = tuple[float, float]

POINTS_NEEDED: dict[MeasureKind, int | None] = {
    "length": 2,
    "angle": 3,
    "rectangle": 2,
    "ellipse": 2,
    "polygon": None,
}
"""How many points end a shape; a polygon ends when it is closed."""

_ELLIPSE_POINTS = 72
_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))
"""Of a box: which of its two points gives each corner's column, and which its row."""


def handles(measure: Measure) -> tuple[Place, ...]:
    """The points by which a measure is held: its own, or the four corners of its box."""
    if measure.kind not in _BOXES:
        return measure.points
    return corners(measure.points)


def corners(points: tuple[Place, ...]) -> tuple[Place, ...]:
    """The four corners around of the box between two points."""
    return tuple((points[column][0], points[row][1]) for column, row in _CORNERS)


def outline(measure: Measure) -> tuple[tuple[Place, ...], bool]:
    """The points of a measure's line, and whether it is closed."""
    return _OUTLINES[measure.kind](measure.points)


def with_handle(measure: Measure, handle: int, place: Place) -> Measure:
    """The measure with one handle moved to `place`; of a box the opposite corner stays."""
    moved = with_corner if measure.kind in _BOXES else with_point
    return replace(measure, points=moved(measure.points, handle, place))


def with_corner(points: tuple[Place, ...], corner: int, place: Place) -> tuple[Place, ...]:
    """The two points of a box with one of its corners moved; the opposite one stays."""
    moved = [list(point) for point in points]
    column, row = _CORNERS[corner]
    moved[column][0], moved[row][1] = place
    return tuple((x, y) for x, y in moved)


def with_point(points: tuple[Place, ...], number: int, place: Place) -> tuple[Place, ...]:
    """The points with one of them moved."""
    return (*points[:number], place, *points[number + 1 :])


def shifted(measure: Measure, way: Place, shape: tuple[int, int]) -> Measure:
    """The measure moved by (columns, rows), as far as it stays on a frame of `shape`."""
    return replace(measure, points=shifted_points(measure.points, way, shape))


def shifted_points(
    points: tuple[Place, ...], way: Place, shape: tuple[int, int]
) -> tuple[Place, ...]:
    """The points moved by (columns, rows), no further out of a frame of `shape` than they are."""
    rows, columns = shape
    moved = []
    for axis, size in ((0, columns), (1, rows)):
        ends = [point[axis] for point in points]
        moved.append(min(max(way[axis], min(-min(ends), 0.0)), max(size - max(ends), 0.0)))
    return tuple((x + moved[0], y + moved[1]) for x, y in points)


def is_whole(kind: MeasureKind, points: tuple[Place, ...]) -> bool:
    """Whether the points make a shape that can be measured."""
    needed = POINTS_NEEDED[kind]
    if len(points) < 3 if needed is None else len(points) != needed:
        return False
    if kind in _BOXES:
        return points[0][0] != points[1][0] and points[0][1] != points[1][1]
    if needed is None:
        return len(set(points)) > 2
    return all(one != other for one, other in pairwise(points))


def placed(measure_kind: MeasureKind, center: Place, reach: Place) -> tuple[Place, ...]:
    """A shape of the usual size around `center`, (columns, rows) of `reach` to each side."""
    (column, row), (wide, high) = center, reach
    return tuple((column + x * wide, row + y * high) for x, y in _USUAL[measure_kind])


def _open(points: tuple[Place, ...]) -> tuple[tuple[Place, ...], bool]:
    return points, False


def _closed(points: tuple[Place, ...]) -> tuple[tuple[Place, ...], bool]:
    return points, True


def _box(points: tuple[Place, ...]) -> tuple[tuple[Place, ...], bool]:
    return corners(points), True


def _ellipse(points: tuple[Place, ...]) -> tuple[tuple[Place, ...], bool]:
    (x0, y0), (x1, y1) = points
    turn = 2 * math.pi / _ELLIPSE_POINTS
    return tuple(
        (
            (x0 + x1) / 2 + (x1 - x0) / 2 * math.cos(step * turn),
            (y0 + y1) / 2 + (y1 - y0) / 2 * math.sin(step * turn),
        )
        for step in range(_ELLIPSE_POINTS)
    ), True


_BOXES = frozenset({"rectangle", "ellipse"})
_OUTLINES: dict[MeasureKind, Callable[[tuple[Place, ...]], tuple[tuple[Place, ...], bool]]] = {
    "length": _open,
    "angle": _open,
    "rectangle": _box,
    "ellipse": _ellipse,
    "polygon": _closed,
}
_USUAL: dict[MeasureKind, tuple[Place, ...]] = {
    "length": ((-1.0, 0.0), (1.0, 0.0)),
    "angle": ((1.0, 0.0), (0.0, 0.0), (0.0, -1.0)),
    "rectangle": ((-1.0, -1.0), (1.0, 1.0)),
    "ellipse": ((-1.0, -1.0), (1.0, 1.0)),
    "polygon": ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
}
