"""Guided Grad-CAM: the guided gradient at each pixel, where Grad-CAM points to."""

from __future__ import annotations

from dataclasses import replace

from torch.nn import functional

from explain.channels import largest
from explain.guided import GUIDED_BACKPROP, guided_gradient
from explain.layer import grad_cam
from explain.layer_features import layer_of, needs_layer_and_gradients
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option


def guided_grad_cam(question: Question) -> Answer:
    """Guided backpropagation times Grad-CAM's positive map over the input (Selvaraju et al. 2016).

    The map is spread over the input linearly as in the paper, or in whole cells as Captum does
    unless told otherwise. Guided backpropagation runs on a rewritten copy of the network.
    """
    coarse = grad_cam(question.part(options={"relu_attributions": True})).values
    linear = "bilinear" if len(question.size) == 2 else "trilinear"
    way = linear if question.flag("smooth") else "nearest"
    values = guided_gradient(question) * functional.interpolate(
        coarse, size=question.size, mode=way
    )
    return Answer(
        values,
        largest(values),
        signed=True,
        reduction="largest magnitude over channels",
        layer=layer_of(question).name,
        prepared=True,
    )


def _judge(facts: Facts) -> Judgement:
    """The stricter of the words of its two parts."""
    guided = GUIDED_BACKPROP.judge(facts)
    return guided if guided.status == "red" else needs_layer_and_gradients(facts)


def _trial(question: Question) -> Judgement:
    trial = GUIDED_BACKPROP.trial
    found = Judgement("green") if trial is None else trial(question)
    return replace(found, instead="grad_cam") if found.status == "red" else found


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    words = "Spread the layer's cells smoothly over the input"
    return (Option("smooth", "bool", True, None, None, words),)


GUIDED_GRAD_CAM = Method(
    "guided_grad_cam",
    "Guided Grad-CAM",
    "layer",
    options=_options,
    passes=lambda options, size: 2,
    judge=_judge,
    run=guided_grad_cam,
    takes_layer=True,
    prepared=True,
    paper="Selvaraju et al. 2016, arXiv 1610.02391",
    trial=_trial,
)
