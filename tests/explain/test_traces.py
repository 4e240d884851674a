"""What a method leaves behind on a model: nothing, however it ends."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explain.methods import METHODS
from inference.task import Cancelled, Task
from tests.explain.networks import ask, small_cnn

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def fingerprint(model: nn.Module) -> list[Any]:
    """All that a method could have changed."""
    found: list[Any] = []
    for name, module in model.named_modules():
        hooks = [len(getattr(module, kind)) for kind in HOOKS]
        found.append((name, type(module), module.training, hooks))
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        grad = None if tensor.grad is None else tensor.grad.tolist()
        found.append((name, tensor.requires_grad, grad, tensor.stride(), tensor.tolist()))
    return found


class Broken(nn.Module):
    """Fails once it has made some passes; what it does depends on numbers, so nothing traces it."""

    def __init__(self, passes: int) -> None:
        super().__init__()
        self.left = passes

    def forward(self, inputs: Tensor) -> Tensor:
        anything = float(inputs.detach().abs().sum()) >= 0
        if anything and self.left == 0:
            raise ValueError("broken")
        self.left -= 1
        return inputs


class Impatient(Task):
    """Cancelled at a given question of whether it is."""

    def __init__(self, checks: int) -> None:
        super().__init__()
        self.left = checks

    def check(self) -> None:
        if self.left == 0:
            self.cancel()
        self.left -= 1
        super().check()


def questions(method: str) -> dict[str, Any]:
    return {"layer": "second"} if METHODS[method].takes_layer else {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(12, 12), (6, 6, 6)], ids=["picture", "volume"])
def test_nothing_after_it_ends(method: str, size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    before, kept = fingerprint(model), inputs.clone()
    ask(method, model, inputs, **questions(method))
    assert fingerprint(model) == before
    assert torch.equal(inputs, kept)
    assert not inputs.requires_grad
    assert inputs.grad is None


@pytest.mark.parametrize("passes", [0, 1])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_after_it_raises(method: str, passes: int) -> None:
    model, inputs = small_cnn((12, 12))
    model.tanh = Broken(1 + passes)  # the first is the unperturbed one
    before = fingerprint(model)
    if passes and method in ("saliency", "grad_cam"):
        ask(method, model, inputs, **questions(method))  # one pass is all they make
    else:
        # Occlusion works on a copy of the module, which starts counting where this one stands.
        with pytest.raises(ValueError, match="broken"):
            ask(method, model, inputs, **questions(method))
    assert fingerprint(model) == before
    assert not inputs.requires_grad


@pytest.mark.parametrize("checks", [0, 1, 2])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_after_it_is_cancelled(method: str, checks: int) -> None:
    model, inputs = small_cnn((12, 12))
    before = fingerprint(model)
    task = Impatient(checks)
    if checks == 2 and method in ("saliency", "grad_cam"):
        ask(method, model, inputs, task=task, **questions(method))
    else:
        with pytest.raises(Cancelled):
            ask(method, model, inputs, task=task, **questions(method))
    assert fingerprint(model) == before
    assert not inputs.requires_grad
