"""`predict` against a bare PyTorch loop: ResNet-18, 224², batch 16, 20 batches, same threads."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.models import load_model
from inference.predict import predict
from inference.records import Frame
from inference.requests import PredictRequest
from inference.task import Task
from tests.benchmarks.resnet import SIDE, plain_module, resnet_card

BATCH, BATCHES = 16, 20
GOAL = 0.95


def measure(rounds: int = 5, stored_side: int = SIDE) -> dict[str, Any]:
    """Speed of `predict` from frames to predictions, over that of the bare loop on ready tensors.

    The bare loop is the module as PyTorch builds it, in inference mode, with a softmax; its input
    is made beforehand. Runs alternate; the value is the median of the ratios of each pair.
    """
    with tempfile.TemporaryDirectory() as folder:
        card = resnet_card(Path(folder), mean=2048.0, scale=1024.0)
        frames = _frames(stored_side)
        request = PredictRequest(frames, card, device="cpu", batch=BATCH)
        load_model(card, torch.device("cpu"))
        bare = plain_module(card)
        batches = [torch.rand(BATCH, 3, SIDE, SIDE) for _ in range(BATCHES)]
        predict(PredictRequest(frames[:BATCH], card, device="cpu"), Task())
        pairs = [(_time_bare(bare, batches), _time_ours(request)) for _ in range(rounds)]
    ratios = [bare_s / ours_s for bare_s, ours_s in pairs]
    return {
        "name": "predict",
        "what": f"speed over a bare PyTorch loop, ResNet-18, frames of {stored_side}²",
        "value": statistics.median(ratios),
        "goal": GOAL,
        "better": "higher",
        "unit": "ratio",
        "ratios": ratios,
        "bare_seconds": statistics.median(pair[0] for pair in pairs),
        "seconds": statistics.median(pair[1] for pair in pairs),
        "threads": torch.get_num_threads(),
    }


def _time_bare(module: torch.nn.Module, batches: list[torch.Tensor]) -> float:
    began = time.perf_counter()
    with torch.inference_mode():
        for batch in batches:
            module(batch).softmax(dim=1).numpy()
    return time.perf_counter() - began


def _time_ours(request: PredictRequest) -> float:
    began = time.perf_counter()
    predict(request, Task())
    return time.perf_counter() - began


def _frames(side: int) -> tuple[Frame, ...]:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 4096, (BATCH * BATCHES, side, side), dtype=np.int16)
    return tuple(Frame(("bench", index), picture) for index, picture in enumerate(pictures))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
