"""A model as a tree of its parts, and what each layer of it makes of an input, in small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from explain.arithmetic import plain_arithmetic
from explain.layouts import cells
from explain.recording import is_compiled
from explain.records import LayerStatus, TreeRow
from explain.taps import hooked, tapped, tensors


def model_tree(model: nn.Module, inputs: Tensor) -> tuple[TreeRow, ...]:
    """All parts of a model, each before what is in it, as one pass with `inputs` [1, …] shows them.

    Of a part that is called several times the last call is shown. A part takes part where it is
    called, or where its weights are read. Of a compiled program only the whole says what it gives.
    """
    named = dict(model.named_modules())
    given: dict[str, Any] = {}
    watched = {} if is_compiled(model) else named
    used = _Used()
    with torch.no_grad(), plain_arithmetic(model), hooked(watched, given.__setitem__), used:
        given[""] = model(inputs)
    return tuple(
        TreeRow(
            name,
            type(part).__name__,
            _words(given[name]) if name in given else "",
            sum(one.numel() for one in part.parameters()),
            name.count(".") + 1 if name else 0,
            takes_part=any(_within(called, name) for called in given) or used.any_of(part),
        )
        for name, part in named.items()
    )


def layer_previews(
    model: nn.Module, inputs: Tensor, layers: Sequence[LayerStatus]
) -> dict[str, np.ndarray]:
    """What each of `layers` makes of `inputs` [1, …]: mean magnitudes over channels by name.

    float32 [*native]; all by one pass.
    """
    by_name = {layer.name: layer for layer in layers}
    found: dict[str, np.ndarray] = {}

    def took(name: str, output: Tensor) -> None:
        strength = cells(output, by_name[name])[0].abs().mean(dim=0)
        found[name] = strength.float().cpu().numpy()

    watched = {name: model.get_submodule(name) for name in by_name}
    with torch.no_grad(), plain_arithmetic(model), tapped(watched, took):
        model(inputs)
    return found


_Mode: Any = TorchDispatchMode  # torch does not say the types of its methods


class _Used(_Mode):
    """Notes the memory that operations read while it is on."""

    def __init__(self) -> None:
        super().__init__()
        self._read: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self._read |= {one.data_ptr() for one in tensors(args)}
        return func(*args, **(kwargs or {}))

    def any_of(self, part: nn.Module) -> bool:
        """Whether a weight of this part was read."""
        return any(one.data_ptr() in self._read for one in part.parameters())


def _within(called: str, name: str) -> bool:
    """Whether the part `called` is the part `name` or inside it: lists are never called."""
    return not name or called == name or called.startswith(name + ".")


def _words(output: Any) -> str:
    """What a part gives for one input: its size, or those of all that it gives."""
    if isinstance(output, Tensor):
        return " × ".join(str(length) for length in output.shape[1:]) or "1"
    if isinstance(output, Mapping):
        return ", ".join(f"{key}: {_words(one)}" for key, one in output.items())
    if isinstance(output, (tuple, list)):
        return "; ".join(_words(one) for one in output)
    return type(output).__name__
