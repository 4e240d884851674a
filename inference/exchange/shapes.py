"""What makes a shape whole: how many points it has, and that they lie in their frame."""

from __future__ import annotations

import math
from collections.abc import Sequence

from inference.exchange.reading import EntryError
from inference.records import Annotation, AnnotationKind

Points = tuple[tuple[float, float], ...]

POINT_COUNTS: dict[AnnotationKind, tuple[int, float]] = {
    "box": (2, 2),
    "rotated_box": (4, 4),
    "polygon": (3, math.inf),
    "line": (2, math.inf),
    "point": (1, 1),
}
"""The least and the most points of each shape; other kinds have none."""

WHOLE_KINDS: tuple[AnnotationKind, ...] = ("class", "span", "interval")
"""What can be said of a source as a whole."""

BEYOND_PIXELS = 1.0
"""How far a shape may reach beyond its frame: others round, and count from 1."""


def check_points(kind: AnnotationKind, points: Points, shape: tuple[int, int]) -> None:
    """Raise EntryError where a shape is none, or leaves its frame of (rows, columns)."""
    least, most = POINT_COUNTS.get(kind, (0, 0))
    if not least <= len(points) <= most:
        raise EntryError(f"a {kind.replace('_', ' ')} does not have {len(points)} points")
    if not all(math.isfinite(number) for point in points for number in point):
        raise EntryError("a coordinate is not finite")
    if kind == "box" and not (points[0][0] < points[1][0] and points[0][1] < points[1][1]):
        raise EntryError("the width or height of the box is not above 0")
    beyond = _beyond(points, shape)
    if beyond is not None:
        column, row = beyond
        size = f"{shape[1]} × {shape[0]}"
        raise EntryError(f"the point ({column:g}, {row:g}) lies outside the frame of {size} pixels")


def lies_within(annotation: Annotation, shape: tuple[int, int]) -> bool:
    """Whether what was drawn stays in its frame, so that it can be read again."""
    mask = annotation.mask
    if mask is not None:
        corners = (mask.left, mask.top), (mask.left + mask.columns, mask.top + mask.rows)
        return all(0 <= column <= shape[1] and 0 <= row <= shape[0] for column, row in corners)
    return _beyond(annotation.points, shape) is None


def is_whole(annotation: Annotation, shape: tuple[int, int]) -> bool:
    """Whether what was drawn has a size and points enough, so that it can be read again."""
    if annotation.kind == "mask":
        return annotation.mask is not None
    try:
        check_points(annotation.kind, annotation.points, shape)
    except EntryError:
        return False
    return True


def _beyond(points: Points, shape: tuple[int, int]) -> tuple[float, float] | None:
    """The first point outside of the frame."""
    low, rows, columns = -BEYOND_PIXELS, shape[0] + BEYOND_PIXELS, shape[1] + BEYOND_PIXELS
    within = ((low <= x <= columns and low <= y <= rows) for x, y in points)
    return next((one for one, inside in zip(points, within, strict=True) if not inside), None)


def bounds_of(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """The box [x0, y0, x1, y1] around points."""
    columns, rows = [point[0] for point in points], [point[1] for point in points]
    return min(columns), min(rows), max(columns), max(rows)


def area_of(points: Sequence[tuple[float, float]]) -> float:
    """The area of a polygon in pixels, by the shoelace formula about its first corner."""
    x0, y0 = points[0]
    moved = [(x - x0, y - y0) for x, y in points]
    pairs = zip(moved, (*moved[1:], moved[0]), strict=True)
    return abs(sum(x * below - right * y for (x, y), (right, below) in pairs)) / 2
