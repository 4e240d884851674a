"""How a plane meets the axes of a volume: along them by lines, or obliquely by pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import sqrt

import numpy as np

from inference.mpr.grid import Grid

SNAP = 1e-3
"""Voxels: a coordinate this near to a whole number is meant to be it."""

_BLOCK_PIXELS = 32768
"""Gathered at a time, so that what lies between the steps stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Where a plane along the volume's axes meets them: one coordinate each for the whole plane.

    `fixed` is the volume's axis (0 slices, 1 rows, 2 columns) across the plane and `at` the
    coordinate on it; `down` and `across` are the axes that the plane's rows and columns follow,
    with the coordinates of each row and each column.
    """

    fixed: int
    at: float
    down: tuple[int, np.ndarray]
    across: tuple[int, np.ndarray]

    @property
    def slices(self) -> np.ndarray:
        """The coordinates of the plane on the axis of slices, each once."""
        axes = {self.fixed: np.array([self.at]), **dict((self.down, self.across))}
        return axes[0]

    @property
    def whole(self) -> bool:
        """Whether the plane goes through voxel centres alone."""
        places = (self.down[1], self.across[1], np.array([self.at]))
        return all(bool((np.rint(at) == at).all()) for at in places)


def lines_on(grid: Grid, plane: np.ndarray, shape: tuple[int, int]) -> Lines | None:
    """How a plane of `shape` follows the grid's axes; None if it is oblique to them."""
    line = grid.line(plane)
    if not grid.even and grid.leaning:
        return None
    drift = np.abs(line[:, :2]) * (np.array([shape[1], shape[0]]) - 1)
    following = drift > SNAP
    across, down = (np.flatnonzero(following[:, number]) for number in (0, 1))
    if len(across) > 1 or len(down) > 1 or (following.sum(axis=1) > 1).any():
        return None
    # A plane of one row or column moves along no axis in that direction: any free one will do.
    free = [axis for axis in (0, 1, 2) if axis not in across and axis not in down]
    one = int(across[0]) if len(across) else free.pop(0)
    other = int(down[0]) if len(down) else free.pop(0)
    places = grid.bend(
        [
            line[axis, 2]
            + line[axis, 0] * (np.arange(shape[1]) if axis == one else 0.0)
            + line[axis, 1] * (np.arange(shape[0]) if axis == other else 0.0)
            for axis in (0, 1, 2)
        ]
    )
    fixed = free[0]
    at = float(np.mean(_snapped(np.asarray(places[fixed]))))
    return Lines(
        2 - fixed,
        at,
        (2 - other, _snapped(np.atleast_1d(places[other]))),
        (2 - one, _snapped(np.atleast_1d(places[one]))),
    )


@dataclass(frozen=True, eq=False)
class Block:
    """A rectangle of a plane: rows from `top`, columns from `left`, as `shape` says."""

    top: int
    left: int
    shape: tuple[int, int]

    @property
    def place(self) -> tuple[slice, slice]:
        """What picks the block from a picture of the plane."""
        rows, columns = self.shape
        return slice(self.top, self.top + rows), slice(self.left, self.left + columns)


def blocks(grid: Grid, lines: Sequence[np.ndarray], shape: tuple[int, int]) -> list[Block]:
    """Nearly square parts of parallel planes of `shape` that meet the grid.

    Square, so that the voxels around one lie close together.
    """
    first, last = np.full(shape[0], shape[1]), np.zeros(shape[0], int)
    for line in lines:
        low, high = _spans(grid, line, shape)
        first, last = np.minimum(first, low), np.maximum(last, high)
    found = []
    met = np.flatnonzero(first < last)
    if len(met) == 0:
        return []
    side = max(1, round(sqrt(_BLOCK_PIXELS / len(lines))))
    for top in range(int(met[0]), int(met[-1]) + 1, side):
        rows = slice(top, min(top + side, int(met[-1]) + 1))
        crossed = first[rows] < last[rows]
        if not crossed.any():
            continue
        left, right = int(first[rows][crossed].min()), int(last[rows][crossed].max())
        edges = np.linspace(left, right, max(1, round((right - left) / side)) + 1).astype(int)
        for start, end in pairwise(edges.tolist()):
            found.append(Block(top, start, (rows.stop - top, end - start)))
    return found


def _spans(grid: Grid, line: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """For each row the first column within the grid and the one after the last; none: from ≥ to."""
    slices, rows, columns = grid.shape
    low, high = np.full(3, -0.5 - SNAP), np.array([columns, rows, slices]) - 0.5 + SNAP
    if not grid.even:
        knots = grid.knots
        low = knots[:, [2, 3, 0]].min(axis=0) + np.array([-1.0, -1.0, 0.0])
        high = knots[:, [2, 3, 0]].max(axis=0) + np.array([columns, rows, 0.0])
    down = np.arange(shape[0])
    first, last = np.zeros(shape[0]), np.full(shape[0], shape[1] - 1.0)
    for (across, below, origin), least, most in zip(line, low, high, strict=True):
        base = below * down + origin
        if abs(across) * shape[1] < SNAP:
            last = np.where((base < least) | (base > most), -1.0, last)
            continue
        ends = np.stack([(least - base) / across, (most - base) / across])
        first, last = np.maximum(first, ends.min(axis=0)), np.minimum(last, ends.max(axis=0))
    return np.ceil(first).astype(int), np.floor(last).astype(int) + 1


def coordinates(grid: Grid, lines: Sequence[np.ndarray], block: Block) -> list[np.ndarray]:
    """Slice, row and column on a block of parallel planes: float32 [planes, rows, columns] each.

    `lines` are `Grid.line` of the planes. Half the width of float64, for speed; a ten-thousandth
    of a voxel is lost in 2,000.
    """
    rows, columns = block.shape
    along = np.arange(block.left, block.left + columns)
    down = np.arange(block.top, block.top + rows)[:, None]
    kind = np.float32 if grid.even else np.float64
    origins = np.stack([line[:, 2] for line in lines], axis=1)[:, :, None, None]
    places = [
        (across * along).astype(kind) + (below * down + origin).astype(kind)
        for (across, below, _), origin in zip(lines[0], origins, strict=True)
    ]
    column, row, deep = grid.bend(places)
    return [np.asarray(one, np.float32) for one in (deep, row, column)]


def cells(places: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """The sample below each coordinate, the way from it to the next (0…1), and what is inside.

    int32, float32 and bool (None: all). Out to half a voxel beyond the outermost centres the
    outermost samples hold. Below is always a sample that has a next, unless there is but one.
    """
    inside: np.ndarray | None = None
    low, high = float(places.min()), float(places.max())
    last = np.nextafter(places.dtype.type(length - 1), places.dtype.type(0))
    if low < 0 or high > last:
        if low < -0.5 - SNAP or high > length - 0.5 + SNAP:
            inside = (places >= -0.5 - SNAP) & (places <= length - 0.5 + SNAP)
        places = np.clip(places, 0, last)
    return places.astype(np.int32), (places - np.floor(places)).astype(np.float32), inside


def all_of(parts: Iterable[np.ndarray | None]) -> np.ndarray | None:
    """Where all of several conditions hold; None stands for everywhere."""
    known = [part for part in parts if part is not None]
    return reduce(np.logical_and, known) if known else None


def steps(places: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """The same for the lines of a plane along an axis; no ways (None) where all are samples."""
    inside = (places >= -0.5 - SNAP) & (places <= length - 0.5 + SNAP)
    if bool((np.rint(places) == places).all()):
        return np.clip(places, 0, length - 1).astype(np.intp), None, inside
    low, fraction, _ = cells(places, length)
    return low, fraction, inside


def _snapped(places: np.ndarray) -> np.ndarray:
    near = np.rint(places)
    return near if bool((np.abs(places - near) <= SNAP).all()) else places
