"""A model's tree of layers for one frame, and what each candidate layer makes of it, in small."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from explain.arithmetic import plain_arithmetic
from explain.attempt import own_copy
from explain.layers import observe
from explain.model_tree import layer_previews, model_tree
from explain.one_pass import asked_frames, within_memory
from explain.records import LayerStatus
from explain.stage_records import LayerPreview, NetworkTree, StagesRequest
from inference.cells import planes_over
from inference.models import load_model
from inference.prepare import prepare
from inference.task import Task

PREVIEW_PX = 64
"""The longest side of a preview: it stands beside a line of text."""


def network_tree(request: StagesRequest, task: Task) -> NetworkTree:
    """The parts of the model as a pass with the frame shows them, and its candidate layers."""
    task.check()
    prepared = prepare(asked_frames(request)[0], request.card)

    def look(device: torch.device) -> NetworkTree:
        with own_copy(load_model(request.card, device)) as model:
            inputs = prepared.tensor.to(device)
            rows = model_tree(model, inputs)
            task.check()
            return NetworkTree(rows, _layers(model, inputs, request))

    return within_memory(request.device, task, look)


def previews(request: StagesRequest, task: Task) -> tuple[LayerPreview, ...]:
    """The mean magnitude over the channels of each candidate layer, the frame's own plane of it.

    Layers that saw nothing of the frame are left out.
    """
    task.check()
    frames, index = asked_frames(request)
    prepared = prepare(frames, request.card)

    def look(device: torch.device) -> dict[str, np.ndarray]:
        with own_copy(load_model(request.card, device)) as model:
            inputs = prepared.tensor.to(device)
            layers = _layers(model, inputs, request)
            task.check()
            return layer_previews(model, inputs, layers)

    planes = {
        name: planes_over(prepared.geometry, values[None], len(frames))[index]
        for name, values in within_memory(request.device, task, look).items()
    }
    return tuple(
        LayerPreview(name, _small(plane)) for name, plane in planes.items() if plane is not None
    )


def _layers(model: nn.Module, inputs: Tensor, request: StagesRequest) -> tuple[LayerStatus, ...]:
    with plain_arithmetic(model):
        return observe(model, inputs, request.card.layer)[1]


def _small(values: np.ndarray) -> np.ndarray:
    """Magnitudes [rows, columns] as levels, made smaller by means where they are large."""
    share = PREVIEW_PX / max(values.shape)
    own = np.ascontiguousarray(values, dtype=np.float32)
    if share < 1:
        rows, columns = (max(1, round(length * share)) for length in own.shape)
        own = np.asarray(cv2.resize(own, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    top = float(own.max())
    levels = own * (255 / top) if top > 0 and np.isfinite(top) else np.zeros_like(own)
    return np.asarray(np.rint(levels), dtype=np.uint8)
