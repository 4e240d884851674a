"""One pass of an input through a model in which all its layers are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn

from explain.layouts import Place, Surveyor
from explain.records import LayerStatus
from explain.taps import leaf_of, tapped


@dataclass(eq=False)
class Recording:
    """What a pass gave: the model's output, and each layer that lies over the input, in the order
    they end.

    `given` are the tensors of the layers, part of one graph with the output where gradients were
    asked for.
    """

    output: Any
    places: dict[str, Place] = field(default_factory=dict)
    given: dict[str, Tensor] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, place: Place, output: Tensor) -> None:
        self.places[name], self.given[name] = place, output
        self._versions[name] = 0 if output.is_inference() else output._version

    def drop(self, name: str) -> None:
        """Forget an earlier call of a layer that is called again."""
        self.places.pop(name, None)

    def is_bound(self, name: str) -> bool:
        """Whether gradients come to what a layer gave, and nothing changed it in place since."""
        given = self.given[name]
        return given.requires_grad and given._version == self._versions[name]

    def layers(self, model: nn.Module) -> tuple[LayerStatus, ...]:
        """The layers; none is the default."""
        return tuple(
            LayerStatus(
                name,
                type(model.get_submodule(name)).__name__,
                place.shape,
                default=False,
                layout=place.layout,
                special=place.special,
            )
            for name, place in self.places.items()
        )


def record(
    model: nn.Module, inputs: Tensor, *, gradients: bool, start: str | None = None
) -> Recording:
    """Send `inputs` through the model; gradients go back to the input, or only to layer `start`.

    Compiled programs have no layers.
    """
    surveyor = Surveyor(spatial_size(inputs), len(inputs))
    candidates = {} if is_compiled(model) else weighty(model)
    found = Recording(None)

    def took(name: str, output: Tensor) -> Tensor | None:
        found.drop(name)
        place = surveyor.place(tuple(output.shape), candidates[name])
        if place is None or not output.is_floating_point():
            return None
        begins = gradients if start is None else name == start
        if not begins or output.requires_grad or output.is_inference():
            found.add(name, place, output)
            return None
        leaf = leaf_of(output)  # nothing before it has a gradient
        found.add(name, place, leaf)
        return leaf.clone()

    with torch.set_grad_enabled(gradients), tapped(candidates, took):
        asked = inputs.detach().clone()
        if gradients and start is None and asked.is_floating_point():
            # Nothing forbids a model to change its input in place; a leaf would.
            asked = asked.requires_grad_().clone()
        found.output = model(asked)
    return found


def spatial_size(inputs: Tensor) -> tuple[int, ...]:
    """The size that layers lie over: (rows, columns), three of them, or (length,) of token ids."""
    if inputs.ndim == 2:
        return () if inputs.is_floating_point() else tuple(inputs.shape[1:])
    return tuple(inputs.shape[2:])


def is_compiled(model: nn.Module) -> bool:
    """Whether a model is TorchScript, compiled or exported: its parts are not called one by one."""
    if isinstance(model, torch.jit.ScriptModule) or hasattr(model, "_orig_mod"):
        return True
    if isinstance(model, fx.GraphModule):
        called = [node for node in model.graph.nodes if node.op == "call_function"]
        return any(isinstance(node.target, torch._ops.OpOverload) for node in called)
    return any(isinstance(part, torch.jit.ScriptModule) for part in model.modules())


def weighty(model: nn.Module) -> dict[str, nn.Module]:
    """The named parts with weights of their own, or that hold such a part.

    Recurrent layers are none: what one cell of their output says stems from all the others.
    """
    passing = (nn.modules.batchnorm._NormBase, nn.PReLU, nn.RNNBase)

    def weighs(part: nn.Module) -> bool:
        own = next(part.parameters(recurse=False), None) is not None
        return own and not isinstance(part, passing)

    return {
        name: part
        for name, part in model.named_modules()
        if name and any(weighs(inner) for inner in part.modules())
    }
