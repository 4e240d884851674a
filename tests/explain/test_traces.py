"""What a method leaves behind on a model: nothing, however it ends."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explain.methods import METHODS
from inference.task import Cancelled, Task
from tests.explain.networks import PICTURES, ask, first_output, small_cnn
from tests.explain.token_networks import (
    TokenLstm,
    TokenTransformer,
    settled,
    table_network,
    token_ids,
)

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


class Failing:
    """A score that fails at a given pass of a model; the first is the unperturbed one."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.passes = 0

    def __call__(self, output: Tensor) -> Tensor:
        self.passes += 1
        if self.passes - 1 == self.at:
            raise ValueError("broken")
        return first_output(output)


class Impatient(Task):
    """Cancelled at a given question of whether it is."""

    def __init__(self, at: int | None = None) -> None:
        super().__init__()
        self.at = at
        self.checks = 0

    def check(self) -> None:
        self.checks += 1
        if self.checks - 1 == self.at:
            self.cancel()
        super().check()


FEW: dict[str, Any] = {"n_steps": 8, "max_steps": 16, "samples": 10, "baselines": 3}
"""Options by name that make a method quick."""


def subject(method: str, size: tuple[int, ...]) -> tuple[nn.Module, Tensor, dict[str, Any]]:
    """A new network that the method fits, an input, and what else is said of them."""
    if method in PICTURES:
        model, inputs = small_cnn(size)
        return model, inputs, {"layer": "second"} if METHODS[method].takes_layer else {}
    if "table" in METHODS[method].seen:
        model, inputs, background = table_network()
        return model, inputs, {"kind": "table", "background": background}
    reads = TokenTransformer() if METHODS[method].family == "attention" else TokenLstm()
    return settled(reads), token_ids(), {"kind": "tokens"}


def run(method: str, size: tuple[int, ...], task: Task, score: Failing) -> None:
    """Ask a new network; whatever comes of it, nothing may be left on network and input."""
    model, inputs, more = subject(method, size)
    before, kept, chance = fingerprint(model), inputs.clone(), torch.get_rng_state()
    few = {one.name: FEW[one.name] for one in METHODS[method].options(size) if one.name in FEW}
    try:
        ask(method, model, inputs, task=task, score=score, **more, **few)
    finally:
        assert fingerprint(model) == before
        assert torch.equal(inputs, kept)
        assert not inputs.requires_grad
        assert inputs.grad is None
        assert torch.equal(torch.get_rng_state(), chance)


def ends(total: int, first: int) -> list[int]:
    """The first, the middle and the last of so many."""
    return sorted({first, (first + total) // 2, total - 1})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(12, 12), (6, 6, 6)], ids=["picture", "volume"])
def test_nothing_is_left_however_it_ends(method: str, size: tuple[int, ...]) -> None:
    """It succeeds; it fails at some passes; it is cancelled at some questions."""
    task, score = Impatient(), Failing()
    run(method, size, task, score)
    assert score.passes > 1
    assert task.checks > 0
    for at in ends(score.passes, 1):
        with pytest.raises(ValueError, match="broken"):
            run(method, size, Task(), Failing(at))
    for at in ends(task.checks, 0):
        with pytest.raises(Cancelled):
            run(method, size, Impatient(at), Failing())
