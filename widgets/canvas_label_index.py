"""Which of many shapes lie in a part of the frame: a grid of cells over all of them."""

from __future__ import annotations

import numpy as np

SIDE = 48
"""Cells to each side."""

_WIDE_CELLS = 64
"""A shape that covers more cells is looked at always, rather than entered in each of them."""

_WHOLE_SHARE = 0.2
"""Where more of the cells are asked for, comparing all boxes is quicker than gathering them."""


class CellIndex:
    """Boxes, float [n, 4] of (left, top, right, bottom), found again by place."""

    def __init__(self, boxes: np.ndarray) -> None:
        self._boxes = boxes
        low = boxes[:, :2].min(axis=0, initial=0.0)
        high = boxes[:, 2:].max(axis=0, initial=1.0)
        self._low, self._step = low, np.maximum(high - low, 1e-9) / SIDE
        first, last = self._cells(boxes[:, :2]), self._cells(boxes[:, 2:])
        spans = last - first + 1
        covered = spans.prod(axis=1)
        wide = covered > _WIDE_CELLS
        self._wide = np.flatnonzero(wide)
        narrow = np.flatnonzero(~wide)
        entries = np.repeat(narrow, covered[narrow])
        ends = np.cumsum(covered[narrow])
        places = np.arange(len(entries)) - np.repeat(ends - covered[narrow], covered[narrow])
        down, across = np.divmod(places, spans[entries, 0])
        cells = (first[entries, 1] + down) * SIDE + first[entries, 0] + across
        order = np.argsort(cells, kind="stable")
        self._entries = entries[order]
        self._starts = np.searchsorted(cells[order], np.arange(SIDE * SIDE + 1))

    def within(self, left: float, top: float, right: float, bottom: float) -> np.ndarray:
        """The numbers of the boxes that touch a part of the frame, ascending."""
        (x0, y0), (x1, y1) = self._cells(np.array([[left, top], [right, bottom]]))
        if (x1 - x0 + 1) * (y1 - y0 + 1) > SIDE * SIDE * _WHOLE_SHARE:
            found = np.arange(len(self._boxes))
        else:
            rows = np.arange(y0, y1 + 1) * SIDE
            spans = zip(self._starts[rows + x0], self._starts[rows + x1 + 1], strict=True)
            parts = [self._entries[start:end] for start, end in spans]
            found = np.unique(np.concatenate([self._wide, *parts]))
        boxes = self._boxes[found]
        touches = (boxes[:, 0] <= right) & (boxes[:, 2] >= left)
        touches &= (boxes[:, 1] <= bottom) & (boxes[:, 3] >= top)
        return np.asarray(found[touches])

    def _cells(self, places: np.ndarray) -> np.ndarray:
        """The cell of each place; those beyond the grid belong to its rim."""
        cells = np.floor((places - self._low) / self._step)
        return np.asarray(np.clip(cells, 0, SIDE - 1), np.int64)
