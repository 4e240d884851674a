"""`lepton explain --within`: the target of a segmentation summed over a marked region."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from inference.architectures import table
from tests.explain.test_segmentation import LABELS, SIZE, Brightness
from tests.sample_models import CARD, VOLUME_CARD, install

SITK: Any = importlib.import_module("SimpleITK")


@pytest.fixture
def segmenter(monkeypatch: pytest.MonkeyPatch, own_data_folder: Path) -> str:
    """Its logit of front is twice the voxel, less one."""
    monkeypatch.setitem(table.ARCHITECTURES, "bright", lambda *of_card: Brightness())
    made = replace(
        VOLUME_CARD,
        model_id="bright",
        task="segment",
        labels=LABELS,
        size=SIZE,
        architecture="bright",
        arguments=(),
        orientation="SPL",
    )
    install(made, Brightness().state_dict(), own_data_folder / "models" / "bright")
    return "bright"


def volume(path: Path, values: np.ndarray) -> str:
    SITK.WriteImage(SITK.GetImageFromArray(values), str(path))
    return str(path)


def call(scan: str, model: str, out: Path, *more: str) -> int:
    words = ["explain", scan, "--model", model, "--method", "saliency", "--out", str(out)]
    return main([*words, "--json", *more])


def test_each_voxel_of_the_region_counts_and_no_other(
    segmenter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = np.zeros(SIZE, np.float32)
    values[1, 3:5, 5:9] = 3.0
    marked = np.zeros(SIZE, np.uint8)
    marked[3, 2:4, 1:4] = 1
    marked[4, 2, 2] = 1
    scan = volume(tmp_path / "scan.nii", values)
    region = volume(tmp_path / "region.nii", marked)
    out = tmp_path / "out"
    assert call(scan, segmenter, out, "--target", "front", "--within", region) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["within"] == "a file with a volume"
    assert (found["prepared"], found["spread"]) == (False, None)
    # Without --frame it is the one with most of the region, though nothing was found there.
    assert found["frame"] == 3
    np.testing.assert_allclose(np.load(out / "map.npy"), 2.0 * marked[3], atol=1e-5)
    assert call(scan, segmenter, out, "--target", "front") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["within"], found["frame"]) == (None, 1)


def test_one_answer_for_the_whole_picture_has_no_region(
    own_data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = table.build(CARD.architecture, CARD.arguments, 2, 1).state_dict()
    install(CARD, state, own_data_folder / "models" / "sample")
    scan = volume(tmp_path / "scan.nii", np.zeros((1, 8, 8), np.float32))
    region = volume(tmp_path / "region.nii", np.ones((1, 8, 8), np.uint8))
    assert call(scan, "sample", tmp_path / "out", "--within", region) == 2
    assert "none for a region" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_mean_over_samples_says_how_sure_it_is(
    own_data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = table.build(CARD.architecture, CARD.arguments, 2, 1).state_dict()
    install(CARD, state, own_data_folder / "models" / "sample")
    values = np.random.default_rng(1).normal(size=(1, 8, 8)).astype(np.float32)
    scan = volume(tmp_path / "scan.nii", values)
    words = ["explain", scan, "--model", "sample", "--method", "smoothgrad", "--json"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    found = json.loads(capsys.readouterr().out)
    size, spread = (np.load(tmp_path / "out" / f"{name}.npy") for name in ("map", "spread"))
    assert spread.shape == size.shape == (8, 8)
    expected = np.sqrt(np.mean(spread**2) / np.mean(size**2))
    assert found["spread"] == {"relative": pytest.approx(float(expected), rel=1e-5)}
    assert found["spread"]["relative"] > 0
