"""A mask made whole: its holes filled, its largest part alone.

Each gives another mask, bool [rows, columns]. Neither knows what is measured: where padding
must stay out, the caller takes the result and `Frame.measured`.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np


def fill_holes(mask: np.ndarray) -> np.ndarray:
    """With the holes: ground from which no way by pixels' sides leads out of the mask's box."""
    return _in_box(mask, (1, 1), _filled)


def keep_largest(mask: np.ndarray) -> np.ndarray:
    """The part with the most pixels alone; parts are joined by sides; one of equals."""

    def largest(areas: np.ndarray) -> np.ndarray:
        return np.asarray(np.arange(areas.size) == np.argmax(areas))

    return _in_box(mask, (0, 0), lambda box: _parts_of(box, largest))


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
