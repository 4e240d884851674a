"""Outlines of a mask along its pixels' edges, simpler ones, and the mask of an outline."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inference.painting.strokes import Place

Polygon = tuple[Place, ...]
"""Corners around, (column, row) in pixel edges; the last is joined to the first."""

_WAYS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
"""(columns, rows) of a step right, down, left and up: the next one is a turn to the right."""


def outline(mask: np.ndarray) -> tuple[Polygon, ...]:
    """The exact outlines of a mask, bool [rows, columns], at the edges of its pixels.

    A part's outer outline runs clockwise as seen on the screen and has a positive `signed_area`,
    a hole's runs against it and has a negative one. Parts that touch at a corner alone are apart.
    All outlines together, filled by centres with the even-odd rule, are the mask again.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return ()
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    starts, ways = _steps(np.pad(box, 1))
    following = _following(starts, ways, box.shape[1] + 2).tolist()
    turns = (ways != ways[following]).tolist()
    wide = box.shape[1] + 2
    across = (starts % wide + columns[0]).astype(float).tolist()
    down = (starts // wide + rows[0]).astype(float).tolist()
    return _rings(following, turns, list(zip(across, down, strict=True)))


def signed_area(polygon: Polygon) -> float:
    """In square pixels; negative for an outline that runs anticlockwise as seen on the screen."""
    points = np.array(polygon)
    after = np.roll(points, -1, axis=0)
    return float((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum() / 2)


def polygon_of(mask: np.ndarray, tolerance_px: float) -> tuple[Polygon, ...]:
    """The outlines of a mask with fewer corners, none of those left out farther than the tolerance.

    By Douglas and Peucker (1973), doi:10.3138/FM57-6770-U75U-7727. An outline of which less than a
    triangle would remain is kept as it is, so that no part is lost.
    """
    return tuple(_simpler(polygon, tolerance_px) for polygon in outline(mask))


def mask_of_polygon(polygons: Sequence[Polygon], shape: tuple[int, int]) -> np.ndarray:
    """The pixels whose centres lie inside by the even-odd rule, bool [rows, columns].

    Holes are polygons among the others. What lies beyond the frame is cut off.
    """
    found = np.zeros(shape, dtype=bool)
    if not polygons:
        return found
    row, place = np.concatenate(
        [_crossings(np.array(polygon, dtype=float), shape) for polygon in polygons], axis=1
    )
    if not row.size:
        return found
    top, left = int(row.min()), int(place.min())
    high, wide = int(row.max()) + 1 - top, int(place.max()) + 1 - left
    toggles = np.bincount((row - top) * wide + place - left, minlength=high * wide) % 2 == 1
    turned = np.logical_xor.accumulate(toggles.reshape(high, wide)[:, :-1], axis=1)
    found[top : top + high, left : left + wide - 1] = turned
    return found


def _steps(padded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pixel edge between inside and outside, walked with the inside on the right.

    Gives the corner it starts from, as row * columns + column of the unpadded edges, and its way.
    """
    wide = padded.shape[1]
    above, below = padded[:-1, 1:-1], padded[1:, 1:-1]
    before, after = padded[1:-1, :-1], padded[1:-1, 1:]
    found = []
    for way, edges, shift in (
        (0, below & ~above, (0, 0)),
        (1, before & ~after, (0, 0)),
        (2, above & ~below, (0, 1)),
        (3, after & ~before, (1, 0)),
    ):
        row, column = np.nonzero(edges)
        found.append(((row + shift[0]) * wide + column + shift[1], np.full(row.size, way)))
    starts, ways = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(starts * 4 + ways)
    return starts[order], ways[order]


def _following(starts: np.ndarray, ways: np.ndarray, wide: int) -> np.ndarray:
    """The step that comes after each; where four edges meet, the one around the same pixel."""
    ends = starts + _WAYS[ways, 0] + _WAYS[ways, 1] * wide
    keys = starts * 4 + ways
    following = np.full(starts.size, -1)
    for turn in (1, 0, 3):
        wanted = ends * 4 + (ways + turn) % 4
        place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        met = (keys[place] == wanted) & (following < 0)
        following[met] = place[met]
    return following


def _rings(following: list[int], turns: list[bool], corners: list[Place]) -> tuple[Polygon, ...]:
    """Walk each ring once; a corner is where the way turns."""
    seen = bytearray(len(following))
    rings = []
    for first in range(len(following)):
        if seen[first]:
            continue
        ring, step = [], first
        while not seen[step]:
            seen[step] = 1
            after = following[step]
            if turns[step]:
                ring.append(corners[after])
            step = after
        rings.append(tuple(ring))
    return tuple(rings)


def _simpler(polygon: Polygon, tolerance_px: float) -> Polygon:
    points = np.array(polygon)
    far = int(np.argmax(((points - points[0]) ** 2).sum(axis=1)))
    closed = np.concatenate([points, points[:1]])
    kept = {0, far}
    parts = [(0, far), (far, len(points))]
    while parts:
        first, last = parts.pop()
        apart = _apart(closed[first + 1 : last], closed[first], closed[last])
        if apart.size and apart.max() > tolerance_px:
            middle = first + 1 + int(np.argmax(apart))
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    return tuple(polygon[index] for index in sorted(kept)) if len(kept) > 2 else polygon


def _apart(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far points [n, 2] lie from a segment, in pixels."""
    way = end - start
    share = np.clip((points - start) @ way / max(float(way @ way), math.ulp(0.0)), 0, 1)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * way, axis=1))


def _crossings(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Where edges pass the heights of centres: row, and first column to the right of it, [2, n].

    An edge passes a height that is at or below one end and above the other, so that a corner at
    the height of a centre counts once.
    """
    ways = np.roll(points, -1, axis=0) - points
    heights = np.stack([points[:, 1], points[:, 1] + ways[:, 1]])
    first, last = np.clip(np.ceil(np.sort(heights, axis=0) - 0.5), 0, shape[0]).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(points)), counts)
    row = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    share = (row + 0.5 - points[edge, 1]) / ways[edge, 1]
    met = points[edge, 0] + share * ways[edge, 0]
    return np.stack([row, np.clip(np.ceil(met - 0.5), 0, shape[1]).astype(np.int64)])
