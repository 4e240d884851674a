"""Segmentation: one label a pixel, decided at the source's own pixels."""

from __future__ import annotations

import numpy as np

from inference.cards import ModelCard
from inference.prepare import Prepared
from inference.tasks.answer import ACTIVATIONS, Answer, check_output


def decode(output: np.ndarray, prepared: Prepared, card: ModelCard) -> tuple[Answer, ...]:
    """One answer for each frame from logits [N, labels, *size].

    Probabilities go back to the source and the largest wins there, so that an edge between
    labels is as fine as the source; what the model did not see has the first label. Scores are
    each label's share of the frame's pixels, logits each label's mean over the model's input.
    """
    labels = len(card.labels)
    check_output(output, (len(prepared.tensor), labels, *card.size), card)
    mask = _strongest(ACTIVATIONS[card.activation](output), prepared)
    means = output.mean(axis=tuple(range(2, output.ndim)))
    per_frame = np.broadcast_to(means, (len(mask), labels)) if len(means) == 1 else means
    return tuple(
        Answer(_shares(plane, labels), logits.astype(np.float32), plane)
        for plane, logits in zip(mask, per_frame, strict=True)
    )


def _strongest(probabilities: np.ndarray, prepared: Prepared) -> np.ndarray:
    """The label of the largest probability, uint8 [frames, rows, columns]."""
    best = prepared.back(probabilities[:, 0])
    mask = np.zeros(best.shape, dtype=np.uint8)
    # One label after the other: all of them at the size of a source would not fit in memory.
    for label in range(1, probabilities.shape[1]):
        rival = prepared.back(probabilities[:, label])
        stronger = rival > best
        mask[stronger] = label
        np.maximum(best, rival, out=best)
    return mask


def _shares(plane: np.ndarray, labels: int) -> np.ndarray:
    counts = np.bincount(plane.ravel(), minlength=labels)
    return (counts / plane.size).astype(np.float32)
