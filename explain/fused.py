"""Convolutions with the sum and the activation after them as one operation, on processors."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from explain.tracing import Shapes, called, convolution_kind

_SUMS = (operator.add, operator.iadd, torch.add)

_CALLS: dict[Any, type[nn.Module]] = {
    functional.relu: nn.ReLU,
    torch.relu: nn.ReLU,
    torch.relu_: nn.ReLU,
    "relu": nn.ReLU,
    "relu_": nn.ReLU,
}
"""Activations that are called as a function or a method."""

_NAMES: dict[type[nn.Module] | None, tuple[str, list[float]]] = {
    None: ("none", []),
    nn.ReLU: ("relu", []),
    nn.ReLU6: ("hardtanh", [0.0, 6.0]),
    nn.SiLU: ("swish", []),
    nn.Hardswish: ("hardswish", []),
}
"""What oneDNN calls them, and their numbers."""


def fused(model: fx.GraphModule, inputs: Tensor, batch: int) -> fx.GraphModule:
    """The same network with sums and activations computed where a convolution ends.

    For passes without gradients on a processor in float32; else the model itself. Its weights are
    laid out once for `batch` inputs like `inputs` [1, C, *size], not again in each pass. These
    are the operations that torch's own compiler puts there
    (torch/_inductor/fx_passes/mkldnn_fusion.py). They are not public: check what comes out.
    """
    built_in: Any = torch.backends.mkldnn.is_available
    if inputs.device.type != "cpu" or inputs.dtype != torch.float32 or not built_in():
        return model
    graph = fx.Graph()
    graph.output(graph.graph_copy(model.graph, {}))
    made = fx.GraphModule(model, graph)
    shapes = Shapes(made)
    shapes.run(inputs)
    for number, node in enumerate(list(graph.nodes)):
        convolution = called(made, node)
        if convolution_kind(convolution) is not None and _is_plain(convolution):
            _fuse(made, node, number, batch, shapes)
    graph.lint()
    made.delete_all_unused_submodules()
    made.recompile()
    return made


class Fused(nn.Module):
    """A convolution, what is added to it, and the activation of the sum."""

    def __init__(self, convolution: Any, after: type[nn.Module] | None, size: list[int]) -> None:
        super().__init__()
        self._sizes = [
            *(list(convolution.padding), list(convolution.stride), list(convolution.dilation)),
            convolution.groups,
        ]
        pack = torch.ops.mkldnn._reorder_convolution_weight
        self._weight = pack(convolution.weight.detach(), *self._sizes, size)
        self._bias = None if convolution.bias is None else convolution.bias.detach()
        self._name, self._numbers = _NAMES[after]

    def forward(self, features: Tensor, other: Tensor | None = None) -> Tensor:
        operation = torch.ops.mkldnn._convolution_pointwise
        found: Tensor
        if other is None:
            rest = (*self._sizes, self._name, self._numbers, "")
            found = operation(features, self._weight, self._bias, *rest)
        else:
            then = None if self._name == "none" else self._name
            rest = (*self._sizes, "add", 1.0, then, [], None)
            found = operation.binary(features, other, self._weight, self._bias, *rest)
        return found


def _fuse(made: fx.GraphModule, node: fx.Node, number: int, batch: int, shapes: Shapes) -> None:
    """Put one operation in place of a convolution and of what alone follows it."""
    convolution = called(made, node)
    size = [batch, *shapes.of[node.all_input_nodes[0]][1:]]
    added, other = _sum(node, shapes)
    last = added or node
    after = _only_user(last)
    kind = None if after is None else _activation(made, after)
    fits = kind is nn.ReLU if added is not None else kind in _NAMES
    if kind is None or not fits:
        after = kind = None
    last = after or last
    name = f"_fused_{number}"
    made.add_module(name, Fused(convolution, kind, size))
    with made.graph.inserting_after(last):
        together = made.graph.call_module(name, (*node.args, *other))
    shapes.of[together] = shapes.of[node]
    last.replace_all_uses_with(together)
    for one in (after, added, node):
        if one is not None:
            made.graph.erase_node(one)


def _sum(node: fx.Node, shapes: Shapes) -> tuple[fx.Node | None, tuple[fx.Node, ...]]:
    """The sum that alone follows a node, and the other term, of the same size; or nothing."""
    added = _only_user(node)
    if added is not None and added.target in _SUMS and not added.kwargs:
        others = tuple(one for one in added.all_input_nodes if one is not node)
        if len(others) == 1 and shapes.of.get(others[0]) == shapes.of[node]:
            return added, others
    return None, ()


def _only_user(node: fx.Node) -> fx.Node | None:
    return next(iter(node.users)) if len(node.users) == 1 else None


def _activation(made: fx.GraphModule, node: fx.Node) -> type[nn.Module] | None:
    """The kind of activation that a node computes; None where it is none."""
    module = called(made, node)
    return type(module) if module is not None else _CALLS.get(node.target)


def _is_plain(convolution: Any) -> bool:
    return convolution.padding_mode == "zeros" and not isinstance(convolution.padding, str)
