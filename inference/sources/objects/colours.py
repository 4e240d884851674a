"""Colours of structures: as a file recommends them, or far apart where it does not."""

from __future__ import annotations

import colorsys

import numpy as np

Colour = tuple[int, int, int]

_WHITE_D50 = np.array([0.9642, 1.0, 0.8249])
"""The white of a profile connection space (ICC.1, 6.3.4.3), to which PS3.3 C.10.7.1.1 refers."""

_TO_SRGB = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)
"""XYZ of white D50 to linear sRGB, which has white D65: Bradford's adaptation is in it."""

_GOLDEN = 0.618033988749895
_STRENGTHS = ((0.75, 1.0), (0.55, 1.0), (0.9, 0.8))
"""Saturation and value, in turn."""


def colour_of_lab(stored: tuple[float, ...]) -> Colour | None:
    """Three stored CIELab values as sRGB; None if they are not three.

    PS3.3 C.10.7.1.1: 0–65535 stands for L* from 0 to 100, and for a* and b* from -128 to 127.
    """
    if len(stored) != 3:
        return None
    lightness = stored[0] * 100.0 / 65535.0
    a, b = (value * 255.0 / 65535.0 - 128.0 for value in stored[1:])
    y = (lightness + 16.0) / 116.0
    steps = np.array([y + a / 500.0, y, y - b / 200.0])
    # CIE 15: the cube, and a straight line near black.
    linear = np.where(steps > 6 / 29, steps**3, 3 * (6 / 29) ** 2 * (steps - 4 / 29))
    rgb = np.clip(_TO_SRGB @ (linear * _WHITE_D50), 0.0, 1.0)
    encoded = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055)
    red, green, blue = (round(float(value) * 255.0) for value in encoded)
    return red, green, blue


def colour_of_rgb(stored: tuple[float, ...]) -> Colour | None:
    """ROI Display Color (PS3.3 C.8.8.6) as it stands; None if it is no colour of three bytes."""
    if len(stored) != 3 or not all(0 <= value <= 255 for value in stored):
        return None
    return int(stored[0]), int(stored[1]), int(stored[2])


def own_colour(place: int) -> Colour:
    """The colour of a structure whose file gives none: neighbours lie far apart in hue."""
    saturation, value = _STRENGTHS[place % len(_STRENGTHS)]
    red, green, blue = colorsys.hsv_to_rgb(place * _GOLDEN % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
