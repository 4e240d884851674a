"""Shares beyond a level and scales of several maps, against counting by hand and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.display_overlay import robust_limit
from inference.map_scale import pooled_limit, sample, strengths

BY_HAND = np.array([[4.0, -3.0, 0.0, 0.0], [2.0, -1.0, 0.0, 0.0]], np.float32)
SMALL = arrays(np.float32, (5, 7), elements=st.integers(-20, 20).map(float))


@pytest.mark.parametrize(
    ("magnitude", "signed", "pixels", "mass"),
    [
        (0.0, True, 4 / 8, 1.0),
        (3.0, True, 2 / 8, 0.7),
        (3.5, True, 1 / 8, 0.4),
        (9.0, True, 0.0, 0.0),
        (0.0, False, 2 / 8, 1.0),
        (3.0, False, 1 / 8, 4 / 6),
    ],
)
def test_the_share_beyond_a_magnitude(
    magnitude: float, signed: bool, pixels: float, mass: float
) -> None:
    found = strengths(BY_HAND, signed=signed).beyond(magnitude)
    assert found == pytest.approx((pixels, mass))


@pytest.mark.parametrize(
    ("share", "level"), [(0.25, 4.0), (0.4, 4.0), (0.5, 3.0), (0.7, 3.0), (0.75, 2.0), (1.0, 1.0)]
)
def test_the_level_whose_pixels_hold_a_share(share: float, level: float) -> None:
    assert strengths(BY_HAND, signed=True).level(share) == level


def test_an_empty_map_has_no_level() -> None:
    found = strengths(np.zeros((3, 3), np.float32), signed=True)
    assert found.level(0.5) is None
    assert found.beyond(0.0) == (0.0, 0.0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SMALL, st.sampled_from((0.25, 0.5, 0.75)))
def test_no_higher_level_would_hold_the_share(values: np.ndarray, share: float) -> None:
    magnitudes = np.abs(values)
    found = strengths(values, signed=True)
    level = found.level(share)
    if level is None:
        assert not magnitudes.any()
        return
    total = magnitudes.sum()
    assert magnitudes[magnitudes >= level].sum() >= share * total - 1e-4
    assert magnitudes[magnitudes > level].sum() < share * total + 1e-4
    assert found.beyond(level)[1] == pytest.approx(magnitudes[magnitudes >= level].sum() / total)


def test_a_large_map_is_judged_by_a_part_of_it() -> None:
    values = np.random.default_rng(0).normal(0, 1, (1024, 1024)).astype(np.float32)
    found = strengths(values, signed=True)
    assert found.places < values.size / 8
    strong = np.abs(values) >= 2.0
    pixels, mass = found.beyond(2.0)
    assert pixels == pytest.approx(strong.mean(), abs=0.004)
    assert mass == pytest.approx(np.abs(values)[strong].sum() / np.abs(values).sum(), abs=0.01)


def test_one_scale_for_all_is_the_percentile_of_all() -> None:
    noise = np.random.default_rng(1)
    maps = [noise.normal(0, width, (128, 128)).astype(np.float32) for width in (1, 2, 3, 4)]
    together = pooled_limit([sample(one) for one in maps], 99.5)
    assert together == pytest.approx(np.percentile(np.abs(maps), 99.5), rel=0.04)
    assert robust_limit(maps[0]) < together < robust_limit(maps[3])
    largest = float(np.abs(maps).max())
    assert pooled_limit([sample(one) for one in maps], 100.0) == pytest.approx(largest)


def test_maps_of_zeros_still_have_a_scale() -> None:
    nothing = sample(np.zeros((8, 8), np.float32))
    assert pooled_limit([nothing, nothing], 99.5) == 1.0
    speck = np.zeros((8, 8), np.float32)
    speck[3, 3] = -0.25
    assert pooled_limit([nothing, sample(speck)], 90.0) == 0.25
