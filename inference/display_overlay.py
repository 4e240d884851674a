"""A map as a picture over a frame: colours, opacity and blending; numpy and OpenCV only.

Positive maps take a sequential table, maps whose sign has a meaning a diverging one: hue for the
sign, opacity for the magnitude. Both tables run through CIELAB (CIE 15, D65) in steps of equal
colour difference, so equal steps of a map look equal.
"""

from __future__ import annotations

from functools import cache, lru_cache

import cv2
import numpy as np

OPACITY = 0.85
"""Of the strongest colour; the frame stays visible under it."""

ROBUST_PERCENT = 99.5
"""A few outliers do not set the scale of a map: this percentile of the magnitudes does."""

SAMPLES = 1 << 16
"""A percentile of more samples than this takes too long between two frames of a window."""

_FACTOR_LIMIT = 1e30
"""From a value to a level: what would need more is shown as nothing."""

_SEQUENTIAL = ((12, 14, -32), (34, 52, -44), (54, 62, 2), (72, 36, 56), (92, -6, 58))
"""CIELAB from near black through violet and red to pale yellow."""

_NEGATIVE = ((74, -14, -44), (53, -2, -42), (29, 0, 0))
_POSITIVE = ((29, 0, 0), (53, 36, 40), (74, 24, 58))
"""CIELAB: light blue down to dark grey, dark grey up to light orange; told apart by everyone."""

_RGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
_WHITE = _RGB_TO_XYZ.sum(axis=1)
"""D65, as sRGB has it."""


@cache
def colour_table(signed: bool) -> np.ndarray:
    """The colours of a map, uint8 RGB [256, 3], read-only.

    Sequential: 0 to the limit. Diverging: minus the limit at 1, zero at 128, the limit at 255.
    """
    if signed:
        negative, positive = _even_steps(_NEGATIVE, 128), _even_steps(_POSITIVE, 128)
        table = np.concatenate([negative[:1], negative, positive[1:]])
    else:
        table = _even_steps(_SEQUENTIAL, 256)
    table.setflags(write=False)
    return table


def sampled(values: np.ndarray, most: int = SAMPLES) -> np.ndarray:
    """At most about `most` values of a map [rows, columns], on an even grid; a view."""
    step = max(1, int(np.ceil(np.sqrt(values.size / most))))
    return values[::step, ::step]


def largest(values: np.ndarray) -> float:
    """The largest magnitude of a map."""
    low, high, _, _ = cv2.minMaxLoc(values)
    return max(abs(low), abs(high))


def robust_limit(values: np.ndarray, percent: float = ROBUST_PERCENT) -> float:
    """The magnitude that gets the full colour: this percentile, the maximum if that is 0.

    Large maps are sampled on an even grid. 1.0 for a map of zeros, so that it may divide.
    """
    if percent >= 100:
        return largest(values) or 1.0
    limit = float(np.percentile(np.abs(sampled(values)), percent))
    return limit or largest(values) or 1.0


def overlay_rgba(
    values: np.ndarray, signed: bool, threshold: float = 0.0, limit: float | None = None
) -> tuple[np.ndarray, float]:
    """A map [rows, columns] as uint8 RGBA [rows, columns, 4], straight alpha, and its limit.

    `threshold` is a share of the limit: what is weaker is left out. Opacity grows with the
    magnitude. A map without sign shows its positive values only.
    """
    if limit is None:
        limit = robust_limit(values)
    index = overlay_levels(values, signed, limit)
    return cv2.LUT(cv2.merge([index] * 4), overlay_table(signed, threshold)[None]), limit


def overlay_levels(values: np.ndarray, signed: bool, limit: float) -> np.ndarray:
    """The entry of the colour table for each value, uint8 [rows, columns]."""
    # Clipped first: OpenCV's rounding takes what is far above 255 for 0. And a limit near 0 would
    # make the factor infinite, and infinity times 0 a coloured pixel.
    level = np.clip(values, -limit if signed else 0.0, limit)
    level *= np.float32(min((127.0 if signed else 255.0) / limit, _FACTOR_LIMIT))
    if signed:
        level += 128.0
    return np.asarray(cv2.convertScaleAbs(level))


def blend(picture: np.ndarray, rgba: np.ndarray) -> np.ndarray:
    """An overlay drawn over a grey or RGB uint8 picture of the same size: uint8 RGB."""
    rgb = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture
    alpha = cv2.merge([rgba[..., 3]] * 3)
    over = cv2.multiply(np.ascontiguousarray(rgba[..., :3]), alpha, scale=1 / 255)
    under = cv2.multiply(np.ascontiguousarray(rgb), cv2.bitwise_not(alpha), scale=1 / 255)
    return np.asarray(cv2.add(over, under))


@lru_cache(maxsize=256)
def overlay_table(signed: bool, threshold: float = 0.0) -> np.ndarray:
    """Colour and opacity of each level, uint8 RGBA [256, 4]; no evidence is wholly clear."""
    level = np.arange(256, dtype=float)
    share = np.minimum(np.abs(level - 128) / 127, 1.0) if signed else level / 255
    alpha = np.where(share >= threshold, share * OPACITY, 0.0)
    return np.column_stack([colour_table(signed), np.round(alpha * 255).astype(np.uint8)])


def _even_steps(corners: tuple[tuple[int, int, int], ...], count: int) -> np.ndarray:
    """Colours at equal CIELAB distances along a smooth line through `corners`: RGB [count, 3]."""
    points = np.array(corners, dtype=float)
    fine = np.linspace(0, len(points) - 1, 4096)
    line = np.column_stack([_smooth(fine, points[:, axis]) for axis in range(3)])
    line = _to_lab(_to_rgb(line))  # what the screen can show of it
    far = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    even = np.linspace(0, far[-1], count)
    found = np.column_stack([np.interp(even, far, line[:, axis]) for axis in range(3)])
    return np.round(_to_rgb(found) * 255).astype(np.uint8)


def _smooth(at: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The polynomial through values at 0, 1, 2 …"""
    places = np.arange(len(corners))
    return np.asarray(np.polyval(np.polyfit(places, corners, len(corners) - 1), at))


def _to_rgb(lab: np.ndarray) -> np.ndarray:
    """CIELAB [n, 3] to sRGB 0–1, cut to what a screen can show (CIE 15; IEC 61966-2-1)."""
    middle = (lab[:, 0] + 16) / 116
    f = np.column_stack([middle + lab[:, 1] / 500, middle, middle - lab[:, 2] / 200])
    xyz = np.where(f > 6 / 29, f**3, (f - 4 / 29) * 3 * (6 / 29) ** 2) * _WHITE
    linear = np.clip(xyz @ np.linalg.inv(_RGB_TO_XYZ).T, 0.0, 1.0)
    return np.asarray(
        np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    )


def _to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0–1 [n, 3] to CIELAB."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    share = linear @ _RGB_TO_XYZ.T / _WHITE
    f = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.column_stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])]
    )
