"""Explaining a segmentation of a volume: the region of the unperturbed pass is the target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explain.explain import explain, explain_with_tensors
from inference.architectures import table
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Affine, Frame
from inference.requests import ExplainRequest
from inference.task import Task
from tests.explain.networks import PICTURES
from tests.sample_models import VOLUME_CARD, install

LABELS = ("background", "front", "back")
SIZE = (6, 8, 10)
"""Slices, rows and columns, of the source and of the model alike."""


class Brightness(nn.Module):
    """Background where it is dark, front where it is bright, back nowhere.

    Logits: 0, twice the voxel after a convolution that changes nothing − 1, and −9.
    """

    def __init__(self) -> None:
        super().__init__()
        self.same = nn.Conv3d(1, 1, 3, padding=1, bias=False)
        weight = torch.zeros(1, 1, 3, 3, 3)
        weight[0, 0, 1, 1, 1] = 1
        self.same.weight = nn.Parameter(weight)

    def forward(self, inputs: Tensor) -> Tensor:
        value = self.same(inputs)
        return torch.cat([0 * value, 2 * value - 1, 0 * value - 9], dim=1)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModelCard:
    monkeypatch.setitem(table.ARCHITECTURES, "bright", lambda *of_card: Brightness())
    made = replace(
        VOLUME_CARD,
        task="segment",
        labels=LABELS,
        size=SIZE,
        architecture="bright",
        arguments=(),
        orientation="IPL",
    )
    return install(made, Brightness().state_dict(), tmp_path)


def volume() -> np.ndarray:
    values = np.zeros(SIZE, np.float32)
    values[2:4, 3:5, 5:9] = 3.0
    return values


def frames(values: np.ndarray) -> tuple[Frame, ...]:
    """Slices downwards, rows to the back, columns to the left: the model's own order."""
    found = []
    for index, plane in enumerate(values):
        affine: Affine = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, -1, -float(index)), (0, 0, 0, 1))
        found.append(Frame(("abcdefabcdef", index), plane, spacing_mm=(1.0, 1.0), affine=affine))
    return tuple(found)


def ask(card: ModelCard, method: str, **more: Any) -> ExplainRequest:
    return ExplainRequest(frames(volume()), 2, card, method, **more)


def test_the_region_is_the_target_and_held_fixed(card: ModelCard) -> None:
    """By hand: the sum over 16 voxels of 2 · 3 − 1 is 80; at the baseline 0 it is −16."""
    found = explain(ask(card, "integrated_gradients", target="front"), Task())
    assert len(found) == SIZE[0]
    assert [one.key for one in found] == [("abcdefabcdef", index) for index in range(SIZE[0])]
    completeness = found[0].completeness
    assert completeness is not None
    assert completeness.difference == pytest.approx(96)
    assert completeness.sum == pytest.approx(96, rel=1e-5)
    # Each voxel of the region brings 2 · 3, the others nothing.
    stacked = np.stack([one.map for one in found])
    assert np.abs(stacked - 2 * volume()).max() < 1e-4


def test_the_largest_region_is_the_target_unless_one_is_named(card: ModelCard) -> None:
    found = explain(ask(card, "saliency"), Task())
    assert found[0].target_label == "front"
    assert np.abs(np.stack([one.map for one in found]) - (volume() > 0) * 2).max() < 1e-4


def test_occlusion_of_a_volume(card: ModelCard) -> None:
    """A window of one voxel takes twice its value from the sum, where it is in the region."""
    asked = ask(card, "occlusion", options=(("window", 1), ("stride", 1), ("batch", 60)))
    found = explain(asked, Task())
    assert np.abs(np.stack([one.map for one in found]) - 2 * volume()).max() < 1e-4


def test_an_empty_region_is_said(card: ModelCard) -> None:
    with pytest.raises(UserError, match="finds no back here, so there is no region"):
        explain(ask(card, "saliency", target="back"), Task())
    dark = ExplainRequest(frames(np.zeros(SIZE, np.float32)), 0, card, "saliency")
    with pytest.raises(UserError, match="finds nothing but background here"):
        explain(dark, Task())


@pytest.mark.parametrize("method", PICTURES)
def test_every_method_gives_a_map_for_each_frame(card: ModelCard, method: str) -> None:
    options = (("window", 4), ("stride", 4)) if method == "occlusion" else ()
    explanation = explain_with_tensors(ask(card, method, options=options), Task())
    assert explanation.input.shape == (1, 1, *SIZE)
    assert [one.map.shape for one in explanation.attributions] == [SIZE[1:]] * SIZE[0]
    assert any(one.map.any() for one in explanation.attributions)
