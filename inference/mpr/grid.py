"""Where the voxels of a stack of slices lie in the patient, and which voxel lies at a place.

A grid holds for oblique, left-handed, sheared (gantry tilt) and unevenly spaced stacks: between
two slices the place goes linearly from the one's to the other's. Free of Qt and torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inference.records import Affine, Point, affine_of

_SMALLEST_GAP_MM = 1e-6


@dataclass(frozen=True, eq=False)
class Grid:
    """Parallel slices of one size; voxel coordinates are (column, row, slice) of voxel centres.

    `column_mm` and `row_mm` are the steps to the next column and the next row in LPS millimetres,
    `origins` [slices, 3] the centres of each slice's first voxel. `lone_mm` is the thickness of a
    stack of one slice.
    """

    shape: tuple[int, int, int]
    """(slices, rows, columns)."""
    column_mm: np.ndarray
    row_mm: np.ndarray
    origins: np.ndarray
    lone_mm: float

    @cached_property
    def normal(self) -> np.ndarray:
        """The unit normal of the slices along which they ascend."""
        cross = np.cross(self.column_mm, self.row_mm)
        cross /= np.linalg.norm(cross)
        backwards = (self.origins[-1] - self.origins[0]) @ cross < 0
        return np.asarray(-cross if backwards else cross)

    @cached_property
    def straightened(self) -> np.ndarray:
        """[3, 3]: takes millimetres from the first voxel to (columns, rows, mm along normal)."""
        return np.asarray(
            np.linalg.inv(np.stack([self.column_mm, self.row_mm, self.normal], axis=1))
        )

    @cached_property
    def leans(self) -> np.ndarray:
        """[slices, 3]: where each slice's first voxel is in columns, rows and mm of depth."""
        return np.asarray((self.origins - self.origins[0]) @ self.straightened.T)

    @cached_property
    def gaps_mm(self) -> np.ndarray:
        """Millimetres from slice to slice along the normal; the thickness if there is but one."""
        if self.shape[0] == 1:
            return np.array([self.lone_mm])
        return np.asarray(np.diff(self.leans[:, 2]))

    @cached_property
    def even(self) -> bool:
        """Whether the slices go on by one step, so that coordinates are linear in the place."""
        if self.shape[0] < 3:
            return True
        steps = np.diff(self.leans, axis=0)
        return float(np.abs(steps - steps.mean(axis=0)).max()) * self.shape[0] < 1e-3

    @cached_property
    def ascends(self) -> bool:
        """Whether the slices follow each other in space; only then is there a volume."""
        return bool(self.gaps_mm.min() >= 0 and self.gaps_mm.max() > _SMALLEST_GAP_MM)

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Between columns, between rows, and (the median) between slices along their normal."""
        gap = float(np.median(self.gaps_mm[self.gaps_mm > _SMALLEST_GAP_MM]))
        return (float(np.linalg.norm(self.column_mm)), float(np.linalg.norm(self.row_mm)), gap)

    @cached_property
    def knots(self) -> np.ndarray:
        """[slices + 2, 4] of (depth in mm, slice, columns, rows): `leans`, carried on both ways."""
        slices = np.arange(self.shape[0], dtype=float)
        known = np.column_stack([self.leans[:, 2], slices, self.leans[:, :2]])
        first, last = (self._beyond(known, end) for end in (0, -1))
        return np.vstack([2 * known[0] - first, known, last])

    def _beyond(self, known: np.ndarray, end: int) -> np.ndarray:
        """The next knot after the last one, or the first one's mirrored."""
        step = np.array([self.spacing_mm[2], 1.0, 0.0, 0.0])
        if len(known) > 1 and self.gaps_mm[end] > _SMALLEST_GAP_MM:
            step = known[1] - known[0] if end == 0 else known[-1] - known[-2]
        return np.asarray(known[end] + step)

    @cached_property
    def matrix(self) -> np.ndarray:
        """[4, 4]: takes (column, row, slice, 1) to millimetres; of an uneven stack its mean."""
        made = np.eye(4)
        made[:3] = np.column_stack([self.column_mm, self.row_mm, self.step_mm, self.origins[0]])
        return made

    @cached_property
    def step_mm(self) -> np.ndarray:
        """From slice to slice on the average, in LPS millimetres."""
        if self.shape[0] == 1:
            return np.asarray(self.normal * self.lone_mm)
        return np.asarray((self.origins[-1] - self.origins[0]) / (self.shape[0] - 1))

    def corners(self) -> np.ndarray:
        """[n, 3] millimetres: points whose hull holds every voxel out to its edges."""
        rows, columns = self.shape[1:]
        edges = [(c, r) for c in (-0.5, columns - 0.5) for r in (-0.5, rows - 0.5)]
        offsets = np.array([c * self.column_mm + r * self.row_mm for c, r in edges])
        ends = self.knots[[0, 1, -2, -1]]
        outer = np.array([(ends[0] + ends[1]) / 2, (ends[2] + ends[3]) / 2])
        back = np.linalg.inv(self.straightened)
        outermost = self.origins[0] + outer[:, [2, 3, 0]] @ back.T
        origins = np.vstack([self.origins, outermost])
        return np.asarray((origins[:, None] + offsets[None]).reshape(-1, 3))

    def line(self, plane: np.ndarray) -> np.ndarray:
        """[3, 3]: what takes (column, row, 1) of a plane, itself 4×4 to mm, towards voxels.

        The rows give column, row and slice of an even stack, and (columns, rows, mm of depth)
        before the lean of an uneven one: `bend` does the rest.
        """
        if self.even:
            return np.asarray((np.linalg.inv(self.matrix) @ plane)[:3, [0, 1, 3]])
        taken = self.straightened @ plane[:3][:, [0, 1, 3]]
        taken[:, 2] -= self.straightened @ self.origins[0]
        return np.asarray(taken)

    def bend(self, places: list[np.ndarray]) -> list[np.ndarray]:
        """What `line` gave at some points, as (column, row, slice); the shapes may broadcast."""
        if self.even:
            return places
        depth, slices, columns, rows = self.knots.T
        across, down, deep = places
        if self.leaning:
            across = across - np.interp(deep, depth, columns)
            down = down - np.interp(deep, depth, rows)
        return [across, down, np.interp(deep, depth, slices)]

    @cached_property
    def leaning(self) -> bool:
        """Whether the slices of a stack are shifted against each other within their planes."""
        return float(np.abs(self.leans[:, :2]).max()) > 1e-3


def grid_of(
    affine: Affine, shape: tuple[int, int, int], positions_mm: tuple[Point, ...] | None = None
) -> Grid:
    """The grid of `shape` (slices, rows, columns) voxels under a source's affine and positions."""
    matrix = np.array(affine_of(np.array(affine)), dtype=float)
    column, row, step, first = (matrix[:3, number] for number in range(4))
    if positions_mm is None:
        origins = first + np.arange(shape[0])[:, None] * step
    else:
        origins = np.array(positions_mm, dtype=float)
    normal = np.cross(column, row)
    lone = abs(float(step @ normal)) / float(np.linalg.norm(normal))
    return Grid(shape, column, row, origins, lone)
