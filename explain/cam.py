"""Relatives of Grad-CAM that weigh the channels of a layer otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from explain.governor import inner_batch
from explain.layer import NO_TARGET, positive_option, weighted, without_target
from explain.layer_features import (
    SEEN,
    features,
    features_and_slopes,
    layer_of,
    needs_layer,
    needs_layer_and_gradients,
)
from explain.perturbed import stopped_after
from explain.question import Answer, Method, Question
from explain.records import Option
from inference.records import Scalar

MANY = 512
"""Channels that a last stage usually has; the estimate of passes where all are asked for."""


def grad_cam_plus_plus(question: Question) -> Answer:
    """Channels weighted by their positive gradients, cell by cell (Chattopadhay et al. 2018).

    Equation 19 of arXiv 1710.11063, where the class score is the exponential of the score asked
    about. A cell's share is g² / (2 g² + ΣA · g³), with the gradient g there and the sum of the
    features A over all cells; in short 1 / (2 + g · ΣA). The exponential's own value, the same
    factor for all channels, is left out: it would overflow.
    """
    found, slopes = features_and_slopes(question, question.inputs)
    axes = tuple(range(2, found.ndim))
    below = 2 + slopes * found.sum(dim=axes, keepdim=True)
    shares = torch.where(below == 0, 0.0, 1 / torch.where(below == 0, 1.0, below))
    values = weighted(found, (shares * slopes.clamp(min=0)).sum(dim=axes))
    positive = question.flag("relu_attributions")
    values = values.clamp(min=0) if positive else values
    return Answer(
        values,
        values[:, 0],
        signed=not positive,
        reduction="sum over the layer's channels, each weighted by its positive gradients",
        layer=layer_of(question).name,
    )


def eigen_cam(question: Question) -> Answer:
    """The layer's channels along their first principal direction (Muhammad & Yeasin 2020).

    arXiv 2008.00299: the features [cells, C] times their first right singular vector, not centred.
    A singular vector has no sign of its own: it is turned so that the map's sum is not negative.
    """
    found, _ = features(question, question.inputs)
    projected = torch.stack([_projected(one) for one in found.flatten(2).transpose(1, 2).double()])
    values = projected.to(found.dtype).reshape(len(found), 1, *found.shape[2:])
    return Answer(
        values,
        values[:, 0],
        signed=True,
        reduction="the layer's channels along their first principal direction",
        layer=layer_of(question).name,
        warnings=(NO_TARGET,),
    )


def _projected(table: Tensor) -> Tensor:
    """Rows [cells, C] along the first right singular vector, [cells]."""
    # Found by way of the smaller of the two square products: of cells, or of channels.
    few = table.shape[0] <= table.shape[1]
    squares, directions = torch.linalg.eigh(table @ table.T if few else table.T @ table)
    first: Tensor = directions[:, -1]
    found = first * squares[-1].clamp(min=0).sqrt() if few else table @ first
    return -found if float(found.sum()) < 0 else found


def score_cam(question: Question) -> Answer:
    """Channels weighted by the score of the input seen through each of them (Wang et al. 2020).

    Algorithm 1 of arXiv 1910.01279: each channel, spread over the input and stretched to 0…1, is a
    mask; weights are the softmax of how much of the score the masked input has more than the
    baseline. What a mask covers is the baseline, which the paper has as zeros. Where not all
    channels are tried, those that vary most over the picture are. Asked to stop, it weighs those
    that it has tried.
    """
    found, _ = features(question, question.inputs)
    tried = _liveliest(found[0], question.whole("channels"))
    if question.guard.total is not None:
        question.guard.total += len(tried) + 2 - _score_passes(question.options, question.size)
    with torch.no_grad():
        nothing = question.forward(question.baseline)
        batch = question.whole("batch") or inner_batch(question, gradients=False)
        gains = torch.empty(0, device=found.device)
        for some in torch.split(tried, batch):
            if len(gains) and question.task.stopped:
                break
            masks = _masks(found[0, some], question.size)
            covered = question.baseline + masks * (question.inputs - question.baseline)
            gains = torch.cat([gains, question.forward(covered) - nothing])
            if len(gains) < len(tried):
                question.show(partial(_weighed, question, found, tried[: len(gains)], gains))
    stopped = stopped_after(len(gains), len(tried), "channels")
    answer = _weighed(question, found, tried[: len(gains)], gains, batch)
    return replace(answer, warnings=stopped)


def _liveliest(found: Tensor, most: int) -> Tensor:
    """The numbers of the channels of [C, *native] that vary most, in that order; all for 0."""
    spread = found.flatten(1).std(dim=1, correction=0)
    order = torch.argsort(spread, descending=True, stable=True)
    return order[: most or None]


def _masks(found: Tensor, size: tuple[int, ...]) -> Tensor:
    """Channels [n, *native] over the input, each stretched to 0…1; a flat one covers all."""
    way = "bilinear" if len(size) == 2 else "trilinear"
    spread = functional.interpolate(found[:, None], size=size, mode=way)
    low = spread.flatten(1).amin(dim=1).reshape(-1, *[1] * (spread.ndim - 1))
    high = spread.flatten(1).amax(dim=1).reshape(low.shape)
    return (spread - low) / torch.where(high > low, high - low, 1.0)


def _weighed(
    question: Question, found: Tensor, tried: Tensor, gains: Tensor, batch: int = 0
) -> Answer:
    values = weighted(found[:, tried], torch.softmax(gains, dim=0)[None]).clamp(min=0)
    return Answer(
        values,
        values[:, 0],
        signed=False,
        reduction=f"sum over {len(tried)} of the layer's {found.shape[1]} channels, each weighted "
        "by the score of the input seen through it",
        layer=layer_of(question).name,
        uses_baseline=True,
        taken=(("batch", batch),),
    )


def _score_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("channels", "int", 64, 0, 4096, "Channels tried, the liveliest first; 0 tries all"),
        Option("batch", "int", 0, 0, 512, "Masks in one pass; 0 is chosen when it runs"),
    )


def _score_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["channels"] or MANY) + 2


GRAD_CAM_PLUS_PLUS = Method(
    "grad_cam_plus_plus",
    "Grad-CAM++",
    "layer",
    options=positive_option,
    passes=lambda options, size: 1,
    judge=needs_layer_and_gradients,
    run=grad_cam_plus_plus,
    takes_layer=True,
    paper="Chattopadhay et al. 2018, arXiv 1710.11063",
    seen=SEEN,
    several=True,
)

SCORE_CAM = Method(
    "score_cam",
    "Score-CAM",
    "layer",
    options=_score_options,
    passes=_score_passes,
    judge=needs_layer,
    run=score_cam,
    batch_option="batch",
    can_stop=True,
    takes_layer=True,
    takes_baseline=True,
    paper="Wang et al. 2020, arXiv 1910.01279",
)

EIGEN_CAM = Method(
    "eigen_cam",
    "Eigen-CAM",
    "layer",
    options=lambda size: (),
    passes=lambda options, size: 1,
    judge=without_target,
    run=eigen_cam,
    takes_layer=True,
    paper="Muhammad & Yeasin 2020, arXiv 2008.00299",
    seen=SEEN,
    several=True,
)
