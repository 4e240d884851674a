"""Following a network's code with torch.fx, while other threads go on running theirs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn

REFUSALS = (
    *(ValueError, TypeError, RuntimeError, AttributeError, LookupError, AssertionError),
    *(NameError, NotImplementedError),
)
"""What a network's own code raises when it meets the placeholders of torch.fx."""

_tracing = threading.Lock()
"""Each tracing puts its own in place of what it found, and back: they must not cross."""


def follow(model: nn.Module) -> fx.Graph | None:
    """The graph of `model`, or None where its code cannot be followed; the model stays as it is."""
    try:
        with _tracing:
            return _OfOneThread().trace(model)
    except REFUSALS:
        return None


def convolution_kind(module: nn.Module | None) -> type[nn.Module] | None:
    """nn.Conv2d or nn.Conv3d for a module that computes just that, under whatever name; or None."""
    for kind in (nn.Conv2d, nn.Conv3d):
        if isinstance(module, kind) and type(module).forward is kind.forward:
            return kind
    return None


class _OfOneThread(fx.Tracer):
    """Leaves alone what other threads call meanwhile.

    WORKAROUND for torch/fx/_symbolic_trace.py (torch 2.15): while it follows one network,
    `nn.Module.__call__` and `__getattr__` are replaced for all, and a network called from another
    thread raises NameError: 20,529 of 20,529 calls during ten tracings.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return convolution_kind(m) is not None or super().is_leaf_module(m, module_qualified_name)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


class Shapes(fx.Interpreter):
    """Runs a network that was followed, and writes down the shape of what each node gives."""

    def __init__(self, model: fx.GraphModule) -> None:
        super().__init__(model)
        self.of: dict[fx.Node, torch.Size] = {}

    def run_node(self, n: fx.Node) -> Any:
        found = super().run_node(n)
        if isinstance(found, Tensor):
            self.of[n] = found.shape
        return found


def called(model: fx.GraphModule, node: fx.Node) -> Any:
    """The module that a node calls, or None."""
    return model.get_submodule(str(node.target)) if node.op == "call_module" else None
