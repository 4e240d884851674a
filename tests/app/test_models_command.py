"""`lepton models`: the list, one card, and one's own weights from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.cli import main
from inference.architectures import table
from inference.card_files import user_models_dir
from inference.cards import CardMetric, ModelCard
from tests.sample_models import CARD, install


@pytest.fixture
def sample() -> ModelCard:
    state = table.build(CARD.architecture, CARD.arguments, 2, 1).state_dict()
    metric = CardMetric("AUROC", "400 phantoms", 0.97, 0.95, 0.98, 400)
    return install(replace(CARD, metrics=(metric,)), state, user_models_dir() / "sample")


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    path = tmp_path / "mine.pth"
    torch.save(table.build("squeezenet1_1", (), 2, 3).state_dict(), path)
    return path


def test_models_are_listed(sample: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "lepton.models/1"
    assert document["models"][-1] == {
        "id": "sample",
        "title": "Sample",
        "task": "classify",
        "labels": ["normal", "nodule"],
        "sha256": sample.sha256,
        "built_in": False,
    }
    assert main(["models"]) == 0
    assert "sample: Sample (classify: normal, nodule)" in capsys.readouterr().out


@pytest.mark.usefixtures("sample")
def test_a_card_is_shown_without_the_place_of_its_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["models", "show", "sample", "--json"]) == 0
    printed = capsys.readouterr().out
    card = json.loads(printed)["model"]
    assert (card["id"], card["weights"], card["size"]) == ("sample", "weights.safetensors", [8, 8])
    assert card["arguments"] == {"widths": "4"}
    assert str(user_models_dir()) not in printed
    assert main(["models", "show", "sample"]) == 0
    printed = capsys.readouterr().out
    assert "limits: It knows nothing." in printed
    assert "metrics: AUROC 0.97 (0.95–0.98) on 400 phantoms (n = 400)" in printed
    assert "None" not in printed.replace("None.", "")
    assert main(["models", "show", "other", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["hint"].startswith("Known models: ")


def test_own_weights_are_added(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["models", "add", str(weights), "--architecture", "squeezenet1_1", "--labels"]
    assert main([*words, "no,yes", "--size", "64", "48", "--json"]) == 0
    streams = capsys.readouterr()
    assert json.loads(streams.out)["model"]["size"] == [64, 48]
    assert "Added as mine." in streams.err
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][-1]["id"] == "mine"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--architecture", "squeezenet1_1", "--labels", "a,b,c"), 3),
        (("--architecture", "mobilenet_v2", "--labels", "a,b"), 3),
        (("--architecture", "squeezenet1_1", "--labels", "a,b", "--card", "nowhere.yaml"), 3),
        (("--architecture", "squeezenet1_1", "--labels", "a,,b"), 2),
        (("--architecture", "squeezenet1_1", "--labels", "a,b", "--size", "0", "4"), 2),
        (("--architecture", "squeezenet1_1"), 2),
        (("--architecture", "squeezenet1_1", "--labels", "a,a"), 2),
        (("--architecture", "squeezenet9", "--labels", "a,b"), 2),
        (("--architecture", "", "--labels", "a,b"), 2),
    ],
)
def test_what_does_not_agree_is_refused(
    words: tuple[str, ...], code: int, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "add", str(weights), *words, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not user_models_dir().exists() or not list(user_models_dir().iterdir())
