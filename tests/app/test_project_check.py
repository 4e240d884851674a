"""`lepton project check`: what is whole is said to be, and each kind of damage is found."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from app.store import MIGRATIONS, Store
from app.store.folder import FILE
from app.waiting import Pending
from inference.mask_bits import pack_mask
from inference.records import Annotation, SourceEntry
from tests.app.stored_work import SOURCE, act, box, keep


def large(seed: int) -> Annotation:
    noise = np.random.default_rng(seed).random((1100, 1100)) < 0.5
    return Annotation("large", SOURCE, 0, "mask", "nodule", mask=pack_mask(noise))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    scan = tmp_path / "scan.dcm"
    scan.write_bytes(b"")
    entries = tuple(
        SourceEntry(name * 12, "image", "scan", "CT", 1, (4, 5), (str(path),))
        for name, path in (("a", scan), ("b", tmp_path / "gone.dcm"))
    )
    with closing(Store(folder)) as store:
        keep(store, act(1, box("a")), act(2, large(1)), Pending("sources", entries))
    return folder


def check(project: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = main(["project", "check", str(project), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "arrays" / "ff").mkdir(exist_ok=True)
    (project / "arrays" / "ff" / f"{'f' * 62}.bin").write_bytes(b"nobody's")
    code, found = check(project, capsys)
    assert code == 0
    assert found == {
        "schema": "lepton.project-check/1",
        "project": "project",
        "schema_version": len(MIGRATIONS),
        "whole": True,
        "faults": [],
        "annotations": 2,
        "versions": 2,
        "acts": 2,
        "models": 0,
        "arrays": {
            "named": 1, "missing": 0, "changed": 0, "unreferenced": 1, "unreferenced_bytes": 8,
        },
        "backups": {"good": 1, "damaged": 0},
        "sources": {"count": 2, "missing": ["b" * 12]},
    }  # fmt: skip


def test_one_that_is_open_elsewhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(Store(project)) as store:
        keep(store, act(3, box("c")))
        code, found = check(project, capsys)
    assert (code, found["annotations"]) == (0, 3)


def test_an_array_that_a_backup_names_is_not_nobodys(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(project / FILE)) as database, database:
        database.execute("DELETE FROM version WHERE thing = 'large'")
        database.execute("DELETE FROM head WHERE thing = 'large'")
        database.execute("DELETE FROM act_change WHERE thing = 'large'")
    _, found = check(project, capsys)
    assert (found["whole"], found["arrays"]["named"], found["arrays"]["unreferenced"]) == (
        True, 0, 0,
    )  # fmt: skip


def without(statement: str) -> Callable[[Path], None]:
    def spoil(project: Path) -> None:
        with closing(sqlite3.connect(project / FILE)) as database, database:
            database.execute(statement)

    return spoil


def change_array(project: Path) -> None:
    (array,) = project.glob("arrays/*/*.bin")
    array.write_bytes(array.read_bytes()[:-1] + b"x")


def remove_array(project: Path) -> None:
    (array,) = project.glob("arrays/*/*.bin")
    array.unlink()


def cut(project: Path) -> None:
    data = (project / FILE).read_bytes()
    (project / FILE).write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (without("DELETE FROM version WHERE thing = 'a'"), "no version that holds"),
        (without("UPDATE act_change SET before = 9 WHERE thing = 'a'"), "name a version"),
        (without("DELETE FROM act WHERE number = 2"), "belong to no act"),
        (without("DELETE FROM act WHERE number = 1"), "acts are missing"),
        (change_array, "not what they were"),
        (remove_array, "arrays are missing"),
        (cut, "damaged"),
        (lambda project: (project / FILE).unlink(), "is gone"),
    ],
)
def test_damage_is_found(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    words: str,
) -> None:
    spoil(project)
    code, found = check(project, capsys)
    assert code == 3
    assert any(words in sentence for sentence in found["faults"])
    assert found["backups"] == {"good": 1, "damaged": 0}


def test_a_damaged_backup_is_counted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "backups" / "20200101T000000.000000Z.sqlite").write_bytes(b"nothing" * 99)
    _, found = check(project, capsys)
    assert found["backups"] == {"good": 1, "damaged": 1}


@pytest.mark.parametrize("made", [lambda place: None, Path.mkdir, Path.touch])
def test_what_is_no_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: Callable[[Path], None]
) -> None:
    made(tmp_path / "other")
    code, found = check(tmp_path / "other", capsys)
    assert code == 3
    assert "is no project" in found["error"]["message"]


def test_in_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["project", "check", str(project)]) == 0
    assert "The project project is whole." in capsys.readouterr().out
