"""YOLO folders: a real one, our own, and wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from inference.errors import UserError
from inference.records import Annotation, SourceEntry
from inference.task import Task
from tests.inference.exchange.labelled import (
    ENTRIES,
    IMAGE,
    NO_LABELS,
    SERIES,
    box,
    exported,
    imported,
)

REAL = "images/Abonia1+YOLOv8-Fire-and-Smoke-Detection/datasets/fire-8"
SIDE = 608
"""SOURCES.md says so of all the pictures."""


def folder_of(place: Path, text: str, names: str = "names: [Fire, smoke]\n") -> Path:
    """A folder of another program with one picture's labels."""
    (place / "labels" / "train").mkdir(parents=True)
    (place / "labels" / "train" / "photo.txt").write_text(text)
    (place / "data.yaml").write_text(names)
    return place


def test_a_real_folder_is_read_and_written_again(shared_data: Path, tmp_path: Path) -> None:
    texts = sorted((shared_data / REAL / "test" / "labels").glob("*.txt"))
    entries = tuple(
        SourceEntry(
            *(f"{place:012x}", "image", path.stem, None, 1, (SIDE, SIDE)),
            (str(path.parent.parent / "images" / f"{path.stem}.jpg"),),
        )
        for place, path in enumerate(texts)
    )
    found = imported("yolo", shared_data / REAL, entries, NO_LABELS)
    names = [one.name for one in found.label_set.labels]
    assert names == ["Fire", "default", "smoke"]
    lines = {path.stem: path.read_text().splitlines() for path in texts}
    assert len(found.annotations) == sum(len(one) for one in lines.values())
    assert {one.kind for one in found.annotations} <= {"box", "polygon"}
    by_id = {one.source_id: one.title for one in entries}
    for entry in entries:
        mine = [one for one in found.annotations if one.source_id == entry.source_id]
        for line, one in zip(lines[by_id[entry.source_id]], mine, strict=True):
            number, x, y, width, height = (float(word) for word in line.split())
            assert one.label == names[int(number)]
            corners = ((x - width / 2, y - height / 2), (x + width / 2, y + height / 2))
            for point, corner in zip(one.points, corners, strict=True):
                assert point == pytest.approx([SIDE * part for part in corner], abs=1e-6)
    path = tmp_path / "out"
    exported("yolo", path, list(found.annotations), entries, labels=found.label_set)
    again = imported("yolo", path, entries, found.label_set).annotations
    for one, other in zip(found.annotations, again, strict=True):
        assert (one.source_id, one.label) == (other.source_id, other.label)
        assert sum(one.points, ()) == pytest.approx(sum(other.points, ()), abs=1e-6)


def test_lines_are_as_others_read_them(tmp_path: Path) -> None:
    corners = ((1.7, 1.2), (8.5, 1.2), (1.7, 6.0))
    polygon = Annotation("p", SERIES.source_id, 1, "polygon", "grade", corners)
    notes: list[object] = []
    task = Task(lambda kind, value: notes.append(value) if kind == "note" else None)
    written = exported("yolo", tmp_path / "out", [box(3.4, 3, 6.8, 9), polygon], task=task)
    folder = tmp_path / "out"
    assert written.files == 3
    assert (folder / "labels" / f"{IMAGE.source_id}.txt").read_text() == (
        "0 0.3000000000 0.5000000000 0.2000000000 0.5000000000\n"
    )
    assert (folder / "labels" / f"{SERIES.source_id}#0001.txt").read_text() == (
        "3 0.1000000000 0.1000000000 0.5000000000 0.1000000000 0.1000000000 0.5000000000\n"
    )
    assert yaml.safe_load((folder / "data.yaml").read_text())["names"][2] == "Blase, voll"
    assert notes == ["Boxes and polygons stand side by side; most YOLO programs train on one sort."]


def test_a_picture_without_shapes_has_an_empty_text(tmp_path: Path) -> None:
    exported("yolo", tmp_path / "out", [])
    files = sorted(one.name for one in (tmp_path / "out" / "labels").iterdir())
    assert files == [f"{IMAGE.source_id}.txt"]
    assert imported("yolo", tmp_path / "out").annotations == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("names: [no, yes]\n", ["no", "yes"]),
        ("names:\n  1: b\n  0: a\n", ["a", "b"]),
        ("nc: 2\nnames: ['1.10', smoke]\n", ["1.10", "smoke"]),
    ],
)
def test_names_are_words(names: str, expected: list[str], tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "1 0.5 0.5 0.5 0.5", names)
    found = imported("yolo", folder, ENTRIES, NO_LABELS)
    assert [one.name for one in found.label_set.labels] == expected
    assert found.annotations[0].label == expected[1]


def test_texts_beside_classes_txt_are_read(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("Fire\nsmoke\n")
    (tmp_path / "photo.txt").write_text("1 0.5 0.5 1 1\n\n")
    (tmp_path / "other.txt").write_text("0 0.5 0.5 1 1\n")
    found = imported("yolo", tmp_path)
    assert [(one.label, one.points) for one in found.annotations] == [("smoke", ((0, 0), (17, 12)))]
    assert found.unmatched == ("other.txt",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.5 0.5 0.5", "there are 4 numbers"),
        ("0 0.5 0.5 0.5 0.5 0.9", "there are 6 numbers"),
        ("2 0.5 0.5 0.5 0.5", "there is no name for the class 2"),
        ("-1 0.5 0.5 0.5 0.5", "there is no name for the class -1"),
        ("x 0.5 0.5 0.5 0.5", "the class is not a number: x"),
        ("0 0.5 nan 0.5 0.5", "a coordinate is not finite"),
        ("0 0.5 0.5 -0.5 0.5", "the width or height of the box is not above 0"),
        ("0 0.5 0.5 2 0.5", "lies outside the frame"),
        ("0 320 240 30 20", "lies outside the frame"),
    ],
)
def test_a_wrong_line_is_refused(line: str, reason: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, f"0 0.5 0.5 0.5 0.5\n{line}\n")
    with pytest.raises(UserError, match=r"photo\.txt was not imported: at line 2") as caught:
        imported("yolo", folder)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("names: 3\n", "names is neither a list nor a mapping"),
        ("names: [a, [b]]\n", "a name is not a text"),
        ("names: {0: a, 2: b}\n", "do not run from 0 on"),
        ("names: {x: a}\n", "not a class number"),
        ("a: b\nnames: [a\nb: c\n", "at line 3, it is no YAML"),
        ("names: " + "[" * 3000, "no YAML"),
        ("x: 1\n" * 60_000, "larger than the 256 KiB"),
    ],
)
def test_wrong_names_are_refused(names: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"data\.yaml was not imported") as caught:
        imported("yolo", folder_of(tmp_path, "", names))
    assert reason in str(caught.value)


def test_a_folder_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"neither data\.yaml nor classes\.txt"):
        imported("yolo", tmp_path)
