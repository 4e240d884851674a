"""`explain` against a direct Captum call with the same options: ResNet-18, 224²."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients
from torch import nn

from explain.attempt import Explanation
from explain.explain import explain_with_tensors
from inference.models import load_model
from inference.records import Frame
from inference.requests import ExplainRequest
from inference.task import Task
from tests.benchmarks.resnet import SIDE, plain_module, resnet_card

TARGET, STEPS, BATCH = 3, 50, 8
GOAL = 1.05
GOAL_EQUAL = 1e-5


def measure(rounds: int = 5) -> dict[str, Any]:
    """Time of `explain`, frame to attribution, over that of Captum on the ready tensor.

    Integrated Gradients, 50 steps, 8 in a pass; Captum with its convergence delta, since `explain`
    measures completeness too. Runs alternate; the value is the median of the ratios of each pair.
    `equal` is max|a - b| / max|b| before mapping back.
    """
    with tempfile.TemporaryDirectory() as folder:
        card = resnet_card(Path(folder))
        request = ExplainRequest(
            (bench_frame(),),
            0,
            card,
            "integrated_gradients",
            TARGET,
            options=(("n_steps", STEPS), ("max_steps", STEPS), ("internal_batch_size", BATCH)),
            device="cpu",
        )
        load_model(card, torch.device("cpu"))
        ready = explain_with_tensors(request, Task())
        inputs, baseline = torch.from_numpy(ready.input), torch.from_numpy(ready.baseline)
        module = plain_module(card)
        theirs = _captum(module, inputs, baseline)
        pairs = []
        for _ in range(rounds):
            theirs_s = timed(lambda: _captum(module, inputs, baseline))
            pairs.append((timed(lambda: explain_with_tensors(request, Task())), theirs_s))
    ratios = [ours_s / theirs_s for ours_s, theirs_s in pairs]
    return {
        "name": "explain",
        "what": "time over a direct Captum call, Integrated Gradients, 50 steps, ResNet-18, 224²",
        "value": statistics.median(ratios),
        "goal": GOAL,
        "better": "lower",
        "unit": "ratio",
        "ratios": ratios,
        "seconds": statistics.median(pair[0] for pair in pairs),
        "captum_seconds": statistics.median(pair[1] for pair in pairs),
        "equal": distance(ready, theirs),
        "goal_equal": GOAL_EQUAL,
        "threads": torch.get_num_threads(),
    }


def _captum(module: nn.Module, inputs: torch.Tensor, baseline: torch.Tensor) -> torch.Tensor:
    values, _ = IntegratedGradients(module).attribute(
        inputs,
        baseline,
        target=TARGET,
        n_steps=STEPS,
        internal_batch_size=BATCH,
        return_convergence_delta=True,
    )
    found: torch.Tensor = values.detach()
    return found


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def distance(ours: Explanation, theirs: torch.Tensor) -> float:
    """max|a - b| / max|b| of the maps before they go back to the frame."""
    off = np.abs(ours.map_model - theirs.numpy()).max() / np.abs(theirs.numpy()).max()
    return float(off)


def bench_frame() -> Frame:
    """A bright spot and faint noise on a dark ground: something whose hiding changes the answer."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    spot = 4000.0 * np.exp(-(((rows - 0.1) ** 2 + (columns + 0.15) ** 2) / 0.001))
    noise = np.random.default_rng(0).normal(0, 10, (SIDE, SIDE))
    return Frame(("bench", 0), (spot + noise).astype(np.int16))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
