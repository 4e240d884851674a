"""Masks and maps of a scan's slices on planes cut through it: what overlays need to follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from inference.mpr.cut import Slab
from inference.mpr.grid import Grid
from inference.mpr.meeting import all_of, blocks, cells, coordinates
from inference.mpr.sampling import ENOUGH, linear
from inference.mpr.stack import PlaneStack
from inference.mpr.volume import Volume


def cut_mask(
    masks: Mapping[int, np.ndarray],
    volume: Volume,
    stack: PlaneStack,
    index: int,
    slab: Slab | None = None,
) -> np.ndarray:
    """Labels on a plane: uint8 [rows, columns] of the voxel nearest to each pixel.

    `masks` holds uint8 [rows, columns] by slice; slices without one, and what is outside, are 0.
    On a slab stands the largest label within it.
    """
    grid = volume.grid
    found = np.zeros(stack.shape, np.uint8)
    lines = _lines(grid, stack, index, slab)
    for block in blocks(grid, lines, stack.shape):
        places = coordinates(grid, lines, block)
        found[block.place] = _labels(masks, grid.shape, places).max(axis=0)
    return found


def cut_missing(
    volume: Volume, stack: PlaneStack, index: int, slab: Slab | None = None
) -> np.ndarray:
    """Where a plane meets slices that could not be read: bool [rows, columns].

    Of a slab where any of its planes does.
    """
    everywhere = np.ones(volume.grid.shape[1:], np.uint8)
    return cut_mask(dict.fromkeys(volume.missing, everywhere), volume, stack, index, slab) > 0


def cut_values(
    maps: Mapping[int, np.ndarray],
    volume: Volume,
    stack: PlaneStack,
    index: int,
    slab: Slab | None = None,
) -> np.ndarray:
    """A map on a plane: float32 [rows, columns], linear in space, NaN where there is none.

    `maps` holds float32 [rows, columns] by slice; NaN in one is no value either. A pixel has a
    value where at least half of the weight around it has. On a slab stands the strongest value,
    by magnitude.
    """
    grid = volume.grid
    found = np.full(stack.shape, np.nan, np.float32)
    lines = _lines(grid, stack, index, slab)
    for block in blocks(grid, lines, stack.shape):
        values = _values(maps, grid.shape, coordinates(grid, lines, block))
        strongest = np.nan_to_num(np.abs(values), nan=-1.0).argmax(axis=0)
        found[block.place] = np.take_along_axis(values, strongest[None], axis=0)[0]
    return found


def _lines(grid: Grid, stack: PlaneStack, index: int, slab: Slab | None) -> list[np.ndarray]:
    near = [index] if slab is None else stack.within(index, slab.thickness_mm)
    return [grid.line(stack.matrix(number)) for number in near]


def _labels(
    masks: Mapping[int, np.ndarray], shape: tuple[int, int, int], places: Sequence[np.ndarray]
) -> np.ndarray:
    """The nearest labels at (slice, row, column) coordinates, in their shape."""
    cellwise = [cells(at, length) for at, length in zip(places, shape, strict=True)]
    deep, down, across = (low + (fraction >= 0.5) for low, fraction, _ in cellwise)
    pixels = down * shape[2] + across
    found = np.zeros(deep.size, np.uint8)
    for number, chosen in _by_slice(deep, masks):
        found[chosen] = np.take(masks[number], np.take(pixels, chosen))
    inside = all_of(one[2] for one in cellwise)
    labels = found.reshape(deep.shape)
    return labels if inside is None else labels * inside


def _values(
    maps: Mapping[int, np.ndarray], shape: tuple[int, int, int], places: Sequence[np.ndarray]
) -> np.ndarray:
    """The maps at (slice, row, column) coordinates, in their shape; NaN where there are none."""
    (deep, further, _), (down, below, _), (across, beside, _) = cellwise = [
        cells(at, length) for at, length in zip(places, shape, strict=True)
    ]
    total, weight = np.zeros(deep.size, np.float32), np.zeros(deep.size, np.float32)
    for behind in (0, 1) if shape[0] > 1 else (0,):
        share = (further if behind else 1.0 - further).reshape(-1)
        for number, chosen in _by_slice(deep + behind, maps):
            at = [np.take(one, chosen) for one in (down, below, across, beside)]
            sums = _on_slice(maps[number], *at)
            near = np.take(share, chosen)
            total[chosen] += sums[0] * near
            weight[chosen] += sums[1] * near
    inside = all_of(one[2] for one in cellwise)
    known = weight >= ENOUGH if inside is None else (weight >= ENOUGH) & inside.reshape(-1)
    values = np.full(deep.size, np.nan, np.float32)
    np.divide(total, weight, out=values, where=known)
    return values.reshape(deep.shape)


def _on_slice(
    values: np.ndarray,
    down: np.ndarray,
    below: np.ndarray,
    across: np.ndarray,
    beside: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted sums of a map between its pixels, and the weight of those that have a value."""
    rows, columns = values.shape
    base = down * columns + across
    ways = product((0, columns if rows > 1 else 0), (0, int(columns > 1)))
    corners = np.stack([np.take(values, base + sum(way)) for way in ways])
    missing = np.isnan(corners)
    corners[missing] = 0.0
    known = np.invert(missing).astype(np.float32)
    return linear(corners, (below, beside)), linear(known, (below, beside))


def _by_slice(
    deep: np.ndarray, known: Mapping[int, np.ndarray]
) -> Iterator[tuple[int, np.ndarray]]:
    """Each slice that has something to show, with the places in the flattened `deep` on it."""
    low, high = int(deep.min()), int(deep.max())
    if not any(low <= number <= high for number in known):
        return
    flat = deep.reshape(-1).astype(np.uint16)
    order = np.argsort(flat, kind="stable")
    ends = np.searchsorted(flat[order], np.arange(low, high + 2))
    for number, first, last in zip(range(low, high + 1), ends[:-1], ends[1:], strict=True):
        if number in known and first < last:
            yield number, order[first:last]
