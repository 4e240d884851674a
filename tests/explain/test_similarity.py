"""How alike maps are: against scipy, against a plain double loop, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from explain.similarity import (
    normalised,
    rank_correlation,
    structural_similarity,
    top_overlap,
    top_weights,
)


def noise(seed: int, shape: tuple[int, ...] = (13, 17)) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def window_by_window(one: np.ndarray, other: np.ndarray, value_range: float) -> float:
    """Equation 13 of Wang et al. 2004, written out for each window of 11 × 11."""
    places = np.arange(-5, 6)
    weights = np.exp(-(places[:, None] ** 2 + places[None, :] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    first, second = (0.01 * value_range) ** 2, (0.03 * value_range) ** 2
    found = []
    for row in range(5, one.shape[0] - 5):
        for column in range(5, one.shape[1] - 5):
            left = one[row - 5 : row + 6, column - 5 : column + 6]
            right = other[row - 5 : row + 6, column - 5 : column + 6]
            a, b = (weights * left).sum(), (weights * right).sum()
            spread_a = (weights * (left - a) ** 2).sum()
            spread_b = (weights * (right - b) ** 2).sum()
            both = (weights * (left - a) * (right - b)).sum()
            found.append(
                (2 * a * b + first)
                * (2 * both + second)
                / ((a * a + b * b + first) * (spread_a + spread_b + second))
            )
    return float(np.mean(found))


@pytest.mark.parametrize("seed", range(3))
def test_structural_similarity_is_the_papers(seed: int) -> None:
    one, other = noise(seed), noise(seed) * 0.6 + noise(seed + 10) * 0.3
    expected = window_by_window(one, other, 2.0)
    assert structural_similarity(one, other, 2.0) == pytest.approx(expected, abs=1e-12)
    assert 0.2 < expected < 0.9


def test_structural_similarity_of_even_pictures_by_hand() -> None:
    one, other = np.full((12, 12), 0.2), np.full((12, 12), 0.6)
    expected = (2 * 0.2 * 0.6 + 1e-4) / (0.04 + 0.36 + 1e-4)
    assert structural_similarity(one, other, 1.0) == pytest.approx(expected)
    assert structural_similarity(one, other, 1.0, by_content=True) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(11, 11), (3, 20), (1, 2), (7, 7), (4, 9, 12), (5,)])
def test_structural_similarity_of_any_shape(shape: tuple[int, ...]) -> None:
    one, other = noise(1, shape), noise(2, shape)
    assert structural_similarity(one, one, 2.0) == pytest.approx(1.0)
    found = structural_similarity(one, other, 2.0)
    assert found == pytest.approx(structural_similarity(other, one, 2.0))
    assert -1.0 <= found < 0.9


def test_empty_windows_count_only_without_content() -> None:
    """Two small things at two places, and nothing else: they have nothing in common."""
    one, other = np.zeros((60, 60)), np.zeros((60, 60))
    one[20:26, 20:26], other[40:46, 40:46] = 1.0, 1.0
    assert structural_similarity(one, other, 1.0) > 0.8
    assert structural_similarity(one, other, 1.0, by_content=True) < 0.05
    assert structural_similarity(one, one, 1.0, by_content=True) == pytest.approx(1.0)
    assert structural_similarity(one * 0, one * 0, 1.0, by_content=True) == 0.0


@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=30))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_rank_correlation_is_scipys(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    found = rank_correlation(one, other)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert found == 0.0
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


def test_rank_correlation_sees_the_order_alone() -> None:
    values = noise(3)
    assert rank_correlation(values, np.exp(values)) == pytest.approx(1.0)
    assert rank_correlation(values, -(values**3)) == pytest.approx(-1.0)


@given(
    st.lists(st.integers(-3, 6), min_size=1, max_size=40),
    st.sampled_from([0.05, 0.2, 0.5, 1.0]),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_the_top_holds_its_share_and_never_a_weaker_place(values: list[int], share: float) -> None:
    strength = np.array(values, dtype=float)
    weights = top_weights(strength, share)
    assert weights.min() >= 0.0
    assert weights.max() <= 1.0
    assert not weights[strength <= 0].any()
    positive = np.count_nonzero(strength > 0)
    assert weights.sum() == pytest.approx(min(share * len(values), positive))
    for value in set(values):
        equal = weights[strength == value]
        assert np.ptp(equal) == pytest.approx(0.0)
        weaker = weights[strength < value]
        assert not weaker.any() or equal.min() == pytest.approx(1.0)


def test_tops_overlap_by_what_they_share() -> None:
    one = np.arange(20.0)
    assert top_overlap(one, one * 3 + 1, 0.2) == pytest.approx(1.0)
    assert top_overlap(one, one[::-1], 0.2) == 0.0
    assert top_overlap(one, np.roll(one, 2), 0.2) == pytest.approx(0.5)
    assert top_overlap(one * 0, one * 0, 0.2) == 0.0
    # A map that prefers no place has each of them by a fifth in its top.
    assert top_overlap(one, np.ones(20), 0.2) == pytest.approx(0.2)


def test_normalised_maps_end_at_one() -> None:
    values = np.zeros(1000)
    values[:20] = [*([2.0] * 18), -1.0, 900.0]
    found = normalised(values)
    assert found[:18] == pytest.approx(1.0)
    assert found[18] == pytest.approx(-0.5)
    assert found[19] == 1.0
    assert not normalised(np.zeros(4)).any()
    # One pixel alone is above every percentile but the last.
    assert normalised(np.eye(1, 1000)[0]).max() == 1.0
