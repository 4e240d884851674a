"""Methods that follow a layer along the way from the baseline: what its cells contribute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import torch
from captum.attr._utils.approximation_methods import approximation_parameters
from torch import Tensor

from explain.channels import largest
from explain.governor import inner_batch
from explain.gradient import batches_of_steps
from explain.layer_ends import Ends
from explain.layer_features import as_given, layer_of, needs_layer_and_gradients
from explain.layouts import cells
from explain.question import Answer, Method, Question
from explain.records import Option
from inference.records import Completeness, Scalar


def layer_integrated_gradients(question: Question) -> Answer:
    """Gradients along the straight way between what the layer gives for baseline and input.

    The input stays, only the layer's values move, and their sum is what that changes of the score.
    Captum's LayerIntegratedGradients; of a layer that is called several times in a pass Captum
    moves all calls to the value of the last, here the last call alone is moved.
    """
    ends = Ends(question)
    steps, batch = _steps(question)
    weights, places = (make(steps) for make in approximation_parameters("gausslegendre"))
    total, covered = torch.zeros_like(ends.change), 0.0
    for some in batches_of_steps(steps, batch):
        way = _along([places[step] for step in some], ends.change)
        heights = _along([weights[step] for step in some], ends.change)
        total += (heights * ends.slopes(ends.before + way * ends.change)).sum(0, keepdim=True)
        covered += sum(weights[step] for step in some)
        question.show(partial(_contributions, question, total / covered * ends.change))
    answer = _contributions(question, total * ends.change, ends.moved)
    return replace(answer, taken=_taken(steps, batch))


def layer_conductance(question: Question) -> Answer:
    """The flow of the score through the layer along the way (Dhamdhere et al. 2018).

    arXiv 1805.12233, as Captum sums it: the gradient at each place times what the layer changes
    to the next. It adds up to the change of the score where everything passes through this layer;
    only there completeness is stated.
    """
    ends = Ends(question)
    steps, batch = _steps(question)
    _, places_of = approximation_parameters("gausslegendre")
    places = places_of(steps + 1)
    total = torch.zeros_like(ends.change)
    found = gradients = total[:0]
    for first in range(0, len(places), batch):
        given, slopes = as_given(question, _inputs_at(question, places[first : first + batch]))
        # The last place of the batch before is where this one's first change begins.
        found, gradients = torch.cat([found[-1:], given]), torch.cat([gradients[-1:], slopes])
        total += ((found[1:] - found[:-1]) * gradients[:-1]).sum(0, keepdim=True)
    answer = _contributions(question, total, ends.whole if ends.is_passed_by_all else None)
    return replace(answer, taken=_taken(steps, batch))


def internal_influence(question: Question) -> Answer:
    """The mean gradient at the layer along the way (Leino et al. 2018, arXiv 1802.03788)."""
    steps, batch = _steps(question)
    weights, places = (make(steps) for make in approximation_parameters("gausslegendre"))
    total, covered = None, 0.0
    for some in batches_of_steps(steps, batch):
        _, slopes = as_given(question, _inputs_at(question, [places[step] for step in some]))
        part = (_along([weights[step] for step in some], slopes) * slopes).sum(0, keepdim=True)
        total = part if total is None else total + part
        covered += sum(weights[step] for step in some)
        question.show(partial(_influence, question, total / covered))
    if total is None:
        raise ValueError("no step was asked for")
    return replace(_influence(question, total), taken=_taken(steps, batch))


def _steps(question: Question) -> tuple[int, int]:
    """How many steps, and how many of them in one pass."""
    batch = question.whole("internal_batch_size") or inner_batch(question)
    return question.whole("n_steps"), batch


def _taken(steps: int, batch: int) -> tuple[tuple[str, Scalar], ...]:
    return (("n_steps", steps), ("internal_batch_size", batch))


def _along(values: Sequence[float], like: Tensor) -> Tensor:
    """One number for each of n steps, to be multiplied with [n, …]."""
    return torch.tensor(values).to(like).reshape(-1, *[1] * (like.ndim - 1))


def _inputs_at(question: Question, places: Sequence[float]) -> Tensor:
    """The inputs at n places of the way from the baseline, [n, C, *size]."""
    way = _along(places, question.inputs)
    return question.baseline + way * (question.inputs - question.baseline)


def _contributions(
    question: Question, total: Tensor, complete: Callable[[float], Completeness] | None = None
) -> Answer:
    """The answer from contributions as the layer lies; special tokens count in their sum."""
    layer = layer_of(question)
    values = cells(total, layer)
    everywhere = float(total.double().sum())
    return Answer(
        values,
        values.sum(dim=1),
        signed=True,
        reduction="sum over the layer's channels",
        completeness=None if complete is None else complete(everywhere),
        layer=layer.name,
        uses_baseline=True,
        warnings=_hidden(total, values) if layer.special else (),
    )


def _hidden(total: Tensor, values: Tensor) -> tuple[str, ...]:
    """How much of the contributions belongs to no place: a class token's, and registers'."""
    whole = float(total.abs().sum())
    share = 0.0 if whole == 0 else 1 - float(values.abs().sum()) / whole
    return (
        f"{share:.0%} of the contributions belong to tokens that stand for no place, and are not "
        "in the map.",
    )


def _influence(question: Question, total: Tensor) -> Answer:
    layer = layer_of(question)
    values = cells(total, layer)
    return Answer(
        values,
        largest(values),
        signed=True,
        reduction="largest magnitude over the layer's channels",
        layer=layer.name,
        uses_baseline=True,
    )


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("n_steps", "int", 50, 8, 500, "Steps from the baseline to the input"),
        Option(
            "internal_batch_size", "int", 0, 0, 512, "Steps in one pass; 0 is chosen when it runs"
        ),
    )


def _passes(more: int, options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["n_steps"] or 0) + more


LAYER_INTEGRATED_GRADIENTS = Method(
    "layer_integrated_gradients",
    "Layer Integrated Gradients",
    "layer",
    options=_options,
    passes=partial(_passes, 3),
    judge=needs_layer_and_gradients,
    run=layer_integrated_gradients,
    batch_option="internal_batch_size",
    takes_layer=True,
    takes_baseline=True,
    paper="Sundararajan et al. 2017, arXiv 1703.01365",
)

LAYER_CONDUCTANCE = Method(
    "layer_conductance",
    "Layer Conductance",
    "layer",
    options=_options,
    passes=partial(_passes, 4),
    judge=needs_layer_and_gradients,
    run=layer_conductance,
    batch_option="internal_batch_size",
    takes_layer=True,
    takes_baseline=True,
    paper="Dhamdhere et al. 2018, arXiv 1805.12233",
)

INTERNAL_INFLUENCE = Method(
    "internal_influence",
    "Internal Influence",
    "layer",
    options=_options,
    passes=partial(_passes, 0),
    judge=needs_layer_and_gradients,
    run=internal_influence,
    batch_option="internal_batch_size",
    takes_layer=True,
    takes_baseline=True,
    paper="Leino et al. 2018, arXiv 1802.03788",
)
