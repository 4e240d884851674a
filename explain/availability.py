"""Which methods fit a model, and which layers they can look at, found by one trial pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explain.layers import observe
from explain.methods import METHODS
from explain.question import Facts, Judgement, Method
from explain.records import LayerStatus, MethodsRequest, MethodStatus
from inference.cards import ModelCard
from inference.devices import choose
from inference.models import load_model, private_copy
from inference.task import Task

FAINT = 0.02
SUDDEN = 0.5
"""Where a faint share of the input brings this share of the change, gradients between miss it."""


def methods_for(request: MethodsRequest, task: Task) -> tuple[MethodStatus, ...]:
    """All methods with their word on this model, in the order of the table."""
    facts = _facts_of(request)
    task.check()
    return tuple(_status(method, facts) for method in METHODS.values())


def layers_for(request: MethodsRequest, task: Task) -> tuple[LayerStatus, ...]:
    """The convolutions of this model whose output is a picture, in their order."""
    found = _facts_of(request).layers
    task.check()
    return found


def all_methods() -> tuple[MethodStatus, ...]:
    """All methods as they are declared, where no model is named."""
    return tuple(_status(method, None) for method in METHODS.values())


def examine(model: nn.Module, card: ModelCard) -> Facts:
    """What some passes with noise show; `model` is a private copy."""
    noise = torch.randn(1, card.channels, *card.size, generator=torch.Generator().manual_seed(0))
    inputs = noise.to(_device_of(model)).requires_grad_()
    output, layers = observe(model, inputs, card)
    with torch.no_grad():
        baseline = torch.full_like(inputs, card.baseline)
        none, faint = model(baseline), model(baseline + FAINT * (inputs - baseline))
    change, early = (float((at - none).norm()) for at in (output.detach(), faint))
    return Facts(card.size, _reaches(output, inputs), early > SUDDEN * change, layers)


def _facts_of(request: MethodsRequest) -> Facts:
    model = private_copy(load_model(request.card, choose(request.device)))
    return examine(model, request.card)


def _device_of(model: nn.Module) -> torch.device:
    first = next(model.parameters(), None)
    return torch.device("cpu") if first is None else first.device


def _reaches(output: Tensor, inputs: Tensor) -> bool:
    """Whether a gradient that is not zero everywhere comes from the output to the input."""
    if not output.requires_grad:
        return False
    # The largest value alone: the sum over all of a softmax has no gradient.
    (found,) = torch.autograd.grad(output.max(), inputs, allow_unused=True)
    return found is not None and bool(torch.isfinite(found).all()) and bool(found.any())


def _status(method: Method, facts: Facts | None) -> MethodStatus:
    size = None if facts is None else facts.size
    options = method.options(size)
    values = {option.name: option.default for option in options}
    judgement = Judgement("green") if facts is None else method.judge(facts)
    known = None not in values.values()
    return MethodStatus(
        method.name,
        method.title,
        method.family,
        judgement.status,
        judgement.reason,
        judgement.instead,
        options,
        method.passes(values, size or ()) if known else None,
        method.takes_layer,
    )
