"""Smooth closed outlines in millimetres, and how they are drawn on a slice."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIZE = 512
"""Rows and columns of every slice."""

SUBPIXEL_BITS = 4
ANGLES = np.linspace(0.0, 2 * np.pi, 181, endpoint=False)


@dataclass(frozen=True)
class Grid:
    """Where a slice lies: `centre_mm` (x, y) is the middle of the picture."""

    spacing_mm: float
    centre_mm: tuple[float, float] = (0.0, 0.0)

    def to_pixels(self, points_mm: np.ndarray) -> np.ndarray:
        """Points [n, 2] (x, y) in millimetres as (column, row) of pixel centres, float."""
        pixels: np.ndarray = (points_mm - self.centre_mm) / self.spacing_mm + (SIZE - 1) / 2
        return pixels

    def to_mm(self, column: float, row: float) -> tuple[float, float]:
        """(x, y) in millimetres of a pixel centre."""
        middle = (SIZE - 1) / 2
        x, y = self.centre_mm
        return (x + (column - middle) * self.spacing_mm, y + (row - middle) * self.spacing_mm)


def superellipse(
    half_mm: tuple[float, float], power: float, waves: np.ndarray | None = None
) -> np.ndarray:
    """Points [n, 2] on |x/a|^p + |y/b|^p = 1, its radius changed by `waves` (shares, [n])."""
    cosine, sine = np.cos(ANGLES), np.sin(ANGLES)
    radius = (np.abs(cosine / half_mm[0]) ** power + np.abs(sine / half_mm[1]) ** power) ** (
        -1 / power
    )
    if waves is not None:
        radius = radius * (1 + waves)
    return np.stack([radius * cosine, radius * sine], axis=1)


def waves(rng: np.random.Generator, share: float, first: int = 2, last: int = 5) -> np.ndarray:
    """A smooth random change of radius over the angle, about `share` in size."""
    total = np.zeros_like(ANGLES)
    for order in range(first, last + 1):
        total += rng.normal(0, share / order) * np.cos(order * ANGLES + rng.uniform(0, 2 * np.pi))
    return total


def ellipse(
    centre_mm: tuple[float, float], half_mm: tuple[float, float], turn: float = 0.0
) -> np.ndarray:
    """Points [n, 2] of an ellipse turned by `turn` radians."""
    steps = ANGLES[::6]
    x, y = half_mm[0] * np.cos(steps), half_mm[1] * np.sin(steps)
    cosine, sine = np.cos(turn), np.sin(turn)
    turned = np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=1)
    placed: np.ndarray = turned + np.array(centre_mm)
    return placed


def fill(mask: np.ndarray, grid: Grid, outline_mm: np.ndarray, value: int = 255) -> None:
    """Draw a filled, anti-aliased outline into a uint8 picture."""
    pixels = np.round(grid.to_pixels(outline_mm) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [pixels], value, cv2.LINE_AA, SUBPIXEL_BITS)


def covered(grid: Grid, outlines_mm: list[np.ndarray]) -> np.ndarray:
    """The share of each pixel under any of the outlines, float32 [rows, columns] of 0–1."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    for outline in outlines_mm:
        fill(mask, grid, outline)
    return mask.astype(np.float32) * np.float32(1 / 255)


def lay_over(values: np.ndarray, share: np.ndarray, level: float) -> None:
    """Mix `level` into `values` in place, by the share each pixel is covered."""
    values += (np.float32(level) - values) * share
