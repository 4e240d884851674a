"""`lepton train`: the run's folder, the document, and the refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import resources
from app import cli
from inference.architectures.table import build
from inference.card_files import read_card
from inference.cards import CardMetric
from inference.training.recipe import Recipe
from inference.training.recipes import table
from inference.training.recipes.phantom_pair import NODULE_CARD


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> str:
    """A recipe of milliseconds in the table of recipes."""
    card = replace(
        NODULE_CARD,
        model_id="small",
        size=(8, 8),
        arguments=(("widths", "2"), ("depth", 1), ("pooling", "mean")),
    )
    recipe = Recipe(
        card,
        None,
        lambda card, data, run: build(card.architecture, card.arguments, 2, 1),
        lambda card, data: (CardMetric("AUROC", "made up here", 0.75, 0.5, 1.0, 4),),
        seed=3,
    )
    monkeypatch.setitem(table.RECIPES, "small", recipe)
    return "small"


def test_a_run_leaves_metrics_weights_and_card(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert cli.main(["train", small, "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "lepton.train/1"
    assert document["metrics"][0]["value"] == 0.75
    assert document["installed"] is False
    assert {path.name for path in out.iterdir()} == {
        "card.yaml",
        "metrics.jsonl",
        "weights.safetensors",
    }
    assert read_card(out / "card.yaml").sha256 == document["model"]["sha256"]


def test_nothing_is_installed_unless_asked(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "path", lambda *parts: tmp_path.joinpath("box", *parts))
    assert cli.main(["train", small, "--out", str(tmp_path / "one")]) == 0
    assert not (tmp_path / "box").exists()
    assert cli.main(["train", small, "--out", str(tmp_path / "two"), "--install"]) == 0
    installed = tmp_path / "box" / "models" / small
    for name in ("card.yaml", "weights.safetensors"):
        assert (installed / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_a_folder_with_a_run_is_not_written_over(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", small, "--out", str(tmp_path)]) == 0
    assert cli.main(["train", small, "--out", str(tmp_path)]) == 2
    assert "holds a training run already" in capsys.readouterr().err


def test_an_unknown_recipe_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "soup", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == 2


def test_data_that_are_not_here_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    words = ["train", "hippocampus-mr", "--data", str(tmp_path), "--out", str(out)]
    assert cli.main(words) == 4
    assert "are not here" in capsys.readouterr().err
    assert not out.exists()
