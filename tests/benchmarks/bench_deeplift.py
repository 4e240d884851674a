"""How far DeepLIFT on the prepared copy is off its axiom, beside Captum on the network itself."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import torch
from captum.attr import DeepLift
from torch import Tensor, nn
from torchvision import models as nets

from explain.deeplift import deep_lift
from explain.question import Question
from inference.task import Task

GOAL = 1e-5
SIDE = 224
NETS: dict[str, Callable[[], nn.Module]] = {
    "vgg11_bn": nets.vgg11_bn,
    "resnet18": nets.resnet18,
    "resnet50": nets.resnet50,
    "densenet121": nets.densenet121,
    "mobilenet_v2": nets.mobilenet_v2,
    "shufflenet_v2_x1_0": nets.shufflenet_v2_x1_0,
}


def measure() -> dict[str, Any]:
    """The worst relative completeness error over six networks with three draws of weights each.

    Random weights and offsets, batch norms with the statistics of noise, an input of noise against
    zero, the label whose logit changes most; float32. None for Captum where it raises.
    """
    ours: dict[str, list[float]] = {name: [] for name in NETS}
    captums: dict[str, list[float | None]] = {name: [] for name in NETS}
    for name, make in NETS.items():
        for seed in range(3):
            torch.manual_seed(seed)
            model, inputs = lively(make(), SIDE), torch.randn(1, 3, SIDE, SIDE)
            with torch.no_grad():
                change = (model(inputs) - model(torch.zeros_like(inputs)))[0]
            label = int(change.abs().argmax())
            ours[name].append(_ours(model, inputs, label))
            captums[name].append(_captums(model, inputs, label, float(change[label])))
    return {
        "name": "deeplift",
        "what": "worst relative completeness error of DeepLIFT on the prepared copy, 224²",
        "value": max(max(found) for found in ours.values()),
        "goal": GOAL,
        "better": "lower",
        "unit": "share of the change",
        "ours": ours,
        "captum": captums,
    }


def lively(model: nn.Module, side: int) -> nn.Module:
    """Offsets that are not zero, and batch norms with the statistics of noise: no layer dies."""
    with torch.no_grad():
        for name, parameter in model.requires_grad_(requires_grad=False).named_parameters():
            if name.endswith("bias"):
                parameter.add_(torch.randn(parameter.shape) * 0.1)
        for module in model.eval().modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None
                module.train()
        model(torch.randn(4, 3, side, side))
    return model.eval()


def _ours(model: nn.Module, inputs: Tensor, label: int) -> float:
    baseline, task = torch.zeros_like(inputs), Task()
    asked = Question(
        model,
        inputs,
        baseline,
        lambda output: output[:, label],
        0.0,
        {},
        None,
        task,
        lambda _: None,
    )
    found = deep_lift(asked).completeness
    return float("nan") if found is None else found.relative


def _captums(model: nn.Module, inputs: Tensor, label: int, change: float) -> float | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = DeepLift(model).attribute(inputs.clone().requires_grad_(), target=label)
        except RuntimeError:  # a module that is called twice
            return None
    return abs(float(found.detach().double().sum()) - change) / abs(change)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
