"""A ResNet-18 with fixed random weights, as a model in a folder and as PyTorch builds it."""

from __future__ import annotations

from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from inference import weights
from inference.architectures import table
from inference.cards import Accepts, ModelCard

SIDE = 224


def plain_module(card: ModelCard) -> nn.Module:
    """The network as PyTorch builds it."""
    module = table.build(card.architecture, (), len(card.labels), card.channels)
    module.load_state_dict(safetensors.torch.load_file(card.weights))
    return module.eval().requires_grad_(requires_grad=False)


def resnet_card(folder: Path, mean: float = 0.0, scale: float = 500.0) -> ModelCard:
    """The model, installed in `folder`: value - `mean` over `scale`."""
    torch.manual_seed(0)
    path = folder / "weights.safetensors"
    safetensors.torch.save_file(table.build("resnet18", (), 1000, 3).state_dict(), path)
    return ModelCard(
        model_id="bench",
        title="Bench",
        task="classify",
        labels=tuple(map(str, range(1000))),
        accepts=Accepts(),
        input="values",
        size=(SIDE, SIDE),
        channels=3,
        resize="stretch",
        orientation=None,
        spacing_mm=None,
        mean=(mean,),
        scale=(scale,),
        clip=None,
        normalise="fixed",
        baseline=0.0,
        architecture="resnet18",
        arguments=(),
        weights=str(path),
        sha256=weights.digest(path.read_bytes()),
        activation="softmax",
        purpose="",
        intended_use="",
        training_data="",
        licence="",
        metrics=(),
        limits=(),
    )
