"""`lepton info`: the document that docs/cli.md fixes, the words, the exit codes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from tests.inference.sources.dicom_writer import write_slice

KEYS = [
    "id",
    "kind",
    "modality",
    "frames",
    "shape",
    "samples",
    "spacing_mm",
    "spacing_source",
    "affine",
    "order_rule",
    "transfer_syntax",
    "photometric",
    "value_range",
    "unit",
    "warnings",
]


def _series(folder: Path, heights: tuple[float, ...] = (0.0, 2.0, 4.0)) -> Path:
    for number, height in enumerate(heights):
        write_slice(
            folder / f"{number}.dcm",
            np.full((3, 4), number, np.int16),
            ImagePositionPatient=[0, 0, height],
            RescaleSlope=2,
            RescaleIntercept=-1000,
            PatientName="Doe^Jane",
            PatientID="secret-77",
        )
    return folder


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["info", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def _document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = _run(capsys, *arguments, "--json")
    assert out.count("\n") == 1
    document: dict[str, Any] = json.loads(out)
    return code, document


def test_the_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, document = _document(capsys, str(_series(tmp_path)))
    assert code == 0
    assert list(document) == ["schema", "sources", "refused", "objects"]
    assert document["schema"] == "lepton.info/1"
    (source,) = document["sources"]
    assert list(source) == KEYS
    assert source == {
        "id": source["id"],
        "kind": "series",
        "modality": "CT",
        "frames": 3,
        "shape": [3, 4],
        "samples": 1,
        "spacing_mm": [2.0, 0.5, 2.0],
        "spacing_source": "PixelSpacing",
        "affine": [[0.5, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]],
        "order_rule": "position",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "photometric": "MONOCHROME2",
        "value_range": None,
        "unit": "HU",
        "warnings": [],
    }
    assert len(source["id"]) == 12
    int(source["id"], 16)


def test_values_are_read_only_when_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, document = _document(capsys, str(_series(tmp_path)), "--values")
    assert document["sources"][0]["value_range"] == [-1000.0, -996.0]


def test_uneven_slices_have_their_positions(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, document = _document(capsys, str(_series(tmp_path, (0.0, 2.0, 9.0))))
    (source,) = document["sources"]
    assert source["positions_mm"] == [[0, 0, 0], [0, 0, 2], [0, 0, 9]]
    assert source["spacing_mm"][2] == 2.0
    assert len(source["warnings"]) == 1


def test_refused_files_are_listed_while_others_open(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no scan", "utf-8")
    code, document = _document(capsys, str(_series(tmp_path)))
    assert code == 0
    assert document["refused"] == [
        {"path": str(note), "reason": "note.txt is not a scan or picture."}
    ]


@pytest.mark.parametrize("content", [None, b"", b"no scan"])
def test_a_named_file_that_does_not_open_is_refused_with_3(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "x.dcm"
    if content is not None:
        path.write_bytes(content)
    code, document = _document(capsys, str(path))
    assert code == 3
    assert list(document) == ["schema", "error"]
    assert document["error"]["path"] == str(path)
    assert document["error"]["message"].startswith("x.dcm ")


def test_an_empty_folder_and_a_folder_of_other_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert _document(capsys, str(tmp_path))[0] == 3
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"no scan {number}", "utf-8")
    code, out, err = _run(capsys, str(tmp_path))
    assert (code, out) == (3, "")
    assert err.startswith("None of the 3 files here could be opened; the first: 0.txt is not")
    assert "Traceback" not in err


def test_words_without_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = _run(capsys, str(_series(tmp_path)), "--values")
    assert (code, err) == (0, "")
    assert "(series, CT)" in out
    assert "3 frames of 3 × 4 pixels, by position in the patient" in out
    assert "2 × 0.5 × 2 mm (PixelSpacing)" in out
    assert "values -1000 to -996 HU" in out


def test_no_patient_in_any_stream(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = _series(tmp_path)
    for arguments in ((str(folder),), (str(folder), "--json"), (str(folder), "--values")):
        _, out, err = _run(capsys, *arguments)
        assert "Doe" not in out + err
        assert "secret-77" not in out + err


def test_a_frame_that_cannot_be_read_is_a_warning(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = _series(tmp_path) / "1.dcm"
    syntax = b"1.2.840.10008.1.2.1\0"
    # As long as the other UID, so that nothing else in the file moves: there is no such decoder.
    path.write_bytes(path.read_bytes().replace(syntax, b"1.2.840.10008.1.2.9\0"))
    code, document = _document(capsys, str(tmp_path), "--values")
    assert code == 0
    (source,) = document["sources"]
    assert source["value_range"] is None
    assert "1.dcm cannot be decoded" in source["warnings"][-1]


def test_objects_are_named_by_what_they_are(
    capsys: pytest.CaptureFixture[str], shared_data: Path
) -> None:
    """liver.dcm holds one segment (0062,0004) on three frames; rtstruct.dcm three structures."""
    dcmqi = shared_data / "dicom/QIICR+dcmqi/data/segmentations/liver.dcm"
    files = shared_data / "dicom/pydicom+pydicom/src/pydicom/data/test_files"
    code, out, err = _run(capsys, str(dcmqi), str(files / "rtstruct.dcm"))
    assert (code, err) == (0, "")
    assert "Liver Segmentation (series, SEG)\n  3 frames" in out
    assert "Liver Segmentation (segmentation)\n  1 segment." in out
    assert "sep30 (structure set)\n  3 structures." in out
    code, document = _document(capsys, str(files / "rtplan.dcm"))
    assert (code, document["sources"], document["refused"]) == (0, [], [])
    (plan,) = document["objects"]
    assert list(plan) == ["id", "kind", "title", "modality", "details"]
    assert (plan["kind"], plan["modality"]) == ("other", "RTPLAN")


def test_an_empty_word_does_not_mean_the_folder_one_stands_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_series(tmp_path))
    code, document = _document(capsys, "")
    assert (code, list(document)) == (2, ["schema", "error"])


def test_what_is_in_an_archive_has_its_own_id_and_its_way(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = _series(tmp_path / "outside")
    packed = tmp_path / "study.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"inner/{path.name}")
        archive.writestr("inner/letter.txt", "Dear doctor")
    _, outside = _document(capsys, str(folder))
    code, inside = _document(capsys, str(packed))
    assert code == 0
    assert inside["sources"] == outside["sources"]
    (refused,) = inside["refused"]
    assert refused["path"] == f"{packed}/inner/letter.txt"


def test_other_orders_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for number, height in enumerate((0.0, 4.0, 2.0)):
        write_slice(
            tmp_path / f"{number}.dcm",
            ImagePositionPatient=[0, 0, height],
            InstanceNumber=number + 1,
        )
    _, out, _ = _run(capsys, str(tmp_path))
    assert "by position in the patient (or by instance number)" in out


def test_wrong_use_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys)[0] == 2
    assert _run(capsys, "--no-such-option", "x")[0] == 2
