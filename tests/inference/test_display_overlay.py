"""Maps as colours: even steps, the sign as a hue, the magnitude as opacity."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.display_overlay import (
    OPACITY,
    blend,
    colour_table,
    overlay_rgba,
    robust_limit,
)


def lab(table: np.ndarray) -> np.ndarray:
    """CIELAB by OpenCV, which our tables are not made with."""
    rgb = (table / 255).astype(np.float32)[None]
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)[0], dtype=float)


HALVES = {
    "sequential": colour_table(False),
    "negative": colour_table(True)[1:129],
    "positive": colour_table(True)[128:],
}


@pytest.mark.parametrize("name", HALVES)
def test_equal_steps_look_equal(name: str) -> None:
    """Over sixteen entries at a time: a single one is a step of two 8-bit levels at most."""
    found = lab(HALVES[name])
    steps = np.linalg.norm(found[16:] - found[:-16], axis=1)
    assert steps.min() > 0.85 * np.median(steps)
    assert steps.max() < 1.15 * np.median(steps)


@pytest.mark.parametrize(("name", "sign"), [("sequential", 1), ("negative", -1), ("positive", 1)])
def test_lightness_goes_one_way(name: str, sign: int) -> None:
    lightness = sign * lab(HALVES[name])[:, 0]
    assert np.diff(lightness).min() > -1.2  # the rounding to 8 bits
    assert np.diff(lightness[::8]).min() > 0
    assert lightness[-1] - lightness[0] > 40


def test_the_two_signs_differ_in_hue_and_are_equally_light() -> None:
    table = lab(colour_table(True))
    minus, plus = table[1 + 127 - 100], table[128 + 100]
    assert abs(minus[0] - plus[0]) < 5
    assert minus[2] < -20 < 20 < plus[2]  # blue against yellow
    assert np.linalg.norm(table[128][1:]) < 3  # no hue without a sign


def test_tables_are_shared_and_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour_table(False)[0] = 0


def test_signed_values_by_hand() -> None:
    rgba, limit = overlay_rgba(np.array([[0.0, 2.0, -2.0, 9.0, -9.0, 0.5]], np.float32), True, 0, 2)
    table = colour_table(True)
    assert limit == 2
    assert rgba[0, :, :3].tolist() == table[[128, 255, 1, 255, 1, 160]].tolist()
    full = round(OPACITY * 255)
    # 0.5 of 2 is level 160, 32 of 127 steps from the middle.
    assert rgba[0, :, 3].tolist() == [
        0, full, full, full, full, round(255 * OPACITY * 32 / 127),
    ]  # fmt: skip


def test_positive_values_by_hand() -> None:
    rgba, limit = overlay_rgba(np.array([[0.0, 4.0, 1.0, -3.0]], np.float32), False, 0.5, 4.0)
    assert limit == 4
    assert rgba[0, :, 3].tolist() == [0, round(OPACITY * 255), 0, 0]
    assert rgba[0, 1, :3].tolist() == colour_table(False)[255].tolist()


def test_a_few_outliers_do_not_set_the_scale() -> None:
    values = np.random.default_rng(0).normal(size=(200, 200)).astype(np.float32)
    values[0, :20] = 1e6
    assert 2 < robust_limit(values) < 4
    assert robust_limit(-values) == robust_limit(values)


def test_a_map_of_almost_nothing_has_a_scale() -> None:
    values = np.zeros((100, 100), np.float32)
    assert robust_limit(values) == 1.0
    assert not overlay_rgba(values, True)[0][..., 3].any()
    values[3, 4] = 0.25
    assert robust_limit(values) == 0.25


@pytest.mark.parametrize("signed", [False, True])
def test_values_far_beyond_the_limit_have_its_colour(signed: bool) -> None:
    values = np.array([[2.0, 2e7, 2e12, 3e38]], np.float32)
    rgba, _ = overlay_rgba(values, signed, limit=2.0)
    assert (rgba[0] == rgba[0, 0]).all()
    assert rgba[0, 0, 3] == round(OPACITY * 255)


@pytest.mark.parametrize("signed", [False, True])
def test_a_vanishing_limit_colours_no_zeros(signed: bool) -> None:
    values = np.array([[0.0, 1e-40]], np.float32)
    assert overlay_rgba(values, signed)[0][0, 0, 3] == 0


def test_a_large_map_is_sampled_evenly() -> None:
    values = np.random.default_rng(1).normal(size=(1500, 1100)).astype(np.float32)
    assert robust_limit(values) == pytest.approx(np.percentile(np.abs(values), 99.5), rel=0.02)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    under=st.tuples(*[st.integers(0, 255)] * 3),
    over=st.tuples(*[st.integers(0, 255)] * 3),
    alpha=st.integers(0, 255),
)
def test_blending_is_straight_alpha(
    under: tuple[int, ...], over: tuple[int, ...], alpha: int
) -> None:
    picture = np.full((2, 3, 3), under, np.uint8)
    rgba = np.full((2, 3, 4), (*over, alpha), np.uint8)
    expected = (np.array(over) * alpha + np.array(under) * (255 - alpha)) / 255
    assert np.abs(blend(picture, rgba) - expected).max() <= 1


def test_blending_over_grey_keeps_what_is_not_covered() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    clear = np.zeros((3, 4, 4), np.uint8)
    assert np.array_equal(blend(grey, clear), np.stack([grey] * 3, axis=2))
