"""The loop learns, comes out the same twice, and the folder of a run keeps what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from inference.card_files import read_card
from inference.cards import CardMetric
from inference.errors import UserError
from inference.models import load_model
from inference.task import Cancelled, Task
from inference.training.loop import THREADS, Batch, Phase, fit, fixed_threads
from inference.training.recipe import Recipe, carry_out
from inference.training.recipes.phantom_pair import NODULE_CARD
from inference.training.run_folder import RunFolder

SMALL = replace(
    NODULE_CARD,
    model_id="small",
    size=(8, 8),
    arguments=(("widths", "2"), ("depth", 1), ("pooling", "mean")),
)


def _lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def _train_line(folder: Path) -> nn.Linear:
    """Fit y = 3x - 1."""
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    inputs = torch.linspace(-1, 1, 20)[:, None]

    def draw() -> Batch:
        return inputs, 3 * inputs - 1

    fit(
        network,
        draw,
        nn.functional.mse_loss,
        Phase("line", 150, 0.1, decay=0.0),
        RunFolder(folder, Task()),
    )
    return network


def test_the_loop_finds_a_line(tmp_path: Path) -> None:
    network = _train_line(tmp_path)
    assert network.weight.item() == pytest.approx(3, abs=0.02)
    assert network.bias.item() == pytest.approx(-1, abs=0.02)
    assert not network.training
    losses = [float(str(line["loss"])) for line in _lines(tmp_path)]
    assert [line["step"] for line in _lines(tmp_path)] == [25, 50, 75, 100, 125, 150]
    assert losses == sorted(losses, reverse=True)


def test_two_runs_leave_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        _train_line(tmp_path / name)
    first, second = (tmp_path / name / "metrics.jsonl" for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


def test_a_cancelled_run_stops(tmp_path: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        fit(
            nn.Linear(1, 1),
            lambda: (torch.ones(1, 1), torch.ones(1, 1)),
            nn.functional.mse_loss,
            Phase("line", 50, 0.1),
            RunFolder(tmp_path, task),
        )


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    RunFolder(tmp_path, Task())
    with pytest.raises(UserError, match="holds a training run already") as raised:
        RunFolder(tmp_path, Task())
    assert raised.value.fault == "usage"


def test_threads_are_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    with fixed_threads():
        assert torch.get_num_threads() == THREADS
    assert torch.get_num_threads() == before


def test_a_recipe_leaves_a_model_that_loads_and_says_what_was_measured(tmp_path: Path) -> None:
    from inference.architectures.table import build

    seen = []

    def measure(card: object, data: Path) -> tuple[CardMetric, ...]:
        seen.append((card, data))
        return (CardMetric("AUROC", "made up here", 0.75, 0.5, 1.0, 4),)

    recipe = Recipe(
        SMALL,
        None,
        lambda card, data, run: build(card.architecture, card.arguments, 2, 1),
        measure,
        seed=3,
    )
    notes: list[object] = []
    run = RunFolder(tmp_path, Task(lambda kind, value: notes.append(value)))
    card = carry_out(recipe, tmp_path, run)
    assert seen == [(replace(card, metrics=()), tmp_path)]
    kept = read_card(tmp_path / "card.yaml")
    assert kept.metrics == card.metrics
    assert kept.sha256 == card.sha256
    assert any("AUROC" in str(note) for note in notes)
    assert _lines(tmp_path)[-1]["value"] == 0.75
    assert load_model(kept, torch.device("cpu"))


def test_equal_recipes_give_equal_weights(tmp_path: Path) -> None:
    from inference.architectures.table import build

    recipe = Recipe(
        SMALL,
        None,
        lambda card, data, run: build(card.architecture, card.arguments, 2, 1),
        lambda card, data: (),
        seed=3,
    )
    digests = {
        carry_out(recipe, tmp_path, RunFolder(tmp_path / name, Task())).sha256 for name in "ab"
    }
    assert len(digests) == 1
