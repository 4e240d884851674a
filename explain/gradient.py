"""Methods that follow the gradient back to the input, at it or on the way from a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import torch
from captum.attr import InputXGradient, IntegratedGradients, Saliency
from captum.attr._utils.approximation_methods import approximation_parameters
from torch import Tensor

from explain.channels import LARGEST, SUM, largest, said, summed
from explain.faithfulness import THRESHOLDS
from explain.governor import inner_batch
from explain.question import Answer, Facts, Judgement, Method, Question, needs_gradients
from explain.records import InputKind, Option
from inference.records import Completeness, Scalar


def saliency(question: Question) -> Answer:
    """The gradient of the score at the input (Simonyan et al. 2013, arXiv 1312.6034)."""
    absolute = question.flag("abs")
    values = Saliency(question.forward).attribute(question.leaf(), abs=absolute).detach()
    return Answer(values, largest(values), signed=not absolute, reduction=said(LARGEST, values))


def input_x_gradient(question: Question) -> Answer:
    """The gradient times the input (Shrikumar et al. 2016, arXiv 1605.01713)."""
    values = InputXGradient(question.forward).attribute(question.leaf()).detach()
    return Answer(values, summed(values), signed=True, reduction=said(SUM, values))


def integrated_gradients(question: Question) -> Answer:
    """Gradients along the straight way from the baseline (Sundararajan et al. 2017).

    Gauss-Legendre quadrature as in Captum. Where the map does not add up to the change of the
    score, the steps are doubled as long as they stay within `max_steps`; the map is then what
    Captum gives for that number of steps.
    """
    steps = question.whole("n_steps")
    batch = question.whole("internal_batch_size") or inner_batch(question)
    with torch.no_grad():
        change = question.value - float(question.forward(question.baseline))
    while True:
        values = _integrate(question, steps, batch)
        found = Completeness(float(values.cpu().double().sum()), change)
        answer = partial(_integrated, values, found, steps, batch)
        if found.relative <= ENOUGH or 2 * steps > question.whole("max_steps"):
            return answer()
        question.show(answer)
        steps *= 2
        _announce(question, steps, found)


def _announce(question: Question, steps: int, found: Completeness) -> None:
    question.task.note(
        f"The map's sum was {found.relative:.0%} off the change it should account for; "
        f"going on with {steps} steps."
    )
    if question.guard.total is not None:
        question.guard.total += steps


def _integrate(question: Question, steps: int, batch: int) -> Tensor:
    """The sum over `steps`, [1, C, *size].

    Each batch takes steps from the whole way rather than the next ones, so that the first batch is
    already a coarse map and later ones sharpen it.
    """
    weights_of, places_of = approximation_parameters("gausslegendre")
    weights, places = weights_of(steps), places_of(steps)
    captum = IntegratedGradients(question.forward)
    values = torch.zeros_like(question.inputs)
    done, covered = 0, 0.0
    for some in batches_of_steps(steps, batch):
        some_weights = [weights[step] for step in some]
        # The part of Captum that its own batches go through; its public call takes no steps.
        (part,) = captum._attribute(
            inputs=(question.leaf(),),
            baselines=(question.baseline,),
            n_steps=len(some),
            step_sizes_and_alphas=(some_weights, [places[step] for step in some]),
        )
        values += part.detach()
        done += len(some)
        covered += sum(some_weights)
        if done < steps:
            question.show(partial(_coarse, values, covered))
    return values


def batches_of_steps(steps: int, batch: int) -> list[range]:
    """Every step once, in batches of the sizes that Captum makes, each spread over the way.

    The same sizes, and the steps of Captum's smaller last batch in ours too: a convolution may
    round otherwise in a batch of another size, and where a ReLU is almost shut that tips it over.
    """
    whole, rest = divmod(steps, batch)
    found = [range(first, whole * batch, whole) for first in range(whole)]
    return [*found, range(steps - rest, steps)] if rest else found


def _coarse(values: Tensor, covered: float) -> Answer:
    """The answer from the sum over steps that stand for the share `covered` of the way."""
    return Answer(
        values,
        summed(values) / covered,
        signed=True,
        reduction=said(SUM, values),
        uses_baseline=True,
    )


def _integrated(values: Tensor, completeness: Completeness, steps: int, batch: int) -> Answer:
    return Answer(
        values,
        summed(values),
        signed=True,
        reduction=said(SUM, values),
        completeness=completeness,
        uses_baseline=True,
        taken=(("n_steps", steps), ("internal_batch_size", batch)),
    )


def judge_way(facts: Facts) -> Judgement:
    """The word of methods that follow gradients on the way from the baseline to the input."""
    if facts.differentiable and facts.sudden:
        return Judgement(
            "red",
            "This model answers a faint copy of a scan as it answers the scan, so the gradients "
            "on the way from the baseline leave most of the answer out.",
            instead="saliency",
        )
    return needs_gradients(facts)


SEEN: frozenset[InputKind] = frozenset({"image", "volume", "clip", "table"})
"""What a gradient can be taken at: all but token ids, between which there is nothing."""

ENOUGH = THRESHOLDS["completeness"].green
"""A relative completeness up to which no more steps are taken."""


def _saliency_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (Option("abs", "bool", True, None, None, "Magnitude only, without the sign"),)


def _integrated_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("n_steps", "int", 50, 8, 500, "Steps from the baseline to the input"),
        Option(
            "max_steps", "int", 200, 8, 500, "Up to how many, where the map does not add up yet"
        ),
        Option(
            "internal_batch_size", "int", 0, 0, 512, "Steps in one pass; 0 is chosen when it runs"
        ),
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
    paper="Simonyan et al. 2013, arXiv 1312.6034",
    several=True,
    seen=SEEN,
)

INPUT_X_GRADIENT = Method(
    "input_x_gradient",
    "Input × Gradient",
    "gradient",
    options=lambda size: (),
    passes=lambda options, size: 1,
    judge=needs_gradients,
    run=input_x_gradient,
    paper="Shrikumar et al. 2016, arXiv 1605.01713",
    several=True,
    seen=SEEN,
)

INTEGRATED_GRADIENTS = Method(
    "integrated_gradients",
    "Integrated Gradients",
    "gradient",
    options=_integrated_options,
    passes=_integrated_passes,
    judge=judge_way,
    run=integrated_gradients,
    batch_option="internal_batch_size",
    takes_baseline=True,
    paper="Sundararajan et al. 2017, arXiv 1703.01365",
    seen=SEEN,
)
