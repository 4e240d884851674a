"""Masks and maps on other planes or pixels than the scan's, taken from the nearest voxel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inference.sources.objects.grid import Grid, Placement
from inference.sources.objects.segment_masks import Crop

_SLACK_MM = 1e-3


@dataclass(frozen=True, eq=False)
class _Block:
    """The crops of one segment as one block of voxels [slots, rows, columns]."""

    values: np.ndarray
    slots: np.ndarray
    """For each depth of the whole object its place in `values`; -1 where there is none."""
    origins: np.ndarray
    """(column, row) in mm along the object's axes of the block's first voxel [slots, 2]."""
    corners: np.ndarray
    """The block's outer corners as patient points [n, 3]."""


class Sampler:
    """Looks an object's voxels up at the pixels of a target's frames.

    `placement` is that of parallel planes, None for planes that cut each other.
    """

    def __init__(self, target: Grid, own: Grid, placement: Placement | None) -> None:
        self._target = target
        self._own = own
        self._reach = own.step / 2 if placement is None else placement.reach
        self._parallel = placement is not None
        self._at = target.depths()
        self._depths = np.unique(np.round(own.depths(), 3))
        self._places = np.searchsorted(self._depths, np.round(own.depths(), 3))

    def sample(self, crops: Sequence[Crop]) -> Iterator[tuple[int, int, int, np.ndarray]]:
        """(frame, row, column, values [r, c]) wherever one segment meets a frame of the target.

        Each pixel takes the value of the nearest voxel of the object; planes farther than half a
        slice distance give nothing: 0 in masks, NaN in maps of float32.
        """
        block = self._block(crops)
        ends = block.corners @ self._target.normal
        near = (self._at >= ends.min() - _SLACK_MM) & (self._at <= ends.max() + _SLACK_MM)
        for frame in np.flatnonzero(near).tolist():
            window = self._window(frame, block)
            if window is not None:
                found = self._looked_up(frame, window, block)
                if (np.isfinite(found) if found.dtype.kind == "f" else found).any():
                    yield frame, window[0].start, window[1].start, found

    def _block(self, crops: Sequence[Crop]) -> _Block:
        own, places = self._own, self._places
        top, left = min(crop.row for crop in crops), min(crop.column for crop in crops)
        bottom = max(crop.row + crop.mask.shape[0] for crop in crops)
        right = max(crop.column + crop.mask.shape[1] for crop in crops)
        used = sorted({int(places[crop.plane]) for crop in crops})
        slots = np.full(len(self._depths), -1)
        slots[used] = np.arange(len(used))
        values = _empty((len(used), bottom - top, right - left), crops[0].mask.dtype)
        origins = np.zeros((len(used), 2))
        box = np.array([(x, y) for x in (left, right) for y in (top, bottom)], float) - 0.5
        corners = []
        for crop in crops:
            slot = slots[places[crop.plane]]
            rows = slice(crop.row - top, crop.row - top + crop.mask.shape[0])
            columns = slice(crop.column - left, crop.column - left + crop.mask.shape[1])
            part = values[slot, rows, columns]
            np.fmax(part, crop.mask, out=part)
            first = own.to_points(np.array([[left, top]], float), crop.plane)
            origins[slot] = (first @ own.axes.T)[0]
            around = own.to_points(box, crop.plane)
            corners += [around - own.normal * self._reach, around + own.normal * self._reach]
        return _Block(values, slots, origins, np.concatenate(corners))

    def _window(self, frame: int, block: _Block) -> tuple[slice, slice] | None:
        """The pixels of a frame that the block can reach."""
        at = self._target.to_pixels(block.corners, frame)
        low = np.maximum(np.floor(at.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(at.max(axis=0)).astype(int) + 1, self._target.shape[::-1])
        if (high <= low).any():
            return None
        return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))

    def _looked_up(self, frame: int, window: tuple[slice, slice], block: _Block) -> np.ndarray:
        target, own, depths = self._target, self._own, self._depths
        rows = np.arange(window[0].start, window[0].stop)[:, np.newaxis] * target.spacing[0]
        columns = np.arange(window[1].start, window[1].stop)[np.newaxis] * target.spacing[1]
        origin = target.origins[frame]

        def along(direction: np.ndarray) -> np.ndarray:
            across, down = target.axes @ direction
            return np.asarray(origin @ direction + columns * across + rows * down)

        depth = np.array([[origin @ own.normal]]) if self._parallel else along(own.normal)
        nearest = np.searchsorted((depths[1:] + depths[:-1]) / 2, depth)
        slot = block.slots[nearest]
        inside = (np.abs(depth - depths[nearest]) <= self._reach + _SLACK_MM) & (slot >= 0)
        column = (along(own.axes[0]) - block.origins[slot, 0]) / own.spacing[1]
        row = (along(own.axes[1]) - block.origins[slot, 1]) / own.spacing[0]
        column, row = np.rint(column).astype(int), np.rint(row).astype(int)
        _, height, width = block.values.shape
        inside = inside & (row >= 0) & (row < height) & (column >= 0) & (column < width)
        slot, row, column = np.broadcast_arrays(slot, row, column)
        found = _empty(inside.shape, block.values.dtype)
        found[inside] = block.values[slot[inside], row[inside], column[inside]]
        return found


def _empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.full(shape, np.nan if dtype.kind == "f" else 0, dtype)
