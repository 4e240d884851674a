"""Baselines by name: what they are worked out by hand, and that they reach method and record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from explain.baselines import BASELINES, BLUR_SHARE, make_baseline
from explain.explain import explain_with_tensors
from inference.architectures import table
from inference.cards import ModelCard
from inference.errors import UserError
from inference.prepare import prepare
from inference.records import Frame
from inference.requests import ExplainRequest
from inference.task import Task
from tests.sample_models import CARD, VOLUME_CARD, install

CT = replace(CARD, mean=(10.0,), scale=(2.0,), baseline=-1.0)


def frame(values: np.ndarray, **more: Any) -> Frame:
    return replace(Frame(("abc", 0), values.astype(np.int16)), **more)


def made(name: str, values: np.ndarray, card: ModelCard = CT) -> tuple[np.ndarray, str]:
    # −2000 is padding wherever it stands.
    shown = frame(values, padding=(-2000.0, -2000.0))
    tensor, words = make_baseline(name, card, prepare((shown,), card), (shown,))
    assert (tensor.dtype, tensor.shape) == (torch.float32, (1, card.channels, *card.size))
    found: np.ndarray = tensor.numpy()
    return found, words


def ramp() -> np.ndarray:
    """0 to 63, the last row is padding."""
    values = np.arange(64).reshape(8, 8)
    values[-1] = -2000
    return values


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("card", -1.0, "constant -1 after normalisation"),
        ("zero", 0.0, "zero after normalisation"),
        # The mean of 0 … 55 is 27.5.
        ("mean", (27.5 - 10) / 2, "the input's own mean, 8.75 after normalisation"),
        ("padding", (0 - 10) / 2, "its lowest measured value, -5 after normalisation"),
    ],
)
def test_one_value_everywhere(name: str, value: float, words: str) -> None:
    found, said = made(name, ramp())
    assert np.allclose(found, value)
    assert words in said


def test_each_channel_has_its_own_mean() -> None:
    colour = replace(CT, channels=3, mean=(0.0, 0.0, 0.0), scale=(1.0, 2.0, 4.0))
    values = np.zeros((8, 8, 3), np.uint8)
    values[..., 1], values[:4, :, 2] = 10, 40
    shown = Frame(("abc", 0), values)
    tensor, words = make_baseline("mean", colour, prepare((shown,), colour), (shown,))
    assert np.allclose(tensor[0, :, 3, 3], (0, 5, 5))
    assert "0, 5 after" in words


def test_a_blur_keeps_the_sum_and_spreads_a_point() -> None:
    """Far from the border a point becomes a Gaussian: its mass and variance are known."""
    card = replace(CT, size=(64, 64), mean=(0.0,), scale=(1.0,))
    values = np.zeros((64, 64))
    values[32, 32] = 1000
    found, words = made("blur", values, card)
    blurred = found[0, 0].astype(np.float64)
    assert blurred.sum() == pytest.approx(1000, rel=1e-4)
    places = np.arange(64) - 32
    variance = (blurred.sum(axis=0) * places**2).sum() / blurred.sum()
    assert variance == pytest.approx((BLUR_SHARE * 64) ** 2, rel=0.02)
    assert "deviation 2.88 pixels" in words


def test_padding_of_a_source_normalised_by_itself() -> None:
    """0 and 2 by halves: mean 1, deviation 1; the lowest is −1 after it."""
    values = np.zeros((8, 8))
    values[:, 4:] = 2
    found, _ = made("padding", values, replace(CT, normalise="per_source"))
    assert np.allclose(found, -1.0)


def test_a_chosen_picture_is_prepared_the_same_way() -> None:
    shown, other = frame(ramp()), replace(frame(ramp().T + 1), key=("def", 4))
    prepared = prepare((shown,), CT)
    tensor, words = make_baseline("picture", CT, prepared, (shown,), other)
    assert torch.equal(tensor, prepare((other,), CT).tensor)
    assert words == "a chosen picture: frame 4 of source def"


def test_what_cannot_be_a_baseline() -> None:
    shown = frame(ramp())
    prepared = prepare((shown,), CT)
    with pytest.raises(UserError, match="no baseline named white"):
        make_baseline("white", CT, prepared, (shown,))
    with pytest.raises(UserError, match="No picture was chosen"):
        make_baseline("picture", CT, prepared, (shown,))
    with pytest.raises(UserError, match="takes volumes"):
        make_baseline("picture", VOLUME_CARD, prepared, (shown,), shown)


@pytest.fixture
def linear(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModelCard:
    """Logits: the sum of the 64 values, and its opposite."""
    monkeypatch.setitem(table.ARCHITECTURES, "sums", lambda *of_card: Sums())
    card = replace(CT, architecture="sums", arguments=())
    return install(card, Sums().state_dict(), tmp_path)


class Sums(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(64, 2, bias=False)
        self.line.weight = nn.Parameter(torch.stack([torch.ones(64), -torch.ones(64)]))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.line(inputs.flatten(1))
        return answer


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "picture"])
def test_the_baseline_reaches_method_and_record(linear: ModelCard, name: str) -> None:
    """Of a linear network the contributions are input − baseline, exactly."""
    shown = frame(np.arange(64).reshape(8, 8))
    expected, words = make_baseline(name, linear, prepare((shown,), linear), (shown,))
    request = ExplainRequest((shown,), 0, linear, "integrated_gradients", 0, baseline=name)
    found = explain_with_tensors(request, Task())
    assert np.array_equal(found.baseline, expected.numpy())
    assert np.allclose(found.map_model, found.input - expected.numpy(), atol=1e-4)
    assert found.attributions[0].baseline == words


def test_equal_requests_have_equal_baselines(linear: ModelCard) -> None:
    shown = frame(ramp())
    for name in ("blur", "mean"):
        one, two = (make_baseline(name, linear, prepare((shown,), linear), (shown,)) for _ in "ab")
        assert torch.equal(one[0], two[0])
