"""Outlines cover what geometry says; noise has the grain that CT noise has."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inference.phantom.findings import Blob, blob_share
from inference.phantom.noise import draw_noise, draw_texture
from inference.phantom.shapes import Grid, covered, ellipse, lay_over, superellipse


@pytest.mark.parametrize(
    ("a", "b", "turn"), [(40.0, 40.0, 0.0), (60.0, 25.0, 0.7), (9.0, 4.0, 2.0)]
)
def test_an_ellipse_covers_its_area(a: float, b: float, turn: float) -> None:
    grid = Grid(0.7)
    share = covered(grid, [ellipse((3.0, -7.0), (a, b), turn)])
    # OpenCV fills the pixels on the outline too: about half a pixel more all around.
    around = math.pi * (a + 0.35) * (b + 0.35)
    assert math.pi * a * b < share.sum() * 0.7**2 < 1.06 * around


def test_a_superellipse_of_power_2_is_an_ellipse() -> None:
    points = superellipse((30.0, 20.0), 2.0)
    assert np.allclose((points[:, 0] / 30) ** 2 + (points[:, 1] / 20) ** 2, 1)


def test_millimetres_and_pixels_undo_each_other() -> None:
    grid = Grid(0.73, (4.0, -9.0))
    (pixel,) = grid.to_pixels(np.array([[12.5, -33.0]]))
    assert grid.to_mm(*pixel) == pytest.approx((12.5, -33.0))
    assert grid.to_mm(255.5, 255.5) == (4.0, -9.0)


def test_laying_over_mixes_by_the_share() -> None:
    values = np.full((1, 3), -800.0, np.float32)
    lay_over(values, np.array([[0.0, 0.25, 1.0]], np.float32), 0.0)
    assert values.tolist() == [[-800.0, -600.0, 0.0]]


@pytest.mark.parametrize("offset_mm", [-1.0, 0.0, 1.5])
def test_a_ball_is_cut_to_a_disc(offset_mm: float) -> None:
    blob = Blob((10.0, 5.0, 0.5), 6.0, 0.0, soft_mm=0.8)
    _, share = blob_share(blob, Grid(0.7), offset_mm)
    radius = math.sqrt(6.0**2 - (offset_mm - 0.5) ** 2)
    assert share.sum() * 0.7**2 == pytest.approx(math.pi * radius**2, rel=0.03)


def test_noise_has_the_asked_deviation_and_no_offset() -> None:
    drawn = draw_noise(np.random.default_rng(1), 20.0)
    assert drawn.std() == pytest.approx(20.0, rel=1e-3)
    assert abs(drawn.mean()) < 0.5


def test_noise_is_a_band_weaker_at_both_ends() -> None:
    drawn = draw_noise(np.random.default_rng(2), 20.0)
    power = np.abs(np.fft.fft2(drawn)) ** 2
    rows, columns = np.meshgrid(np.fft.fftfreq(512), np.fft.fftfreq(512), indexing="ij")
    cycles = np.hypot(rows, columns)

    def level(low: float, high: float) -> float:
        return float(power[(cycles >= low) & (cycles < high)].mean())

    assert level(0.10, 0.20) > 5 * level(0.001, 0.02)
    assert level(0.10, 0.20) > 5 * level(0.4, 0.5)


def test_texture_is_slow() -> None:
    drawn = draw_texture(np.random.default_rng(3), 15.0)
    assert drawn.std() == pytest.approx(15.0, rel=1e-3)
    assert np.abs(np.diff(drawn, axis=0)).mean() < 5.0
