"""The format of labels is found out by names and first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import UserError
from inference.exchange.sniffing import format_at
from inference.exchange.table import FORMATS
from inference.records import Annotation
from tests.inference.exchange.labelled import IMAGE, exported

DICOM = bytes(128) + b"DICM"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("a.json",), "coco"),
        (("A.CSV",), "csv"),
        (("mask.png",), "png"),
        (("scan.nii.gz",), "nifti"),
        (("scan.nii",), "nifti"),
        (("seg.dcm",), "dicom_seg"),
        (("data.yaml",), "yolo"),
        (("IM0001",), "dicom_seg"),
        (("d/data.yaml", "d/labels/a.txt"), "yolo"),
        (("d/a.txt", "d/classes.txt", "d/a.png"), "yolo"),
        (("d/a.txt",), "yolo"),
        (("d/a.png", "d/labels.json"), "png"),
        (("d/a.nii.gz", "d/labels.json"), "nifti"),
        (("d/series/IM0001",), "dicom_seg"),
        (("d/series/IM0001", "d/notes.md"), "dicom_seg"),
    ],
)
def test_a_format_is_recognised(tmp_path: Path, names: tuple[str, ...], expected: str) -> None:
    for name in names:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(DICOM if place.name.startswith(("IM", "seg")) else b"")
    assert format_at(tmp_path / Path(names[0]).parts[0]).name == expected


@pytest.mark.parametrize("names", [("a.txt",), ("a",), ("d/a.md",), ("d/s/a.txt",)])
def test_what_is_none_is_refused_with_those_that_are_known(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"words")
    with pytest.raises(UserError, match="in no format of labels") as refused:
        format_at(tmp_path / Path(names[0]).parts[0])
    assert "COCO, YOLO, PNG masks" in refused.value.hint


def test_nothing_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.json cannot be read"):
        format_at(tmp_path / "gone.json")


@pytest.mark.parametrize("name", ["coco", "yolo", "csv"])
def test_what_we_write_is_recognised(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"labels{FORMATS[name].extension}"
    box = Annotation("b", IMAGE.source_id, 0, "box", "lesion", ((1.0, 1.0), (4.0, 5.0)))
    exported(name, path, [box])
    assert format_at(path).name == name
