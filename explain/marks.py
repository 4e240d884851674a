"""Letters, plates and other marks that were burned into a picture: small, bright, even, sharp."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy import ndimage

from explain.body import Body, brightness, enlarged, reduced
from inference.records import Frame

WIDEST = 0.16
SMALLEST = 0.025
"""How long the longer side of a mark may be, as shares of the picture's shorter side."""

CONTRAST, EVEN = 0.35, 0.25
"""How much brighter than dark ground a mark is, as a share of the picture's range, and how far the
brighter half of its pixels may vary, as a share of that."""
DARK = 0.5
"""The level of dark ground at most."""

WHITE, WHITE_CONTRAST, WHITE_EVEN = 0.97, 0.2, 0.015
"""On bright ground, anatomy, a mark is as bright as the brightest, and of one level: its brighter
half varies by so much of the picture's range at most. Bone nowhere is that even."""

RIM = 0.2
"""How far from the edge a mark may lie that is not outside the body, as a share of the side."""

LEAST_PX = 4
REACH_PX = 2
"""Pixels around a piece that are looked at as its surroundings."""


def find_marks(frame: Frame, body: Body) -> np.ndarray:
    """True where something seems to be written or fixed over the picture, bool [rows, columns].

    No text is read. Found are small bright pieces on darker ground whose level is even, as ink and
    lead are and anatomy is not; their boxes are marked whole. They lie outside the body or, in a
    picture that is no slice through a patient, near the edge: letters of lead lie on the shoulder.
    """
    levels, inside = _levels(frame), reduced(body.mask)
    width = round(WIDEST * min(levels.shape)) | 1
    ground = cv2.morphologyEx(levels, cv2.MORPH_OPEN, np.ones((width, width), np.uint8))
    near_edge = frame.affine is None
    small = Body(inside, body.words, body.everywhere)
    on_dark = _pieces(levels, levels - ground > CONTRAST, _is_on_dark, small, near_edge)
    white = _pieces(levels, levels >= WHITE, _is_white, small, near_edge)
    return enlarged(on_dark | white, frame.shape)


def _levels(frame: Frame) -> np.ndarray:
    """Brightness with 0 for air and 1 for nearly the brightest, float32 [rows, columns]."""
    values = reduced(brightness(frame))
    low, high = np.percentile(values, (1.0, 99.5))
    found: np.ndarray = (values - low) / max(float(high - low), 1e-9)
    return found.astype(np.float32)


def _pieces(
    levels: np.ndarray,
    candidates: np.ndarray,
    is_mark: Callable[[np.ndarray, float], bool],
    body: Body,
    near_edge: bool,
) -> np.ndarray:
    """The boxes of those connected candidates that are marks, by their size, place and levels."""
    pieces, _ = ndimage.label(candidates, np.ones((3, 3)))
    found = np.zeros(levels.shape, dtype=bool)
    for number, box in enumerate(ndimage.find_objects(pieces), 1):
        if not (_fits(box, levels.shape) and _lies_aside(box, body, near_edge=near_edge)):
            continue
        around = tuple(slice(max(side.start - REACH_PX, 0), side.stop + REACH_PX) for side in box)
        inside = pieces[around] == number
        ring = ndimage.binary_dilation(inside, iterations=REACH_PX) & ~inside
        strokes = np.sort(levels[around][inside])[inside.sum() // 2 :]
        if ring.any() and is_mark(strokes, float(np.median(levels[around][ring]))):
            found[box] = True
    return found


def _is_on_dark(strokes: np.ndarray, ground: float) -> bool:
    """Whether the brighter half of a piece, by its levels, is even and stands on dark ground."""
    contrast = min(float(np.median(strokes)), 1.0) - ground
    even = float(np.minimum(strokes, 1.0).std()) <= EVEN * contrast
    return ground <= DARK and contrast >= CONTRAST and even


def _is_white(strokes: np.ndarray, ground: float) -> bool:
    """Whether the brighter half of a piece has one level, above a ground that may be bright."""
    contrast = float(np.median(strokes)) - ground
    return contrast >= WHITE_CONTRAST and float(strokes.std()) <= WHITE_EVEN


def _fits(box: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    """Whether the longer side of a box is that of a letter or a plate."""
    lengths = [side.stop - side.start for side in box]
    side, length = min(shape), max(lengths)
    return bool(max(SMALLEST * side, LEAST_PX) <= length <= WIDEST * side)


def _lies_aside(box: tuple[slice, ...], body: Body, *, near_edge: bool) -> bool:
    """Whether most of it lies outside the body or, where that counts, near the edge."""
    outside = not body.everywhere and float(body.mask[box].mean()) < 0.5
    near = near_edge and any(
        (side.start + side.stop) / 2 < RIM * length
        or (side.start + side.stop) / 2 > (1 - RIM) * length
        for side, length in zip(box, body.mask.shape, strict=True)
    )
    return outside or near
