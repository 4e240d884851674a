"""Figures against numbers worked out by hand, by scikit-learn, and printed in papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import evaluation


def test_auroc_counts_pairs_in_the_right_order() -> None:
    labels = np.array([0, 0, 1, 1])
    scores = np.array([0.1, 0.4, 0.4, 0.9])
    # Pairs (negative, positive): three in order and one tie.
    assert evaluation.auroc(labels, scores).value == pytest.approx(3.5 / 4)


def test_auroc_interval_covers_what_theory_gives() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    found = evaluation.auroc(labels, rng.normal(labels * 1.0))
    # Hanley and McNeil (Radiology 143, 1982): standard error 0.0234 for A = 0.76, 200 + 200.
    area = found.value
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    error = (area * (1 - area) + 199 * (first - area**2) + 199 * (second - area**2)) / 200**2
    assert (found.high - found.low) / (2 * 1.96) == pytest.approx(error**0.5, rel=0.15)
    assert found.low < area < found.high
    assert found.n == 400


def test_auroc_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="both classes"):
        evaluation.auroc(np.ones(4), np.arange(4.0))


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_accuracy_has_the_printed_interval(right: int, n: int, low: float, high: float) -> None:
    found = evaluation.accuracy(right, n)
    assert found.value == right / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_median_and_mean_with_their_intervals() -> None:
    values = np.arange(101.0)
    middle = evaluation.median(values)
    average = evaluation.mean(values)
    assert (middle.value, average.value) == (50.0, 50.0)
    # Standard error of the mean: 29.15 / sqrt(101) = 2.90.
    assert (average.high - average.low) / (2 * 1.96) == pytest.approx(2.90, rel=0.08)
    assert middle.low < 50 < middle.high


def test_equal_seed_gives_equal_intervals() -> None:
    values = np.random.default_rng(3).normal(size=40)
    assert evaluation.median(values, seed=5) == evaluation.median(values, seed=5)


@pytest.mark.parametrize(
    ("found", "truth", "expected"),
    [
        ([1, 1, 0, 0], [1, 0, 1, 0], 0.5),
        ([1, 1, 1, 0], [1, 1, 1, 0], 1.0),
        ([1, 0, 0, 0], [0, 1, 0, 0], 0.0),
        ([0, 0, 0, 0], [0, 0, 0, 0], 1.0),
    ],
)
def test_dice_by_hand(found: list[int], truth: list[int], expected: float) -> None:
    assert evaluation.dice(np.array(found, bool), np.array(truth, bool)) == expected


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 500), st.floats(0, 1))
def test_accuracy_lies_in_its_interval(n: int, share: float) -> None:
    right = round(share * n)
    found = evaluation.accuracy(right, n)
    assert -1e-12 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1 + 1e-12


def test_a_figure_goes_into_a_card_with_four_places() -> None:
    metric = evaluation.Figure(0.123456, 0.1, 0.2, 7).named("AUROC", "some data")
    assert (metric.value, metric.low, metric.high, metric.n) == (0.1235, 0.1, 0.2, 7)
