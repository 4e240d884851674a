"""Feature ablation, Lime and Kernel SHAP against Captum's defaults: ResNet-18, 224²."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum._utils.models.linear_model import SkLearnRidge
from captum.attr import FeatureAblation, KernelShap, Lime
from torch import Tensor, nn

from explain.explain import explain_with_tensors
from explain.superpixels import superpixels
from explain.surrogates import coalitions, halves
from inference.models import load_model
from inference.requests import ExplainRequest
from inference.task import Task
from tests.benchmarks.bench_explain import TARGET, bench_frame, distance, timed
from tests.benchmarks.resnet import plain_module, resnet_card

COUNT, SAMPLES = 64, 256
GOAL = 1.6

Theirs = Callable[[nn.Module, Tensor, Tensor, int], Tensor]
"""A network, its input, the features and how many they are → Captum's map."""


def _ablation(module: nn.Module, inputs: Tensor, mask: Tensor, count: int) -> Tensor:
    found: Tensor = FeatureAblation(module).attribute(inputs, 0, TARGET, feature_mask=mask)
    return found


def _lime(module: nn.Module, inputs: Tensor, mask: Tensor, count: int) -> Tensor:
    rows = halves(count, SAMPLES, torch.Generator().manual_seed(0))
    captum = Lime(module, SkLearnRidge(alpha=0.01), perturb_func=_giving(rows))
    found: Tensor = captum.attribute(inputs, 0, TARGET, feature_mask=mask, n_samples=SAMPLES)
    return found


def _kernel_shap(module: nn.Module, inputs: Tensor, mask: Tensor, count: int) -> Tensor:
    rows, _ = coalitions(count, SAMPLES - 2, torch.Generator().manual_seed(0))
    ends = np.array([[True] * count, [False] * count])
    captum = KernelShap(module)
    captum.perturb_func = _giving(np.concatenate([ends, rows]))
    found: Tensor = captum.attribute(inputs, 0, TARGET, feature_mask=mask, n_samples=SAMPLES)
    return found


def _giving(rows: np.ndarray) -> Callable[..., Iterator[Tensor]]:
    """A way for Captum to draw the very samples that we draw."""

    def draw(original: Tensor, **ignored: object) -> Iterator[Tensor]:
        for row in rows:
            yield torch.from_numpy(row.astype(np.int64))[None]

    return draw


METHODS: dict[str, Theirs] = {
    "feature_ablation": _ablation,
    "lime": _lime,
    "kernel_shap": _kernel_shap,
}


def measure(rounds: int = 5) -> list[dict[str, Any]]:
    """Captum's time on the ready tensor over that of `explain`, frame to attribution.

    Captum as it is called without further options: one input in a pass; the same features and
    samples, so as many passes. Runs alternate; the value is the median of the ratios of each pair.
    `equal` is max|a - b| / max|b|.
    """
    with tempfile.TemporaryDirectory() as folder:
        card = resnet_card(Path(folder))
        load_model(card, torch.device("cpu"))
        request = ExplainRequest((bench_frame(),), 0, card, "", TARGET, device="cpu")
        module = plain_module(card)
        return [_measured(name, request, module, rounds) for name in METHODS]


def _measured(name: str, request: ExplainRequest, module: nn.Module, rounds: int) -> dict[str, Any]:
    options = (("count", COUNT), *([("samples", SAMPLES)] if name != "feature_ablation" else []))
    request = replace(request, method=name, options=options)
    ready = explain_with_tensors(request, Task())
    inputs = torch.from_numpy(ready.input)
    labels = superpixels(ready.input[0], COUNT)
    mask, count = torch.from_numpy(labels)[None, None].long(), int(labels.max()) + 1
    theirs: list[Tensor] = []
    pairs = []
    for _ in range(rounds):
        theirs_s = timed(lambda: theirs.append(METHODS[name](module, inputs, mask, count)))
        pairs.append((timed(lambda: explain_with_tensors(request, Task())), theirs_s))
    ratios = [theirs_s / ours_s for ours_s, theirs_s in pairs]
    return {
        "name": name,
        "what": f"speed over Captum's default, ResNet-18, 224², {count} superpixels",
        "value": statistics.median(ratios),
        "goal": GOAL,
        "better": "higher",
        "unit": "ratio",
        "ratios": ratios,
        "seconds": statistics.median(pair[0] for pair in pairs),
        "captum_seconds": statistics.median(pair[1] for pair in pairs),
        "equal": distance(ready, theirs[-1]),
        "threads": torch.get_num_threads(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
