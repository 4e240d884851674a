"""Grad-CAM from the click to the map over the frame: ResNet-18, 224², model loaded."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from explain.explain import explain
from inference.models import load_model
from inference.requests import ExplainRequest
from inference.task import Task
from tests.benchmarks.bench_explain import bench_frame, timed
from tests.benchmarks.resnet import resnet_card

GOAL_S = 0.150


def measure(rounds: int = 9) -> dict[str, Any]:
    """Seconds of `explain`, median of `rounds`, each with a network that was never explained.

    A network is made of the same weights for each round and loaded before; what is timed makes its
    private copy, looks for its layers, and lays the map over the frame. `processor_seconds` is what
    of it was computed, on all cores together: on a busy machine the rest is waiting. `again` is the
    next click on the same network.
    """
    with tempfile.TemporaryDirectory() as folder:
        card = resnet_card(Path(folder))
        first, again, busy = [], [], []
        for number in range(rounds + 1):
            labels = tuple(f"{label}-{number}" for label in card.labels)
            loaded = replace(card, labels=labels)
            load_model(loaded, torch.device("cpu"))
            request = ExplainRequest((bench_frame(),), 0, loaded, "grad_cam", 3, device="cpu")
            click = partial(explain, request, Task())
            before = time.process_time()
            first.append(timed(click))
            busy.append(time.process_time() - before)
            again.append(timed(click))
    # The first round is also the first that this process explains at all.
    return {
        "name": "grad_cam",
        "what": "Grad-CAM, ResNet-18, 224², click to map, model loaded",
        "value": statistics.median(first[1:]),
        "goal": GOAL_S,
        "better": "lower",
        "unit": "s",
        "seconds": first[1:],
        "processor_seconds": statistics.median(busy[1:]),
        "again": statistics.median(again[1:]),
        "very_first": first[0],
        "threads": torch.get_num_threads(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
