"""A network that torch itself made int8: what is refused, and that the rest is right."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, Occlusion
from torch import Tensor, nn

from explain.availability import words_on
from explain.facts import examine
from explain.methods import METHODS
from explain.preflight import Word
from explain.subject import Subject
from inference.task import Task
from tests.explain.networks import ask, first_output

SIZE = (24, 24)
ENGINE = "onednn"

pytestmark = [
    pytest.mark.skipif(
        ENGINE not in torch.backends.quantized.supported_engines,
        reason=f"this torch has no {ENGINE} to compute with whole numbers",
    ),
    # Nothing in torch replaces what it calls deprecated here, and such networks are about.
    pytest.mark.filterwarnings("ignore::UserWarning:torch", "ignore::DeprecationWarning"),
]


def quantised(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """A small network, quantised statically with the ranges that it has for noise."""
    quantization: Any = torch.ao.quantization
    monkeypatch.setattr(torch.backends.quantized, "engine", ENGINE)
    torch.manual_seed(0)
    model = nn.Sequential(
        quantization.QuantStub(),
        nn.Conv2d(3, 6, 3),
        nn.ReLU(),
        nn.Conv2d(6, 4, 3, stride=2),
        nn.ReLU(),
        nn.Conv2d(4, 4, 3),
        nn.Flatten(),
        nn.Linear(4 * 8 * 8, 3),
        quantization.DeQuantStub(),
    ).eval()
    model.qconfig = quantization.get_default_qconfig(ENGINE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observed = quantization.prepare(model)
        for inputs in torch.randn(4, 2, 3, *SIZE, generator=torch.Generator().manual_seed(1)):
            observed(inputs)
        made: nn.Module = quantization.convert(observed)
    return made


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    return quantised(monkeypatch)


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(1, 3, *SIZE, generator=torch.Generator().manual_seed(2))


def words(model: nn.Module, inputs: Tensor) -> dict[str, Word]:
    baseline = torch.zeros_like(inputs)
    facts = examine(model, inputs, first_output, baseline, "image")
    assert facts.quantised
    assert not facts.differentiable
    return words_on(Subject(model, inputs, baseline, first_output, facts), Task())


def test_only_what_hides_and_looks_again_is_offered(model: nn.Module, inputs: Tensor) -> None:
    found = words(model, inputs)
    for name, method in METHODS.items():
        if "image" not in method.seen:
            continue
        expected = "green" if method.family == "perturbation" else "red"
        assert found[name].status == expected, name
        if expected == "red":
            assert found[name].reason
            assert METHODS[found[name].instead or ""].family == "perturbation"


def test_occlusion_is_captums(model: nn.Module, inputs: Tensor) -> None:
    theirs = Occlusion(lambda batch: first_output(model(batch))).attribute(
        inputs, sliding_window_shapes=(3, 6, 6), strides=(3, 6, 6), baselines=0.0
    )
    ours = ask("occlusion", model, inputs, window=6, stride=6)
    assert float(theirs.abs().max()) > 0
    np.testing.assert_allclose(ours.values, theirs, atol=1e-6)


def test_ablation_is_captums(model: nn.Module, inputs: Tensor) -> None:
    """Squares of 6 × 6, which are the features of the grid of 16."""
    row = torch.arange(4).repeat_interleave(6)
    squares = (row[:, None] * 4 + row[None]).expand(1, 3, *SIZE)
    theirs = FeatureAblation(lambda batch: first_output(model(batch))).attribute(
        inputs, feature_mask=squares, baselines=0.0
    )
    ours = ask("feature_ablation", model, inputs, features="grid", count=16)
    np.testing.assert_allclose(ours.map, theirs[:, 0], atol=1e-6)
