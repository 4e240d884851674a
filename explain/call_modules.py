"""What a network computes by functions and methods, as modules: one table."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional

Called = Callable[..., Any] | str
"""The function, or the name of the method of a tensor."""


class Product(nn.Module):
    """Two values multiplied with each other."""

    def forward(self, first: Any, second: Any) -> Any:
        return first * second


class MatrixProduct(nn.Module):
    """Two tensors multiplied as matrices."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return first @ second


class LogSumExp(nn.Module):
    """log Σ exp over some axes, such as in a pooling between mean and maximum."""

    def __init__(self, dim: Any, keepdim: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.keepdim = keepdim

    def forward(self, values: Tensor) -> Tensor:
        return torch.logsumexp(values, self.dim, self.keepdim)


_PLACE = ("inplace",)
_POOL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_OVER = ("dim", "dtype")
_STACKED = ("dim", "_stacklevel", "dtype")

_MODULES: dict[type[nn.Module], dict[Called, tuple[str, ...]]] = {
    nn.ReLU: {functional.relu: _PLACE, **dict.fromkeys((torch.relu, torch.relu_), ())}
    | dict.fromkeys(("relu", "relu_"), ()),
    nn.ReLU6: {functional.relu6: _PLACE},
    nn.Hardtanh: {functional.hardtanh: ("min_val", "max_val", "inplace")},
    nn.LeakyReLU: {functional.leaky_relu: ("negative_slope", "inplace")},
    nn.ELU: {functional.elu: ("alpha", "inplace")},
    nn.SELU: {functional.selu: _PLACE, torch.selu: ()},
    nn.CELU: {functional.celu: ("alpha", "inplace")},
    nn.GELU: {functional.gelu: ("approximate",)},
    nn.SiLU: {functional.silu: _PLACE},
    nn.Mish: {functional.mish: _PLACE},
    nn.Hardswish: {functional.hardswish: _PLACE},
    nn.Hardsigmoid: {functional.hardsigmoid: _PLACE},
    nn.Softplus: {functional.softplus: ("beta", "threshold")},
    nn.LogSigmoid: {functional.logsigmoid: ()},
    nn.Sigmoid: dict.fromkeys((torch.sigmoid, functional.sigmoid, "sigmoid", "sigmoid_"), ()),
    nn.Tanh: dict.fromkeys((torch.tanh, functional.tanh, "tanh", "tanh_"), ()),
    nn.Softmax: {functional.softmax: _STACKED, torch.softmax: _OVER, "softmax": _OVER},
    nn.LogSoftmax: {
        functional.log_softmax: _STACKED,
        torch.log_softmax: _OVER,
        "log_softmax": _OVER,
    },
    LogSumExp: {torch.logsumexp: ("dim", "keepdim"), "logsumexp": ("dim", "keepdim")},
    nn.MaxPool1d: {functional.max_pool1d: _POOL},
    nn.MaxPool2d: {functional.max_pool2d: _POOL},
    nn.MaxPool3d: {functional.max_pool3d: _POOL},
    nn.AdaptiveMaxPool2d: {functional.adaptive_max_pool2d: ("output_size", "return_indices")},
    nn.AdaptiveMaxPool3d: {functional.adaptive_max_pool3d: ("output_size", "return_indices")},
}
"""By module: what computes the same, with the names of its arguments after the first."""

_BY_CALL = {
    call: (kind, names) for kind, calls in _MODULES.items() for call, names in calls.items()
}

PRODUCTS: Mapping[Called, type[nn.Module]] = {
    **dict.fromkeys((operator.mul, torch.mul, torch.multiply, "mul"), Product),
    "mul_": Product,
    **dict.fromkeys((operator.matmul, torch.matmul, torch.bmm, "matmul", "bmm"), MatrixProduct),
}

_DROPPED = ("inplace", "_stacklevel", "return_indices", "dtype")
"""Settings of functions that a module has not, or that are as a module has them."""

PLAIN: Mapping[Called, str] = {
    "add_": "add",
    "sub_": "sub",
    "div_": "div",
    "clamp_": "clamp",
}
"""Methods that change their tensor in place, and those that leave it alone. (torch.fx takes
`a += b` for a sum of its own.)"""


_IN_PLACE: frozenset[Called] = frozenset(
    {"mul_", torch.relu_, "relu_", "sigmoid_", "tanh_", *PLAIN}
)


def module_of(node: fx.Node, root: nn.Module) -> nn.Module | None:
    """A module that computes what `node`, a call of a function or a method, does.

    It takes the first argument alone, or both of a product. None where there is none, or where
    its settings are only known when it runs. `root` holds the parameters that the node names.
    """
    if node.target in PRODUCTS:
        return PRODUCTS[node.target]() if len(node.args) == 2 and not node.kwargs else None
    if not node.args:
        return None
    if node.target is functional.layer_norm:
        return _layer_norm(node, root)
    if node.target not in _BY_CALL:
        return None
    kind, names = _BY_CALL[node.target]
    given = _arguments(node, names)
    if given.get("return_indices") or given.get("dtype") is not None:
        return None
    settings = {name: value for name, value in given.items() if name not in _DROPPED}
    return None if _unknown(settings) else kind(**settings)


def inputs_of(made: nn.Module) -> int:
    """How many of a call's arguments are inputs of the module made for it; the rest is in it."""
    return 2 if isinstance(made, (Product, MatrixProduct)) else 1


def changes_in_place(node: fx.Node, called: nn.Module | None) -> bool:
    """Whether the node changes its first argument; `called` is the module that it calls, if any."""
    if called is not None:
        return getattr(called, "inplace", False) is True
    if node.target in _IN_PLACE:
        return True
    _, names = _BY_CALL.get(node.target, (None, ()))
    return _arguments(node, names).get("inplace", False) is True


def _arguments(node: fx.Node, names: tuple[str, ...]) -> dict[str, Any]:
    """The arguments after the first by their names."""
    return {**dict(zip(names, node.args[1:], strict=False)), **node.kwargs}


def _layer_norm(node: fx.Node, root: nn.Module) -> nn.Module | None:
    given = _arguments(node, ("normalized_shape", "weight", "bias", "eps"))
    held = {name: given.pop(name, None) for name in ("weight", "bias")}
    if _unknown(given) or any(one is not None and one.op != "get_attr" for one in held.values()):
        return None
    made = nn.LayerNorm(**given, elementwise_affine=False)
    for name, one in held.items():
        made.register_parameter(name, None if one is None else _held(root, one.target))
    return made


def _held(root: nn.Module, path: str) -> nn.Parameter:
    where, _, name = path.rpartition(".")
    found = getattr(root.get_submodule(where), name)
    return found if isinstance(found, nn.Parameter) else nn.Parameter(found, requires_grad=False)


def _unknown(settings: Mapping[str, Any]) -> bool:
    """Whether anything in these settings is only known when the network runs."""
    found: list[fx.Node] = []
    fx.map_arg(dict(settings), found.append)
    return bool(found)
