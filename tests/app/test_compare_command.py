"""`lepton compare` as docs/cli.md promises it: files, document, exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from pydicom.data import get_testdata_file
from scipy.stats import spearmanr

from app.cli import main
from app.comparison_pictures import agreed_picture
from explain.agreement import coarsened, consensus
from inference.architectures.table import build
from inference.cards import ModelCard
from inference.records import Frame
from tests.sample_models import CARD, VOLUME_CARD, install


@pytest.fixture
def card(own_data_folder: Path) -> ModelCard:
    torch.manual_seed(3)
    made = replace(CARD, size=(32, 32), arguments=(("widths", "4,6"),), scale=(500.0,))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    return install(made, state, own_data_folder / "models" / "sample")


@pytest.fixture
def volumes(card: ModelCard, own_data_folder: Path) -> ModelCard:
    """A model of volumes beside the one of pictures."""
    made = replace(VOLUME_CARD, model_id="volumes", architecture="unet3d", arguments=(("base", 2),))
    state = build("unet3d", made.arguments, 2, 1).state_dict()
    return install(made, state, own_data_folder / "models" / "volumes")


def call(out: Path, *more: str, methods: str = "saliency,grad_cam", model: str = "sample") -> int:
    scan = str(get_testdata_file("CT_small.dcm", download=False))
    words = ["compare", scan, "--model", model, "--methods", methods, "--out", str(out), "--json"]
    return main([*words, *more])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_files_and_the_document(
    card: ModelCard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path, methods="saliency,input_x_gradient,grad_cam") == 0
    found = document(capsys)
    assert list(found) == [
        "schema", "source", "frame", "maps", "grid", "rank", "overlap", "agreement", "warnings",
    ]  # fmt: skip
    assert found["schema"] == "lepton.compare/1"
    assert [one["method"] for one in found["maps"]] == ["saliency", "input_x_gradient", "grad_cam"]
    assert [one["model"]["sha256"] for one in found["maps"]] == [card.sha256] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "agreement.npy", "agreement.png", "compare.png",
        "map-1.npy", "map-2.npy", "map-3.npy", "result.json",
    ]  # fmt: skip
    assert json.loads((tmp_path / "result.json").read_text("utf-8")) == found
    maps = [np.load(tmp_path / one["file"]) for one in found["maps"]]
    assert {(one.shape, one.dtype.name) for one in maps} == {((128, 128), "float32")}
    votes = np.load(tmp_path / "agreement.npy")
    assert (votes.shape, votes.dtype) == ((128, 128), np.float32)
    # Three in a row, each under two lines of text.
    sheet = cv2.imread(str(tmp_path / "compare.png"))
    assert sheet is not None
    assert sheet.shape == (384 + 36 + 12, 3 * 390 + 6, 3)


def test_the_matrix_is_that_of_scipy(
    card: ModelCard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path) == 0
    found = document(capsys)
    cells = [
        np.clip(coarsened(np.load(tmp_path / one["file"]), found["grid"]), 0, None).ravel()
        for one in found["maps"]
    ]
    wanted = spearmanr(*cells).statistic
    assert found["rank"][0][1] == found["rank"][1][0] == pytest.approx(wanted, abs=1e-6)
    assert found["rank"][0][0] == found["overlap"][1][1] == 1.0
    assert found["agreement"]["rank"] == found["rank"][0][1]


def test_targets_layers_and_models_multiply(
    card: ModelCard, own_data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = build("plain_cnn", card.arguments, 2, 1).state_dict()
    install(replace(card, model_id="other"), state, own_data_folder / "models" / "other")
    assert call(tmp_path, "--target", "normal,nodule", model="sample,other") == 2
    assert "make 8 maps" in json.loads(capsys.readouterr().out)["error"]["message"]
    more = ["--target", "normal,nodule"]
    assert call(tmp_path, *more, model="sample,other", methods="saliency") == 0
    maps = document(capsys)["maps"]
    asked = [(one["model"]["id"], one["target"]["label"]) for one in maps]
    assert asked == [
        ("sample", "normal"), ("sample", "nodule"), ("other", "normal"), ("other", "nodule"),
    ]  # fmt: skip


def test_a_layer_goes_to_those_who_look_at_one(
    card: ModelCard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tmp_path) == 0
    layer = document(capsys)["maps"][1]["layer"]
    assert call(tmp_path, "--layer", layer) == 0
    assert [one["layer"] for one in document(capsys)["maps"]] == [None, layer]


@pytest.mark.parametrize(
    ("more", "methods", "model"),
    [
        ([], "saliency", "sample"),
        ([], "saliency,no_such", "sample"),
        ([], "saliency,,grad_cam", "sample"),
        ([], "saliency,grad_cam", "unknown"),
        ([], "saliency,grad_cam", "sample,volumes"),
        (["--frame", "1"], "saliency,grad_cam", "sample"),
        (["--target", "cat"], "saliency,grad_cam", "sample"),
        (["--layer", "nowhere"], "saliency,grad_cam", "sample"),
    ],
)
def test_wrong_use_is_2_and_leaves_nothing(
    volumes: ModelCard, tmp_path: Path, more: list[str], methods: str, model: str
) -> None:
    assert call(tmp_path / "out", *more, methods=methods, model=model) == 2
    assert not (tmp_path / "out").exists()


def test_words_are_said_without_json(
    card: ModelCard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = str(get_testdata_file("CT_small.dcm", download=False))
    words = ["compare", scan, "--model", "sample", "--methods", "saliency,grad_cam"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    assert "1 and 2: rank correlation" in capsys.readouterr().out


def test_nothing_is_drawn_where_maps_do_not_agree() -> None:
    left, right = np.zeros((4, 4)), np.zeros((4, 4))
    left[0, 0] = right[3, 3] = 1.0
    frame = Frame(("0" * 12, 0), np.full((16, 8), 100, dtype=np.uint8))
    _, alone = agreed_picture(frame, consensus([left, right], share=1 / 16))
    assert np.array_equal(alone[..., 0], alone[..., 1])
    votes, drawn = agreed_picture(frame, consensus([left, left], share=1 / 16))
    assert votes.shape == (16, 8)
    assert (votes[:4, :2] == 1.0).all()
    assert votes.sum() == 8
    coloured = drawn[..., 0] != drawn[..., 2]
    assert coloured[:4, :2].all()
    assert coloured.sum() == 8
