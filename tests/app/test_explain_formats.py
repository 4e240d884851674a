"""`lepton explain --format`: the map in the formats of other programs, beside the usual files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
import SimpleITK
import torch
from PIL import Image
from pydicom.data import get_testdata_file

from app.cli import main
from inference.architectures.table import build
from tests.sample_models import CARD, install


def _call(out: Path, *more: str) -> int:
    scan = str(get_testdata_file("CT_small.dcm", download=False))
    words = ["explain", scan, "--model", "sample", "--method", "saliency", "--out", str(out)]
    return main([*words, *more])


@pytest.fixture
def _model(own_data_folder: Path) -> None:
    torch.manual_seed(3)
    card = replace(CARD, size=(32, 32), arguments=(("widths", "4,6"),), scale=(500.0,))
    state = build("plain_cnn", card.arguments, 2, 1).state_dict()
    install(card, state, own_data_folder / "models" / "sample")


@pytest.mark.usefixtures("_model")
def test_all_formats_hold_the_same_map(tmp_path: Path) -> None:
    assert _call(tmp_path, "--format", "png,npy,nifti,dicom") == 0
    expected = np.load(tmp_path / "map.npy", allow_pickle=False)
    image = SimpleITK.ReadImage(str(tmp_path / "map.nii"))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image)[0], expected)
    written = pydicom.dcmread(tmp_path / "map.dcm")
    np.testing.assert_array_equal(written.pixel_array.reshape(expected.shape), expected)
    assert not written.PatientName
    np.testing.assert_array_equal(
        cv2.imread(str(tmp_path / "map.png")), cv2.imread(str(tmp_path / "overlay.png"))
    )
    with Image.open(tmp_path / "map-alone.png") as alone:
        assert alone.size == expected.shape[::-1]
        limit = float(alone.info["Limit"])
        assert alone.info["Method"] == "saliency"
    assert np.percentile(np.abs(expected), 99.5) == pytest.approx(limit, rel=1e-5)


@pytest.mark.usefixtures("_model")
def test_the_patient_is_named_only_when_asked(tmp_path: Path) -> None:
    assert _call(tmp_path, "--format", "dicom", "--identified") == 0
    written = pydicom.dcmread(tmp_path / "map.dcm")
    assert str(written.PatientName) == "CompressedSamples^CT1"
    assert written.PatientID == "1CT1"


@pytest.mark.parametrize("names", ["bmp", "png,", ""])
def test_an_unknown_format_is_wrong_use(
    tmp_path: Path, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = _call(tmp_path / "out", "--format", names)
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 2
    assert not (tmp_path / "out").exists()
    assert capsys.readouterr().err


@pytest.mark.parametrize(("name", "words"), [("nifti", "where it lies"), ("dicom", "a DICOM scan")])
def test_what_a_format_cannot_hold_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, words: str
) -> None:
    picture = tmp_path / "picture.png"
    assert cv2.imwrite(str(picture), np.zeros((32, 32), np.uint8))
    out = tmp_path / "out"
    given = ["explain", str(picture), "--model", "phantom-nodule", "--method", "saliency"]
    assert main([*given, "--format", name, "--out", str(out)]) == 3
    assert words in capsys.readouterr().err
    assert not out.exists()
