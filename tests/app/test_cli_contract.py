"""What docs/cli.md promises of documents and files, where no other test of a command looks."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
import SimpleITK
import torch

from app.cli import main
from inference.architectures import table
from inference.card_files import user_models_dir
from tests.inference.sources.dicom_writer import write_slice
from tests.sample_models import CARD, install

TELLING: dict[str, Any] = {
    "PatientName": "Qwertz^Zacharias",
    "PatientID": "ID-271828",
    "PatientBirthDate": "19031107",
    "AccessionNumber": "ACC-5551212",
    "OtherPatientIDs": "OTHER-161803",
    "ReferringPhysicianName": "Vexler^Otto",
}
"""What a file says of its patient; none of these words is part of another."""
PLACE = "ward-seven-letters"


@pytest.fixture
def model() -> str:
    torch.manual_seed(5)
    state = table.build(CARD.architecture, CARD.arguments, 2, 1).state_dict()
    install(CARD, state, user_models_dir() / "sample")
    return "sample"


def _document(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def _read(picture: Path) -> np.ndarray:
    return np.asarray(cv2.imread(str(picture), cv2.IMREAD_UNCHANGED))


def test_an_oblique_series_by_hand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Along a row to the back, down a column to the feet: (0, 1, 0) × (0, 0, -1) = (-1, 0, 0).

    So the frames ascend from the left, x = 6, to the right, x = 0, against their instance numbers.
    """
    for number, x in enumerate((0.0, 3.0, 6.0)):
        write_slice(
            tmp_path / "series" / f"{number}.dcm",
            np.full((3, 4), number, np.int16),
            ImagePositionPatient=[x, -10, 20],
            ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
            InstanceNumber=number + 1,
        )
    (source,) = _document(capsys, "info", tmp_path / "series")["sources"]
    assert source["order_rule"] == "position"
    assert source["spacing_mm"] == [2.0, 0.5, 3.0]
    assert source["affine"] == [[0, 0, -3, 6], [0.5, 0, 0, -10], [0, -2, 0, 20], [0, 0, 0, 1]]
    picture = tmp_path / "x.png"
    words = ["render", str(tmp_path / "series"), "--window", "1", "3", "--out", str(picture)]
    for frame, level in ((0, 255), (1, 191), (2, 64)):
        # The first is stored as 2. LINEAR: ((2 - 0.5) / 2 + 0.5) * 255 = 318.75, clipped;
        # of 1: 191.25; of 0: 63.75.
        assert main([*words, "--frame", str(frame)]) == 0
        assert set(_read(picture).ravel()) == {level}


def test_nifti_is_converted_to_lps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    image: Any = SimpleITK.GetImageFromArray(np.zeros((5, 4, 3), np.float32))
    image.SetSpacing((0.5, 0.75, 2.0))
    image.SetOrigin((-7.0, 11.0, 13.0))
    SimpleITK.WriteImage(image, str(tmp_path / "x.nii.gz"))
    (source,) = _document(capsys, "info", tmp_path / "x.nii.gz")["sources"]
    assert (source["kind"], source["frames"], source["shape"]) == ("volume", 5, [4, 3])
    assert source["spacing_mm"] == [0.75, 0.5, 2.0]
    # SimpleITK's world is LPS too.
    assert source["affine"] == [[0.5, 0, 0, -7], [0, 0.75, 0, 11], [0, 0, 2, 13], [0, 0, 0, 1]]


def test_a_picture_has_no_place_and_no_size(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "x.png"), np.zeros((4, 6, 3), np.uint8))
    (source,) = _document(capsys, "info", tmp_path / "x.png")["sources"]
    found = {key: source[key] for key in ("kind", "shape", "samples", "frames", "order_rule")}
    assert found == {
        "kind": "image", "shape": [4, 6], "samples": 3, "frames": 1, "order_rule": "none",
    }  # fmt: skip
    assert source["spacing_mm"] is None
    assert source["affine"] is None
    assert source["unit"] is None


def test_values_leave_padding_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pixels = np.array([[-2000, 10, 20], [30, -2000, 40]], np.int16)
    path = write_slice(
        tmp_path / "x.dcm", pixels, PixelPaddingValue=-2000, RescaleSlope=2, RescaleIntercept=-100
    )
    (source,) = _document(capsys, "info", path, "--values")["sources"]
    assert source["value_range"] == [-80.0, -20.0]
    # Without a window minimum to maximum are spread, again without padding.
    assert main(["render", str(path), "--out", str(tmp_path / "x.png")]) == 0
    shown = _read(tmp_path / "x.png")
    assert (shown[0, 1], shown[1, 2], shown[0, 0]) == (0, 255, 0)


@pytest.mark.parametrize(("colour", "kind"), [(False, 0), (True, 2)])
def test_the_mode_of_a_render(tmp_path: Path, colour: bool, kind: int) -> None:
    """PNG 11.2.2: byte 25 of the file is the colour type, 0 grey, 2 RGB; 24 the bit depth."""
    shape = (5, 7, 3) if colour else (5, 7)
    cv2.imwrite(str(tmp_path / "in.png"), np.full(shape, 90, np.uint8))
    assert main(["render", str(tmp_path / "in.png"), "--out", str(tmp_path / "x.png")]) == 0
    data = (tmp_path / "x.png").read_bytes()
    assert (data[24], data[25]) == (8, kind)
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (7, 5)


@pytest.mark.usefixtures("model")
def test_several_sources_have_to_be_told_apart(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for number in range(2):
        write_slice(tmp_path / f"{number}.dcm", SeriesInstanceUID=f"1.{number}")
    ids = [one["id"] for one in _document(capsys, "info", tmp_path)["sources"]]
    out = tmp_path / "out"
    for command in (("predict",), ("explain", "--method", "saliency", "--out", out)):
        words = [command[0], tmp_path, *command[1:], "--model", "sample"]
        assert main([*map(str, words), "--json"]) == 2
        message = json.loads(capsys.readouterr().out)["error"]["message"]
        assert all(one in message for one in ids)
        assert not out.exists()
        assert _document(capsys, *words, "--source", ids[1])["source"] == ids[1]


@pytest.mark.parametrize(("marker", "marked"), [("none", [0, 0, 0, 0]), ("always", [1, 1, 1, 1])])
def test_phantom_markers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, marker: str, marked: list[int]
) -> None:
    words = ("phantom", "--out", tmp_path, "--count", 4, "--seed", 5, "--marker", marker)
    found = _document(capsys, *words)
    assert [entry["marker"] is not None for entry in found] == marked
    assert [entry["case"] for entry in found] == [0, 1, 2, 3]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["case-0000", "case-0001", "case-0002", "case-0003", "truth.json"]
    for box in (entry["marker"]["box"] for entry in found if entry["marker"]):
        assert 0 <= box[0] < box[2] <= 512
        assert 0 <= box[1] < box[3] <= 512


def test_phantoms_of_equal_seed_have_equal_uids_and_another_has_others(tmp_path: Path) -> None:
    heads = []
    for name, seed in (("one", "5"), ("same", "5"), ("other", "6")):
        assert main(["phantom", "--out", str(tmp_path / name), "--seed", seed]) == 0
        first = pydicom.dcmread(tmp_path / name / "case-0000" / "0001.dcm")
        uids = (first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID)
        heads.append((uids, first.PixelData))
    assert heads[0] == heads[1]
    assert not set(heads[0][0]) & set(heads[2][0])
    assert heads[0][1] != heads[2][1]


def test_a_card_that_disagrees_is_refused_with_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    state = table.build(CARD.architecture, CARD.arguments, 2, 1).state_dict()
    install(CARD, state, tmp_path)
    card, weights = tmp_path / "card.yaml", tmp_path / "weights.safetensors"
    words = ["models", "add", str(weights), "--architecture", CARD.architecture, "--json"]
    assert main([*words, "--labels", "normal,nodule", "--card", str(card)]) == 0
    for labels, text in (
        ("normal,other", card.read_text()),
        ("normal,nodule", card.read_text().replace("sha256: ", "sha256: 0")),
    ):
        capsys.readouterr()
        card.write_text(text)
        assert main([*words, "--labels", labels, "--card", str(card)]) == 3, text
        assert json.loads(capsys.readouterr().out)["error"]["code"] == 3


@pytest.mark.usefixtures("model")
def test_nothing_that_is_left_names_the_patient_or_the_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Every byte of every output; pictures have no chunk that could hold a text."""
    scan = write_slice(tmp_path / PLACE / "Zacharias.dcm", **TELLING)
    out = tmp_path / "out"
    outputs = b""
    for words in (
        ("info", scan, "--values", "--json"),
        ("render", scan, "--out", out / "x.png"),
        ("predict", scan, "--model", "sample", "--out", out / "p", "--json"),
        ("predict", scan, "--model", "sample"),
        ("explain", scan, "--model", "sample", "--method", "saliency", "--raw", "--out", out / "e"),
        ("explain", scan, "--model", "sample", "--method", "occlusion", "--out", out, "--json"),
    ):
        assert main([*map(str, words)]) == 0
        streams = capsys.readouterr()
        outputs += (streams.out + streams.err).encode()
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) == 1 + 1 + 7 + 4
    for path in files:
        outputs += path.read_bytes()
        for png in _pictures(path):
            assert _png_chunks(png) == {b"IHDR", b"IDAT", b"IEND"}
    secrets = [part for value in TELLING.values() for part in value.split("^")]
    assert [one for one in [*secrets, PLACE, str(tmp_path)] if one.encode() in outputs] == [
        str(tmp_path)
    ]  # the folder that was asked for is said, in words alone
    for path in files:
        assert str(tmp_path).encode() not in path.read_bytes()


def _pictures(path: Path) -> list[bytes]:
    """The PNG files in a file: itself, or those that a report carries."""
    if path.suffix == ".png":
        return [path.read_bytes()]
    if path.suffix != ".html":
        return []
    found = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", path.read_text("utf-8"))
    assert found
    return [base64.b64decode(one) for one in found]


def _png_chunks(png: bytes) -> set[bytes]:
    """The kinds of the chunks of a PNG file (PNG 5.3)."""
    found, position = set(), 8
    while position < len(png):
        found.add(png[position + 4 : position + 8])
        position += 12 + int.from_bytes(png[position : position + 4])
    return found
