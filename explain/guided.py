"""Gradients that pass back through rectifiers as positive values alone."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from explain.channels import largest
from explain.module_rules import Back, Native, Rule, under_rules
from explain.prepared_copy import needs_rules, prepared_copy
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.rescale_rules import ELEMENTWISE

GATES = (nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Tanh)
"""Activations that weigh something else, where nobody expects a rectifier."""


def guided_backprop(question: Question) -> Answer:
    """What speaks for the score at each rectifier that is open (Springenberg et al. 2014)."""
    return _answer(guided_gradient(question))


def deconvolution(question: Question) -> Answer:
    """What speaks for the score at each rectifier, open or shut (Zeiler & Fergus 2013)."""
    return _answer(_gradient(question, _positive))


def guided_gradient(question: Question) -> Tensor:
    """The guided gradient of the score at the inputs, [N, C, *size]."""
    return _gradient(question, _positive_and_open)


def _gradient(question: Question, rule: Rule | None) -> Tensor:
    """The gradient of the score, by a rule at each ReLU of the prepared copy."""
    model = prepared_copy(question.model, question.inputs).model
    leaf = question.leaf()
    rules: dict[type[nn.Module], Rule | None] = {nn.ReLU: rule}
    with torch.enable_grad(), under_rules(model, lambda module: rules.get(type(module))):
        (found,) = torch.autograd.grad(question.guard.run(model, leaf).sum(), leaf)
    return found


def _positive_and_open(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    output = native(*inputs)
    return output, lambda arriving: (arriving.clamp(min=0) * (output > 0),)


def _positive(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    return native(*inputs), lambda arriving: (arriving.clamp(min=0),)


def _answer(values: Tensor) -> Answer:
    return Answer(
        values,
        largest(values),
        signed=True,
        reduction="largest magnitude over channels",
        prepared=True,
    )


def _trial(rule: Rule, question: Question) -> Judgement:
    """Whether this model has rectifiers for the rule to work at, and others beside them."""
    model = prepared_copy(question.model, question.inputs).model
    kinds = [type(module) for module in model.modules()]
    rectifiers = kinds.count(nn.ReLU)
    others = sum(kind in ELEMENTWISE and kind not in (nn.ReLU, *GATES) for kind in kinds)
    if not rectifiers:
        reason = "This network has no ReLU: what came back would be the plain gradient."
        return Judgement("red", reason, instead="saliency")
    plain = _gradient(question, None)
    if bool(plain.any()) and torch.equal(_gradient(question, rule), plain):
        reason = "The rule changes nothing on this network: what came back is the plain gradient."
        return Judgement("red", reason, instead="saliency")
    if others:
        return Judgement(
            "amber",
            f"{others} of this network's {others + rectifiers} activations are other functions "
            "than ReLU: at those it is the plain gradient.",
        )
    return Judgement("green")


def _judge(facts: Facts) -> Judgement:
    return needs_rules(facts, instead="saliency")


GUIDED_BACKPROP = Method(
    "guided_backprop",
    "Guided Backpropagation",
    "gradient",
    options=lambda size: (),
    passes=lambda options, size: 1,
    judge=_judge,
    run=guided_backprop,
    prepared=True,
    paper="Springenberg et al. 2014, arXiv 1412.6806",
    trial=partial(_trial, _positive_and_open),
    several=True,
)

DECONVOLUTION = Method(
    "deconvolution",
    "Deconvolution",
    "gradient",
    options=lambda size: (),
    passes=lambda options, size: 1,
    judge=_judge,
    run=deconvolution,
    prepared=True,
    paper="Zeiler & Fergus 2013, arXiv 1311.2901",
    trial=partial(_trial, _positive),
    several=True,
)
