"""Masks by their values: thresholds, what is joined to a seed, and where two kinds divide."""

from __future__ import annotations

import math

import cv2
import numpy as np

from inference.painting.strokes import Place

Voxel = tuple[int, int, int]
"""(column, row, slice) of a voxel, from 0 on."""

_REACHED = 2


def threshold(
    values: np.ndarray, low: float, high: float, within: np.ndarray | None = None
) -> np.ndarray:
    """Where `values` lie in [low, high], bool in their shape; what is no number lies nowhere.

    `within`, bool in the same shape, leaves the rest out: another region, or what
    `Frame.measured` says, so that padding is never taken.
    """
    found = (values >= low) & (values <= high)
    if within is not None:
        found &= within
    return np.asarray(found)


def grow(
    values: np.ndarray,
    seed: Place,
    low: float,
    high: float,
    *,
    within: np.ndarray | None = None,
    diagonal: bool = False,
) -> np.ndarray:
    """The pixels in [low, high] that are joined to the one under `seed`, bool [rows, columns].

    They are joined by their sides, with `diagonal` by their corners as well. Nothing is found for
    a seed that lies outside of the frame, of `within` or of the range.
    """
    rows, columns = values.shape
    column, row = math.floor(seed[0]), math.floor(seed[1])
    if not (0 <= column < columns and 0 <= row < rows):
        return np.zeros(values.shape, dtype=bool)
    candidates = threshold(values, low, high, within)
    if not candidates[row, column]:
        return np.zeros(values.shape, dtype=bool)
    picture = np.ascontiguousarray(candidates).view(np.uint8)
    cv2.floodFill(picture, None, (column, row), _REACHED, flags=8 if diagonal else 4)
    return np.asarray(picture == _REACHED)


def grow_volume(
    values: np.ndarray, seed: Voxel, low: float, high: float, within: np.ndarray | None = None
) -> np.ndarray:
    """The voxels in [low, high] that are joined by their faces to `seed`.

    `values` and the result are [slices, rows, columns].
    """
    from scipy import ndimage

    place = seed[::-1]
    candidates = threshold(values, low, high, within)
    held = all(0 <= at < size for at, size in zip(place, values.shape, strict=True))
    if not (held and candidates[place]):
        return np.zeros(values.shape, dtype=bool)
    labels, _ = ndimage.label(candidates)
    return np.asarray(labels == labels[place])


def otsu(values: np.ndarray) -> float | None:
    """The value that divides `values`, of any shape, into two kinds; None if all are alike.

    It lies halfway between the two neighbouring values at which the variance between the kinds is
    largest (Otsu 1979, doi:10.1109/TSMC.1979.4310076). Values are taken as they are and not in
    bins. What is no number is left out; so must be padding.
    """
    found, counts = np.unique(values[np.isfinite(values)].astype(np.float64), return_counts=True)
    if found.size < 2:
        return None
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum((found - found[0]) * counts)
    apart = (sums[-1] - sums[:-1]) / above - sums[:-1] / below
    best = int(np.argmax(below * above * apart**2))
    return float(found[best] / 2 + found[best + 1] / 2)
