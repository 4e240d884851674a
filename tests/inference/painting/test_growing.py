"""What grows from a seed is what other programs let grow, and thresholds divide by the rule."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.painting.growing import Voxel, grow, grow_volume, otsu, threshold
from inference.painting.strokes import Place

SITK: Any = importlib.import_module("SimpleITK")
QUICK = settings(max_examples=60, deadline=None, derandomize=True)
PICTURES = arrays(np.int16, (9, 12), elements=st.integers(-3, 3))
HAND = np.array([[1, 1, 0, 5], [0, 1, 0, 1], [0, 0, 1, 1]], np.float32)


def grown_by_itk(values: np.ndarray, seed: tuple[int, ...], diagonal: bool) -> np.ndarray:
    full = SITK.ConnectedThresholdImageFilter.FullConnectivity
    face = SITK.ConnectedThresholdImageFilter.FaceConnectivity
    found = SITK.ConnectedThreshold(
        SITK.GetImageFromArray(values),
        seedList=[seed],
        lower=-1,
        upper=1,
        connectivity=full if diagonal else face,
    )
    return np.asarray(SITK.GetArrayFromImage(found) > 0)


@given(PICTURES, st.integers(0, 11), st.integers(0, 8), st.booleans())
@QUICK
def test_a_region_is_that_of_itk(values: np.ndarray, column: int, row: int, diagonal: bool) -> None:
    found = grow(values, (column + 0.5, row + 0.99), -1, 1, diagonal=diagonal)
    np.testing.assert_array_equal(found, grown_by_itk(values, (column, row), diagonal))


@given(arrays(np.int16, (4, 5, 6), elements=st.integers(-3, 3)), st.integers(0, 119))
@QUICK
def test_a_region_of_a_volume_is_that_of_itk(values: np.ndarray, at: int) -> None:
    row, rest = divmod(at, 24)
    seed = (rest % 6, row, rest // 6)
    found = grow_volume(values, seed, -1, 1)
    np.testing.assert_array_equal(found, grown_by_itk(values, seed, False))


@pytest.mark.parametrize(
    ("seed", "diagonal", "count"),
    [
        ((0.0, 0.0), False, 3),
        ((0.0, 0.0), True, 6),
        ((2.5, 2.5), False, 3),
        ((3.5, 0.5), False, 0),
        ((-0.1, 0.0), False, 0),
        ((4.0, 1.0), False, 0),
    ],
)
def test_regions_known_by_hand(seed: Place, diagonal: bool, count: int) -> None:
    assert grow(HAND, seed, 1, 2, diagonal=diagonal).sum() == count


def test_what_is_left_out_is_neither_taken_nor_passed() -> None:
    """Padding has the value of the region and lies between its two halves."""
    values = np.ones((1, 5), np.float32)
    measured = np.array([[True, True, False, True, True]])
    np.testing.assert_array_equal(
        grow(values, (0.5, 0.5), 0, 2, within=measured), [[True, True, False, False, False]]
    )
    np.testing.assert_array_equal(threshold(values, 0, 2, measured), measured)
    assert not grow(values, (2.5, 0.5), 0, 2, within=measured).any()
    volume = grow_volume(values[None], (4, 0, 0), 0, 2, measured[None])
    np.testing.assert_array_equal(volume, [[[False, False, False, True, True]]])


@pytest.mark.parametrize("seed", [(0, 0, 3), (9, 0, 0), (0, -1, 0)])
def test_a_seed_outside_of_a_volume_finds_nothing(seed: Voxel) -> None:
    assert not grow_volume(np.ones((3, 4, 5)), seed, 0, 2).any()


def test_no_number_is_never_taken() -> None:
    values = np.array([[1.0, np.nan, 1.0]])
    np.testing.assert_array_equal(grow(values, (0, 0), -9, 9), [[True, False, False]])
    assert otsu(np.array([1.0, np.nan, 3.0, np.inf])) == 2.0


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=30))
@QUICK
def test_otsu_divides_where_the_kinds_vary_least_in_themselves(numbers: list[int]) -> None:
    """The other way to say it: the variance within both kinds is the smallest there is."""
    values = np.array(numbers, dtype=float)
    found = otsu(values)
    if found is None:
        assert values.min() == values.max()
        return

    def within(limit: float) -> float:
        low, high = values[values <= limit], values[values > limit]
        return float(low.size * low.var() + high.size * high.var())

    least = min(within(limit) for limit in np.unique(values)[:-1])
    assert within(found) == pytest.approx(least, abs=1e-9)


def test_otsu_is_that_of_itk_between_two_far_kinds() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(10, 2, 900), rng.normal(60, 4, 400)])
    found = otsu(values)
    assert found is not None
    image = SITK.GetImageFromArray(values[None])
    divided = SITK.GetArrayFromImage(SITK.OtsuThreshold(image, 0, 1, 256))
    np.testing.assert_array_equal(values[None] > found, divided > 0)
