"""A copy of a network that answers many inputs quickly, where no gradient is wanted."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from itertools import chain
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explain.tracing import called, convolution_kind, follow

_NORMS: dict[type[nn.Module] | None, type[nn.Module]] = {
    nn.Conv2d: nn.BatchNorm2d,
    nn.Conv3d: nn.BatchNorm3d,
}
"""By kind of convolution, the norm that can be folded into its weights."""

_ORDERS = {4: torch.channels_last, 5: torch.channels_last_3d}
"""By dimensions, the memory order that convolutions like; nothing else has another."""


def order(tensor: Tensor) -> torch.memory_format:
    """The memory order that convolutions like for inputs or weights like this."""
    return _ORDERS.get(tensor.ndim, torch.contiguous_format)


def fast_copy(model: nn.Module) -> nn.Module:
    """A copy in the memory order that convolutions like, batch norms folded into them.

    A torch.fx.GraphModule where the model can be followed, else a plain copy. It shares no
    weight that it changed with `model`, and all others.
    """
    graph = follow(model)
    if graph is None:
        return in_order(copy.deepcopy(model))
    made = fx.GraphModule(model, graph)
    for number, node in enumerate(list(graph.nodes)):
        module = called(made, node)
        if convolution_kind(module) is not None:
            # A name of its own: a module that is called twice may meet two norms.
            name = f"_convolution_{number}"
            made.add_module(name, in_order(_folded(made, node, module)))
            node.target = name
    graph.eliminate_dead_code()
    made.delete_all_unused_submodules()
    made.recompile()
    return made


def in_order(model: nn.Module) -> nn.Module:
    """The same module, its weights in the order that convolutions like."""
    for tensor in _held(model):
        tensor.data = tensor.data.contiguous(memory_format=order(tensor))
    return model


def _held(model: nn.Module) -> Iterable[Tensor]:
    return chain(model.parameters(), model.buffers())


def _folded(made: fx.GraphModule, node: fx.Node, convolution: Any) -> nn.Module:
    """The convolution of `node` with the norm after it, which leaves the graph; or a copy."""
    for after in node.users if len(node.users) == 1 else ():
        norm: Any = called(made, after)
        fits = type(norm) is _NORMS[convolution_kind(convolution)]
        if fits and norm.running_mean is not None:
            after.replace_all_uses_with(node)
            made.graph.erase_node(after)
            found: nn.Module = fuse_conv_bn_eval(convolution, norm)
            return found
    copied: nn.Module = copy.deepcopy(convolution)
    return copied
