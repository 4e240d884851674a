"""What a network's output means for the frames it saw, before it becomes a prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.cards import ModelCard
from inference.errors import NumbersError


@dataclass(frozen=True, eq=False)
class Answer:
    """For one frame, or for a whole volume: float32 [labels] scores and logits, and a mask.

    `mask` is uint8 [rows, columns] of the frame, or None.
    """

    scores: np.ndarray
    logits: np.ndarray
    mask: np.ndarray | None = None


def check_output(output: np.ndarray, shape: tuple[int, ...], card: ModelCard) -> None:
    """Raises NumbersError unless `output` has `shape` and finite numbers alone."""
    if output.shape != shape:
        raise NumbersError(
            f"The model {card.model_id} answered with {_size(output.shape)} numbers; "
            f"its card asks for {_size(shape)}.",
            "Correct the card: its labels, task or size are not those of the weights.",
        )
    if not np.isfinite(output).all():
        raise NumbersError(
            f"The model {card.model_id} answered with numbers that are not finite.",
            "Nothing is shown for it; check the input's values against the model's card.",
        )


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over axis 1, in float64 for the sum's sake, as float32."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    found: np.ndarray = (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return found


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Of each value, without overflow at either end, as float32."""
    small = np.exp(-np.abs(logits.astype(np.float64)))
    found: np.ndarray = np.where(logits >= 0, 1.0, small) / (1.0 + small)
    return found.astype(np.float32)


ACTIVATIONS = {"softmax": softmax, "sigmoid": sigmoid}
"""By the name in the card: logits [N, labels, …] → scores of the same shape."""


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
