"""How alike two maps are: structural similarity, rank correlation, and overlap of their tops."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d
from scipy.stats import rankdata

ROBUST_PERCENT = 99.5
"""A map is laid out by this percentile of its magnitudes, so that one wild pixel hides nothing."""

SSIM_SIGMA = 1.5
SSIM_REACH = 5
"""The Gaussian window of Wang et al. 2004, section III-B: 11 pixels wide, σ 1.5."""
SSIM_CONSTANTS = (0.01, 0.03)


def normalised(values: np.ndarray) -> np.ndarray:
    """A map divided by its robust limit and cut off there: float64 within −1 and 1.

    All zeros stay zeros.
    """
    values = np.asarray(values, dtype=np.float64)
    magnitudes = np.abs(values)
    limit = float(np.percentile(magnitudes, ROBUST_PERCENT)) or float(magnitudes.max(initial=0.0))
    return np.clip(values / limit, -1.0, 1.0) if limit > 0.0 else np.zeros_like(values)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's ρ of two arrays of one shape, ties by their mean rank.

    Where one of them is constant its order says nothing: 0.
    """
    ranks = [rankdata(values, axis=None) for values in (one, other)]
    left, right = (rank - rank.mean() for rank in ranks)
    scale = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / scale if scale > 0.0 else 0.0


def top_weights(strength: np.ndarray, share: float) -> np.ndarray:
    """How much of each place belongs to the strongest `share` of the area: float64 from 0 to 1.

    The weights add up to `share` of the number of places. Places of equal strength share alike
    what is left for them, so that nothing depends on their order; a place without strength never
    belongs, so the sum is smaller where a map has less to show.
    """
    flat = np.maximum(strength, 0.0).ravel()  # of its own type: a film is of nine million places
    budget = share * flat.size
    if not budget or not flat.any():
        return np.zeros(strength.shape)
    last = min(int(np.ceil(budget)), flat.size)
    edge = np.partition(flat, flat.size - last)[flat.size - last]
    above = flat > edge
    weights: np.ndarray = above.astype(np.float64)
    if edge > 0.0:
        equal = flat == edge
        weights[equal] = (budget - np.count_nonzero(above)) / np.count_nonzero(equal)
    return weights.reshape(strength.shape)


def top_overlap(one: np.ndarray, other: np.ndarray, share: float) -> float:
    """What two strengths of one shape have in common in their strongest `share`, 0 to 1 (Dice).

    Two tops that know nothing of each other overlap by `share` on average. 0 where both are empty.
    """
    left, right = top_weights(one, share), top_weights(other, share)
    total = float(left.sum() + right.sum())
    return 2.0 * float(np.minimum(left, right).sum()) / total if total > 0.0 else 0.0


def structural_similarity(
    one: np.ndarray, other: np.ndarray, value_range: float, *, by_content: bool = False
) -> float:
    """The mean structural similarity of two arrays of one shape (Wang et al. 2004, equation 13).

    `value_range` is the distance of the smallest to the largest value that is possible. As in the
    paper, windows that reach over the edge are left out. Along an axis shorter than the window,
    the window is cut to the largest odd width that fits; in three dimensions it is Gaussian along
    all three.

    With `by_content` each window counts as much as the stronger of the two shows there. Empty
    windows are alike by being empty: measured, two maps of Integrated Gradients on networks that
    have nothing in common reach 0.6 and more by them alone. 0 where nothing is shown at all.
    """
    left, right = (np.asarray(values, dtype=np.float64) for values in (one, other))
    mean_left, mean_right = _windowed(left), _windowed(right)
    spread_left = _windowed(left * left) - mean_left**2
    spread_right = _windowed(right * right) - mean_right**2
    together = _windowed(left * right) - mean_left * mean_right
    first, second = ((factor * value_range) ** 2 for factor in SSIM_CONSTANTS)
    found = (2 * mean_left * mean_right + first) * (2 * together + second)
    found /= (mean_left**2 + mean_right**2 + first) * (spread_left + spread_right + second)
    if not by_content:
        return float(found.mean())
    content = _windowed(np.maximum(np.abs(left), np.abs(right)))
    total = float(content.sum())
    return float((found * content).sum()) / total if total > 0.0 else 0.0


def _windowed(values: np.ndarray) -> np.ndarray:
    """The Gaussian-weighted mean around each place whose window lies inside."""
    for axis, length in enumerate(values.shape):
        reach = min(SSIM_REACH, (length - 1) // 2)
        weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SSIM_SIGMA) ** 2)
        values = correlate1d(values, weights / weights.sum(), axis=axis)
        values = np.take(values, np.arange(reach, length - reach), axis=axis)
    return values
