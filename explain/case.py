"""A finished map with all that is needed to question it: what the checks of belief are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn
from torch.nn import functional

from explain.question import Answer, Method, Question
from inference.cards import ModelCard
from inference.prepare import Prepared
from inference.records import Attribution, Figure, Frame, Region

Again = Callable[..., Answer]
"""again(model=…, inputs=…, baseline=…, seed=…, method=…, layer=…) → Answer: the same question once
more with that changed. `model` is a module that only the caller uses; `method` is another line of
the table with its default options. Its passes count, report and stop like the first one's."""


@dataclass(frozen=True, eq=False)
class Case:
    """One answer of one method, in the model's space and in the source's.

    `question`, `method` and `answer` are as the method had them. `map` is float32 [*size]: the
    answer in one channel over the model's input, a layer's cells spread over it. `attributions`
    are what it became over `frames`. `measured` is bool [*size] in the model's space, True where
    the input stems from measured pixels of the source. `truth` is the region that a person marked.
    """

    question: Question
    method: Method
    answer: Answer
    map: np.ndarray
    frames: Sequence[Frame]
    attributions: Sequence[Attribution]
    index: int
    """Which of `frames` was asked about."""
    card: ModelCard
    prepared: Prepared
    measured: np.ndarray
    again: Again
    truth: Region | None = None

    @property
    def model(self) -> nn.Module:
        return self.question.model

    @property
    def inputs(self) -> Tensor:
        """[1, C, *size]"""
        return self.question.inputs

    def over_input(self, answer: Answer) -> np.ndarray:
        """Another answer to this question as `map` is: float32 [*size]."""
        found: np.ndarray = spread_over(answer.map, self.question.size)[0].detach().cpu().numpy()
        return found


def spread_over(values: Tensor, size: tuple[int, ...]) -> Tensor:
    """A map [1, *native] over the whole input, [1, *size]: a layer's cells lie edge to edge."""
    if tuple(values.shape[1:]) == size:
        return values
    way = _LINEAR[len(size)]
    return functional.interpolate(values[None], size=size, mode=way)[0]


_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""What torch calls it, by dimensions."""


@dataclass(frozen=True)
class Check:
    """One line of the table of checks.

    `passes` is about how many inputs go through the model. `cheap` ones run on every map. `asks`
    says of a case whether this check has anything to say about it: a map without completeness, or
    a case without a marked region, gets no figure rather than an empty one.
    """

    name: str
    title: str
    run: Callable[[Case], tuple[Figure, ...]]
    passes: Callable[[Case], int]
    cheap: bool = False
    asks: Callable[[Case], bool] = lambda case: True
    paper: str = ""
