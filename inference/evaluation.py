"""How well a model does: figures with 95 % confidence intervals, from labels and scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.cards import CardMetric

RESAMPLES = 2000
NORMAL_975 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % confidence interval and the number of independent cases behind it."""

    value: float
    low: float
    high: float
    n: int

    def named(self, name: str, data: str) -> CardMetric:
        """As it stands in a card, rounded to four places."""
        value, low, high = (round(number, 4) for number in (self.value, self.low, self.high))
        return CardMetric(name, data, value, low, high, self.n)


def auroc(labels: np.ndarray, scores: np.ndarray, seed: int = 0) -> Figure:
    """Area under the ROC curve; `labels` 0 or 1 [n], `scores` [n].

    The interval is a percentile bootstrap that resamples each class by itself. Raises ValueError
    unless both classes are there.
    """
    from sklearn.metrics import roc_auc_score

    positive, negative = scores[labels == 1], scores[labels == 0]
    if not len(positive) or not len(negative):
        raise ValueError("an ROC curve needs both classes")
    value = float(roc_auc_score(labels, scores))
    rng = np.random.default_rng(seed)
    found = [
        _area(rng.choice(positive, len(positive)), rng.choice(negative, len(negative)))
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(found, [2.5, 97.5])
    return Figure(value, float(low), float(high), len(labels))


def accuracy(right: int, n: int) -> Figure:
    """Share of right answers, with Wilson's interval (E. B. Wilson, JASA 22, 1927)."""
    if not 0 <= right <= n or n < 1:
        raise ValueError(f"{right} of {n} is no share")
    share, squared = right / n, NORMAL_975**2
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = NORMAL_975 / (1 + squared / n)
    half *= float(np.sqrt(share * (1 - share) / n + squared / (4 * n * n)))
    return Figure(share, middle - half, middle + half, n)


def median(values: np.ndarray, seed: int = 0) -> Figure:
    """Median of `values` [n], with a percentile bootstrap interval."""
    return _resampled(values, lambda picked: np.median(picked, axis=1), seed)


def mean(values: np.ndarray, seed: int = 0) -> Figure:
    """Mean of `values` [n], with a percentile bootstrap interval."""
    return _resampled(values, lambda picked: np.mean(picked, axis=1), seed)


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    """Overlap of two boolean masks, 2 |A ∩ B| / (|A| + |B|); 1 where both are empty."""
    both = int(np.count_nonzero(found & truth))
    either = int(np.count_nonzero(found)) + int(np.count_nonzero(truth))
    return 2 * both / either if either else 1.0


def _area(positive: np.ndarray, negative: np.ndarray) -> float:
    """The share of pairs in the right order, ties as half: the area, without a curve."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    upto = np.searchsorted(ordered, positive, side="right")
    return float((below + upto).sum()) / (2 * len(positive) * len(negative))


def _resampled(
    values: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], seed: int
) -> Figure:
    if not len(values):
        raise ValueError("no values")
    picks = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(statistic(values[picks]), [2.5, 97.5])
    value = float(statistic(values[None])[0])
    return Figure(value, float(low), float(high), len(values))
