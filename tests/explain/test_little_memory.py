"""Models that have too little memory for what is asked, or give no numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explain.explain import explain
from explain.methods import METHODS
from inference.architectures import table
from inference.cards import ModelCard
from inference.errors import NumbersError, UserError
from inference.records import Frame, Options
from inference.requests import ExplainRequest
from inference.task import Task
from tests.explain.networks import PICTURES
from tests.sample_models import CARD, install

EIGHT: dict[str, Options] = {
    "integrated_gradients": (("internal_batch_size", 0),),  # it then chooses 8 on a processor
    "occlusion": (("batch", 8),),
}


def request(card: ModelCard, method: str, options: Options = ()) -> ExplainRequest:
    values = np.random.default_rng(3).normal(size=(20, 28)).astype(np.float32)
    return ExplainRequest((Frame(("0123456789ab", 3), values),), 0, card, method, options=options)


class Hungry(nn.Module):
    """Has memory for a few inputs at once."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.line = nn.Conv2d(1, 2, 4)

    def forward(self, inputs: Tensor) -> Tensor:
        if len(inputs) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        answer: Tensor = self.line(inputs).mean(dim=(2, 3))
        return answer


class Rooted(nn.Module):
    """Its output is a number, its gradient is none: infinity times zero."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(256, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.line(torch.sqrt(inputs * 0).flatten(1))
        return answer


def with_network(
    monkeypatch: pytest.MonkeyPatch, folder: Path, make: Callable[[], nn.Module]
) -> ModelCard:
    monkeypatch.setitem(table.ARCHITECTURES, "odd", lambda arguments, labels, channels: make())
    torch.manual_seed(2)
    return install(
        replace(CARD, size=(16, 16), architecture="odd", arguments=()), make().state_dict(), folder
    )


@pytest.mark.parametrize("method", EIGHT)
def test_less_memory_makes_smaller_batches(
    method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = with_network(monkeypatch, tmp_path, lambda: Hungry(3))
    notes: list[object] = []
    task = Task(lambda kind, value: notes.append(value) if kind == "note" else None)
    asked = request(card, method, options=EIGHT[method])
    (found,) = explain(asked, task)
    assert len(notes) == 2
    assert "8 inputs at once" in str(notes[0])
    assert dict(found.provenance.options)[METHODS[method].batch_option or ""] == 2
    # What 2 at once give is what 8 at once give.
    monkeypatch.setitem(table.ARCHITECTURES, "odd", lambda *of_card: Hungry(99))
    roomy = replace(card, labels=("no", "yes"))  # another key in the cache of loaded models
    (other,) = explain(replace(asked, card=roomy), Task())
    assert np.allclose(other.map, found.map, atol=1e-6)


@pytest.mark.parametrize("method", PICTURES)
def test_no_memory_at_all_is_said(
    method: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = with_network(monkeypatch, tmp_path, lambda: Hungry(0))
    with pytest.raises(UserError, match="not enough memory") as caught:
        explain(request(card, method), Task())
    assert caught.value.fault == "surroundings"


def test_a_map_of_no_numbers_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    card = with_network(monkeypatch, tmp_path, Rooted)
    with pytest.raises(NumbersError, match="no numbers"):
        explain(request(card, "saliency"), Task())
