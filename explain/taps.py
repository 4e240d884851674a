"""Hooks that read what layers give, or put other values in their place; none stays behind.

Of a layer that gives several tensors in a tuple or a list the first counts (attention gives its
output before its weights); dictionaries are passed over. Of a layer that is called several times
in one pass the last call counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Took = Callable[[str, Tensor], Tensor | None]
"""What is done with what the layer of this name gives; an answer goes on in its place."""


@contextmanager
def hooked(layers: Mapping[str, nn.Module], took: Callable[[str, Any], Any]) -> Iterator[None]:
    """While it lasts, `took` gets all that each of `layers` gives; None leaves it as it is."""
    handles = []

    def put_on(name: str, layer: nn.Module) -> None:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> Any:
            return took(name, output)

        handles.append(layer.register_forward_hook(hook))

    try:
        for name, layer in layers.items():
            put_on(name, layer)
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def tapped(layers: Mapping[str, nn.Module], took: Took) -> Iterator[None]:
    """While it lasts, `took` gets the tensor that each of `layers` gives, at each of its calls."""

    def first(name: str, output: Any) -> Any:
        tensor = first_tensor(output)
        other = None if tensor is None else took(name, tensor)
        return None if other is None else _with_first(output, other)

    with hooked(layers, first):
        yield


@dataclass(eq=False)
class Leaf:
    """Takes what a layer gives as the place where gradients begin."""

    _found: Tensor | None = None

    def __call__(self, name: str, output: Tensor) -> Tensor:
        self._found = leaf_of(output)
        # What follows may change its input in place.
        return self._found.clone()

    @property
    def found(self) -> Tensor:
        """What the layer gave last."""
        if self._found is None:
            raise RuntimeError("the layer took no part in the pass")
        return self._found


def leaf_of(output: Tensor) -> Tensor:
    """The same values without a history, to ask gradients of."""
    return output.detach().requires_grad_()


def first_tensor(output: object) -> Tensor | None:
    """The tensor that a layer gives; the first of a tuple or list, None where that is none."""
    if isinstance(output, (tuple, list)) and output:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def tensors(output: object) -> Iterator[Tensor]:
    """All tensors of a model's output, however they are packed, in their order."""
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        yield from tensors(tuple(output.values()))
    elif isinstance(output, (tuple, list)):
        for one in output:
            yield from tensors(one)


def detached(output: Any) -> Any:
    """The same output without a history."""
    if isinstance(output, Tensor):
        return output.detach()
    if isinstance(output, Mapping):
        return {key: detached(one) for key, one in output.items()}
    if isinstance(output, (tuple, list)):
        return _packed(output, [detached(one) for one in output])
    return output


def slope(score: Tensor, at: Tensor) -> Tensor:
    """The gradient of the sum of `score` at a tensor, zero where none comes there."""
    if not score.requires_grad:
        return torch.zeros_like(at)
    (found,) = torch.autograd.grad(score.sum(), at, retain_graph=True, allow_unused=True)
    return torch.zeros_like(at) if found is None else found


def _with_first(output: object, other: Tensor) -> object:
    """The output of a layer with another first tensor."""
    return _packed(output, [other, *output[1:]]) if isinstance(output, (tuple, list)) else other


def _packed(like: tuple[Any, ...] | list[Any], items: list[Any]) -> object:
    """Items as a list or a tuple, named where `like` is."""
    if isinstance(like, list):
        return items
    return type(like)(*items) if hasattr(like, "_fields") else tuple(items)
