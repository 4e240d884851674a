"""Places between frames: where a point lies on a frame, and where one plane cuts another."""

from __future__ import annotations

import numpy as np

from inference.records import Affine, Point

Segment = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixel edges: (0.5, 0.5) is the centre of the first pixel."""

_PARALLEL = 1e-4
"""The sine below which two planes count as parallel: they meet nowhere near."""


def to_frame(affine: Affine, point_mm: Point) -> tuple[float, float, float]:
    """Where a place lies on a frame: (column, row) in pixel edges, and millimetres off its plane.

    The distance is positive along row direction × column direction. `affine` is the frame's, such
    as `Frame.affine`, `Source.frame_affine(index)` or `PlaneStack.affine(index)`.
    """
    column, row, normal, origin = _plane(affine)
    away = np.array(point_mm) - origin
    found = np.linalg.solve(np.stack([column, row, normal], axis=1), away)
    return float(found[0]) + 0.5, float(found[1]) + 0.5, float(found[2])


def from_frame(affine: Affine, column: float, row: float) -> Point:
    """The place in the patient of (column, row) in pixel edges of a frame."""
    across, down, _, origin = _plane(affine)
    x, y, z = origin + (column - 0.5) * across + (row - 0.5) * down
    return float(x), float(y), float(z)


def line_of(cutting: Affine, affine: Affine, shape: tuple[int, int]) -> Segment | None:
    """Where the plane of one frame cuts another of `shape` (rows, columns), within its edges.

    None where the planes are parallel or meet outside the frame.
    """
    _, _, normal, origin = _plane(cutting)
    column, row, own_normal, own_origin = _plane(affine)
    if float(np.linalg.norm(np.cross(normal, own_normal))) < _PARALLEL:
        return None
    # In pixel edges the line is a x + b y = c.
    a, b = float(normal @ column), float(normal @ row)
    c = float(normal @ (origin - own_origin)) + 0.5 * (a + b)
    low, high = 0.0, 1.0
    # It runs along (-b, a) from its point nearest to the corner, far enough either way.
    length = a * a + b * b
    reach = 2.0 * float(np.hypot(*shape)) + abs(c) / float(np.sqrt(length))
    foot, along = np.array([a, b]) * c / length, np.array([-b, a]) / float(np.sqrt(length))
    start, way = foot - reach * along, 2.0 * reach * along
    for begin, step, end in zip(start, way, (shape[1], shape[0]), strict=True):
        if abs(step) < 1e-12:
            if not 0 <= begin <= end:
                return None
            continue
        first, last = sorted(((0.0 - begin) / step, (end - begin) / step))
        low, high = max(low, first), min(high, last)
    if low >= high:
        return None
    (x0, y0), (x1, y1) = start + low * way, start + high * way
    return float(x0), float(y0), float(x1), float(y1)


def _plane(affine: Affine) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The steps to the next column and row, the unit normal, and the first pixel's centre."""
    matrix = np.array(affine)
    column, row = matrix[:3, 0], matrix[:3, 1]
    (a, b, c), (d, e, f) = column.tolist(), row.tolist()
    normal = np.array((b * f - c * e, c * d - a * f, a * e - b * d))  # ten times as fast as cross
    return column, row, normal / np.linalg.norm(normal), matrix[:3, 3]
