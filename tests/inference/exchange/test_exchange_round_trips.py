"""What a format promises to hold comes back as it was."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.exchange import records
from inference.exchange.table import FORMATS, find_format
from inference.records import Annotation, SourceEntry
from inference.wire import RECORDS, pack, register, unpack
from tests.inference.exchange.labelled import (
    ENTRIES,
    IMAGE,
    LABELS,
    NO_LABELS,
    SERIES,
    annotation_lists,
    bare,
    box,
    exported,
    imported,
    region_of_all,
    said,
)


def kept(one: Annotation, format_name: str) -> Annotation:
    """What a format keeps of an annotation of a kind that it holds."""
    if format_name in ("png", "yolo"):
        return bare(one)
    return replace(one, made_from=None) if format_name == "coco" else one


@pytest.mark.parametrize("name", ["coco", "yolo", "png", "csv"])
@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_is_written_is_read(name: str, data: st.DataObject) -> None:
    given_ones = data.draw(annotation_lists(FORMATS[name].kinds))
    identified = data.draw(st.booleans())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{FORMATS[name].extension}"
        written = exported(name, path, given_ones, identified=identified)
        found = imported(name, path)
    assert said(found.annotations) == said([kept(one, name) for one in given_ones])
    assert written.annotations == len(given_ones)
    assert found.label_set == LABELS
    assert found.unmatched == ()


@pytest.mark.parametrize("name", ["coco", "yolo", "png", "csv"])
def test_a_project_without_labels_gets_them(name: str, tmp_path: Path) -> None:
    kinds = FORMATS[name].kinds
    drawn = box(1, 2, 5, 6, label="lesion/tumour") if "box" in kinds else region_of_all()
    path = tmp_path / f"labels{FORMATS[name].extension}"
    exported(name, path, [drawn])
    found = imported(name, path, labels=NO_LABELS)
    assert found.annotations[0].label == "lesion/tumour"
    assert found.annotations[0].author == "Reader"
    assert found.annotations[0].made_at.endswith("+00:00")
    colours = [one.colour for one in found.label_set.labels]
    assert len(set(colours)) == len(colours) > 0


@pytest.mark.parametrize("name", ["coco", "yolo", "png", "csv"])
def test_sources_are_named_by_id_or_by_file(name: str, tmp_path: Path) -> None:
    drawn = box(1, 2, 5, 6) if "box" in FORMATS[name].kinds else region_of_all()
    for identified in (False, True):
        path = tmp_path / str(identified) / f"labels{FORMATS[name].extension}"
        path.parent.mkdir()
        exported(name, path, [drawn], identified=identified)
        files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
        text = " ".join(one.name for one in files)
        text += " ".join(one.read_text() for one in files if one.suffix in (".json", ".csv"))
        assert ("photo" in text) is identified
        assert "/d/" not in text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("coco", "1 class was left out: COCO cannot hold classes."),
        ("yolo", "2 masks were left out: YOLO cannot hold masks."),
        ("png", "1 polygon was left out: PNG masks cannot hold polygons."),
    ],
)
def test_what_a_format_cannot_hold_is_said(name: str, sentence: str, tmp_path: Path) -> None:
    corners = ((1.0, 1.0), (5.0, 1.0), (5.0, 5.0))
    drawn = [
        Annotation("a", IMAGE.source_id, 0, "class", "lesion"),
        Annotation("b", IMAGE.source_id, 0, "polygon", "lesion", corners),
        region_of_all(),
        replace(region_of_all(), source_id=SERIES.source_id, frame=2),
    ]
    written = exported(name, tmp_path / "out", drawn)
    assert sentence in written.left_out
    assert written.annotations == sum(one.kind in FORMATS[name].kinds for one in drawn)


def test_more_than_shape_and_label_is_said(tmp_path: Path) -> None:
    written = exported("yolo", tmp_path / "out", [box(1, 1, 3, 3, value=2.0)])
    assert written.left_out == ("1 annotation was written without what YOLO cannot hold: values.",)


def test_an_annotation_outside_its_frame_is_left_out(tmp_path: Path) -> None:
    drawn = [box(1, 1, 30, 3), box(1, 1, 3, 3, frame=1), box(1, 1, 1, 3), box(1, 1, 3, 3)]
    written = exported("csv", tmp_path / "out.csv", drawn)
    assert written.annotations == 1
    assert written.left_out == (
        "2 annotations were left out: they lie outside their frame.",
        "1 annotation was left out: they are empty.",
    )


def test_the_records_cross_to_a_child(tmp_path: Path) -> None:
    classes = [one for one in vars(records).values() if hasattr(one, "__dataclass_fields__")]
    before = dict(RECORDS)
    register(*classes)
    try:
        exported("csv", tmp_path / "out.csv", [box(1, 1, 3, 3)])
        found = imported("csv", tmp_path / "out.csv")
        again = unpack(pack(found))
        assert said(again.annotations) == said(found.annotations)
        assert again.label_set == LABELS
    finally:
        RECORDS.clear()
        RECORDS.update(before)


def test_a_name_that_fits_two_sources_is_refused(tmp_path: Path) -> None:
    twin = replace(IMAGE, source_id="ffffffffffff", paths=("/elsewhere/photo.png",))
    path = tmp_path / "out.csv"
    path.write_text("file,kind,label,points\nphoto.png,point,lesion,1 1\n")
    entries: tuple[SourceEntry, ...] = (*ENTRIES, twin)
    with pytest.raises(UserError, match=r"at line 2, the name photo\.png fits 2 sources"):
        imported("csv", path, entries)


def test_a_table_keeps_every_digit(tmp_path: Path) -> None:
    points = ((0.1 + 0.2, 1 / 3), (16.999999999999996, 5e-324))
    drawn = Annotation("x", IMAGE.source_id, 0, "line", "lesion", points, value=1 + 2**-52)
    exported("csv", tmp_path / "out.csv", [drawn])
    (found,) = imported("csv", tmp_path / "out.csv").annotations
    assert found.points == points
    assert found.value == drawn.value


@pytest.mark.parametrize("name", FORMATS)
def test_a_place_with_nothing_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        imported(name, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("COCO", "Did you mean coco?"), ("dicom-seg", "Did you mean dicom_seg?"), ("?", "Known are")],
)
def test_an_unknown_format_is_said(asked: str, hint: str) -> None:
    assert find_format("coco").title == "COCO"
    with pytest.raises(UserError, match=f"cannot be exchanged as {re.escape(asked)}") as caught:
        find_format(asked)
    assert caught.value.hint.startswith(hint)
    assert caught.value.fault == "usage"


def test_a_name_that_is_no_text_stays_at_home(tmp_path: Path) -> None:
    entry = replace(IMAGE, paths=("/d/\udcff.png",))
    exported("coco", tmp_path / "out.json", [box(1, 2, 3, 4)], (entry,), identified=True)
    assert IMAGE.source_id in (tmp_path / "out.json").read_text()


@pytest.mark.parametrize(
    "path", ["/d/a.b.png", "/d/x_jpg.rf.0a1b2c3d4e5f.jpg", "/d/IM0001", "/d/1.2.840.7"]
)
@pytest.mark.parametrize("name", ["yolo", "png"])
def test_names_with_points_are_found_again(path: str, name: str, tmp_path: Path) -> None:
    entry = replace(IMAGE, paths=(path,), title="?")
    drawn = box(1, 2, 5, 6) if name == "yolo" else region_of_all()
    exported(name, tmp_path / "out", [drawn], (entry,), identified=True)
    found = imported(name, tmp_path / "out", (entry,))
    assert len(found.annotations) == 1
    assert found.unmatched == ()
