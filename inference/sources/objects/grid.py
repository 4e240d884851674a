"""Where the planes of an object meet the frames of a source, in patient millimetres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from inference.records import Source
from inference.sources.dicom_geometry import Plane, plane_of

_ON_PIXEL = 0.1
"""Pixel centres that lie closer, in pixels, are one grid: their values are copied as they are."""

_ON_PLANE_SHARE, _ON_PLANE_MM = 0.05, 0.01
"""A plane lies on a frame where its first voxel is off by at most 5 % of the smaller slice
distance, or by 0.01 mm: so far headers round."""

_LEVEL_TIMES = 2
"""A plane is level with the frames where no corner of it rises by more than twice that: 0.1 mm for
slices 1 mm apart. An angle would not do, as 0.1° are 0.9 mm at the far edge of 512 mm."""

_NO_PLANE_BETWEEN = 1.9
"""Planes less than so many thicknesses apart are neighbours: none was left out between them."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Parallel planes of one shape: `origins` [n, 3] are the centres of their first voxels.

    `axes` [2, 3] are the directions of a row and of a column, of length 1; `spacing` and `shape`
    are (rows, columns); `step` is the usual distance of the planes, in mm.
    """

    origins: np.ndarray
    axes: np.ndarray
    spacing: tuple[float, float]
    shape: tuple[int, int]
    step: float

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.axes[0], self.axes[1])

    @property
    def has_film(self) -> bool:
        """Whether several planes lie at one place, such as the moments of a film of one slice."""
        return len(np.unique(np.round(self.depths(), 3))) < len(self.origins)

    def depths(self) -> np.ndarray:
        """How far each plane is along the normal, in mm [n]."""
        return np.asarray(self.origins @ self.normal)

    def to_pixels(self, points: np.ndarray, plane: int | np.ndarray) -> np.ndarray:
        """Patient points [n, 3] as (column, row) of pixel centres on a plane [n, 2].

        On several planes, given as [m, 1], they are [m, n, 2].
        """
        millimetres = (points - self.origins[plane]) @ self.axes.T
        return np.asarray(millimetres / np.array(self.spacing[::-1]))

    def to_points(self, pixels: np.ndarray, plane: int) -> np.ndarray:
        """(column, row) of pixel centres [n, 2] on a plane as patient points [n, 3]."""
        return np.asarray((pixels * self.spacing[::-1]) @ self.axes + self.origins[plane])

    def corners(self) -> np.ndarray:
        """(column, row) of the centres of the four outermost pixels [4, 2]."""
        rows, columns = self.shape
        return np.array([(x, y) for y in (0, rows - 1) for x in (0, columns - 1)], float)


def grid_of(source: Source) -> Grid | None:
    """The frames of a source; None where it has no place in the patient."""
    if source.affine is None:
        return None
    matrix = np.array(source.affine)
    origins = np.array(
        [matrix[:3, 3] + index * matrix[:3, 2] for index in range(source.frames)]
        if source.positions_mm is None
        else source.positions_mm
    )
    lengths = np.linalg.norm(matrix[:3, :2], axis=0)
    axes = (matrix[:3, :2] / lengths).T
    alone = float(abs(np.cross(axes[0], axes[1]) @ matrix[:3, 2]))
    spacing = (float(lengths[1]), float(lengths[0]))
    steps = _steps(origins, axes)
    step = float(np.median(steps)) if len(steps) else alone
    return Grid(origins, axes, spacing, source.shape, step)


def _steps(origins: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The distances of neighbouring planes in mm; none where all lie at one place."""
    return np.diff(np.unique(np.round(origins @ np.cross(axes[0], axes[1]), 3)))


def grids_of(
    dataset: Dataset, frames: int, shape: tuple[int, int], alone: float
) -> list[tuple[list[int], Grid]] | None:
    """The frames of an object by direction and spacing, each with its grid; None if one has none.

    The step of an object is the smallest distance of its planes, or their thickness where empty
    planes were left out. `alone` is the step of a single plane that does not name its own.
    """
    groups: dict[tuple[object, ...], list[tuple[int, Plane]]] = {}
    for frame in range(frames):
        plane = plane_of(dataset, frame)
        if not plane.located:
            return None
        direction = tuple(round(value, 4) for value in plane.orientation or ())
        groups.setdefault((direction, plane.spacing), []).append((frame, plane))
    return [
        ([frame for frame, _ in members], _grid([plane for _, plane in members], shape, alone))
        for members in groups.values()
    ]


def _grid(planes: list[Plane], shape: tuple[int, int], alone: float) -> Grid:
    first = planes[0]
    if first.orientation is None or first.spacing is None:
        raise ValueError("a grid needs orientation and spacing")
    axes = np.array(first.orientation).reshape(2, 3)
    origins = np.array([plane.position for plane in planes], dtype=float)
    step = float(_steps(origins, axes).min(initial=np.inf))
    thick = first.thickness if first.thickness is not None and first.thickness > 0 else None
    if thick is not None and step >= _NO_PLANE_BETWEEN * thick:
        step = thick
    return Grid(origins, axes, first.spacing, shape, step if np.isfinite(step) else alone)


@dataclass(frozen=True, eq=False)
class Placement:
    """How an object's planes fall on a source's frames.

    `frames[plane]` are the indices of the frames that the plane lies on; `shifts` [planes, 2] is
    where its first pixel is there as (row, column), or None where values have to be resampled.
    `reach` is how far a plane may be from a frame in mm, and `beside` how far the farthest is that
    was taken. `between` says whether planes lie between frames: else each lies on one.
    """

    frames: tuple[tuple[int, ...], ...]
    shifts: np.ndarray | None
    reach: float
    beside: float
    between: bool


def place(target: Grid, own: Grid) -> Placement | None:
    """Each frame of the target takes the object's nearest plane within half its slice distance.

    Where every plane lies on a frame (within 5 % of the smaller slice distance, or 0.01 mm) each
    is taken there alone, so that slices which an object leaves out stay empty. None where the
    planes are tilted: where a corner rises by more than twice that tolerance above the frames.
    """
    normal = target.normal
    tolerance = max(_ON_PLANE_MM, _ON_PLANE_SHARE * min(target.step, own.step))
    if _rise(own, normal) > _LEVEL_TIMES * tolerance:
        return None
    wanted, offered = target.origins @ normal, own.origins @ normal
    there = np.unique(np.round(offered, 3))
    nearest = _nearest(wanted, there)
    inside = (there >= wanted.min() - target.step / 2) & (there <= wanted.max() + target.step / 2)
    off = np.abs(there - wanted[_nearest(there, wanted)])
    between = bool((off[inside] > tolerance).any())
    reach = own.step / 2 if between else tolerance
    away = np.round(there[nearest] - wanted, 3)
    taken = (away >= -reach) & ((away < reach) | (away <= tolerance))
    hits: dict[float, list[int]] = {}
    for frame in np.flatnonzero(taken):
        hits.setdefault(float(there[nearest[frame]]), []).append(int(frame))
    frames = tuple(tuple(hits.get(float(depth), ())) for depth in np.round(offered, 3))
    beside = float(np.abs(away[taken]).max(initial=0.0))
    return Placement(frames, _shifts(target, own, frames), reach, beside, between)


def _rise(own: Grid, normal: np.ndarray) -> float:
    """How far the corners of a plane are from its first voxel along a direction, in mm."""
    heights = (own.to_points(own.corners(), 0) - own.origins[0]) @ normal
    return float(np.abs(heights).max())


def _nearest(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """For each value the index of the nearest place, the lower of two; `places` in any order."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    above = np.clip(np.searchsorted(ordered, values), 1, len(places) - 1) if len(places) > 1 else 0
    below = np.maximum(np.asarray(above) - 1, 0)
    chosen = np.where(values - ordered[below] <= ordered[above] - values, below, above)
    return np.asarray(order[chosen])


def _shifts(target: Grid, own: Grid, frames: tuple[tuple[int, ...], ...]) -> np.ndarray | None:
    """(row, column) of each plane's first pixel; None where the pixels do not coincide.

    The object's farthest corners decide: a small difference in spacing adds up over the rows. All
    frames that a plane lies on have to agree, as those of a tilted gantry are shifted themselves.
    """
    corners = own.corners()
    found = np.zeros((len(frames), 2), dtype=np.int64)
    for plane, hit in enumerate(frames):
        if hit:
            at = target.to_pixels(own.to_points(corners, plane), np.array(hit)[:, np.newaxis])
            shift = np.rint(at[0, 0])
            if float(np.abs(at - corners - shift).max()) > _ON_PIXEL:
                return None
            found[plane] = shift[::-1]
    return found
