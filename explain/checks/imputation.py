"""What an input would look like without some of its places: guessed from what is left around them.

Noisy linear imputation (Rong et al. 2022, arXiv 2202.00449, section 4.2): each missing value is
the weighted mean of its neighbours, those across a corner at half the weight of those across an
edge, in volumes half again for each further axis. The equations are solved from coarse to fine.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

NOISE = 0.01
"""The deviation of the noise that hides where values were guessed, as a share of the input's."""

TOLERANCE = 1e-3
"""What is left of the equations when a solution is good enough: the values are then off by 0.005
to 0.02 of the input's deviation (root mean square, measured), about as much as the noise."""
MOST_ROUNDS = 300

SMALLEST = 4
"""Inputs narrower than this are solved outright, without a coarser one before."""


def imputed(inputs: Tensor, gone: Tensor, generator: torch.Generator) -> Tensor:
    """The input [1, C, *size] with the places `gone`, bool [*size], guessed from the rest.

    Where nothing at all is left, the guess is noise around zero.
    """
    missing = gone[None, None]
    guessed = _filled(torch.where(missing, torch.zeros_like(inputs), inputs), missing)
    noise = torch.randn(guessed.shape, generator=generator, dtype=inputs.dtype).to(inputs)
    return torch.where(missing, guessed + NOISE * inputs.std() * noise, inputs)


def _filled(known: Tensor, missing: Tensor) -> Tensor:
    """Values [1, C, *size], zero where `missing` [1, 1, *size], with those filled in."""
    if not bool(missing.any()) or bool(missing.all()):
        return known
    size = known.shape[2:]
    start = torch.zeros_like(known)
    if min(size) >= SMALLEST:
        kind = "bilinear" if len(size) == 2 else "trilinear"
        start = functional.interpolate(_filled(*_coarser(known, missing)), size=size, mode=kind)
    return torch.where(missing, _solution(known, missing, start), known)


def _coarser(known: Tensor, missing: Tensor) -> tuple[Tensor, Tensor]:
    """The same at half the size: means of what is known; missing where nothing is."""
    count = _paired((~missing).to(known.dtype))
    return _paired(known) / count.clamp(min=1.0), count == 0


def _paired(values: Tensor) -> Tensor:
    """Sums of two by two along all axes but the first two; a last one without a partner stays."""
    for axis in range(2, values.ndim):
        first = values[(slice(None),) * axis + (slice(0, None, 2),)].clone()
        second = values[(slice(None),) * axis + (slice(1, None, 2),)]
        first.narrow(axis, 0, second.shape[axis]).add_(second)
        values = first
    return values


def _solution(known: Tensor, missing: Tensor, start: Tensor) -> Tensor:
    """Values v at the missing places, else zero, with weights · v = beside(v) + beside(known).

    Conjugate gradients from `start`, scaled by the weights, one system for each channel.
    """
    weights = _beside(torch.ones_like(known[:, :1]))
    least = torch.finfo(known.dtype).tiny
    right = _beside(known) * missing
    found = start * missing
    rest = (right - weights * found + _beside(found)) * missing
    along = rest / weights
    size, enough = _dot(rest, along), TOLERANCE**2 * _dot(right, right / weights)
    for _ in range(MOST_ROUNDS):
        if bool((size <= enough).all()):
            break
        image = (weights * along - _beside(along)) * missing
        step = size / _dot(along, image).clamp(min=least)
        found += step * along
        rest -= step * image
        scaled = rest / weights
        before, size = size, _dot(rest, scaled)
        along = scaled + size / before.clamp(min=least) * along
    return found


def _dot(one: Tensor, other: Tensor) -> Tensor:
    """[1, C, *size] twice to [1, C, 1, …]"""
    return (one * other).sum(dim=tuple(range(2, one.ndim)), keepdim=True)


def _beside(values: Tensor) -> Tensor:
    """The weighted sum over each place's neighbours, [1, C, *size]; nothing beyond the edges.

    One, two, one along each axis in turn is twice the weight for each axis that is shared; the
    place itself, which then has the most, is taken out again.
    """
    summed = values
    for axis in range(2, values.ndim):
        inner = values.shape[axis] - 1
        wider = 2.0 * summed
        wider.narrow(axis, 1, inner).add_(summed.narrow(axis, 0, inner))
        wider.narrow(axis, 0, inner).add_(summed.narrow(axis, 1, inner))
        summed = wider
    return summed - 2.0 ** (values.ndim - 2) * values
