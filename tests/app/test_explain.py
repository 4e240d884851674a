"""`lepton explain`: every row of its contract, from a file to the files it leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
import torch
from captum.attr import IntegratedGradients
from pydicom.data import get_testdata_file

from app.cli import main
from explain.methods import METHODS
from inference.architectures.table import build
from inference.cards import ModelCard
from inference.whole_file import write_bytes
from tests.sample_models import CARD, install

KEYS = [
    "schema", "source", "frame", "model", "prediction", "target", "against", "within", "output",
    "method", "options", "layer", "baseline", "reduction", "signed", "native", "completeness",
    "spread", "prepared", "belief", "preparation", "warnings", "device", "seconds", "seed",
    "versions",
]  # fmt: skip


@pytest.fixture
def card(own_data_folder: Path) -> ModelCard:
    torch.manual_seed(3)
    made = replace(CARD, size=(32, 32), arguments=(("widths", "4,6"),), scale=(500.0,))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    return install(made, state, own_data_folder / "models" / "sample")


@pytest.fixture
def scan() -> str:
    return str(get_testdata_file("CT_small.dcm", download=False))


def call(scan: str, out: Path, *more: str, method: str = "integrated_gradients") -> int:
    words = ["explain", scan, "--model", "sample", "--method", method, "--out", str(out), "--json"]
    return main([*words, *more])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_files_and_the_document(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(scan, tmp_path / "out", "--target", "nodule", "--seed", "7") == 0
    found = document(capsys)
    assert list(found) == KEYS
    assert found["schema"] == "lepton.explain/1"
    assert found["model"] == {"id": "sample", "sha256": card.sha256}
    assert found["target"] == {"index": 1, "label": "nodule"}
    assert (found["frame"], found["seed"], found["output"]) == (0, 7, "logit")
    declared = METHODS["integrated_gradients"].options(card.size)
    assert list(found["options"]) == [option.name for option in declared]
    assert set(found["completeness"]) == {"sum", "difference", "residual", "relative"}
    assert sum(found["prediction"]["scores"].values()) == pytest.approx(1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "map.npy", "overlay.png", "report.html", "result.json",
    ]  # fmt: skip
    assert json.loads((tmp_path / "out" / "result.json").read_text()) == found
    values = np.load(tmp_path / "out" / "map.npy")
    assert (values.shape, values.dtype) == ((128, 128), np.float32)
    overlay = cv2.imread(str(tmp_path / "out" / "overlay.png"), cv2.IMREAD_UNCHANGED)
    assert overlay is not None
    assert overlay.shape == (128, 128, 3)


def test_raw_repeats_with_plain_captum(card: ModelCard, scan: str, tmp_path: Path) -> None:
    import safetensors.torch

    assert call(scan, tmp_path, "--raw", "--target", "0", "--option", "n_steps=12") == 0
    x, b, ours = (
        torch.from_numpy(np.load(tmp_path / f"{name}.npy"))
        for name in ("input", "baseline", "map_model")
    )
    module = build(card.architecture, card.arguments, 2, 1)
    module.load_state_dict(safetensors.torch.load_file(card.weights))
    theirs = IntegratedGradients(module.eval()).attribute(x, b, target=0, n_steps=12)
    assert float((ours - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())


def test_equal_calls_leave_equal_bytes(card: ModelCard, scan: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert call(scan, tmp_path / folder, "--raw") == 0
    for name in ("map.npy", "overlay.png", "input.npy", "baseline.npy", "map_model.npy"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_same_without_json_is_said_in_words(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", scan, "--model", "sample", "--method", "grad_cam", "--out", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "makes no promise" in said
    assert "overlay.png" in said


def test_figures_of_belief_are_in_the_document_and_in_the_report(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is cheap is there without being asked for, such as completeness."""
    assert call(scan, tmp_path) == 0
    belief = document(capsys)["belief"]
    found = belief["completeness"]
    assert set(found) - {"curves"} == {"title", "value", "verdict", "sentence", "details"}
    assert found["verdict"] in ("green", "amber", "red")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "How far to believe the map" in report
    assert all(escape(one["sentence"]) in report for one in belief.values())


def test_checks_that_are_asked_for(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    region = np.zeros((128, 128), np.uint8)
    region[40:80, 40:80] = 1
    np.save(tmp_path / "region.npy", region)
    assert call(scan, tmp_path / "cheap", method="saliency") == 0
    cheap = document(capsys)["belief"]
    more = ("--check", "deletion", "--region", str(tmp_path / "region.npy"))
    assert call(scan, tmp_path / "one", *more, method="saliency") == 0
    one = document(capsys)["belief"]
    assert set(cheap) < set(one)
    curves = [figure["curves"] for figure in one.values() if "curves" in figure]
    assert curves
    for curve in curves[0].values():
        assert len(curve["x"]) == len(curve["y"]) > 2


def test_all_checks_at_once(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ("--option", "n_steps=8")
    assert call(scan, tmp_path / "all", "--belief", *small) == 0
    everything = document(capsys)["belief"]
    assert call(scan, tmp_path / "cheap", *small) == 0
    assert set(document(capsys)["belief"]) < set(everything)
    assert all(figure["sentence"].endswith(".") for figure in everything.values())


def test_why_the_one_and_not_the_other(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gradient of a difference is the difference of the gradients."""
    maps = []
    for name, more in (
        ("both", ("--target", "nodule", "--against", "normal")),
        ("one", ("--target", "nodule")),
        ("other", ("--target", "normal")),
    ):
        signed = ("--raw", "--option", "abs=false")
        assert call(scan, tmp_path / name, *more, *signed, method="saliency") == 0
        assert document(capsys)["against"] == ("normal" if name == "both" else None)
        maps.append(np.load(tmp_path / name / "map_model.npy"))
    both, one, other = maps
    assert np.abs(both - (one - other)).max() <= 1e-5 * np.abs(both).max()
    assert "nodule rather than normal" in (tmp_path / "both" / "report.html").read_text("utf-8")


def test_baselines_by_name_and_by_file(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(scan, tmp_path / "mean", "--baseline", "mean", "--raw") == 0
    assert "the input's own mean" in document(capsys)["baseline"]
    assert len(np.unique(np.load(tmp_path / "mean" / "baseline.npy"))) == 1
    picture = tmp_path / "other.png"
    cv2.imwrite(str(picture), np.full((50, 40), 77, np.uint8))
    for name in (str(picture), f"{picture}#0"):
        assert call(scan, tmp_path / "file", "--baseline", name, "--raw") == 0
        assert "a chosen picture: frame 0" in document(capsys)["baseline"]
        # The card divides by 500.
        assert np.allclose(np.load(tmp_path / "file" / "baseline.npy"), 77 / 500)


def test_of_a_volume_the_frame_that_shows_most_of_the_target(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crop = "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume"
    words = ["explain", str(shared_data / crop), "--model", "hippocampus-mr", "--method"]
    words += ["saliency", "--target", "anterior", "--json", "--out", str(tmp_path)]
    assert main(words) == 0
    chosen = document(capsys)
    assert main([*words, "--frame", str(chosen["frame"] + 3)]) == 0
    other = document(capsys)
    assert other["frame"] == chosen["frame"] + 3
    shares = [one["prediction"]["scores"]["anterior"] for one in (chosen, other)]
    assert shares[0] > shares[1] > 0


@pytest.mark.parametrize(
    "wrong",
    [
        (("--target", "tumour"), "no target tumour"),
        (("--target", "9"), "no target 9"),
        (("--frame", "1"), "no frame 1"),
        (("--frame", "-1"), "no frame -1"),
        (("--layer", "stages.1.1"), "does not look at a layer"),
        (("--option", "steps=9"), "no option steps"),
        (("--option", "n_steps"), "not of the form k=v"),
        (("--option", "n_steps=9000"), "from 8 to 500"),
        (("--option", "n_steps=12.0"), "from 8 to 500"),
        (("--output", "loss"), "invalid choice"),
        (("--against", "tumour"), "no target tumour"),
        (("--target", "nodule", "--against", "1"), "cannot be set against itself"),
        (("--baseline", "white"), "no baseline named white"),
        (("--baseline", "picture"), "No picture was chosen"),
        (("--check", "magic"), "no check named magic"),
        (("--model", "other"), "no model named other"),
        (("--method", "magic"), "no method named magic"),
        (("--sparkle",), "unrecognized"),
    ],
)
def test_wrong_use_ends_with_2(
    card: ModelCard,
    scan: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    wrong: tuple[tuple[str, ...], str],
) -> None:
    more, words = wrong
    assert call(scan, tmp_path / "out", *more) == 2
    error = document(capsys)["error"]
    assert error["code"] == 2
    assert words in error["message"]
    assert not (tmp_path / "out").exists()


def test_a_flipped_bit_in_the_weights_ends_with_3(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(card.weights)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    write_bytes(path, bytes(data))
    assert call(scan, tmp_path / "out") == 3
    assert "SHA-256" in document(capsys)["error"]["message"]


def test_a_region_that_does_not_fit_ends_with_3(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "region.npy", np.ones((64, 128), bool))
    assert call(scan, tmp_path / "out", "--region", str(tmp_path / "region.npy")) == 3
    assert "64 × 128 pixels" in document(capsys)["error"]["message"]


def test_a_place_that_cannot_be_written_ends_with_4(
    card: ModelCard, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert call(scan, tmp_path / "file", method="saliency") == 4
    assert "file is a file" in document(capsys)["error"]["message"]


def test_nobody_is_named_unless_asked(
    card: ModelCard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    dataset.PatientName = "Zyx^Quentin"
    dataset.PatientID = "ID-31415"
    place = tmp_path / "secret-folder" / "scan.dcm"
    place.parent.mkdir()
    dataset.save_as(place)
    telling = ("Quentin", "ID-31415", "secret-folder")
    assert call(str(place), tmp_path / "out", method="saliency") == 0
    captured = capsys.readouterr()
    written = captured.out + captured.err
    for name in ("report.html", "result.json"):
        written += (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert not [word for word in telling if word in written]
    assert call(str(place), tmp_path / "named", "--identified", method="saliency") == 0
    assert "secret-folder" in document(capsys)["identified"]["path"]
    assert "Quentin" in (tmp_path / "named" / "report.html").read_text(encoding="utf-8")


def test_what_differs_stays_on_everything(
    own_data_folder: Path, scan: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    made = replace(CARD, size=(16, 16), accepts=replace(CARD.accepts, modalities=("US",)))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    install(made, state, own_data_folder / "models" / "sample")
    assert call(scan, tmp_path, method="saliency") == 0
    sentence = "The model was made for US; this is CT."
    captured = capsys.readouterr()
    assert sentence in json.loads(captured.out)["warnings"]
    assert sentence in captured.err
    assert sentence in (tmp_path / "report.html").read_text(encoding="utf-8")
