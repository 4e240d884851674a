"""Outlines of a mask along its pixels' edges."""

from __future__ import annotations

import numpy as np

from inference.painting.strokes import Place

Polygon = tuple[Place, ...]
"""Corners around, (column, row) in pixel edges; the last is joined to the first."""

_WAYS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
"""(columns, rows) of a step right, down, left and up: the next one is a turn to the right."""


def outline(mask: np.ndarray) -> tuple[Polygon, ...]:
    """The exact outlines of a mask, bool [rows, columns], at the edges of its pixels.

    A part's outer outline runs clockwise as seen on the screen, a hole's against it. Parts that
    touch at a corner alone are apart. All outlines together, filled by centres with the even-odd
    rule, are the mask again.
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
