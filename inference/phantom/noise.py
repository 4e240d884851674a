"""Noise with the grain of CT: short-range correlated, its lowest frequencies missing."""

from __future__ import annotations

import cv2
import numpy as np

from inference.phantom.shapes import SIZE


def draw_noise(rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Noise of the given standard deviation, float32 [rows, columns].

    Filtered back-projection suppresses low frequencies (the ramp) and a kernel suppresses high
    ones, which leaves a band (Riederer, Pelc and Chesler, Phys. Med. Biol. 23, 1978): here the
    difference of two Gaussians.
    """
    white = rng.standard_normal((SIZE, SIZE), dtype=np.float32)
    fine = cv2.GaussianBlur(white, (0, 0), 0.8)
    grain = fine - cv2.GaussianBlur(fine, (0, 0), 2.5)
    grain *= np.float32(deviation / float(grain.std()))
    return grain


def draw_texture(rng: np.random.Generator, deviation: float) -> np.ndarray:
    """Slow unevenness of the lung, float32 [rows, columns]; about 8 mm from crest to crest."""
    coarse = rng.standard_normal((SIZE // 8, SIZE // 8), dtype=np.float32)
    uneven: np.ndarray = cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    uneven *= np.float32(deviation / float(uneven.std()))
    return uneven
