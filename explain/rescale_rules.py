"""How contributions pass through what is not linear, so that none is lost (DeepLIFT's rescale).

Each rule sees inputs and their baselines at once, as the two halves of a batch [2N, …], and gives
both halves the same multipliers m, with Σ m · Δinput = Δoutput exactly: Shrikumar et al. 2017,
arXiv 1704.02685, section 3.5.1, for a function of one number. A product's change is shared out to
each factor at the mean of the other, which are the Shapley values of the two (Lundberg & Lee 2017,
arXiv 1705.07874); norms and softmax are products and functions of one number, by the chain rule.
"""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from explain.call_modules import LogSumExp, MatrixProduct, Product
from explain.module_rules import Back, Native, Rule

CLOSE = 1e-6
"""Two inputs closer than this share of their size: the difference is rounding, the slope holds."""

TINY = 1e-10
"""Two inputs closer than this are equal, as in Captum."""


def rule_of(module: nn.Module) -> Rule | None:
    """The rule for a module; None where it needs none (it is linear), or where there is none."""
    if (
        getattr(module, "return_indices", False)
        or getattr(module, "running_mean", None) is not None
    ):
        return None
    return RULES.get(type(module))


def rescale(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """A function of each number by itself: Δoutput / Δinput, or the slope where Δinput is none."""
    (values,) = inputs
    with torch.enable_grad():
        leaf = values.detach().requires_grad_()
        output = native(leaf)
        (slope,) = torch.autograd.grad(output.sum(), leaf)
    output = output.detach()
    change = _change(values)
    size = torch.maximum(*values.abs().chunk(2)).repeat(2, *[1] * (values.ndim - 1))
    equal = change.abs() <= torch.clamp(CLOSE * size, min=TINY)
    multiplier = torch.where(equal, slope, _change(output) / change)
    return output, lambda arriving: (arriving * multiplier,)


def select(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """A maximum over windows: its change comes from the place of the greater of both maxima.

    Windows that overlap add up at a place that they share.
    """
    (values,) = inputs
    output = native(values)
    (here, there), (first, second) = _indices(module, values).chunk(2), output.chunk(2)
    places = torch.where(first >= second, here, there).repeat(2, *[1] * (values.ndim - 1))
    places, change = places.flatten(2), _change(values).flatten(2)
    moved = change.gather(2, places)
    share = torch.where(moved == 0, 1.0, _change(output).flatten(2) / moved)

    def back(arriving: Tensor) -> tuple[Tensor, ...]:
        found = torch.zeros_like(change).scatter_add(2, places, arriving.flatten(2) * share)
        return (found.reshape(values.shape),)

    return output, back


def multiply(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """A product of two activations, such as of a gate: each at the mean of the other."""
    first, second = (_mean(one) for one in inputs)
    return native(*inputs), lambda arriving: (
        (arriving * second).sum_to_size(first.shape),
        (arriving * first).sum_to_size(second.shape),
    )


def multiply_matrices(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """A matrix product of two activations, such as written-out attention makes."""
    first, second = (_mean(one) for one in inputs)
    return native(*inputs), lambda arriving: (
        (arriving @ second.mT).sum_to_size(first.shape),
        (first.mT @ arriving).sum_to_size(second.shape),
    )


def share_out(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """Softmax: its slope, with the logarithmic mean a of both outputs in place of the output.

    a = Δy / Δ log y, and Δ log y = Δx − ΔL with L = log Σ exp x. As Σ Δy = 0, ΔL is the mean of
    Δx weighted by a, whatever the size of x.
    """
    (values,) = inputs
    shares, weights = _shares(values, module.dim)

    def back(arriving: Tensor) -> tuple[Tensor, ...]:
        return (shares * (arriving - (arriving * weights).sum(module.dim, keepdim=True)),)

    return native(values), back


def share_out_logarithms(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """The logarithm of softmax: Δx − ΔL, as above."""
    (values,) = inputs
    _, weights = _shares(values, module.dim)

    def back(arriving: Tensor) -> tuple[Tensor, ...]:
        return (arriving - weights * arriving.sum(module.dim, keepdim=True),)

    return native(values), back


def add_exponentials(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """log Σ exp: ΔL, as above."""
    (values,) = inputs
    _, weights = _shares(values, module.dim)
    kept = weights.sum(module.dim, keepdim=True).shape
    return native(values), lambda arriving: (arriving.reshape(kept) * weights,)


def normalise(module: Any, native: Native, inputs: tuple[Tensor, ...]) -> Back:
    """A norm over the input's own mean and variance: y = c · r, with c = x − x̄ and r = 1 / √var."""
    (values,) = inputs
    grouped = values.reshape(*_GROUPS[type(module)](module, values))
    centred = grouped - grouped.mean(dim=2, keepdim=True)
    scale = (centred.square().mean(dim=2, keepdim=True) + module.eps).rsqrt()
    one, other = scale.chunk(2)
    # Δr / Δvar, as r⁻² is var: (r r')² / (r + r') with a minus.
    steepness = (-(one * other).square() / (one + other)).repeat(2, 1, 1)
    centred_mean, scale_mean = _mean(centred), _mean(scale)

    def back(arriving: Tensor) -> tuple[Tensor, ...]:
        arriving = (arriving * _gain(module, values)).reshape(grouped.shape)
        by_scale = (arriving * centred_mean).mean(dim=2, keepdim=True) * steepness * 2
        found = scale_mean * arriving + by_scale * centred_mean
        return ((found - found.mean(dim=2, keepdim=True)).reshape(values.shape),)

    return native(values), back


def _change(values: Tensor) -> Tensor:
    """Inputs minus baselines, for both halves, [2N, …]."""
    first, second = values.chunk(2)
    return torch.cat([first - second] * 2)


def _mean(values: Tensor) -> Tensor:
    """The mean of inputs and baselines, for both halves, [2N, …]."""
    first, second = values.chunk(2)
    return torch.cat([(first + second) / 2] * 2)


def _shares(values: Tensor, axis: Any) -> tuple[Tensor, Tensor]:
    """The logarithmic mean of both halves' softmax, for both halves; and as weights of sum 1."""
    logarithms = values - values.logsumexp(axis, keepdim=True)
    exact, change = logarithms.exp(), _change(logarithms)
    shares = torch.where(change.abs() < CLOSE, _mean(exact), _change(exact) / change)
    return shares, shares / shares.sum(axis, keepdim=True)


def _indices(module: Any, values: Tensor) -> Tensor:
    """Where each window has its maximum, counted through the spatial axes."""
    pool = _POOLS[type(module)]
    if isinstance(module, _ADAPTIVE):
        _, found = pool(values, module.output_size, return_indices=True)
        return torch.as_tensor(found)
    window = (module.kernel_size, module.stride, module.padding, module.dilation)
    _, found = pool(values, *window, ceil_mode=module.ceil_mode, return_indices=True)
    return torch.as_tensor(found)


def _gain(module: Any, values: Tensor) -> Tensor:
    """What a norm multiplies with at its end, so that it spreads over `values`."""
    gain: Tensor | None = module.weight
    if gain is None:
        return values.new_ones(())
    return gain if isinstance(module, nn.LayerNorm) else gain.reshape(-1, *[1] * (values.ndim - 2))


_INSTANCE_NORMS = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
_ADAPTIVE = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d)

_GROUPS: dict[type[nn.Module], Any] = {
    nn.LayerNorm: lambda norm, values: (len(values), -1, prod(norm.normalized_shape)),
    nn.GroupNorm: lambda norm, values: (len(values), norm.num_groups, -1),
    **dict.fromkeys(_INSTANCE_NORMS, lambda norm, values: (*values.shape[:2], -1)),
}
"""What a norm takes one mean and one variance of, as the last axis of [2N, groups, numbers]."""

_POOLS: dict[type[nn.Module], Any] = {
    nn.MaxPool1d: functional.max_pool1d,
    nn.MaxPool2d: functional.max_pool2d,
    nn.MaxPool3d: functional.max_pool3d,
    nn.AdaptiveMaxPool1d: functional.adaptive_max_pool1d,
    nn.AdaptiveMaxPool2d: functional.adaptive_max_pool2d,
    nn.AdaptiveMaxPool3d: functional.adaptive_max_pool3d,
}

ELEMENTWISE = (
    *(nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.Threshold),
    *(nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid),
    *(nn.Sigmoid, nn.LogSigmoid, nn.Tanh, nn.Softplus, nn.Softsign),
    *(nn.Hardshrink, nn.Softshrink, nn.Tanhshrink),
)
"""Activations: functions of each number by itself."""

RULES: dict[type[nn.Module], Rule] = {
    **dict.fromkeys(ELEMENTWISE, rescale),
    **dict.fromkeys(_POOLS, select),
    **dict.fromkeys(_GROUPS, normalise),
    Product: multiply,
    MatrixProduct: multiply_matrices,
    nn.Softmax: share_out,
    nn.LogSoftmax: share_out_logarithms,
    LogSumExp: add_exponentials,
}
"""By the exact class: a subclass may compute something else."""
