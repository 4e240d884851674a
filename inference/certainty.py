"""How sure a model was: its first answer, and how near that was to another one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.records import Prediction
from inference.shares import foreground


@dataclass(frozen=True)
class Certainty:
    """What one prediction comes to.

    `label` is the model's first answer with its `score`; of a segmentation it is the label, other
    than background, of the most pixels, and its share of the frame. `entropy` is from 0, certain,
    to 1, undecided: Shannon's over the labels, divided by its largest value, or where each label is
    answered by itself that of the least certain one. `margin` is how far the first answer is ahead
    of the second, or the least certain yes or no ahead of its opposite. Both are None for a
    segmentation: its labels alone do not tell how sure it was.
    """

    label: str
    score: float
    entropy: float | None
    margin: float | None


def certainty_of(prediction: Prediction) -> Certainty:
    """How sure a prediction is."""
    scores = np.clip(np.asarray(prediction.scores, dtype=np.float64), 0.0, 1.0)
    if prediction.mask is not None:
        places = foreground(prediction.labels) or tuple(range(len(scores)))
        top = max(places, key=lambda place: scores[place])
        return Certainty(prediction.labels[top], float(scores[top]), None, None)
    top = int(np.argmax(scores))
    if prediction.activation == "sigmoid":
        pairs = np.stack((scores, 1.0 - scores))
        entropy = float(_bits(pairs).sum(axis=0).max())
        margin = float(np.abs(2.0 * scores - 1.0).min())
    else:
        entropy = float(_bits(scores).sum()) / np.log2(max(len(scores), 2))
        first = np.sort(scores)[::-1]
        margin = float(first[0] - first[1]) if len(first) > 1 else 1.0
    return Certainty(prediction.labels[top], float(scores[top]), entropy, margin)


def _bits(shares: np.ndarray) -> np.ndarray:
    """−p log2 p of each share; 0 for a share of 0, which is its limit."""
    safe = np.where(shares > 0.0, shares, 1.0)
    found: np.ndarray = -shares * np.log2(safe)
    return found
