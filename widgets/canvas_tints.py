"""Flat colours as the premultiplied pixels that Qt draws, and one layer of them over another."""

from __future__ import annotations

import cv2
import numpy as np

from widgets.theme import RGB


def tinted(alpha: np.ndarray, colour: RGB) -> np.ndarray:
    """One colour as opaque as `alpha`, uint8 [rows, columns], says: premultiplied BGRA."""
    red, green, blue = colour
    parts = [cv2.convertScaleAbs(alpha, alpha=part / 255) for part in (blue, green, red)]
    return np.asarray(cv2.merge([*parts, alpha]))


def lay_over(below: np.ndarray, above: np.ndarray) -> None:
    """Lay `above` on `below`, which is changed; both premultiplied BGRA of one shape."""
    left_over = cv2.bitwise_not(cv2.extractChannel(above, 3))
    below[...] = cv2.add(above, cv2.multiply(below, cv2.merge([left_over] * 4), scale=1 / 255))
