"""Modules that pass gradients back by a rule of a method's own, for the length of one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

PullBack = Callable[[Tensor], tuple[Tensor, ...]]
"""Takes what arrives at a module's output to what leaves at each of its inputs."""

Native = Callable[..., Tensor]
"""What the module computes by itself."""

Back = tuple[Tensor, PullBack]
"""A module's own output, untouched, and the way back."""

Rule = Callable[[Any, Native, tuple[Tensor, ...]], Back]
"""rule(module, native, inputs) → output and way back; `native` is what the module computes."""


class _Ruled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rule: Rule, module: nn.Module, native: Native, *inputs: Tensor) -> Tensor:
        output, ctx.pull_back = rule(module, native, inputs)
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return (None, None, None, *ctx.pull_back(gradients[0]))


@contextmanager
def under_rules(
    model: nn.Module, rule_of: Callable[[nn.Module], Rule | None], batch: int = 1
) -> Iterator[None]:
    """Within this block gradients pass back through modules by their rules, where they have one.

    A module's output stays what it is. There are no hooks: a module used twice keeps its two
    passes apart. A module is left alone where it changes its input in place, where an input takes
    no gradient, or where the first axis cannot be that of `batch` inputs. However the block ends,
    the modules are as before.
    """
    ruled = [
        (module, rule)
        for module in model.modules()
        if (rule := rule_of(module)) is not None and getattr(module, "inplace", False) is not True
    ]
    before = [(module, module.__dict__.get("forward")) for module, _ in ruled]
    try:
        for module, rule in ruled:
            module.__dict__["forward"] = partial(_forward, rule, batch, module, module.forward)
        yield
    finally:
        for module, own in before:
            if own is None:
                module.__dict__.pop("forward", None)
            else:
                module.__dict__["forward"] = own


def _forward(
    rule: Rule, batch: int, module: nn.Module, native: Native, *inputs: object, **named: object
) -> object:
    ruled = tuple(one for one in inputs if isinstance(one, Tensor) and one.requires_grad)
    if named or len(ruled) < len(inputs) or any(len(one) % batch for one in ruled):
        return native(*inputs, **named)
    return _Ruled.apply(rule, module, native, *ruled)
