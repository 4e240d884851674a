"""A layer at both ends of the way from the baseline to the input, and moved between them."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from explain.layer_features import tap
from explain.question import Question
from explain.taps import leaf_of, slope, tapped
from inference.records import Completeness

SAME = 1e-4
"""Up to this share of the change two ways to it count as one: float32 keeps six to seven digits."""


class Ends:
    """What the layer gives at both ends of the way, and what the score makes of it.

    `before` and `change` are [1, …] in the layer's own layout. Three passes.
    """

    def __init__(self, question: Question) -> None:
        self._question = question
        self._calls = 0
        with torch.no_grad():
            after, _ = self._at(question.inputs)
            self.before, there = self._at(question.baseline)
        self.change = after - self.before
        self._whole = question.value - there

    def _at(self, inputs: Tensor) -> tuple[Tensor, float]:
        found: list[Tensor] = []
        with tapped(tap(self._question), lambda name, output: found.append(output.clone())):
            score = self._question.forward(inputs)
        self._calls = len(found)
        return found[-1], float(score)

    def slopes(self, values: Tensor) -> Tensor:
        """The gradients of the scores of the input whose layer gives N values, [N, …], there."""
        leaf = leaf_of(values)
        with torch.enable_grad():
            return slope(self._scores(leaf), leaf)

    def _scores(self, values: Tensor) -> Tensor:
        """The score of the input with each of N values of the layer in place of its own."""
        several = self._question.inputs.expand(len(values), *self._question.inputs.shape[1:])
        calls = 0

        def took(name: str, output: Tensor) -> Tensor | None:
            nonlocal calls
            calls += 1
            return values.clone() if calls == self._calls else None

        with tapped(tap(self._question), took):
            return self._question.forward(several)

    @cached_property
    def _gained(self) -> float:
        with torch.no_grad():
            return self._question.value - float(self._scores(self.before))

    def moved(self, total: float) -> Completeness:
        """A sum beside what moving the layer alone changes of the score."""
        return Completeness(total, self._gained)

    def whole(self, total: float) -> Completeness:
        """A sum beside the change of the score between baseline and input."""
        return Completeness(total, self._whole)

    @property
    def is_passed_by_all(self) -> bool:
        """Whether moving the layer alone changes as much as moving the input."""
        return abs(self._gained - self._whole) <= SAME * abs(self._whole)
