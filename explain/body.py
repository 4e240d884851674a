"""Where the patient is in a frame, and where nothing was ever measured; from values alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from inference.prepare import LUMA
from inference.records import Frame

AIR_HU = -500.0
"""Halfway between air, −1000 HU, and water, 0 HU."""

PART = 0.1
"""A piece of at least this share of the largest one belongs to the body: arms, both legs."""
LEAST, MOST = 0.05, 0.97
"""A body that covers less or more of the picture than this is none that was found."""

SMOOTH_SHARE = 0.006
"""The deviation of the blur before the threshold, as a share of the longest side: noise in the
air of an MR must not decide."""
BINS = 256

FIELD_MM = 100.0
"""A picture smaller than this on both sides is a part of the body: what is dark in it is fluid or
bone, not the air around a patient. Lepton's own rule: less than the head of a newborn needs.
"""

BORDER_SHARE = 0.005
"""A border covers at least this share of the picture: equal neighbours alone are none."""

WORKING_PX = 768
"""Larger pictures are made smaller first: neither a body nor a letter needs more."""


@dataclass(frozen=True, eq=False)
class Body:
    """bool [rows, columns], True where the patient is; `words` say how that was found.

    Where no background was found `everywhere` is True, and so is the whole mask.
    """

    mask: np.ndarray
    words: str
    everywhere: bool = False


def find_body(frame: Frame) -> Body:
    """The patient in one frame: what is not dark background, in its largest pieces, holes filled.

    CT is cut at −500 HU. Other pictures are cut at the lower of the two thresholds that part
    their values into three classes (Otsu 1979, section V): background, dark and bright tissue. In
    a picture of less than 100 mm nothing is outside the body.
    """
    if _is_part(frame):
        words = f"the picture shows less than {FIELD_MM:g} mm, so it lies within the body"
        return Body(np.ones(frame.shape, dtype=bool), words, everywhere=True)
    values = reduced(brightness(frame))
    measured = reduced(_measured(frame))
    if frame.unit == "HU":
        bright, words = values > AIR_HU, f"above {AIR_HU:g} HU"
    else:
        smooth = ndimage.gaussian_filter(values, SMOOTH_SHARE * max(values.shape))
        level = lower_threshold(smooth[measured])
        bright, words = smooth > level, f"brighter than {level:.4g}, by Otsu's method"
    mask = enlarged(_largest(bright & measured), frame.shape) & _measured(frame)
    if not LEAST <= mask.mean() <= MOST:
        return Body(np.ones_like(mask), "no background was found in this picture", everywhere=True)
    return Body(mask, words)


def _is_part(frame: Frame) -> bool:
    """Whether a picture is too small to show where a body ends."""
    if frame.spacing_mm is None:
        return False
    sides = zip(frame.shape, frame.spacing_mm, strict=True)
    return max(pixels * mm for pixels, mm in sides) < FIELD_MM


def brightness(frame: Frame) -> np.ndarray:
    """Rescaled values as float32 [rows, columns]: colour as luma, air dark in every picture.

    What was not measured is as dark as the darkest that was.
    """
    values = frame.values()
    if frame.colour:
        values = values @ LUMA
    if frame.inverted:
        values = -values
    measured = _measured(frame)
    if not measured.any():
        return np.zeros_like(values)
    return np.where(measured, values, values[measured].min())


def reduced(values: np.ndarray) -> np.ndarray:
    """A picture or mask [rows, columns] with at most 768 pixels a side, each the mean of several.

    Of a mask what is more than half filled. Smaller pictures come back as they are.
    """
    longest = max(values.shape)
    if longest <= WORKING_PX:
        return values
    rows, columns = (max(1, round(length * WORKING_PX / longest)) for length in values.shape)
    small: np.ndarray = cv2.resize(
        values.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA
    )
    return small > 0.5 if values.dtype == bool else small


def enlarged(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A mask of a reduced picture over the whole one, bool `shape`."""
    if mask.shape == shape:
        return mask
    large = cv2.resize(mask.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST)
    return np.asarray(large > 0)


def constant_border(frame: Frame) -> np.ndarray:
    """True where equal values reach in from the edge: bars, cut-off corners; bool [rows, columns].

    Of the values that fill at least a tenth of the edge. Something measured is never that even.
    """
    values = brightness(frame)
    edge = np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])
    found = np.zeros(values.shape, dtype=bool)
    for value, count in zip(*np.unique(edge, return_counts=True), strict=True):
        if count >= 0.1 * edge.size:
            found |= _from_edge(values == value)
    return found


def lower_threshold(values: np.ndarray) -> float:
    """The lower of two thresholds that part values into three classes most unlike each other.

    Otsu 1979, "A threshold selection method from gray-level histograms", over 256 bins.
    """
    if not values.size or float(values.min()) == float(values.max()):
        return float(values.max(initial=0.0))
    counts, edges = np.histogram(values, BINS)
    share = np.concatenate([[0.0], np.cumsum(counts / counts.sum())])
    middles = (edges[1:] + edges[:-1]) / 2
    moment = np.concatenate([[0.0], np.cumsum(counts / counts.sum() * middles)])
    low, high = np.triu_indices(BINS + 1, 1)
    within = _between(share, moment, low, high)
    table = np.zeros((BINS + 1, BINS + 1))
    table[low, high] = within
    # The sum over the three classes of (first moment)² / share, for each pair of thresholds.
    total = table[0][:, None] + table + table[:, BINS][None, :]
    total[np.tril_indices(BINS + 1)] = -np.inf
    total[0], total[:, BINS] = -np.inf, -np.inf
    lower, _ = np.unravel_index(int(total.argmax()), total.shape)
    return float(edges[lower])


def _between(
    share: np.ndarray, moment: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    shares = share[high] - share[low]
    moments = moment[high] - moment[low]
    found: np.ndarray = np.divide(
        moments**2, shares, out=np.zeros_like(moments), where=shares > 0.0
    )
    return found


def _measured(frame: Frame) -> np.ndarray:
    finite: np.ndarray = np.isfinite(frame.stored).reshape(*frame.shape, -1).all(axis=2)
    measured = frame.measured()
    return finite if measured is None else measured & finite


def _largest(bright: np.ndarray) -> np.ndarray:
    """The large pieces of what is bright, opened by a pixel, each with its holes filled."""
    pieces, count = ndimage.label(ndimage.binary_opening(bright))
    if not count:
        return np.zeros_like(bright)
    sizes = np.bincount(pieces.ravel())[1:]
    kept = np.flatnonzero(sizes >= PART * sizes.max()) + 1
    found: np.ndarray = ndimage.binary_fill_holes(np.isin(pieces, kept))
    return found


def _from_edge(alike: np.ndarray) -> np.ndarray:
    """The connected parts that touch the edge, but for small ones."""
    pieces, _ = ndimage.label(alike)
    touching = np.unique(np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]]))
    sizes = np.bincount(pieces.ravel())
    large = touching[(touching > 0) & (sizes[touching] >= BORDER_SHARE * alike.size)]
    found: np.ndarray = np.isin(pieces, large)
    return found
