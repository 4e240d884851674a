"""Soft maps: the shares behind a segmentation's labels, and the regions above a threshold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inference.architectures import table
from inference.architectures.arguments import Arguments
from inference.cards import ModelCard
from inference.errors import UserError
from inference.predict import predict
from inference.records import Frame, Provenance, SoftMap
from inference.requests import PredictRequest
from inference.shares import foreground, least_step, mean_share, region_above
from inference.soft_maps import soft_maps
from inference.task import Task
from inference.wire import pack, unpack
from tests.sample_models import CARD, install

MADE = Provenance("m", "0" * 64, "", "cpu", 0.1, "2026-11-21T00:00:00+00:00", ())
LABELS = ("Background", "high", "low")


class Signs(nn.Module):
    """Logits of each pixel: 0, the number itself, and its negative."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.zeros_like(entry), entry, -entry], dim=1)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModelCard:
    def build(arguments: Arguments, labels: int, channels: int) -> nn.Module:
        return Signs()

    monkeypatch.setitem(table.ARCHITECTURES, "tiny", build)
    found = replace(
        CARD, task="segment", labels=LABELS, architecture="tiny", arguments=(), size=(4, 4)
    )
    return install(found, Signs().state_dict(), tmp_path / "tiny")


def frames(count: int) -> tuple[Frame, ...]:
    """Pictures of 4 × 4 with the values -2 to 5.5 in halves, each picture one more."""
    ramp = np.arange(16, dtype=np.float32).reshape(4, 4) / 2 - 2
    return tuple(Frame(("source", index), ramp + index) for index in range(count))


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_shares_are_the_softmax_of_each_pixel(card: ModelCard, batch: int) -> None:
    asked = frames(3)
    found = soft_maps(PredictRequest(asked, card, "cpu", batch), Task())
    assert [one.key for one in found] == [frame.key for frame in asked]
    for frame, one in zip(asked, found, strict=True):
        values = np.asarray(frame.stored, np.float64)
        total = 1 + np.exp(values) + np.exp(-values)
        assert one.labels == ("high", "low")
        assert one.shares.dtype == np.uint8
        expected = np.stack((np.exp(values) / total, np.exp(-values) / total))
        np.testing.assert_allclose(one.shares / 255, expected, atol=0.51 / 255)
        assert one.provenance.sha256 == card.sha256


def test_above_a_half_lies_what_the_labels_say(card: ModelCard) -> None:
    """A share above a half is the largest, so that the mask of labels has it too."""
    request = PredictRequest(frames(1), card, "cpu")
    (soft,), (said,) = soft_maps(request, Task()), predict(request, Task())
    assert said.mask is not None
    for place, label in enumerate((1, 2)):
        region = region_above(soft, place, 0.51)
        assert (said.mask[region] == label).all()
        assert region.any()


def test_a_model_that_segments_nothing_is_refused(card: ModelCard) -> None:
    with pytest.raises(UserError, match="says nothing of single pixels"):
        soft_maps(PredictRequest(frames(1), replace(card, task="classify"), "cpu"), Task())


@pytest.mark.parametrize(
    ("threshold", "step"), [(0.0, 1), (0.001, 1), (0.2, 51), (0.5, 128), (1.0, 255)]
)
def test_the_step_that_a_threshold_means(threshold: float, step: int) -> None:
    assert least_step(threshold) == step


def test_regions_and_how_sure_they_are() -> None:
    shares = np.array([[[0, 51, 102], [153, 204, 255]]], dtype=np.uint8)
    soft = SoftMap(("s", 0), ("organ",), shares, MADE)
    region = region_above(soft, 0, 0.6)
    np.testing.assert_array_equal(region, [[False, False, False], [True, True, True]])
    assert mean_share(soft, 0, region) == pytest.approx(0.8)
    assert mean_share(soft, 0, np.zeros((2, 3), bool)) == 0.0
    assert not region_above(soft, 0, 0.0)[0, 0]
    assert foreground(("background", "a", "Background", "b")) == (1, 3)


def test_they_cross_the_wire() -> None:
    soft = SoftMap(("s", 0), ("organ",), np.full((1, 2, 3), 7, np.uint8), MADE)
    back = unpack(pack(soft))
    assert isinstance(back, SoftMap)
    assert (back.key, back.labels, back.provenance) == (soft.key, soft.labels, soft.provenance)
    np.testing.assert_array_equal(back.shares, soft.shares)
