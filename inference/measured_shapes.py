"""Area, outline and pixels of the shapes that a person draws on a frame.

Points are (column, row) in pixel edges; a pixel belongs to a shape if its centre lies inside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.records import MeasureKind

Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Inside:
    """Pixels within a shape: `mask` [rows, columns] is true there, from (row, column) on."""

    row: int
    column: int
    mask: np.ndarray

    def of(self, picture: np.ndarray) -> np.ndarray:
        """The part of a picture that `mask` lies over."""
        rows, columns = self.mask.shape
        return picture[self.row : self.row + rows, self.column : self.column + columns]


@dataclass(frozen=True)
class Shape:
    """How one kind of shape is measured.

    `area` gives square pixels, `perimeter` millimetres for mm (between rows, between columns),
    `covers` which centres, given as columns [1, c] and rows [r, 1], lie inside: bool [r, c].
    """

    area: Callable[[Corners], float]
    perimeter: Callable[[Corners, tuple[float, float]], float]
    covers: Callable[[Corners, np.ndarray, np.ndarray], np.ndarray]


def inside(shape: Shape, corners: Corners, size: tuple[int, int]) -> Inside:
    """The pixels within a shape of a picture of `size` (rows, columns); shapes may leave it."""
    first, end = [], []
    for axis, limit in ((1, size[0]), (0, size[1])):
        ends = [corner[axis] for corner in corners]
        first.append(min(max(math.ceil(min(ends) - 0.5), 0), limit))
        end.append(max(min(math.ceil(max(ends) + 0.5), limit), first[-1]))
    rows = np.arange(first[0], end[0])[:, None] + 0.5
    columns = np.arange(first[1], end[1])[None, :] + 0.5
    return Inside(first[0], first[1], shape.covers(corners, columns, rows))


def _box(corners: Corners) -> tuple[float, float, float, float]:
    (x0, y0), (x1, y1) = corners[0], corners[-1]
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _sides(corners: Corners) -> tuple[float, float]:
    left, top, right, bottom = _box(corners)
    return right - left, bottom - top


def _rectangle_area(corners: Corners) -> float:
    width, height = _sides(corners)
    return width * height


def _rectangle_perimeter(corners: Corners, spacing: tuple[float, float]) -> float:
    width, height = _sides(corners)
    return 2 * (width * spacing[1] + height * spacing[0])


def _rectangle_covers(corners: Corners, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _box(corners)
    return (columns >= left) & (columns < right) & (rows >= top) & (rows < bottom)


def _ellipse_area(corners: Corners) -> float:
    return _rectangle_area(corners) * math.pi / 4


def _ellipse_perimeter(corners: Corners, spacing: tuple[float, float]) -> float:
    """By the arithmetic-geometric mean, which doubles its digits with each step."""
    width, height = _sides(corners)
    a, b = sorted((width * spacing[1] / 2, height * spacing[0] / 2), reverse=True)
    if b == 0:
        return 4 * a
    total, weight = a * a, 0.5
    c = math.sqrt(a * a - b * b)
    while weight * c * c > 1e-15 * total:
        total -= weight * c * c
        a, b, c, weight = (a + b) / 2, math.sqrt(a * b), (a - b) / 2, weight * 2
    return 2 * math.pi * total / a


def _ellipse_covers(corners: Corners, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    left, top, right, bottom = _box(corners)
    if right == left or bottom == top:
        return np.zeros((rows.size, columns.size), bool)
    across = (2 * columns - left - right) / (right - left)
    down = (2 * rows - top - bottom) / (bottom - top)
    return across * across + down * down <= 1


def _edges(corners: Corners) -> tuple[np.ndarray, np.ndarray]:
    """Where each edge begins, and its way to the next corner, each [n, 2]."""
    points = np.array(corners, dtype=float)
    return points, np.roll(points, -1, axis=0) - points


def _polygon_perimeter(corners: Corners, spacing: tuple[float, float]) -> float:
    return float(np.linalg.norm(_edges(corners)[1] * (spacing[1], spacing[0]), axis=1).sum())


def _polygon_area(corners: Corners) -> float:
    """What lies inside by the even-odd rule, so that an outline may cross itself.

    Between two heights at which there is a corner or a crossing, the width inside grows evenly:
    the width in the middle times the height is exact.
    """
    points, ways = _edges(corners)
    heights = np.unique(np.concatenate((points[:, 1], _crossings(points, ways))))
    middles = (heights[1:] + heights[:-1]) / 2
    met = np.sort(_met(points, ways, middles), axis=1)
    opened, closed = met[:, 0::2], met[:, 1::2]
    paired = np.isfinite(closed)
    widths = np.where(paired, closed, 0) - np.where(paired, opened[:, : closed.shape[1]], 0)
    return float(widths.sum(axis=1) @ np.diff(heights))


def _crossings(points: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """The heights at which edges cross each other, [k]."""
    between = points[None, :, :] - points[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        turn = _cross(ways[:, None, :], ways[None, :, :])
        along = _cross(between, ways[None, :, :]) / turn
        other = _cross(between, ways[:, None, :]) / turn
    met = (along > 0) & (along < 1) & (other > 0) & (other < 1)
    first = np.nonzero(met)[0]
    return np.asarray(points[first, 1] + along[met] * ways[first, 1])


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])


def _met(points: np.ndarray, ways: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """The column at which each edge passes each height, [heights, edges]; inf where it does not."""
    ends = points + ways
    passes = (points[:, 1] <= heights[:, None]) != (ends[:, 1] <= heights[:, None])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = (heights[:, None] - points[:, 1]) / ways[:, 1]
        return np.where(passes, points[:, 0] + share * ways[:, 0], np.inf)


def _polygon_covers(corners: Corners, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """By the even-odd rule: every edge to the left of a centre turns in and out."""
    toggles = np.zeros((rows.size, columns.size + 1), np.int32)
    met = _met(*_edges(corners), rows[:, 0])
    row, edge = np.nonzero(np.isfinite(met))
    place = np.searchsorted(columns[0], met[row, edge])
    np.add.at(toggles, (row, place), 1)
    return np.asarray(np.cumsum(toggles[:, :-1], axis=1) % 2 == 1)


SHAPES: dict[MeasureKind, Shape] = {
    "rectangle": Shape(_rectangle_area, _rectangle_perimeter, _rectangle_covers),
    "ellipse": Shape(_ellipse_area, _ellipse_perimeter, _ellipse_covers),
    "polygon": Shape(_polygon_area, _polygon_perimeter, _polygon_covers),
}
"""The kinds of measure that enclose pixels."""
