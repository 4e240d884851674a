"""A model to be tried out: with an input of noise, a score, its facts, and its pace."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional

from explain.arithmetic import plain_arithmetic
from explain.facts import facts_of_card
from explain.governor import inner_batch
from explain.guard import Guard, Score
from explain.layers import choose_layer
from explain.question import Facts, Method, Question
from explain.reduction import part_score, top_part
from inference.cards import ModelCard
from inference.records import Scalar
from inference.task import Task

SLOPE = 3
"""A pass with a gradient costs about as much as so many without, where it cannot be measured."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, a private copy, with all that a question about it needs.

    `inputs` and `baseline` are as in Question; `facts` are those of this model for these inputs.
    """

    model: nn.Module
    inputs: Tensor
    baseline: Tensor
    score: Score
    facts: Facts
    background: Tensor | None = None

    @cached_property
    def value(self) -> float:
        """The score at the input."""
        with torch.no_grad():
            return float(self.score(self.model(self.inputs)))

    @cached_property
    def pace(self) -> tuple[float, float]:
        """Seconds that one input takes here without a gradient, and with one."""
        with plain_arithmetic(self.model):
            return _pace(self)

    def ask(self, method: Method, values: Mapping[str, Scalar], task: Task) -> Question:
        """The question to `method` with these options, at its usual layer, passes tallied."""
        looks = method.looks_at_layer(values)
        question = self.question(values, task)
        asked = replace(question, layer=choose_layer(self.facts.layers, None) if looks else None)
        vars(asked)["guard"] = Tally(self.score, task)
        return asked

    def question(self, values: Mapping[str, Scalar], task: Task) -> Question:
        """A question with these options that is about no layer."""
        return Question(
            self.model,
            self.inputs,
            self.baseline,
            self.score,
            self.value,
            values,
            None,
            task,
            lambda make: None,
            kind=self.facts.kind,
            background=self.background,
        )


def subject_of_card(model: nn.Module, card: ModelCard) -> Subject:
    """The model as its card describes it, asked about the strongest part of its answer to noise."""
    facts = facts_of_card(model, card)
    first = next(model.parameters(), None)
    inputs = smooth_noise((1, card.channels, *card.size))
    inputs = inputs if first is None else inputs.to(first.device)
    with torch.no_grad():
        output = model(inputs)
    score = part_score(output, top_part(output))
    return Subject(model, inputs, torch.full_like(inputs, card.baseline), score, facts)


def smooth_noise(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    """Noise [N, C, *size] with coarse shapes and fine grain in it, as a picture has."""
    generator = torch.Generator().manual_seed(seed)
    size = shape[2:]
    coarse = torch.randn(*shape[:2], *[min(4, one) for one in size], generator=generator)
    way = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(size)]
    shapes = functional.interpolate(coarse, size=size, mode=way)
    return shapes + 0.2 * torch.randn(shape, generator=generator)


class Tally(Guard):
    """Counts also how many of the passes keep what a gradient needs."""

    def __init__(self, score: Score, task: Task) -> None:
        super().__init__(score, task)
        self.graded = 0

    def took(self, scores: Tensor) -> Tensor:
        self.graded += len(scores) if scores.requires_grad else 0
        return super().took(scores)


def seconds_each(tally: Guard, subject: Subject) -> float:
    """Seconds of a pass of a method, by the share of the passes so far that had a gradient."""
    plain, graded = subject.pace
    share = tally.graded / max(tally.passes, 1) if isinstance(tally, Tally) else 0.0
    return (1 - share) * plain + share * graded


def _pace(subject: Subject) -> tuple[float, float]:
    batch = inner_batch(subject.question({}, Task()))
    inputs = subject.inputs.repeat(batch, *[1] * (subject.inputs.ndim - 1))

    def scores(some: Tensor) -> Tensor:
        return subject.score(subject.model(some)).sum()

    def slopes(some: Tensor) -> Tensor:
        leaf = some.clone().requires_grad_()
        return torch.autograd.grad(scores(leaf), leaf)[0].sum()

    with torch.no_grad():
        plain = _seconds(scores, inputs) / batch
    if not (subject.facts.differentiable and inputs.is_floating_point()):
        return plain, SLOPE * plain
    return plain, _seconds(slopes, inputs) / batch


def _seconds(work: Callable[[Tensor], Tensor], inputs: Tensor) -> float:
    began = time.perf_counter()
    float(work(inputs))  # a device that works on its own is waited for
    return time.perf_counter() - began
