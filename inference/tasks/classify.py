"""Classification: one score a label."""

from __future__ import annotations

import numpy as np

from inference.cards import ModelCard
from inference.prepare import Prepared
from inference.tasks.answer import ACTIVATIONS, Answer, check_output


def decode(output: np.ndarray, prepared: Prepared, card: ModelCard) -> tuple[Answer, ...]:
    """One answer for each input of `prepared` from logits [N, labels]."""
    check_output(output, (len(prepared.tensor), len(card.labels)), card)
    scores = ACTIVATIONS[card.activation](output)
    return tuple(Answer(*pair) for pair in zip(scores, output, strict=True))
