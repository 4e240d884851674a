"""`lepton methods`: the list, and what it says of one model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.cli import main
from inference.architectures.table import build
from tests.sample_models import CARD, install

KEYS = ["name", "family", "status", "reason", "instead", "options", "passes"]


def test_the_list_as_the_contract_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = [one["name"] for one in found]
    assert names == ["saliency", "integrated_gradients", "grad_cam", "occlusion"]
    assert all(list(one) == KEYS for one in found)
    for option in (option for one in found for option in one["options"]):
        assert list(option) == ["name", "type", "default", "min", "max"]


def test_a_model_fills_in_what_depends_on_it(
    own_data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    made = replace(CARD, size=(56, 56))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    install(made, state, own_data_folder / "models" / "sample")
    assert main(["methods", "--model", "sample", "--json"]) == 0
    occlusion = json.loads(capsys.readouterr().out)[-1]
    defaults = {option["name"]: option["default"] for option in occlusion["options"]}
    assert defaults == {"window": 4, "stride": 2, "batch": 8}
    assert occlusion["passes"] == 27 * 27 + 1
    assert main(["methods", "--model", "sample"]) == 0
    assert "● occlusion (perturbation): window=4" in capsys.readouterr().out


def test_an_unknown_model_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--model", "nobody", "--json"]) == 2
    assert "no model named nobody" in json.loads(capsys.readouterr().out)["error"]["message"]
