"""Masks and maps on other planes or pixels than the scan's, brought to the scan's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from inference.sources.objects.grid import Grid, Placement
from inference.sources.objects.segment_masks import Crop, box_of

_SLACK_MM = 1e-3

_HALF_UP = 0.5 + 1e-3
"""A pixel midway between two voxels takes the farther one, whichever way the middle was rounded:
else some voxels would be three pixels wide and their neighbours one."""

_NEIGHBOURS = 1.5
"""Planes more than so many slice distances apart have an empty one between them."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Crops of one segment, at most one a plane, as one block of voxels [slots, rows, columns]."""

    values: np.ndarray
    slots: np.ndarray
    """For each depth of the whole object its place in `values`; -1 where there is none."""
    origins: np.ndarray
    """(column, row) in mm along the object's axes of the block's first voxel [slots, 2]."""
    corners: np.ndarray
    """The block's outer corners as patient points [n, 3]."""


class Sampler:
    """Looks an object's voxels up at the pixels of a target's frames.

    `placement` is that of level planes, None for planes that cut each other. With `linear` values
    of uint8 are taken linearly between voxels, as shares have to be; else from the nearest voxel.
    """

    def __init__(
        self, target: Grid, own: Grid, placement: Placement | None, *, linear: bool
    ) -> None:
        self._target = target
        self._own = own
        self._linear = linear
        self._level = placement is not None
        self._at = target.depths()
        self._depths, self._places = np.unique(np.round(own.depths(), 3), return_inverse=True)
        gaps = np.diff(self._depths)
        inner = np.where(gaps < _NEIGHBOURS * own.step, gaps, own.step)
        self._widths = np.array([own.step, *inner, own.step])
        """How far a plane's weight reaches, below the first plane, between two, above the last."""
        self._mixes = linear and (placement is None or placement.between)
        self._reach = own.step / 2 if placement is None else placement.reach
        self._hits = () if placement is None or self._mixes else placement.frames
        self._place_on = {
            frame: self.place_of(plane) for plane, hit in enumerate(self._hits) for frame in hit
        }

    def place_of(self, plane: int) -> int:
        """The place of a plane among all depths of the object; planes may share one."""
        return int(self._places[plane])

    def sample(self, crops: Sequence[Crop]) -> Iterator[tuple[int, int, int, np.ndarray]]:
        """(frame, row, column, values [r, c]) wherever one segment meets a frame of the target.

        `crops` hold at most one for each place. Where no voxel is near there is nothing: 0 in
        masks, NaN in maps of float32. From the nearest voxel: a plane counts out to half a slice
        distance. Linearly: its weight falls to nothing over a whole one, as planes that are not
        stored are empty. Beyond the object's rows and columns its outermost voxels reach half
        a voxel.
        """
        block = self._block(crops)
        for frame in self._frames(crops, block):
            window = self._window(frame, block)
            if window is not None:
                found = self._looked_up(frame, window, block)
                box = box_of(np.isfinite(found) if found.dtype.kind == "f" else found)
                if box is not None:
                    row, column = window[0].start + box[0].start, window[1].start + box[1].start
                    yield frame, row, column, np.ascontiguousarray(found[box])

    def _frames(self, crops: Sequence[Crop], block: _Block) -> list[int]:
        """The frames of the target that the crops may have something for."""
        if self._hits:
            return sorted({frame for crop in crops for frame in self._hits[crop.plane]})
        ends = block.corners @ self._target.normal
        near = (self._at >= ends.min() - _SLACK_MM) & (self._at <= ends.max() + _SLACK_MM)
        return np.flatnonzero(near).tolist()

    def _block(self, crops: Sequence[Crop]) -> _Block:
        own, margin = self._own, int(self._linear)
        top = max(min(crop.row for crop in crops) - margin, 0)
        left = max(min(crop.column for crop in crops) - margin, 0)
        bottom = min(max(crop.row + crop.mask.shape[0] for crop in crops) + margin, own.shape[0])
        right = min(max(crop.column + crop.mask.shape[1] for crop in crops) + margin, own.shape[1])
        slots = np.full(len(self._depths), -1)
        slots[[self.place_of(crop.plane) for crop in crops]] = np.arange(len(crops))
        values = _empty((len(crops), bottom - top, right - left), crops[0].mask.dtype)
        origins = np.zeros((len(crops), 2))
        box = np.array([(x, y) for x in (left, right) for y in (top, bottom)], float) - 0.5
        deep = own.normal * (float(self._widths.max()) if self._mixes else self._reach)
        corners = []
        for slot, crop in enumerate(crops):
            row, column = crop.row - top, crop.column - left
            values[slot, row : row + crop.mask.shape[0], column : column + crop.mask.shape[1]] = (
                crop.mask
            )
            first = own.to_points(np.array([[left, top]], float), crop.plane)
            origins[slot] = (first @ own.axes.T)[0]
            around = own.to_points(box, crop.plane)
            corners += [around - deep, around + deep]
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
        target, own = self._target, self._own
        rows = np.arange(window[0].start, window[0].stop)[:, np.newaxis] * target.spacing[0]
        columns = np.arange(window[1].start, window[1].stop)[np.newaxis] * target.spacing[1]
        origin = target.origins[frame]

        def along(direction: np.ndarray) -> np.ndarray:
            across, down = target.axes @ direction
            return np.asarray(origin @ direction + columns * across + rows * down)

        shape = (rows.size, columns.size)
        depth = np.array([[origin @ own.normal]]) if self._level else along(own.normal)
        found = np.zeros(shape, np.float32) if self._linear else _empty(shape, block.values.dtype)
        take = _add_between if self._linear else _set_nearest
        for place, weight in self._planes_at(frame, depth):
            slot = block.slots[place]
            column = (along(own.axes[0]) - block.origins[slot, 0]) / own.spacing[1]
            row = (along(own.axes[1]) - block.origins[slot, 1]) / own.spacing[0]
            counts = np.where(slot >= 0, weight, 0.0)
            slot, row, column, counts = np.broadcast_arrays(slot, row, column, counts)
            take(found, block.values, slot, (row, column), counts)
        return np.rint(found).astype(block.values.dtype) if self._linear else found

    def _planes_at(self, frame: int, depth: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The places among the object's depths whose planes count on a frame, and how much."""
        depths = self._depths
        if self._mixes:
            above = np.searchsorted(depths, depth)
            for place in (above - 1, above):
                known = np.clip(place, 0, len(depths) - 1)
                weight = 1.0 - np.abs(depth - depths[known]) / self._widths[above]
                yield known, np.where(known == place, np.maximum(weight, 0.0), 0.0)
        elif self._level:
            yield np.array([[self._place_on[frame]]]), np.ones((1, 1))
        else:
            nearest = np.searchsorted((depths[1:] + depths[:-1]) / 2, depth)
            yield nearest, 1.0 * (np.abs(depth - depths[nearest]) <= self._reach + _SLACK_MM)


def _set_nearest(
    found: np.ndarray,
    values: np.ndarray,
    slot: np.ndarray,
    at: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
) -> None:
    """Into `found` [r, c] the voxel of a slot nearest to (row, column), where its weight counts."""
    row, column = (np.floor(one + _HALF_UP).astype(int) for one in at)
    _, height, width = values.shape
    inside = (weight > 0) & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    found[inside] = values[slot[inside], row[inside], column[inside]]


def _add_between(
    found: np.ndarray,
    values: np.ndarray,
    slot: np.ndarray,
    at: tuple[np.ndarray, np.ndarray],
    weight: np.ndarray,
) -> None:
    """Onto `found` [r, c] the weighted values linearly between the voxels of a slot around `at`.

    Out to half a voxel beyond the outermost centres the outermost voxels hold.
    """
    row, column = at
    _, height, width = values.shape
    inside = (weight > 0) & (np.abs(row - (height - 1) / 2) <= height / 2)
    inside &= np.abs(column - (width - 1) / 2) <= width / 2
    deep, down, across = slot[inside], row[inside], column[inside]
    top = np.clip(np.floor(down), 0, height - 1).astype(int)
    left = np.clip(np.floor(across), 0, width - 1).astype(int)
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    below, beside = np.clip(down - top, 0.0, 1.0), np.clip(across - left, 0.0, 1.0)
    upper = values[deep, top, left] * (1.0 - beside) + values[deep, top, right] * beside
    lower = values[deep, bottom, left] * (1.0 - beside) + values[deep, bottom, right] * beside
    found[inside] += (upper * (1.0 - below) + lower * below) * weight[inside]


def _empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.full(shape, np.nan if dtype.kind == "f" else 0, dtype)
