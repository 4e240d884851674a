"""`lepton predict` as a caller sees them: documents, files, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import SimpleITK
import torch

from app.cli import main
from inference.architectures import table
from inference.card_files import user_models_dir
from inference.cards import Accepts, ModelCard
from tests.sample_models import CARD, VOLUME_CARD, install

Run = Callable[..., tuple[int, Any, str]]

PICTURE = np.random.default_rng(1).integers(0, 256, (20, 30), dtype=np.uint8)


@pytest.fixture
def lepton(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json; its exit code, its document, and what it said beside it."""

    def run(*words: str | Path) -> tuple[int, Any, str]:
        code = main([*map(str, words), "--json"])
        streams = capsys.readouterr()
        return code, json.loads(streams.out), streams.err

    return run


@pytest.fixture
def classifier() -> ModelCard:
    """A classifier among the user's models, without a background of its own choosing."""
    torch.manual_seed(7)
    card = replace(CARD, model_id="own", accepts=Accepts(("CT",)), mean=(128.0,), scale=(64.0,))
    state = table.build(card.architecture, card.arguments, 2, 1).state_dict()
    return install(card, state, user_models_dir() / "own")


@pytest.fixture
def segmenter() -> ModelCard:
    torch.manual_seed(8)
    card = replace(
        VOLUME_CARD,
        model_id="volumes",
        task="segment",
        labels=("background", "front", "back"),
        architecture="unet3d",
        arguments=(("base", 2),),
    )
    state = table.build(card.architecture, card.arguments, 3, 1).state_dict()
    return install(card, state, user_models_dir() / "volumes")


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(cv2.imencode(".png", PICTURE)[1].tobytes())
    return path


@pytest.fixture
def nifti(tmp_path: Path) -> Path:
    path = tmp_path / "volume.nii.gz"
    values = np.random.default_rng(2).normal(0, 1, (6, 10, 9)).astype(np.float32)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(path))
    return path


def test_a_picture_is_classified(
    lepton: Run, classifier: ModelCard, png: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, document, said = lepton("predict", png, "--model", "own", "--out", out)
    assert code == 0
    assert list(document) == [
        "schema",
        "source",
        "model",
        "device",
        "seconds",
        "activation",
        "warnings",
        "frames",
    ]
    assert document["schema"] == "lepton.predict/1"
    assert document["model"] == {"id": "own", "sha256": classifier.sha256}
    assert document["activation"] == "softmax"
    assert document["warnings"][0].startswith("The model was made for CT; this is ")
    assert document["warnings"][0] in said
    (frame,) = document["frames"]
    assert frame["index"] == 0
    assert list(frame["scores"]) == ["normal", "nodule"]
    assert sum(frame["scores"].values()) == pytest.approx(1)
    assert frame["top"] == max(frame["scores"], key=lambda label: frame["scores"][label])
    assert (frame["boxes"], frame["mask"]) == ([], None)
    assert json.loads((out / "result.json").read_text("utf-8")) == document
    assert [path.name for path in out.iterdir()] == ["result.json"]


def test_the_answer_is_that_of_plain_pytorch(lepton: Run, classifier: ModelCard, png: Path) -> None:
    _, document, _ = lepton("predict", png, "--model", "own")
    torch.manual_seed(7)
    module = table.build(classifier.architecture, classifier.arguments, 2, 1).eval()
    entry = torch.nn.functional.interpolate(
        torch.from_numpy(PICTURE)[None, None].float(), size=(8, 8), mode="bilinear", antialias=True
    )
    with torch.no_grad():
        wanted = module((entry - 128.0) / 64.0).softmax(1)[0, 1].item()
    assert document["frames"][0]["scores"]["nodule"] == pytest.approx(wanted, abs=1e-5)


def test_a_volume_is_segmented_with_its_mask(
    lepton: Run, segmenter: ModelCard, nifti: Path, tmp_path: Path
) -> None:
    code, document, _ = lepton("predict", nifti, "--model", "volumes", "--out", tmp_path / "out")
    assert code == 0
    assert [frame["index"] for frame in document["frames"]] == list(range(6))
    assert {frame["mask"] for frame in document["frames"]} == {"mask.npy"}
    mask = np.load(tmp_path / "out" / "mask.npy")
    assert (mask.shape, mask.dtype) == ((6, 10, 9), np.uint8)
    shares = [document["frames"][2]["scores"][label] for label in segmenter.labels]
    np.testing.assert_allclose(
        np.bincount(mask[2].ravel(), minlength=3) / mask[2].size, shares, atol=1e-6
    )
    _, one, _ = lepton("predict", nifti, "--model", "volumes", "--frame", "2")
    assert one["frames"] == [{**document["frames"][2], "mask": None}]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--model", "none"), 2, "There is no model named none."),
        (("--model", "own", "--frame", "1"), 2, "There is no frame 1; the source has 1"),
        (("--model", "own", "--frame", "last"), 2, "last is neither a frame's number nor all"),
        (("--model", "own", "--device", "gpu"), 2, "There is no device named gpu."),
        (("--model", "own", "--colour"), 2, "unrecognized arguments: --colour"),
        (("--model", "own", "--source", "0" * 12), 2, "There is no source 000000000000"),
        ((), 2, "required: --model"),
    ],
)
@pytest.mark.usefixtures("classifier")
def test_wrong_use_is_told(
    lepton: Run, png: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    found, document, said = lepton("predict", png, *words)
    assert found == code
    assert document["error"]["code"] == code
    assert message in document["error"]["message"]
    assert message in said
    assert "Traceback" not in said


@pytest.mark.usefixtures("classifier")
def test_input_that_cannot_be_used_is_refused(lepton: Run, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    assert lepton("predict", text, "--model", "own")[0] == 3
    assert lepton("predict", tmp_path / "nowhere", "--model", "own")[0] == 3


def test_weights_that_changed_are_refused(lepton: Run, classifier: ModelCard, png: Path) -> None:
    path = Path(classifier.weights)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    code, document, _ = lepton("predict", png, "--model", "own")
    assert code == 3
    assert "SHA-256" in document["error"]["message"]


@pytest.mark.usefixtures("classifier")
def test_a_place_that_cannot_be_written_is_the_surroundings(
    lepton: Run, png: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    code, document, _ = lepton("predict", png, "--model", "own", "--out", tmp_path / "taken")
    assert code == 4
    assert "taken is a file" in document["error"]["message"]


@pytest.mark.usefixtures("classifier")
def test_without_json_a_person_reads_scores(png: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(png), "--model", "own"]) == 0
    streams = capsys.readouterr()
    assert streams.out.startswith("frame 0: no")
    assert streams.out.count("\n") == 1
