"""One pass of frames through a model in which its output and one layer are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from explain.arithmetic import plain_arithmetic
from explain.attempt import own_copy
from explain.guard import Guard
from explain.layers import choose_layer, observe
from explain.layouts import cells
from explain.recording import is_compiled
from explain.records import LayerStatus
from explain.reduction import tensor_of
from explain.stage_records import StagesRequest
from explain.taps import first_tensor, hooked
from inference.cards import ModelCard
from inference.cells import planes_over
from inference.devices import choose
from inference.models import load_model
from inference.predict import is_exhausted
from inference.prepare import Prepared, prepare
from inference.records import Frame
from inference.task import Task

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass of prepared frames through a model: its output [1, …], and what a layer gave.

    `layer` and `given`, [C, *native], are None where the model has no layer over its input.
    """

    frames: tuple[Frame, ...]
    index: int
    card: ModelCard
    prepared: Prepared
    output: np.ndarray
    layer: LayerStatus | None = None
    given: np.ndarray | None = None
    compiled: bool = False

    def plane(self, values: np.ndarray) -> np.ndarray | None:
        """The part of model-space values [*grid] that belongs to the frame, [rows, columns]."""
        found = planes_over(self.prepared.geometry, values[None], len(self.frames))[self.index]
        return None if found is None else np.ascontiguousarray(found, dtype=np.float32)


def pass_once(request: StagesRequest, task: Task) -> Pass:
    """The pass that a request asks for, on a copy of the model that nobody else uses.

    Raises UserError (usage) for an unknown layer, NumbersError where the model's answer is none.
    """
    return within_memory(request.device, task, lambda device: _passed(request, device, task))


def within_memory(name: str, task: Task, work: Callable[[torch.device], Found]) -> Found:
    """What `work` gives on the device of this name; on the processor where its memory runs out.

    That is said by `task.note`.
    """
    device = choose(name)
    try:
        return work(device)
    except (RuntimeError, MemoryError) as error:
        if device.type == "cpu" or not is_exhausted(error):
            raise
        task.note(f"The memory of {device} was too small; going on on the processor.")
        return work(torch.device("cpu"))


def asked_frames(request: StagesRequest) -> tuple[tuple[Frame, ...], int]:
    """The frames that the model takes at once, and which of them is meant."""
    if len(request.card.size) == 3:
        return request.frames, request.index
    return (request.frames[request.index],), 0


def _passed(request: StagesRequest, device: torch.device, task: Task) -> Pass:
    """The pass itself, on a copy of the model that nobody else uses, counted by the guard."""
    card = request.card
    frames, index = asked_frames(request)
    task.check()
    prepared = prepare(frames, card)
    with own_copy(load_model(card, device)) as model, plain_arithmetic(model):
        inputs = prepared.tensor.clone(memory_format=torch.contiguous_format).to(device)
        layer = _chosen(model, inputs, card, request.layer)
        output, given = _run(model, inputs, layer, task)
        compiled = is_compiled(model)
    return Pass(frames, index, card, prepared, _array(output), layer, given, compiled)


def _chosen(
    model: nn.Module, inputs: Tensor, card: ModelCard, asked: str | None
) -> LayerStatus | None:
    _, layers = observe(model, inputs, card.layer)
    if not layers and asked is None:
        return None
    return choose_layer(layers, asked)


def _run(
    model: nn.Module, inputs: Tensor, layer: LayerStatus | None, task: Task
) -> tuple[Tensor, np.ndarray | None]:
    outputs: list[Tensor] = []
    given: list[Tensor] = []

    def score(output: Tensor) -> Tensor:
        outputs.append(tensor_of(output))
        return outputs[-1].flatten(1).sum(dim=1)  # only to be refused where it is no number

    def took(_: str, output: object) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            given[:] = [tensor.clone()]  # what follows may change it in place

    watched = {} if layer is None else {layer.name: model.get_submodule(layer.name)}
    with torch.no_grad(), hooked(watched, took):
        Guard(score, task, total=1).run(model, inputs)
    if layer is None or not given:
        return outputs[-1], None
    return outputs[-1], _array(cells(given[-1], layer)[0])


def _array(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().to("cpu", torch.float32).numpy())
