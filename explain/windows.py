"""The lattice of windows that occlusion slides over a picture or a volume; plain arithmetic."""

from __future__ import annotations

from functools import reduce
from itertools import product
from math import ceil

import numpy as np

from inference.errors import UserError

Cell = tuple[int, ...]
"""The place of a window in the lattice: one index for each spatial dimension."""


class Windows:
    """Windows of one width every `stride` pixels, as Captum's Occlusion lays them.

    The first window begins at 0; they go on until the whole size is covered, so the last one of a
    dimension may be cut off. Where a dimension is shorter than `window`, one window covers it.

    Raises UserError (usage) where a stride longer than the window would leave gaps.
    """

    def __init__(self, size: tuple[int, ...], window: int, stride: int) -> None:
        self.size = size
        self.widths = tuple(min(window, length) for length in size)
        self.stride = stride
        self.counts = tuple(
            ceil((length - width) / stride) + 1
            for length, width in zip(size, self.widths, strict=True)
        )
        if stride > window and max(self.counts) > 1:
            raise UserError(
                f"Windows of {window} pixels every {stride} pixels leave gaps.",
                "Choose a stride that is not longer than the window.",
                fault="usage",
            )
        self.cells, self._levels = self._coarse_first()
        self._rank = np.empty(self.counts, int)
        for rank, cell in enumerate(self.cells):
            self._rank[cell] = rank

    def place(self, cell: Cell) -> tuple[slice, ...]:
        """The pixels that the window of `cell` covers."""
        starts = (index * self.stride for index in cell)
        return tuple(
            slice(start, start + width) for start, width in zip(starts, self.widths, strict=True)
        )

    def fill(self, changes: np.ndarray, done: int) -> np.ndarray | None:
        """`changes` [counts] with the cells still to do set to a coarser neighbour's value.

        `done` is how many of `cells` are finished; None as long as the coarsest level is not.
        """
        complete = [step for step, until in self._levels if until <= done]
        if not complete:
            return None
        nearest = [np.arange(count) // complete[-1] * complete[-1] for count in self.counts]
        return np.where(self._rank < done, changes, changes[np.ix_(*nearest)])

    def spread(self, changes: np.ndarray) -> np.ndarray:
        """Each pixel's mean over the windows that cover it: [counts] → [*size], float64."""
        covers = [self._cover(axis) for axis in range(len(self.size))]
        total = changes
        for cover in covers:
            # Takes the first axis of cells away and appends its axis of pixels. Without BLAS, whose
            # threads would turn on the spot for a while, on cores that the next pass needs.
            total = np.einsum("i...,ij->...j", total, cover)
        overlaps: np.ndarray = reduce(np.multiply.outer, [cover.sum(axis=0) for cover in covers])
        return np.asarray(total / overlaps)

    def _cover(self, axis: int) -> np.ndarray:
        """1 where a window of this axis covers a pixel: [count, length]."""
        first = np.arange(self.counts[axis])[:, None] * self.stride
        pixel = np.arange(self.size[axis])[None, :]
        return ((pixel >= first) & (pixel < first + self.widths[axis])).astype(float)

    def _coarse_first(self) -> tuple[list[Cell], list[tuple[int, int]]]:
        """All cells, those of wide steps first, and (step, cells until its end) for each step."""
        step = 1
        while step * 6 <= max(self.counts):
            step *= 2
        cells = list(product(*(range(0, count, step) for count in self.counts)))
        levels = [(step, len(cells))]
        while step > 1:
            wide, step = step, step // 2
            finer = product(*(range(0, count, step) for count in self.counts))
            cells += [cell for cell in finer if any(index % wide for index in cell)]
            levels.append((step, len(cells)))
        return cells, levels
