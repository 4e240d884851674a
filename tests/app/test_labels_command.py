"""`lepton labels`: labels into a project and out of it, whole or not at all."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.acts import Act, of_annotation, of_label_set
from app.cli import main
from app.store import Store
from app.waiting import Pending
from inference.records import Annotation, Label
from inference.task import Task
from tests.app.stored_work import act

ROOT = Path(__file__).resolve().parents[2]
HELD = """
import sys
from pathlib import Path
from app.store import Store
from inference.task import Task
Store(Path(sys.argv[1])).open_project(None, Task())
print("open", flush=True)
sys.stdin.read()
"""
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: object) -> tuple[int, Any]:
        code = main(["labels", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def coco(*file_names: str, box: tuple[float, ...] = (2, 1, 5, 4)) -> dict[str, Any]:
    """One box of "cell" on each picture of 9 rows and 12 columns."""
    return {
        "categories": [{"id": 7, "name": "cell"}, {"id": 8, "name": "debris"}],
        "images": [
            {"id": number, "file_name": name, "width": 12, "height": 9}
            for number, name in enumerate(file_names, 1)
        ],
        "annotations": [
            {"id": number, "image_id": number, "category_id": 7, "bbox": list(box), "iscrowd": 0}
            for number, _ in enumerate(file_names, 1)
        ],
    }


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of two pictures of 9 rows and 12 columns."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, name in enumerate(("one.png", "two.png")):
        Image.new("L", (12, 9), 40 + number).save(folder / name)
    return folder


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "ann.json"
    path.write_text(json.dumps(coco("one.png", "two.png", "three.png")))
    return path


@pytest.fixture
def project(call: Call, tmp_path: Path, pictures: Path, labels: Path) -> Path:
    code, _ = call("import", "--project", tmp_path / "cells", labels, "--sources", pictures)
    assert code == 0
    return tmp_path / "cells"


def kept_in(project: Path) -> list[Annotation]:
    with closing(Store(project)) as store:
        entries = store.load_sources(None, Task())
        return [one for each in entries for one in store.load_annotations(each.source_id, Task())]


def test_a_coco_file_of_a_folder_of_pictures_makes_a_project(
    call: Call, tmp_path: Path, pictures: Path, labels: Path
) -> None:
    place = tmp_path / "cells"
    code, found = call(
        *("import", "--project", place, "--format", "coco", labels, "--sources", pictures)
    )
    assert (code, found) == (
        0,
        {
            "schema": "lepton.labels/1",
            "act": "import",
            "format": "coco",
            "files": None,
            "annotations": 2,
            "left_out": [],
            "unmatched": ["three.png"],
            "labels_added": ["cell", "debris"],
        },
    )
    made = kept_in(place)
    assert [(one.kind, one.label, one.points) for one in made] == [
        ("box", "cell", ((2.0, 1.0), (7.0, 5.0)))
    ] * 2
    assert all(one.author and one.made_at for one in made)


def test_an_import_is_one_act_that_can_be_undone(project: Path) -> None:
    with closing(Store(project)) as store:
        made = store.load_act(1, Task())
        assert made is not None
        assert made.words == "Import 2 annotations from COCO"
        store.keep((Pending("cursor", 0),), Task())
        at = store.standing(None, Task())
        assert (at.cursor, at.total, at.label_set.labels) == (0, 1, ())
    assert kept_in(project) == []


def test_another_import_comes_after_it_and_keeps_the_labels(
    call: Call, project: Path, tmp_path: Path
) -> None:
    more = coco("one.png")
    more["categories"].append({"id": 9, "name": "fibre"})
    (tmp_path / "more.json").write_text(json.dumps(more))
    code, found = call("import", "--project", project, tmp_path / "more.json")
    assert (code, found["format"], found["labels_added"]) == (0, "coco", ["fibre"])
    assert len(kept_in(project)) == 3


def test_what_goes_out_comes_in_again(call: Call, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    code, found = call("export", "--project", project, "--format", "csv", out)
    assert (code, found["files"], found["annotations"], found["left_out"]) == (0, 1, 2, [])
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {one.source_id for one in kept_in(project)}
    assert {row["source"] for row in rows} == known
    assert {(row["kind"], row["label"], row["file"]) for row in rows} == {("box", "cell", "")}
    code, found = call("import", "--project", project, out)
    assert (code, found["format"], found["annotations"]) == (0, "csv", 2)
    assert len(kept_in(project)) == 4


def test_one_scan_and_one_label_alone(call: Call, project: Path, tmp_path: Path) -> None:
    first, second = kept_in(project)
    drawn = ((0.0, 0.0), (2.0, 2.0))
    inner = Annotation("in", first.source_id, 0, "box", "cell/wall", drawn)
    other = Annotation("ot", first.source_id, 0, "box", "debris", drawn)
    with closing(Store(project)) as store:
        before = store.standing(None, Task()).label_set
        after = replace(before, labels=(*before.labels, Label("cell/wall", (9, 9, 9))))
        changes = (
            of_label_set(before, after),
            *(of_annotation(None, one) for one in (inner, other)),
        )
        store.keep((Pending("act", Act(2, "More", "who", "now", None, changes)),), Task())

    def labels_in(name: str, *words: str) -> list[tuple[str, str]]:
        out = tmp_path / name
        code, _ = call("export", "--project", project, "--format", "csv", out, *words)
        assert code == 0
        with out.open(newline="", encoding="utf-8") as file:
            return sorted((row["source"], row["label"]) for row in csv.DictReader(file))

    here, there = first.source_id, second.source_id
    within = labels_in("a.csv", "--label", "cell")
    assert within == sorted([(here, "cell"), (here, "cell/wall"), (there, "cell")])
    assert labels_in("b.csv", "--source", there) == [(there, "cell")]


def test_a_wrong_file_is_refused_and_nothing_is_taken(
    call: Call, project: Path, tmp_path: Path, pictures: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(coco("one.png", "two.png", box=(2, 1, 50, 4))))
    before = (project / "project.sqlite").read_bytes()
    code, found = call("import", "--project", project, wrong, "--sources", pictures)
    assert code == 3
    assert found["error"]["message"].startswith("wrong.json was not imported: at annotations[0]")
    assert (project / "project.sqlite").read_bytes() == before
    code, _ = call("import", "--project", tmp_path / "new", wrong, "--sources", pictures)
    assert code == 3
    assert not (tmp_path / "new").exists()


def test_labels_of_other_scans_are_refused(call: Call, project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(coco("elsewhere.png", "nowhere.png")))
    code, found = call("import", "--project", project, other)
    assert code == 3
    assert "The 2 names in other.json" in found["error"]["message"]


def test_a_project_that_is_open_elsewhere_is_written_out_but_not_into(
    call: Call, project: Path, labels: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", HELD, str(project)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        code, found = call("import", "--project", project, labels)
        assert (code, found["error"]["code"]) == (4, 4)
        assert "open in another Lepton" in found["error"]["message"]
        code, found = call("export", "--project", project, "--format", "coco", tmp_path / "o.json")
        assert (code, found["annotations"]) == (0, 2)
        other.communicate("")
    assert len(kept_in(project)) == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("export", "--format", "coco", "--project", "nowhere", "x.json"), (2, "no project")),
        (("export", "--format", "cocoa", "--project", "cells", "x.json"), (2, "as cocoa")),
        (("export", "--format", "csv", "--project", "cells", "--source", "ab", "x"), (2, "id ab")),
        (("export", "--format", "csv", "--project", "cells", "--label", "z", "x"), (2, "label z")),
        (("export", "--format", "png", "--project", "cells", "pictures"), (4, "there already")),
        (("import", "--project", "pictures", "ann.json"), (2, "holds other things")),
        (("import", "--project", "cells", "gone.json"), (3, "gone.json cannot be read")),
        (("import", "--project", "cells", "ann.json", "--sources", "ann.json"), (3, "None of the")),
        (("import", "--project", "cells", "pictures/one.tif"), (3, "cannot be read")),
    ],
)
def test_what_cannot_be_done_is_said(
    call: Call,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    expected: tuple[int, str],
) -> None:
    monkeypatch.chdir(project.parent)
    code, found = call(*words)
    assert (code, found["error"]["code"]) == (expected[0], expected[0])
    assert expected[1] in found["error"]["message"]


def test_in_words(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = Annotation("l", kept_in(project)[0].source_id, 0, "line", "cell", ((0, 0), (3, 3)))
    with closing(Store(project)) as store:
        store.keep((act(2, line),), Task())
    out = tmp_path / "o.json"
    words = ["labels", "export", "--project", str(project), "--format", "coco", str(out)]
    assert main(words) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 annotations were written to 1 file.",
        "1 line was left out: COCO cannot hold lines.",
    ]


@pytest.mark.parametrize(("version", "words"), [(3, "an older"), (99, "a newer")])
def test_a_project_of_another_version_is_not_looked_into(
    call: Call, project: Path, tmp_path: Path, version: int, words: str
) -> None:
    with closing(sqlite3.connect(project / "project.sqlite")) as database:
        database.execute(f"PRAGMA user_version = {version}")
    code, found = call("export", "--project", project, "--format", "coco", tmp_path / "o.json")
    assert code == 3
    assert found["error"]["message"] == f"The project cells is of {words} Lepton."
