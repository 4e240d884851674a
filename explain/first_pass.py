"""The pass before every question, for methods that need no other one."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from explain.records import LayerStatus
from explain.taps import detached


class FirstPass:
    """The unperturbed pass, with what the layer in question gave in it.

    `output` is the model's, without a history. The pass itself is given away once, so that its
    graph takes no memory afterwards.
    """

    def __init__(
        self, model: nn.Module, inputs: Tensor, layer: LayerStatus, output: Any, found: Tensor
    ) -> None:
        self.layer = layer
        self.output = detached(output)
        self._model, self._inputs = model, inputs
        self._made: tuple[Any, Tensor] | None = (output, found)

    def take(
        self, model: nn.Module, inputs: Tensor, layer: LayerStatus | None
    ) -> tuple[Any, Tensor] | None:
        """The output and what the layer gave, of one graph, where this very pass is wanted."""
        same = model is self._model and inputs is self._inputs and layer == self.layer
        made, self._made = self._made, None
        return made if same else None
