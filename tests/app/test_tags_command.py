"""`lepton tags`, and what `lepton info` says of objects: documents, words, nobody's name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.commands.tags import WITHHELD
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.object_writer import STRUCTURES, item, write_object


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def _document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, _ = _run(capsys, *words, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def _structures(folder: Path) -> Path:
    return write_object(
        folder / "rt.dcm",
        STRUCTURES,
        Modality="RTSTRUCT",
        StructureSetLabel="Plan A",
        PatientName="Doe^Jane",
        PatientID="secret-77",
        StructureSetROISequence=[item(ROINumber=1, ROIName="Jane Doe's liver")],
    )


def test_the_document_of_tags(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = _document(capsys, "tags", str(_structures(tmp_path)))
    assert list(found) == ["schema", "rows", "cut"]
    assert (found["schema"], found["cut"]) == ("lepton.tags/1", False)
    rows = {row["tag"]: row for row in found["rows"] if row["tag"]}
    assert rows["(3006,0002)"] == {
        "depth": 0,
        "tag": "(3006,0002)",
        "vr": "SH",
        "name": "Structure Set Label",
        "value": "Plan A",
    }
    assert rows["(3006,0022)"]["depth"] == 2


def test_nobody_is_named_unless_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = str(_structures(tmp_path))
    for words in (
        ("tags", path),
        ("tags", path, "--json"),
        ("info", path),
        ("info", path, "--json"),
    ):
        code, out, err = _run(capsys, *words)
        assert code == 0
        for secret in ("doe", "jane", "secret-77"):
            assert secret not in (out + err).lower()
    rows = {row["tag"]: row["value"] for row in _document(capsys, "tags", path)["rows"]}
    assert rows["(0010,0020)"] == rows["(3006,0026)"] == WITHHELD
    identified = _document(capsys, "tags", path, "--identified")
    shown = {row["tag"]: row["value"] for row in identified["rows"]}
    assert (shown["(0010,0010)"], shown["(0010,0020)"]) == ("Doe^Jane", "secret-77")
    assert shown["(3006,0026)"] == "Jane Doe's liver"


def test_words(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, out, _ = _run(capsys, "tags", str(_structures(tmp_path)))
    lines = out.splitlines()
    assert "(3006,0002) SH Structure Set Label: Plan A" in lines
    assert "(3006,0020) SQ Structure Set ROI Sequence: 1 item" in lines
    assert "  Item 1" in lines
    assert "    (3006,0022) IS ROI Number: 1" in lines


def test_a_file_without_tags_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no scan", "utf-8")
    code, out, err = _run(capsys, "tags", str(note))
    assert (code, out) == (3, "")
    assert err.startswith("note.txt is no DICOM file")


def test_info_lists_objects(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = _structures(tmp_path)
    found = _document(capsys, "info", str(path))
    assert (found["sources"], found["refused"]) == ([], [])
    (listed,) = found["objects"]
    assert listed == {
        "id": listed["id"],
        "kind": "structure_set",
        "title": "Plan A",
        "modality": "RTSTRUCT",
        "details": ["1 structure, of which 0 have contours."],
    }
    write_slice(tmp_path / "slice.dcm")
    both = _document(capsys, "info", str(tmp_path))
    assert (len(both["sources"]), len(both["objects"])) == (1, 1)
    _, out, _ = _run(capsys, "info", str(path))
    assert f"{listed['id']}  Plan A" in out


def test_what_wants_a_picture_says_that_an_object_is_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, picture = str(_structures(tmp_path)), str(tmp_path / "x.png")
    code, _, err = _run(capsys, "render", path, "--out", picture)
    assert code == 3
    assert err.startswith("rt.dcm holds no picture; it is “Plan A”.")
