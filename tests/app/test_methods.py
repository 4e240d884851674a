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

KEYS = [
    *("name", "family", "status", "reason", "instead", "options", "passes"),
    *("paper", "seconds", "prepared"),
]


def test_the_list_as_the_contract_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    names = [one["name"] for one in found]
    assert {"saliency", "integrated_gradients", "grad_cam", "occlusion"} <= set(names)
    assert all(list(one) == KEYS for one in found)
    for option in (option for one in found for option in one["options"]):
        assert list(option) == ["name", "type", "default", "min", "max", "choices"]
        assert bool(option["choices"]) == (option["type"] == "choice")
    assert all(one["paper"] and one["seconds"] is None for one in found)


def test_a_model_fills_in_what_depends_on_it(
    own_data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    made = replace(CARD, size=(56, 56))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    install(made, state, own_data_folder / "models" / "sample")
    assert main(["methods", "--model", "sample", "--json"]) == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    occlusion = found["occlusion"]
    defaults = {option["name"]: option["default"] for option in occlusion["options"]}
    assert defaults == {"window": 4, "stride": 2, "batch": 0}
    assert occlusion["passes"] == 27 * 27 + 1
    assert occlusion["seconds"] > 0
    assert (found["deep_lift"]["status"], found["deep_lift"]["prepared"]) == ("amber", True)
    assert found["token_occlusion"]["status"] == "red"
    assert found[found["token_occlusion"]["instead"]]["status"] == "green"
    assert main(["methods", "--model", "sample"]) == 0
    text = capsys.readouterr().out
    assert "● occlusion (perturbation): window=4" in text
    assert "s, 730 passes" in text or "under a second, 730 passes" in text
    assert "It is made for token ids; this model takes pictures. Take " in text
    assert "● eigen_cam (layer): under a second, 1 pass" in text.replace("▲", "●")
    assert ": ;" not in text


def test_an_unknown_model_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "--model", "nobody", "--json"]) == 2
    assert "no model named nobody" in json.loads(capsys.readouterr().out)["error"]["message"]
