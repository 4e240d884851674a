"""Methods that follow the gradient back to the input: saliency and integrated gradients."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from captum.attr import IntegratedGradients, Saliency
from captum.attr._utils.approximation_methods import approximation_parameters
from torch import Tensor

from explain.question import Answer, Facts, Judgement, Method, Question, needs_gradients
from explain.records import Option
from inference.records import Completeness, Scalar


def saliency(question: Question) -> Answer:
    """The gradient of the score at the input (Simonyan et al. 2013, arXiv 1312.6034)."""
    absolute = question.flag("abs")
    values = Saliency(question.forward).attribute(question.leaf(), abs=absolute).detach()
    return Answer(
        values, _largest(values), signed=not absolute, reduction="largest magnitude over channels"
    )


def integrated_gradients(question: Question) -> Answer:
    """Gradients along the straight way from the baseline (Sundararajan et al. 2017).

    Gauss-Legendre quadrature as in Captum. Each batch takes steps from the whole way rather than
    the next ones, so that the first batch is already a coarse map and later ones sharpen it.
    """
    steps = question.whole("n_steps")
    weights_of, places_of = approximation_parameters("gausslegendre")
    weights, places = weights_of(steps), places_of(steps)
    captum = IntegratedGradients(question.forward)
    values = torch.zeros_like(question.inputs)
    done, covered = 0, 0.0
    for batch in batches_of_steps(steps, question.whole("internal_batch_size")):
        some_weights = [weights[step] for step in batch]
        # The part of Captum that its own batches go through; its public call takes no steps.
        (part,) = captum._attribute(
            inputs=(question.leaf(),),
            baselines=(question.baseline,),
            n_steps=len(batch),
            step_sizes_and_alphas=(some_weights, [places[step] for step in batch]),
        )
        values += part.detach()
        done += len(batch)
        covered += sum(some_weights)
        if done < steps:
            question.show(partial(_integrated, values, covered))
    return _integrated(values, 1.0, _completeness(question, values))


def batches_of_steps(steps: int, batch: int) -> list[range]:
    """Every step once, in batches of the sizes that Captum makes, each spread over the way.

    The same sizes, and the steps of Captum's smaller last batch in ours too: a convolution may
    round otherwise in a batch of another size, and where a ReLU is almost shut that tips it over.
    """
    whole, rest = divmod(steps, batch)
    found = [range(first, whole * batch, whole) for first in range(whole)]
    return [*found, range(steps - rest, steps)] if rest else found


def _integrated(values: Tensor, covered: float, completeness: Completeness | None = None) -> Answer:
    """The answer from the sum over steps that stand for the share `covered` of the way."""
    return Answer(
        values,
        values.sum(dim=1) / covered,
        signed=True,
        reduction="sum over channels",
        completeness=completeness,
        uses_baseline=True,
    )


def _completeness(question: Question, values: Tensor) -> Completeness:
    """The map's sum beside the change of the score between baseline and input."""
    with torch.no_grad():
        there = float(question.forward(question.baseline))
    return Completeness(float(values.cpu().double().sum()), question.value - there)


def _largest(values: Tensor) -> Tensor:
    """The value of the largest magnitude over the channels, with its sign: [1, C, …] → [1, …]."""
    where = values.abs().argmax(dim=1, keepdim=True)
    return values.gather(1, where).squeeze(1)


def _judge_integrated(facts: Facts) -> Judgement:
    if facts.differentiable and facts.sudden:
        return Judgement(
            "red",
            "This model answers a faint copy of a scan as it answers the scan, so the gradients "
            "on the way from the baseline leave most of the answer out.",
            instead="saliency",
        )
    return needs_gradients(facts)


def _saliency_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (Option("abs", "bool", True, None, None, "Magnitude only, without the sign"),)


def _integrated_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    # Measured: volumes go fastest two at a time, pictures eight.
    batch = 2 if size is not None and len(size) == 3 else 8
    return (
        Option("n_steps", "int", 50, 8, 500, "Steps from the baseline to the input"),
        Option("internal_batch_size", "int", batch, 1, 512, "Steps in one pass"),
    )


def _integrated_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["n_steps"] or 0) + 1


SALIENCY = Method(
    "saliency",
    "Saliency",
    "gradient",
    options=_saliency_options,
    passes=lambda options, size: 1,
    judge=needs_gradients,
    run=saliency,
)

INTEGRATED_GRADIENTS = Method(
    "integrated_gradients",
    "Integrated Gradients",
    "gradient",
    options=_integrated_options,
    passes=_integrated_passes,
    judge=_judge_integrated,
    run=integrated_gradients,
    batch_option="internal_batch_size",
)
