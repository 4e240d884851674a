"""The vessels of the lungs: trees that branch and taper from the roots, and dots across."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.phantom.shapes import SIZE, SUBPIXEL_BITS, Grid

SMALLEST_MM = 0.45
"""Radius at which a branch is no longer followed."""


@dataclass(frozen=True, eq=False)
class Vessels:
    """Tapering pieces, thick ones last, and round cross-sections of those across the slice.

    `ends` [n, 2, 2] are (x, y) in millimetres at both ends, `radii` [n, 2] in millimetres,
    `strengths` [n] say how much of the slice's thickness the piece fills, `drift` [n, 2] by how
    many millimetres a piece moves sideways for each millimetre along the axis. Dots likewise.
    """

    ends: np.ndarray
    radii: np.ndarray
    strengths: np.ndarray
    drift: np.ndarray
    dots: np.ndarray
    dot_radii: np.ndarray
    dot_drift: np.ndarray


def plan_vessels(rng: np.random.Generator) -> Vessels:
    """Grow the trees of both lungs and place the cross-sections by chance."""
    pieces: list[tuple[float, ...]] = []
    for side in (-1.0, 1.0):
        root = np.array([side * rng.uniform(26, 34), rng.uniform(-4, 14)])
        heading = 0.0 if side > 0 else np.pi
        for spread in (-1.25, -0.6, 0.0, 0.6, 1.25):
            angle = heading + spread + rng.normal(0, 0.12)
            sizes = (float(rng.uniform(2.6, 4.0)), float(rng.uniform(16, 24)))
            _grow(rng, pieces, root, angle, sizes)
    table = np.array(pieces)
    table = table[np.argsort(table[:, 4])]
    count = int(rng.integers(50, 100))
    far = np.abs(rng.normal(0, 1, count))
    sides = rng.choice([-1.0, 1.0], count)
    dots = np.stack([sides * rng.uniform(30, 125, count), rng.uniform(-80, 80, count)], 1)
    return Vessels(
        ends=table[:, :4].reshape(-1, 2, 2),
        radii=table[:, 4:6],
        strengths=table[:, 6],
        drift=rng.normal(0, 0.25, (len(table), 2)),
        dots=dots,
        dot_radii=np.clip(0.5 + 0.45 * far, 0.5, 1.5),
        dot_drift=rng.normal(0, 0.2, (count, 2)),
    )


def draw_vessels(vessels: Vessels, grid: Grid, offset_mm: float) -> np.ndarray:
    """The share of each pixel that is vessel, float32 [rows, columns] of 0–1.

    `offset_mm` is the slice's place along the axis, from the middle slice.
    """
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    ends = vessels.ends + offset_mm * vessels.drift[:, None, :]
    along = ends[:, 1] - ends[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    wide = across[:, None, :] * vessels.radii[:, :, None]
    corners = np.concatenate([ends + wide, (ends - wide)[:, ::-1]], axis=1)
    pixels = np.round(grid.to_pixels(corners) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    for polygon, strength in zip(pixels, vessels.strengths, strict=True):
        cv2.fillConvexPoly(drawn, polygon, int(255 * strength), cv2.LINE_AA, SUBPIXEL_BITS)
    scale = 1 << SUBPIXEL_BITS
    centres = grid.to_pixels(vessels.dots + offset_mm * vessels.dot_drift)
    for centre, radius in zip(centres, vessels.dot_radii / grid.spacing_mm, strict=True):
        place = (round(centre[0] * scale), round(centre[1] * scale))
        cv2.circle(drawn, place, round(radius * scale), 255, -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return drawn.astype(np.float32) * np.float32(1 / 255)


def _grow(
    rng: np.random.Generator,
    pieces: list[tuple[float, ...]],
    start: np.ndarray,
    angle: float,
    sizes: tuple[float, float],
) -> None:
    """Append one branch of `sizes` (radius, length) in millimetres and all that comes of it."""
    radius, length = sizes
    end = start + length * np.array([np.cos(angle), np.sin(angle)])
    thinner = radius * 0.86
    strength = float(rng.uniform(0.25, 1.0)) if radius < 2.5 else 1.0
    pieces.append((*start, *end, radius, thinner, strength))
    for turn in (-1.0, 1.0):
        narrow = thinner * float(rng.uniform(0.62, 0.86))
        if narrow < SMALLEST_MM or rng.random() < 0.12:
            continue
        bend = turn * float(rng.uniform(0.2, 0.75))
        _grow(rng, pieces, end, angle + bend, (narrow, length * float(rng.uniform(0.68, 0.9))))
