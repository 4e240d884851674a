"""A mask made whole: holes, specks, the largest part, wider, narrower, and with a smooth outline.

Each gives another mask, bool [rows, columns]. None of them knows what is measured: where padding
must stay out, the caller takes the result and `Frame.measured`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

_SIGMAS = 4
"""So many standard deviations from a mask its blur has no say any more."""


def fill_holes(mask: np.ndarray) -> np.ndarray:
    """With the holes: ground from which no way by pixels' sides leads out of the mask's box."""
    return _in_box(mask, (1, 1), _filled)


def keep_largest(mask: np.ndarray) -> np.ndarray:
    """The part with the most pixels alone; parts are joined by sides; one of equals."""

    def largest(areas: np.ndarray) -> np.ndarray:
        return np.asarray(np.arange(areas.size) == np.argmax(areas))

    return _in_box(mask, (0, 0), lambda box: _parts_of(box, largest))


def remove_specks(mask: np.ndarray, smallest_px: int) -> np.ndarray:
    """Without the parts, joined by sides, that have fewer pixels than `smallest_px`."""
    return _in_box(mask, (0, 0), lambda box: _parts_of(box, lambda areas: areas >= smallest_px))


def widen(mask: np.ndarray, by_mm: float, spacing_mm: tuple[float, float]) -> np.ndarray:
    """Every pixel whose centre is at most `by_mm` from the centre of one of the mask.

    `spacing_mm` is (between rows, between columns). A negative width narrows: what is left has no
    pixel outside of the mask that near. The frame's border is no outline: what lies beyond it
    narrows nothing.
    """
    reach = _reach(abs(by_mm), spacing_mm)
    if by_mm < 0:
        return _in_box(mask, (1, 1), lambda box: ~_near(~box, -by_mm, spacing_mm))
    return _in_box(mask, reach, lambda box: _near(box, by_mm, spacing_mm))


def smooth(mask: np.ndarray, sigma_mm: float, spacing_mm: tuple[float, float]) -> np.ndarray:
    """The mask with a smooth outline: blurred by a Gaussian, and taken where half is left.

    Parts and gaps narrower than about the deviation `sigma_mm` vanish, corners become round and
    straight outlines stay where they are. `spacing_mm` is (between rows, between columns).
    """
    high, wide = (sigma_mm / spacing for spacing in spacing_mm)
    if sigma_mm <= 0:
        return mask.copy()

    def blurred(box: np.ndarray) -> np.ndarray:
        size = (2 * math.ceil(_SIGMAS * wide) + 1, 2 * math.ceil(_SIGMAS * high) + 1)
        picture = box.astype(np.float32)
        border = cv2.BORDER_REPLICATE
        return np.asarray(cv2.GaussianBlur(picture, size, wide, sigmaY=high, borderType=border))

    reach = _reach(_SIGMAS * sigma_mm, spacing_mm)
    return _in_box(mask, reach, lambda box: blurred(box) >= 0.5)


def _reach(mm: float, spacing_mm: tuple[float, float]) -> tuple[int, int]:
    return math.ceil(mm / spacing_mm[0]), math.ceil(mm / spacing_mm[1])


def _in_box(
    mask: np.ndarray, around: tuple[int, int], change: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The mask with the box that holds it, and so many rows and columns around, changed."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    found = np.zeros(mask.shape, dtype=bool)
    if rows.size:
        high, wide = around
        top, left = max(int(rows[0]) - high, 0), max(int(columns[0]) - wide, 0)
        place = (slice(top, int(rows[-1]) + 1 + high), slice(left, int(columns[-1]) + 1 + wide))
        found[place] = change(np.ascontiguousarray(mask[place]))
    return found


def _filled(box: np.ndarray) -> np.ndarray:
    ground = np.pad(~box, 1, constant_values=True).view(np.uint8)
    cv2.floodFill(ground, None, (0, 0), 0, flags=4)
    return np.asarray(box | (ground[1:-1, 1:-1] > 0))


def _parts_of(box: np.ndarray, chosen: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The parts that are chosen by their areas in pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(box.view(np.uint8), connectivity=4)
    keep = np.concatenate([[False], chosen(stats[1:, cv2.CC_STAT_AREA])])
    return np.asarray(keep[labels])


def _near(box: np.ndarray, mm: float, spacing_mm: tuple[float, float]) -> np.ndarray:
    from scipy import ndimage

    if not box.any():
        return np.zeros(box.shape, dtype=bool)
    apart = ndimage.distance_transform_edt(~box, sampling=spacing_mm)
    return np.asarray(apart <= mm * (1 + 1e-9))
