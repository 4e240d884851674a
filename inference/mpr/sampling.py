"""Values of a volume on a plane: linear in space, exact where the plane goes through voxels.

Values that are no measurement take no part: a pixel is the weighted mean of the measurements
around it, and is itself none where less than half of the weight is measured. Out to half a voxel
beyond the outermost centres the outermost voxels hold; farther out there is nothing. A slice that
could not be read is a hole of its own thickness: its neighbours hold half way towards it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import prod

import numpy as np

from inference.mpr.meeting import Lines, all_of, blocks, cells, coordinates, lines_on, steps
from inference.mpr.volume import Volume

ENOUGH = 0.5 - 1e-5
"""The share of a pixel's weight that has to be measured."""

_LARGEST_BOX = 64
"""Voxels a pixel: beyond that, copying a box costs more than scattered reading."""

Sampled = tuple[np.ndarray, np.ndarray | None]
"""Values, and where they are measurements (None: everywhere)."""


def values_on(
    volume: Volume,
    planes: Sequence[np.ndarray],
    shape: tuple[int, int],
    join: Callable[[Iterable[Sampled]], Sampled],
) -> Sampled:
    """The volume on parallel planes (each 4×4, pixels to mm) of `shape`, joined to one picture.

    `join` is given pieces [planes, rows, columns], which together are all planes, of stored
    values, or of rescaled ones where slopes differ between slices. They come as stored where a
    plane goes through voxel centres alone, else as float32.
    """
    lines = [lines_on(volume.grid, plane, shape) for plane in planes]
    straight = [one for one in lines if one is not None]
    if len(straight) == len(planes):
        return join(_alone(_straight(volume, one)) for one in straight)
    return _oblique(volume, planes, shape, join)


def _oblique(
    volume: Volume,
    planes: Sequence[np.ndarray],
    shape: tuple[int, int],
    join: Callable[[Iterable[Sampled]], Sampled],
) -> Sampled:
    """Planes at any angle, block by block."""
    values, valid = np.zeros(shape, np.float32), np.zeros(shape, bool)
    lines = [volume.grid.line(plane) for plane in planes]
    for block in blocks(volume.grid, lines, shape):
        found = _gathered(volume, coordinates(volume.grid, lines, block))
        values[block.place], measured = join([found])
        valid[block.place] = True if measured is None else measured
    return values, None if valid.all() else valid


def _alone(sampled: Sampled) -> Sampled:
    """One plane as a piece of planes."""
    values, valid = sampled
    return values[None], None if valid is None else valid[None]


def stored_on(volume: Volume, lines: Lines) -> np.ndarray | None:
    """The stored voxels [rows, columns] on a plane, if it goes through their centres alone.

    None as well where it meets a slice that is missing.
    """
    inside = all(
        low >= 0 and high < length
        for length, low, high in (
            (volume.stored.shape[axis], float(places.min()), float(places.max()))
            for axis, places in (lines.down, lines.across, (lines.fixed, np.array([lines.at])))
        )
    )
    if not (inside and lines.whole):
        return None
    if volume.lost is not None and volume.lost[lines.slices.astype(np.intp)].any():
        return None
    planar = _planar(volume, lines, int(lines.at))
    return _picked(_picked(planar, lines.down[1], 0), lines.across[1], 1)


def _straight(volume: Volume, lines: Lines) -> Sampled:
    """A plane along the volume's axes: one axis after the other."""
    stored = stored_on(volume, lines)
    if stored is not None and volume.uniform:
        bad = volume.unmeasured(stored)
        return stored, None if bad is None else ~bad
    low, fraction, inside = steps(np.array([lines.at]), volume.stored.shape[lines.fixed])
    values, weight = _prepared(volume, lines, int(low[0]))
    if fraction is not None:
        further = _prepared(volume, lines, int(low[0]) + 1)
        values += (further[0] - values) * fraction[0]
        weight = _mixed(weight, further[1], float(fraction[0]))
    reached = np.array(inside[0])
    for number, (axis, places) in enumerate((lines.down, lines.across)):
        low, fraction, inside = steps(places, volume.stored.shape[axis])
        values = _along(values, low, fraction, number)
        weight = None if weight is None else _along(weight, low, fraction, number)
        reached = reached & (inside[:, None] if number == 0 else inside)
    valid = None if reached.all() else np.array(np.broadcast_to(reached, values.shape))
    return (values, valid) if weight is None else _weighted(values, weight, valid)


def _planar(volume: Volume, lines: Lines, index: int) -> np.ndarray:
    """The voxels at `index` of the fixed axis, in the plane's order of axes; a view."""
    planar: np.ndarray = np.moveaxis(volume.stored, lines.fixed, 0)[index]
    return planar.T if lines.down[0] > lines.across[0] else planar


def _prepared(volume: Volume, lines: Lines, index: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Voxels as float32, 0 where unmeasured, and their weights (None: all 1)."""
    planar = np.ascontiguousarray(_planar(volume, lines, index))
    slices: np.ndarray | int = index
    if lines.fixed != 0:
        numbers = np.arange(len(volume.stored))
        slices = numbers[:, None] if lines.down[0] == 0 else numbers
    bad = volume.unmeasured(planar, slices)
    values = planar.astype(np.float32)
    if not volume.uniform:
        values = values * volume.slopes[slices] + volume.intercepts[slices]
        values = values.astype(np.float32)
    if bad is None:
        return values, None
    values[bad] = 0.0
    return values, np.invert(bad).astype(np.float32)


def _mixed(near: np.ndarray | None, far: np.ndarray | None, fraction: float) -> np.ndarray | None:
    if near is None and far is None:
        return None
    mixed = (1.0 if near is None else near) * np.float32(1.0 - fraction)
    return np.asarray(mixed + (1.0 if far is None else far) * np.float32(fraction))


def _along(
    values: np.ndarray, low: np.ndarray, fraction: np.ndarray | None, number: int
) -> np.ndarray:
    """Linear interpolation along one axis of a picture."""
    if fraction is None:
        return _picked(values, low, number)
    near = np.take(values, low, axis=number)
    far = np.take(values, np.minimum(low + 1, values.shape[number] - 1), axis=number)
    far -= near
    far *= fraction[:, None] if number == 0 else fraction
    far += near
    return np.asarray(far)


def _picked(planar: np.ndarray, places: np.ndarray, number: int) -> np.ndarray:
    """Whole rows or columns; a view where they follow each other."""
    indices = places.astype(np.intp)
    first, count = int(indices[0]), len(indices)
    for step in (1, -1):
        if np.array_equal(indices, first + step * np.arange(count)):
            stop = first + step * count
            run = slice(first, stop if stop >= 0 else None, step)
            return planar[run] if number == 0 else planar[:, run]
    return np.take(planar, indices, axis=number)


def _gathered(volume: Volume, places: Sequence[np.ndarray]) -> Sampled:
    """Values at (slice, row, column) coordinates, and where they are measurements."""
    shape = volume.stored.shape
    found = [cells(at, length) for at, length in zip(places, shape, strict=True)]
    deep = found[0][0]
    flat, base, strides = _around(volume, [one[0] for one in found])
    ways = [(0, stride if length > 1 else 0) for stride, length in zip(strides, shape, strict=True)]
    stored = np.empty((8, *base.shape), volume.stored.dtype)
    for corner, way in zip(stored, product(*ways), strict=True):
        corner[:] = np.take(flat[sum(way) :], base, mode="clip")
    paired = stored.reshape(2, 4, *deep.shape)
    slices = None
    if volume.missing or not volume.uniform:
        slices = np.stack([deep, deep + int(shape[0] > 1)])[:, None]
    bad = volume.unmeasured(paired, slices)
    corners = paired.astype(np.float32)
    if not volume.uniform:
        corners *= volume.slopes.astype(np.float32)[slices]
        corners += volume.intercepts.astype(np.float32)[slices]
    corners = corners.reshape(stored.shape)
    bad = None if bad is None else bad.reshape(stored.shape)
    inside, fractions = all_of(one[2] for one in found), [one[1] for one in found]
    if bad is None:
        return linear(corners, fractions), inside
    corners[bad] = 0.0
    weights = linear(np.invert(bad).astype(np.float32), fractions)
    return _weighted(linear(corners, fractions), weights, inside)


def _around(
    volume: Volume, lows: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, tuple[int, int, int]]:
    """The voxels around (slice, row, column) indices in one row, where each is, and the strides.

    They are copied together first unless the box around them is mostly empty. Otherwise voxels
    that are neighbours across columns stand a power of two apart in memory, fall on the same few
    places of the processor's cache, and drive each other out before the next corner is fetched.
    """
    shape = volume.stored.shape
    starts = [int(low.min()) for low in lows]
    ends = [min(int(low.max()) + 2, length) for low, length in zip(lows, shape, strict=True)]
    flat, origin = volume.flat, [0, 0, 0]
    if prod(np.subtract(ends, starts).tolist()) <= _LARGEST_BOX * lows[0].size:
        part = volume.stored[tuple(map(slice, starts, ends))]
        flat, shape, origin = part.reshape(-1), part.shape, starts
    strides = (shape[1] * shape[2], shape[2], 1)
    index = np.int32 if flat.size < 1 << 31 else np.int64
    deep, down, across = (low.astype(index, copy=False) for low in lows)
    shift = sum(start * stride for start, stride in zip(origin, strides, strict=True))
    base = (deep * shape[1] + down) * shape[2] + (across - shift)
    return flat, base.astype(np.intp), strides


def linear(corners: np.ndarray, fractions: Sequence[np.ndarray]) -> np.ndarray:
    """Values between corners float32 [2ⁿ, …], which are used up.

    The corners' order is that of n bits, the first axis' first; `fractions` are the ways along
    the n axes from the lower corner, 0…1.
    """
    for fraction in fractions:
        near, far = np.split(corners, 2)
        far -= near
        far *= fraction
        far += near
        corners = far
    return np.asarray(corners[0])


def _weighted(
    values: np.ndarray, weight: np.ndarray, valid: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted sums as means, and where enough was measured."""
    enough = weight >= ENOUGH
    np.divide(values, weight, out=values, where=enough)
    return values, enough if valid is None else enough & valid
