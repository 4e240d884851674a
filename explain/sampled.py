"""Gradients at random places between the input and random baselines: GradientShap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt

import torch
from torch import Tensor

from explain.governor import inner_batch
from explain.gradient import judge_way
from explain.noise import noise
from explain.perturbed import stopped_after
from explain.question import Answer, Method, Question
from explain.records import Option
from explain.settling import Settling
from inference.records import Completeness, Scalar

GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True, eq=False)
class Draw:
    """Chance for some samples: inputs and baselines [n, C, *size], and how far between, [n]."""

    inputs: Tensor
    baselines: Tensor
    places: Tensor


def draws(question: Question) -> Iterator[Draw]:
    """One sample after another, the same for the same seed.

    The baselines are the question's with noise on it: `baseline_stdev` of the input's range. Places
    follow each other by the golden section from a random first one: each by itself is as likely
    everywhere, and however many there are, they lie evenly, so that sums settle sooner.
    """
    inputs, baseline = question.inputs, question.baseline
    place = float(torch.rand((), generator=question.generator(), dtype=torch.float64))
    on_inputs = noise(question, question.number("stdev"))
    on_baselines = noise(question.part(seed=question.seed + 1), question.number("baseline_stdev"))
    while True:
        place = (place + GOLDEN) % 1
        yield Draw(
            inputs + next(on_inputs),
            baseline + next(on_baselines),
            torch.tensor([place]).to(inputs),
        )


def gradient_shap(question: Question) -> Answer:
    """Expected gradients over baselines (Lundberg & Lee 2017; Erion et al. 2019).

    As Captum's GradientShap: the gradient at a random place between a noisy input and a baseline,
    times the difference of both, in the mean. Samples are taken until the mean settles or somebody
    wants what is known so far, at most `samples`; the change of the score is measured between the
    same inputs and baselines.
    """
    batch = question.whole("batch") or inner_batch(question)
    most, found = question.whole("samples"), _Found(batch)
    drawn = draws(question)
    while True:
        count = min(batch, most - found.maps.count)
        some = [next(drawn) for _ in range(count)]
        draw = Draw(*(torch.cat([getattr(one, name) for one in some]) for name in _FIELDS))
        values, changes = expected_gradients(question, draw), _changes(question, draw)
        for one, change in zip(values[:, None], changes.tolist(), strict=True):
            found.add(one, change)
            if found.maps.settled or found.maps.count == most:
                return found.answer(values)
        if question.task.stopped:
            warnings = stopped_after(found.maps.count, most, "samples")
            return replace(found.answer(values), warnings=warnings)
        question.show(partial(found.answer, values))


_FIELDS = ("inputs", "baselines", "places")


def expected_gradients(question: Question, draw: Draw) -> Tensor:
    """Gradient times difference for each sample, [n, C, *size]."""
    places = draw.places.reshape(-1, *[1] * (draw.inputs.ndim - 1))
    between = draw.inputs * places + draw.baselines * (1 - places)
    leaf = between.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(question.forward(leaf).sum(), leaf)
    return (draw.inputs - draw.baselines) * gradient


@torch.no_grad()
def _changes(question: Question, draw: Draw) -> Tensor:
    """How the score differs between input and baseline of each sample, [n]."""
    there = question.forward(draw.baselines)
    if question.number("stdev") == 0:
        return question.value - there
    return question.forward(draw.inputs) - there


class _Found:
    """The samples so far."""

    def __init__(self, batch: int) -> None:
        self.values, self.maps, self.changes = Settling(), Settling(), Settling()
        self._batch = batch

    def add(self, values: Tensor, change: float) -> None:
        """Take in the values [1, C, *size] of one sample, and its change of the score."""
        self.values.add(values)
        self.maps.add(values.sum(dim=1))
        self.changes.add(torch.tensor(change))

    def answer(self, like: Tensor) -> Answer:
        """The answer from the samples so far, of the kind and on the device of `like`."""
        total = Completeness(float(self.values.mean.sum()), float(self.changes.mean))
        return Answer(
            self.values.mean.to(like),
            self.maps.mean.to(like),
            signed=True,
            reduction=f"sum over channels; then the mean over {self.maps.count} samples",
            completeness=total,
            uses_baseline=True,
            spread=self.maps.error.to(like) if self.maps.count > 1 else None,
            taken=(("samples", self.maps.count), ("batch", self._batch)),
        )


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    share = "as a share of the input's range"
    return (
        Option("samples", "int", 50, 1, 1000, "Samples at most; fewer where the mean settles"),
        Option("stdev", "float", 0.0, 0.0, 1.0, f"Noise on the input, {share}"),
        Option("baseline_stdev", "float", 0.1, 0.0, 1.0, f"Noise on the baseline, {share}"),
        Option("batch", "int", 0, 0, 512, "Samples in one pass; 0 is chosen when it runs"),
    )


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    each = 3 if options["stdev"] else 2
    return each * int(options["samples"] or 0)


GRADIENT_SHAP = Method(
    "gradient_shap",
    "GradientShap",
    "gradient",
    options=_options,
    passes=_passes,
    judge=judge_way,
    run=gradient_shap,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Lundberg & Lee 2017, arXiv 1705.07874; Erion et al. 2019, arXiv 1906.10670",
)
