"""Occlusion against Captum's default: ResNet-18, 224², window 16, stride 8."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from captum.attr import Occlusion
from torch import nn

from explain.explain import explain_with_tensors
from inference.models import load_model
from inference.requests import ExplainRequest
from inference.task import Task
from tests.benchmarks.bench_explain import (
    GOAL_EQUAL,
    TARGET,
    bench_frame,
    distance,
    timed,
)
from tests.benchmarks.resnet import plain_module, resnet_card

WINDOW, STRIDE = 16, 8
GOAL = 1.6


def measure(rounds: int = 3) -> dict[str, Any]:
    """Captum's time on the ready tensor over that of `explain`, frame to attribution.

    Captum as it is called without further options: one window in a pass. Runs alternate; the
    value is the median of the ratios of each pair.
    """
    with tempfile.TemporaryDirectory() as folder:
        card = resnet_card(Path(folder))
        request = ExplainRequest(
            (bench_frame(),),
            0,
            card,
            "occlusion",
            TARGET,
            options=(("window", WINDOW), ("stride", STRIDE)),
            device="cpu",
        )
        load_model(card, torch.device("cpu"))
        ready = explain_with_tensors(request, Task())
        inputs, module = torch.from_numpy(ready.input), plain_module(card)
        theirs: list[torch.Tensor] = []
        pairs = []
        for _ in range(rounds):
            theirs_s = timed(lambda: theirs.append(_captum(module, inputs)))
            pairs.append((timed(lambda: explain_with_tensors(request, Task())), theirs_s))
    ratios = [theirs_s / ours_s for ours_s, theirs_s in pairs]
    return {
        "name": "occlusion",
        "what": "speed over Captum's default, ResNet-18, 224², window 16, stride 8",
        "value": statistics.median(ratios),
        "goal": GOAL,
        "better": "higher",
        "unit": "ratio",
        "ratios": ratios,
        "seconds": statistics.median(pair[0] for pair in pairs),
        "captum_seconds": statistics.median(pair[1] for pair in pairs),
        "equal": distance(ready, theirs[-1]),
        "goal_equal": GOAL_EQUAL,
        "threads": torch.get_num_threads(),
    }


def _captum(module: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = Occlusion(module).attribute(
        inputs,
        target=TARGET,
        sliding_window_shapes=(3, WINDOW, WINDOW),
        strides=(3, STRIDE, STRIDE),
        baselines=0,
    )
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
