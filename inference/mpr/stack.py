"""Stacks of parallel planes through a volume: along the patient, along the scan, or its slices.

Planes are seen as radiologists see them: axial from the feet, coronal from the front, sagittal
from the patient's left, so the patient's right is at the left of the screen. Planes ascend along
row direction × column direction, which is away from the eye.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import Literal

import numpy as np

from inference.mpr.grid import Grid
from inference.mpr.volume import Volume
from inference.orientation import turn_to
from inference.records import Affine, affine_of

Orientation = Literal["axial", "coronal", "sagittal"]

SNAP_DEGREES = 0.1
"""A scan this near to the patient's axes is cut along its own, so that voxels stay whole."""

MOST_PIXELS = 1024 * 1024
"""Planes of more pixels get larger ones; the scan's own slices are never resampled."""

_NEARLY = 1e-3
"""The share of a pixel by which a plane may fall short of the volume."""


@dataclass(frozen=True, eq=False)
class PlaneStack:
    """Parallel planes of one shape (rows, columns).

    `column_mm` and `row_mm` are the steps to the next column and row, `step_mm` that to the next
    plane (on the average, where a scan's own slices are unevenly spaced), all in LPS millimetres.
    `origins` [planes, 3] are the centres of each plane's first pixel.
    """

    name: str
    shape: tuple[int, int]
    column_mm: np.ndarray
    row_mm: np.ndarray
    step_mm: np.ndarray
    origins: np.ndarray

    @property
    def count(self) -> int:
        return len(self.origins)

    @property
    def spacing_mm(self) -> tuple[float, float]:
        """Between rows, between columns."""
        return (float(np.linalg.norm(self.row_mm)), float(np.linalg.norm(self.column_mm)))

    @cached_property
    def normal(self) -> np.ndarray:
        """The unit vector along which planes ascend."""
        cross = np.cross(self.column_mm, self.row_mm)
        cross /= np.linalg.norm(cross)
        return cross if cross @ self.step_mm >= 0 else -cross

    def matrix(self, index: int) -> np.ndarray:
        """[4, 4]: takes (column, row, 0, 1) of plane `index` to millimetres."""
        made = np.eye(4)
        steps = (self.column_mm, self.row_mm, self.step_mm, self.origins[index])
        made[:3] = np.stack(steps, axis=1)
        return made

    def affine(self, index: int) -> Affine:
        """The same as nested tuples, as frames and sources carry it."""
        return affine_of(self.matrix(index))

    def index_at(self, point_mm: tuple[float, float, float]) -> int:
        """The plane nearest to a point; the first or last if the point lies beyond them."""
        return int(np.argmin(np.abs((self.origins - np.array(point_mm)) @ self.normal)))

    def within(self, index: int, thickness_mm: float) -> list[int]:
        """The planes whose distance from plane `index` is at most half the thickness."""
        away = np.abs((self.origins - self.origins[index]) @ self.normal)
        return [int(near) for near in np.flatnonzero(away <= thickness_mm / 2 + 1e-4)]


def slices(volume: Volume) -> PlaneStack:
    """The scan's own slices, as stored and in their own places."""
    grid = volume.grid
    shape = (grid.shape[1], grid.shape[2])
    return PlaneStack("slices", shape, grid.column_mm, grid.row_mm, grid.step_mm, grid.origins)


def planes(volume: Volume, orientation: Orientation) -> PlaneStack:
    """Planes along the patient's axes that cover the volume.

    Pixels are square, as large as the smallest voxel spacing, which is also the distance of the
    planes. Where the scan lies along the patient's axes, planes go through voxel centres and its
    own orientation gives the stored pixels, of their own size and distance.
    """
    own = _own_axes(volume.grid)
    nearest = np.degrees(np.arccos(np.clip(np.diag(own), -1.0, 1.0)))
    lps = own if float(nearest.max()) <= SNAP_DEGREES else np.eye(3)
    return _stack(volume.grid, orientation, *_SEEN[orientation](lps))


def along(volume: Volume, orientation: Orientation) -> PlaneStack:
    """The same along the volume's own axes: each takes the place of the patient axis next to it.

    The stacks are called "own_axial", "own_coronal" and "own_sagittal"; one of them shows the
    slices as stored. The others stand at right angles on them, even if the gantry was tilted.
    """
    lps = _own_axes(volume.grid)
    return _stack(volume.grid, f"own_{orientation}", *_SEEN[orientation](lps))


_Vectors = tuple[np.ndarray, np.ndarray, np.ndarray]

_SEEN: dict[Orientation, Callable[[np.ndarray], _Vectors]] = {
    "axial": lambda lps: (lps[:, 0], lps[:, 1], lps[:, 2]),
    "coronal": lambda lps: (lps[:, 0], -lps[:, 2], lps[:, 1]),
    "sagittal": lambda lps: (lps[:, 1], -lps[:, 2], -lps[:, 0]),
}
"""Along a row, down a column, and from plane to plane, from axes to the left, back and head."""


def _own_axes(grid: Grid) -> np.ndarray:
    """[3, 3]: the unit vectors of the volume's axes next to the patient's L, P and S, as columns.

    They are the directions of rows, columns and slice steps themselves; where the slices are
    sheared against each other, their normal takes the place of the step. Never a mirror image:
    of signed permutations the nearest to a rotation or a reflection always makes it a rotation,
    as its trace exceeds 1.
    """
    column, row, third = _own_steps(grid)
    if not _parallel(third, grid.normal, SNAP_DEGREES):
        third = grid.normal
    axes = np.stack([third, row, column], axis=1)
    turn = turn_to("SPL", axes)
    signs = [-1.0 if flip else 1.0 for flip in turn.flips]
    head, back, left = (axes[:, axis] * sign for axis, sign in zip(turn.axes, signs, strict=True))
    return np.stack([left, back, head], axis=1)


def _own_steps(grid: Grid) -> _Vectors:
    """The directions of a row, of a column, and from slice to slice."""
    return _unit(grid.column_mm), _unit(grid.row_mm), _unit(grid.step_mm)


def _stack(
    grid: Grid, name: str, column: np.ndarray, row: np.ndarray, normal: np.ndarray
) -> PlaneStack:
    """The stack of planes spanned by unit vectors, through the whole of the grid."""
    own = _own_steps(grid)
    vectors = (column, row, normal)
    axes = [_axis_along(own, vector) for vector in vectors]
    if {axes[0], axes[1]} == {0, 1}:
        return _slices_seen(grid, name, column, row, normal)
    smallest = min(grid.spacing_mm)
    basis = np.stack(vectors, axis=1)
    corners = (grid.corners() - grid.origins[0]) @ np.linalg.inv(basis).T
    low, high = corners.min(axis=0), corners.max(axis=0)
    pixel = smallest * max(1.0, sqrt(float(np.prod((high - low)[:2])) / smallest**2 / MOST_PIXELS))
    distance = _distance(grid, normal)
    steps = (pixel, pixel, distance)
    across, down, deep = (_centres(*ends) for ends in zip(low, high, steps, strict=True))
    first = grid.origins[0] + column * across[0] + row * down[0]
    return PlaneStack(
        name,
        (len(down), len(across)),
        column * pixel,
        row * pixel,
        normal * distance,
        first + deep[:, None] * normal,
    )


def _distance(grid: Grid, normal: np.ndarray) -> float:
    """Millimetres from plane to plane that cross one voxel of the axis that is crossed fastest."""
    steps = np.stack([grid.column_mm, grid.row_mm, grid.step_mm], axis=1)
    return 1.0 / float(np.abs(np.linalg.inv(steps) @ normal).max())


def _slices_seen(
    grid: Grid, name: str, column: np.ndarray, row: np.ndarray, normal: np.ndarray
) -> PlaneStack:
    """The scan's own slices, turned and mirrored to lie as `column`, `row` and `normal` say."""
    steps, lengths = (grid.column_mm, grid.row_mm), (grid.shape[2], grid.shape[1])
    origins = grid.origins
    seen: list[np.ndarray] = []
    size: list[int] = []
    for vector in (column, row):
        number = int(abs(float(vector @ steps[1])) > abs(float(vector @ steps[0])))
        step, length = steps[number], lengths[number]
        backwards = float(vector @ step) < 0
        if backwards:
            origins = origins + (length - 1) * step
        seen.append(-step if backwards else step)
        size.append(length)
    step = grid.step_mm
    if float(normal @ grid.normal) < 0:
        origins, step = origins[::-1], -step
    return PlaneStack(name, (size[1], size[0]), seen[0], seen[1], step, origins)


def _centres(low: float, high: float, step: float) -> np.ndarray:
    """Centres of as many cells of `step` as cover low … high, lying over it symmetrically."""
    count = max(1, ceil((high - low) / step - _NEARLY))
    return np.asarray((low + high) / 2 + (np.arange(count) - (count - 1) / 2) * step)


def _axis_along(own: _Vectors, vector: np.ndarray) -> int | None:
    """Which of the volume's axes a vector follows, either way; None if none."""
    return next((number for number, axis in enumerate(own) if _parallel(axis, vector, 1e-4)), None)


def _parallel(one: np.ndarray, other: np.ndarray, degrees: float) -> bool:
    return float(np.linalg.norm(np.cross(one, other))) <= float(np.sin(np.radians(degrees)))


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))
