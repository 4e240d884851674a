"""Straight lines through scores: the fits behind Lime and Kernel SHAP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Fit = Callable[[np.ndarray], np.ndarray]
"""From rows of a sample, by number, to one value a feature."""

GROUPS = 10
"""Of rows, of which one at a time is left out to see how much the fit hangs on it."""


def ridge(kept: np.ndarray, scores: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """The coefficients of scikit-learn's Ridge with an intercept: float64 [count].

    `kept` is [N, count]; the least of Σ weights · (scores - fit)² + alpha · Σ coefficients².
    """
    features, values = _centred(kept, scores, weights)
    return _solve(features, values, weights, alpha)


def lasso(kept: np.ndarray, scores: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """The coefficients of scikit-learn's Lasso with an intercept: float64 [count].

    The least of Σ weights · (scores - fit)² / (2 · Σ weights) + alpha · Σ |coefficients|, by one
    coefficient at a time (Friedman et al. 2010, doi 10.18637/jss.v033.i01).
    """
    features, values = _centred(kept, scores, weights)
    shares = weights / weights.sum()
    products = (features.T * shares) @ features
    towards = (features.T * shares) @ values
    found = np.zeros(features.shape[1])
    for _ in range(10_000):
        before = found.copy()
        for number, own in enumerate(products.diagonal()):
            rest = towards[number] - products[number] @ found + own * found[number]
            shrunk = np.sign(rest) * max(abs(rest) - alpha, 0.0)
            found[number] = shrunk / own if own > 0 else 0.0
        if np.abs(found - before).max() <= 1e-10 * max(np.abs(found).max(), 1e-30):
            break
    return found


def shapley_fit(
    kept: np.ndarray, changes: np.ndarray, weights: np.ndarray, whole: float, alpha: float = 0.0
) -> np.ndarray:
    """The values that sum to `whole` and come nearest to the changes: float64 [count].

    `changes` are scores less the score with nothing there, for rows `kept` [N, count]. Equation 8
    of Lundberg & Lee 2017 with its constraint exactly: even shares of `whole` are taken out, and
    what is left is fitted in the space of values that sum to 0 (Covert & Lee 2021, arXiv
    2012.01536). `alpha` pulls towards even shares.
    """
    count = kept.shape[1]
    uneven = kept - kept.mean(axis=1, keepdims=True)
    left = changes - kept.mean(axis=1) * whole
    found = _solve(uneven, left, weights, alpha)
    return np.asarray(found - found.mean() + whole / count)


def caution(kept: np.ndarray, weights: np.ndarray) -> float:
    """A penalty for a fit to few samples: as if as many as there are features had said nothing."""
    features = kept - np.average(kept, axis=0, weights=weights)
    return float((weights[:, None] * features**2).sum() / len(kept))


def fidelity(kept: np.ndarray, scores: np.ndarray, weights: np.ndarray, found: np.ndarray) -> float:
    """The share of the scores' variance that the fit explains, 1 at best (R²)."""
    features, values = _centred(kept, scores, weights)
    varied = float((weights * values**2).sum())
    return 1.0 - float((weights * (values - features @ found) ** 2).sum()) / max(varied, 1e-30)


def jackknife(fit: Fit, groups: Sequence[np.ndarray]) -> np.ndarray:
    """The standard error of a fit to the rows of all groups, by leaving out one after another.

    (Tukey 1958; Efron & Stein 1981, doi 10.1214/aos/1176345462.)
    """
    partial = np.array(
        [
            fit(np.concatenate([rows for other, rows in enumerate(groups) if other != left_out]))
            for left_out in range(len(groups))
        ]
    )
    off = partial - partial.mean(axis=0)
    return np.asarray(np.sqrt((len(groups) - 1) / len(groups) * (off**2).sum(axis=0)))


def _centred(
    kept: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Both less their weighted means, which is what an intercept does."""
    means = np.average(kept, axis=0, weights=weights)
    return kept - means, scores - float(np.average(scores, weights=weights))


def _solve(
    features: np.ndarray, values: np.ndarray, weights: np.ndarray, alpha: float
) -> np.ndarray:
    """The least of Σ weights · (values - features · found)² + alpha · Σ found².

    Where several are the least, the smallest of them, but for a hair's breadth.
    """
    products = (features.T * weights) @ features
    alone = max(alpha, 1e-10 * float(products.trace()) / len(products), 1e-30)
    eased = products + alone * np.eye(len(products))
    return np.asarray(np.linalg.solve(eased, (features.T * weights) @ values))
