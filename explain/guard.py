"""What stands around every pass of a method: it counts, reports, stops, and refuses nonsense."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from inference.errors import NumbersError
from inference.task import Task

Score = Callable[[Tensor], Tensor]
"""Takes the model's output for N inputs, [N, labels, …], to [N] values."""


class Guard:
    """Counts the inputs that went through a model for one question.

    `total` is how many the method says it needs: with it the progress of every method is true,
    also of those that tell none themselves. None only counts.
    """

    def __init__(self, score: Score, task: Task, total: int | None = None) -> None:
        self.score = score
        self.task = task
        self.total = total
        self.passes = 0

    def run(self, model: nn.Module, batch: Tensor) -> Tensor:
        """The score of each of N inputs, [N].

        Raises Cancelled where nobody waits any more, NumbersError where a score is no number.
        """
        self.task.check()
        return self.took(self.score(model(batch)))

    def took(self, scores: Tensor) -> Tensor:
        """Count the scores [N] of inputs that a method sent through a network of its own making."""
        self.passes += len(scores)
        if self.total is not None:
            self.task.progress(min(self.passes, self.total), self.total)
        if not bool(torch.isfinite(scores.detach()).all()):
            raise NumbersError(
                "The model answers with values that are no numbers for a changed input.",
                "Choose a method that does not change the input, or another baseline.",
            )
        return scores
