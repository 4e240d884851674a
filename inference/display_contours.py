"""Lines around the strongest parts of a map, drawn at the resolution of what shows them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from inference.display_overlay import colour_table

BLUR_PX = 1.2
"""The standard deviation of the blur that makes of a border a slope, and of its middle a line."""

RIM_OPACITY = 0.6
"""Of the dark rim on both sides of a line, so that it is seen over bright anatomy as well."""

_ROUNDING = 1e-5
"""Equal values of a plateau come out of an interpolation this close to one another."""


def contour_pixels(values: np.ndarray, signed: bool, level: float) -> np.ndarray:
    """Lines where a map [rows, columns] reaches `level`: uint8 RGBA [rows, columns, 4].

    Colours are multiplied by their opacity. With a sign there are lines around what is above the
    level and around what is below minus the level, each in the colour of its sign. `values` are
    those of the pixels to be drawn, interpolated before: a line lies where the interpolated map
    has its level, to half a pixel, however coarse the map is.
    """
    reached = level * (1.0 - _ROUNDING)
    index = _slope(values >= reached)
    index //= 2
    if signed:
        other = _slope(values <= -reached)
        index = np.maximum(index, cv2.LUT(other, _SECOND))
    pixels = np.take(_pixels(signed), index)  # all four bytes at once
    return pixels.view(np.uint8).reshape(*index.shape, 4)


def lay_pixels(picture: np.ndarray, over: np.ndarray) -> np.ndarray:
    """Pixels of multiplied RGBA drawn over an RGB uint8 picture of the same size."""
    clear = cv2.merge([cv2.bitwise_not(cv2.extractChannel(over, 3))] * 3)
    under = cv2.multiply(picture, clear, scale=1 / 255)
    return np.asarray(cv2.add(under, np.ascontiguousarray(over[..., :3])))


def _slope(inside: np.ndarray) -> np.ndarray:
    """0 outside to 255 inside, with a slope between them, uint8."""
    mask = inside.view(np.uint8) * np.uint8(255)
    slope = cv2.GaussianBlur(mask, (7, 7), BLUR_PX, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(slope)


@cache
def _pixels(signed: bool) -> np.ndarray:
    """The four bytes of multiplied RGBA as uint32 [256]: slopes of the first side, the second."""
    table, share = colour_table(signed), np.arange(128) / 127
    line, opacity = _band(share, 2.5, 0.5), _band(share, 4.0, 0.04) * RIM_OPACITY
    sides = [
        np.column_stack([line[:, None] * colour, 255 * np.maximum(line, opacity)])
        for colour in (table[255], table[1])
    ]
    return np.round(np.concatenate(sides)).astype(np.uint8).view(np.uint32)[:, 0]


def _band(share: np.ndarray, rise: float, least: float) -> np.ndarray:
    """0 to 1 over a slope: 1 in its middle, 0 where it is below `least` of that."""
    return np.asarray(np.clip(rise * (4.0 * share * (1.0 - share) - least), 0.0, 1.0))


_SECOND = np.where(np.arange(256) > 1, 128 + np.arange(256) // 2, 0).astype(np.uint8)
"""From a slope of the second side to its pixels in the table."""
