"""The masks of the slices between two that were drawn, by the distance from their outlines.

Shape-based interpolation: Raya and Udupa 1990, doi:10.1109/42.52980. Each drawn mask becomes the
signed distance from its outline, the distances are interpolated by where the slice lies in
millimetres, and what comes out positive is inside. Parts that moved so far that they meet no part
of the other slice would shrink to nothing in this way. They are paired with the nearest such part
there, laid upon one another by their centroids, and carried along the straight way between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Spacing = tuple[float, float]
"""Millimetres (between rows, between columns)."""


def between(
    masks: Mapping[int, np.ndarray],
    positions_mm: Sequence[float],
    spacing_mm: Spacing = (1.0, 1.0),
) -> dict[int, np.ndarray]:
    """The masks of the slices that lie between those given, by index; bool [rows, columns].

    `masks` are those drawn, by their slices' index; `positions_mm` say where each slice of the
    series lies along its normal, rising or falling. A mask without a pixel says that the thing ends
    there: nothing is found on either side of it. Slices that stay empty are left out. Raises
    ValueError for slices at the same place.
    """
    found = {}
    for first, last in itertools.pairwise(sorted(masks)):
        if last - first < 2 or not (masks[first].any() and masks[last].any()):
            continue
        length = positions_mm[last] - positions_mm[first]
        if length == 0:
            raise ValueError("two slices at the same place have nothing between them")
        pair = _Pair.of(masks[first], masks[last], spacing_mm)
        for index in range(first + 1, last):
            mask = pair.at((positions_mm[index] - positions_mm[first]) / length)
            if mask.any():
                found[index] = mask
    return found


def signed_distance(mask: np.ndarray, spacing_mm: Spacing) -> np.ndarray:
    """Millimetres from each centre to the nearest one of the other side; negative outside.

    What lies beyond the array is outside.
    """
    from scipy import ndimage

    padded = np.pad(mask, 1)
    inner = ndimage.distance_transform_edt(padded, sampling=spacing_mm)[1:-1, 1:-1]
    if not mask.any():
        return np.full(mask.shape, -np.inf)
    return np.asarray(inner - ndimage.distance_transform_edt(~mask, sampling=spacing_mm))


@dataclass(frozen=True, eq=False)
class _Moved:
    """A part on two slices, far from one another: signed distances around its centroids."""

    distances: tuple[np.ndarray, np.ndarray]
    """With one row and column of ground all around: what a shift brings in is ground too."""
    centroids: tuple[np.ndarray, np.ndarray]
    """(row, column) within the arrays."""

    def at(self, share: float) -> np.ndarray:
        from scipy import ndimage

        centre = (1 - share) * self.centroids[0] + share * self.centroids[1]
        one, other = (
            ndimage.shift(distances, centre - centroid, order=1, mode="nearest")
            for distances, centroid in zip(self.distances, self.centroids, strict=True)
        )
        return np.asarray((1 - share) * one + share * other > 0)[1:-1, 1:-1]


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two drawn masks, ready for any slice between them; all within the box that holds both."""

    shape: tuple[int, int]
    place: tuple[slice, slice]
    distances: tuple[np.ndarray, np.ndarray] | None
    """Of all parts that did not move; None if there are none."""
    moved: tuple[_Moved, ...]

    @classmethod
    def of(cls, one: np.ndarray, other: np.ndarray, spacing_mm: Spacing) -> _Pair:
        rows, columns = (np.flatnonzero((one | other).any(axis=axis)) for axis in (1, 0))
        place = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        masks = [one[place], other[place]]
        moved = []
        for part in _far_parts(masks[0], masks[1], spacing_mm):
            masks = [mask & ~alone for mask, alone in zip(masks, part, strict=True)]
            moved.append(_moved(part, spacing_mm))
        still = None
        if masks[0].any() and masks[1].any():
            still = signed_distance(masks[0], spacing_mm), signed_distance(masks[1], spacing_mm)
        return cls((one.shape[0], one.shape[1]), place, still, tuple(moved))

    def at(self, share: float) -> np.ndarray:
        """The mask a `share` of the way from the first slice to the second."""
        found = np.zeros(self.shape, dtype=bool)
        box = found[self.place]
        if self.distances is not None:
            box |= (1 - share) * self.distances[0] + share * self.distances[1] > 0
        for part in self.moved:
            box |= part.at(share)
        return found


def _moved(part: tuple[np.ndarray, np.ndarray], spacing_mm: Spacing) -> _Moved:
    one, other = (np.pad(mask, 1) for mask in part)
    distances = signed_distance(one, spacing_mm), signed_distance(other, spacing_mm)
    return _Moved(distances, (_centroid(one), _centroid(other)))


def _centroid(mask: np.ndarray) -> np.ndarray:
    return np.asarray(np.argwhere(mask).mean(axis=0))


def _far_parts(
    one: np.ndarray, other: np.ndarray, spacing_mm: Spacing
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Parts that meet none of the other slice, in pairs with the shortest ways altogether."""
    from scipy import optimize

    alone = _meeting_none(one, other), _meeting_none(other, one)
    if not (alone[0] and alone[1]):
        return []
    centres = [np.array([_centroid(mask) for mask in masks]) * spacing_mm for masks in alone]
    ways = np.linalg.norm(centres[0][:, None] - centres[1][None], axis=2)
    pairs = zip(*optimize.linear_sum_assignment(ways), strict=True)
    return [(alone[0][first], alone[1][second]) for first, second in pairs]


def _meeting_none(mask: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    from scipy import ndimage

    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    met = set(np.unique(labels[other]).tolist())
    return [labels == label for label in range(1, count + 1) if label not in met]
