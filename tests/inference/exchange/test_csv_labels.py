"""Tables of labels: as the csv module and people write them, and wrong lines."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.errors import UserError
from inference.exchange.records import LabelsImport
from inference.exchange.table import FORMATS
from inference.mask_bits import mask_of
from inference.records import WHOLE
from inference.task import Task
from tests.inference.exchange.labelled import (
    ENTRIES,
    IMAGE,
    LABELS,
    SERIES,
    box,
    exported,
    imported,
    region,
)

HEAD = "file,frame,kind,label,value,points,extent,mask,attributes,made_from\n"


def read(place: Path, text: str | bytes) -> list[tuple[object, ...]]:
    path = place / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = imported("csv", path)
    return [(one.source_id, one.frame, one.kind, one.label) for one in found.annotations]


def test_the_table_is_one_that_others_read(tmp_path: Path) -> None:
    exported("csv", tmp_path / "out.csv", [box(1, 2.5, 3, 4, label="Blase, voll", value=1.5)])
    data = (tmp_path / "out.csv").read_bytes()
    assert data.count(b"\r\n") == 2
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["source"] == IMAGE.source_id
    assert row["file"] == ""
    assert (row["kind"], row["label"], row["value"]) == ("box", "Blase, voll", "1.5")
    assert row["points"] == "1.0 2.5;3.0 4.0"


@pytest.mark.parametrize(
    "text",
    [
        "file,kind,label,points\nphoto.png,point,lesion,1 2\n",
        "label,kind,points,file\r\nlesion,point,1 2,photo.png\r\n",
        "\ufeffFile;Kind;Label;Points\nphoto.png;point;lesion;1 2",
        "file\tkind\tlabel\tpoints\nphoto.png\tpoint\tlesion\t1 2\n\n",
        '"file","kind","label","points"\n"photo.png","point","lesion","1 2"\n',
        "file,kind,label,points\nC:\\scans\\photo.png,point,lesion,1 2\n",
        "file,kind,label,points\n/scans/photo,point,lesion,1 2\n",
        f"source,kind,label,points\n{IMAGE.source_id},point,lesion,1 2\n",
    ],
)
def test_tables_of_people_are_read(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text) == [(IMAGE.source_id, 0, "point", "lesion")]


def test_frames_stand_in_the_name_or_in_a_cell(tmp_path: Path) -> None:
    text = (
        "file,frame,kind,label\nscan#0001,,class,lesion\nscan.nii.gz,2,class,lesion\n"
        "CT Thorax,,class,lesion\n"
    )
    assert read(tmp_path, text) == [
        (SERIES.source_id, frame, "class", "lesion") for frame in (1, 2, WHOLE)
    ]


def test_unknown_columns_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("file,kind,label,remark\nphoto.png,class,lesion,hm\nx.png,class,new,\n")
    told: list[object] = []
    task = Task(lambda kind, value: told.append(value) if kind == "note" else None)
    found = FORMATS["csv"].read(LabelsImport(LABELS, ENTRIES, str(path), "R"), task)
    assert told == ["Columns that were not read: remark."]
    assert found.unmatched == ("x.png",)
    assert found.label_set == LABELS


def test_a_cell_may_hold_lines_and_quotes(tmp_path: Path) -> None:
    text = 'file,kind,label\nphoto.png,class,"a ""b""\nc"\nphoto.png,kind,x\n'
    with pytest.raises(UserError, match="at line 4, there are no annotations of the kind kind"):
        read(tmp_path, text)
    assert read(tmp_path, text.rpartition("photo.png,kind")[0])[0][3] == 'a "b"\nc'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("photo.png,,box,a,,1 2;3 4", "there are 6 cells instead of 10"),
        ("photo.png,,circle,a,,,,,,", "no annotations of the kind circle"),
        ("photo.png,,box,,,1 2;3 4,,,,", "label is not a text"),
        ("photo.png,,box,a,,1 2;3,,,,", "a point is not two numbers: 3"),
        ("photo.png,,box,a,,3 4;1 2,,,,", "the width or height of the box is not above 0"),
        ("photo.png,,box,a,,1 2;3 nan,,,,", "a point is not finite"),
        ("photo.png,,box,a,,1 2;30 4,,,,", "the point (30, 4) lies outside the frame of 17 × 12"),
        ("photo.png,,class,a,,1 2,,,,", "a class does not have 1 points"),
        ("photo.png,1,class,a,,,,,,", "there is no frame 1: the source has 1"),
        ("photo.png,-1,class,a,,,,,,", "there is no frame -1"),
        ("scan,,point,a,,1 1,,,,", "the source has 3 frames, and the name says not which"),
        ("scan,0.5,point,a,,1 1,,,,", "the frame is not a whole number"),
        ("photo.png,,class,grade,9,,,,,", "the value 9 is not on the label's scale"),
        ('photo.png,,class,grade,"1,5",,,,,', "the value is not a number: 1,5"),
        ("photo.png,,span,a,,,5 4,,,", "the extent does not run forwards"),
        ("photo.png,,span,a,,,,,,", "the cell extent does not fit the kind span"),
        ("photo.png,,mask,a,,,,,,", "the cell mask does not fit the kind mask"),
        ("photo.png,,mask,a,,,,99999x99999:0,,", "the mask is of 99999x99999"),
        ("photo.png,,mask,a,,,,12x17:1,,", "of 204 pixels"),
        ("photo.png,,class,a,,,,,[1],", "attributes is not an object"),
        ('photo.png,,class,a,,,,,"{""b"": NaN}",', "attributes.b is not finite"),
        ('photo.png,,class,a,,,,,,"{""model_id"": ""m""}"', "made_from names no model_id"),
        ("photo.png,,class,a/,,,,,,", "a label has no name"),
        ('photo.png,,class,"a,,,,,,', "unexpected end of data"),
    ],
)
def test_a_wrong_line_is_refused(line: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"labels\.csv was not imported: at line 3") as caught:
        read(tmp_path, f"{HEAD}photo.png,,class,ok,,,,,,\n{line}\n")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at line 1, there is no column kind"),
        ("kind,label\n", "at line 1, there is no column source or file"),
        ("file,kind,label,label\n", "at line 1, a column stands a second time"),
        ("file,kind,label\n".encode("utf-16"), "byte 0 is no UTF-8 text"),
    ],
)
def test_a_wrong_table_is_refused(text: str | bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"labels\.csv was not imported") as caught:
        read(tmp_path, text)
    assert reason in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv cannot be read: no such file"):
        imported("csv", tmp_path / "none.csv")


def test_a_cell_holds_a_mask_of_many_runs(tmp_path: Path) -> None:
    entry = replace(IMAGE, shape=(600, 600))
    mask = np.random.default_rng(7).random(entry.shape) < 0.5
    path = tmp_path / "out.csv"
    exported("csv", path, [region(mask)], (entry,))
    assert path.stat().st_size > csv.field_size_limit()
    (found,) = imported("csv", path, (entry,)).annotations
    assert np.array_equal(mask_of(found, entry.shape), mask)
    assert csv.field_size_limit() == 131_072
