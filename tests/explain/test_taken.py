"""What a method chose while it ran stands in the provenance, and asked for gives the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explain.explain import explain
from inference.architectures.table import build
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Frame, Options
from inference.requests import ExplainRequest
from inference.task import Task
from tests.sample_models import CARD, install

PICTURE = replace(CARD, size=(16, 16), arguments=(("widths", "4,6"),), baseline=-0.5)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    torch.manual_seed(1)
    return install(PICTURE, build("plain_cnn", PICTURE.arguments, 2, 1).state_dict(), tmp_path)


def request(card: ModelCard, method: str, **more: Any) -> ExplainRequest:
    values = np.random.default_rng(20).normal(size=(20, 28)).astype(np.float32)
    return ExplainRequest((Frame(("0123456789ab", 3), values),), 0, card, method, **more)


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap", "smoothgrad"])
def test_options_as_taken_give_the_same_again(card: ModelCard, method: str) -> None:
    asked: Options = (("n_steps", 8),) if method == "integrated_gradients" else ()
    (first,) = explain(request(card, method, options=asked), Task())
    taken = first.provenance.options
    assert 0 not in [value for name, value in taken if "batch" in name]
    (again,) = explain(request(card, method, options=taken), Task())
    assert again.provenance.options == taken
    np.testing.assert_allclose(again.map, first.map, rtol=1e-5, atol=1e-6 * first.map.max())


def test_the_spread_lies_over_the_frame(card: ModelCard) -> None:
    (found,) = explain(request(card, "smoothgrad", options=(("samples", 4),)), Task())
    assert found.spread is not None
    assert found.spread.shape == found.map.shape == (20, 28)
    assert (found.spread >= 0).all()
    assert found.spread.any()


def test_a_layer_may_be_named_where_the_base_takes_one(card: ModelCard) -> None:
    over_layer = (("base", "grad_cam"), ("samples", 3))
    (found,) = explain(request(card, "smoothgrad", options=over_layer, layer="stages.0"), Task())
    assert found.layer == "stages.0"
    (default,) = explain(request(card, "smoothgrad", options=over_layer), Task())
    assert default.layer == "stages.1"
    with pytest.raises(UserError, match="does not look at a layer"):
        explain(request(card, "smoothgrad", layer="stages.0"), Task())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((("base", "occlusion"),), "one of saliency"),
        ((("type", "mean"),), "one of smoothgrad, smoothgrad_sq, vargrad"),
        ((("samples", 0),), "from 1 to 1000"),
        ((("stdev", 2),), "from 0 to 1"),
    ],
)
def test_wrong_options_are_said(card: ModelCard, options: Options, words: str) -> None:
    with pytest.raises(UserError, match=words):
        explain(request(card, "smoothgrad", options=options), Task())
