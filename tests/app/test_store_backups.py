"""Backups come as work goes on, are whole, do not hold it up, and old ones go in their time."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.store import Store, backups
from app.store.backups import DAYS, LAST, Backups, find_backups, make_backup
from inference.errors import UserError
from inference.task import Task
from tests.app.stored_work import act, box, keep


def wait(until: Callable[[], object]) -> None:
    for _ in range(1000):
        if until():
            return
        time.sleep(0.01)
    raise AssertionError("it took too long")


def never() -> bool:
    return False


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "file.sqlite", check_same_thread=False)
    connection.execute("CREATE TABLE head (sort TEXT, live INTEGER)")
    connection.execute("INSERT INTO head VALUES ('annotation', 1), ('annotation', 0), ('mark', 1)")
    connection.commit()
    return connection


def test_closing_makes_one_where_something_changed_and_none_where_nothing_did(
    tmp_path: Path,
) -> None:
    for made in (1, 1):
        with closing(Store(tmp_path)) as store:
            if not find_backups(tmp_path / "backups"):
                keep(store, act(1, box("a"), box("b")))
            store.standing(None, Task())
        assert [one.annotations for one in find_backups(tmp_path / "backups")] == [2] * made


def test_one_is_made_while_work_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "AFTER_CHANGES", 5)
    monkeypatch.setattr(backups, "APART_S", 0.0)

    def made() -> list[int]:
        return [one.annotations for one in find_backups(tmp_path / "backups")]

    with closing(Store(tmp_path)) as store:
        keep(store, act(1, box("b1")))
    assert made() == [1]
    with closing(Store(tmp_path)) as store:
        for number in range(2, 6):
            keep(store, act(number, box(f"b{number}")))
        assert made() == [1]
        keep(store, act(6, box("b6")))
        wait(lambda: made() == [6, 1])


def test_commits_go_on_beside_a_copy_and_are_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy by another connection would begin anew with each commit, and never end."""
    monkeypatch.setattr(backups, "_PAGES", 4)
    monkeypatch.setattr(backups, "_PAUSE_S", 0.001)
    monkeypatch.setattr(backups, "AFTER_S", 0.0)
    folder = tmp_path / "backups"
    many = tuple(box(f"many-{number}") for number in range(3000))
    longest_s, number = 0.0, 1
    with closing(Store(tmp_path)) as store:
        keep(store, act(1, *many))  # a copy begins
        while not list(folder.glob("*.sqlite")):
            number += 1
            began = time.monotonic()
            keep(store, act(number, box(f"b{number}")))
            longest_s = max(longest_s, time.monotonic() - began)
        (made, *_) = find_backups(folder)
    assert number > 20, "the copy took a while"
    assert 3000 < made.annotations <= 3000 + number
    assert longest_s < 0.5


def test_the_last_ones_and_one_of_each_day_are_kept(
    tmp_path: Path, database: sqlite3.Connection
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 21):
        for hour in (8, 17):
            name = f"202601{day:02}T{hour:02}0000.000000Z.sqlite"
            (folder / name).write_bytes(b"")
    made = make_backup(database, folder, 0.0, never)
    database.close()
    left = sorted((path.name for path in folder.glob("*")), reverse=True)
    evenings = [f"202601{day:02}T170000.000000Z.sqlite" for day in range(20, 0, -1)]
    mornings = [f"202601{day:02}T080000.000000Z.sqlite" for day in range(20, 0, -1)]
    assert set(left) == {made.name, *evenings[: DAYS - 1], *mornings[: (LAST - 1) // 2]}


def test_damaged_backups_are_not_offered(tmp_path: Path, database: sqlite3.Connection) -> None:
    folder = tmp_path / "backups"
    made = make_backup(database, folder, 0.0, never)
    database.close()
    (folder / "20990101T000000.000000Z.sqlite").write_bytes(made.read_bytes()[:3000])
    (folder / "another name.sqlite").write_bytes(made.read_bytes())
    (found,) = find_backups(folder)
    assert (found.path, found.annotations) == (str(made), 1)


def test_one_that_is_not_wanted_any_more_leaves_nothing(
    tmp_path: Path, database: sqlite3.Connection
) -> None:
    with pytest.raises(backups._TooLateError):
        make_backup(database, tmp_path / "backups", 0.0, lambda: True)
    database.close()
    assert not list((tmp_path / "backups").iterdir())


def test_one_that_fails_is_said_once_and_work_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backups, "make_backup", full)
    monkeypatch.setattr(backups, "AFTER_S", 0.0)
    said: list[UserError] = []
    with closing(Store(tmp_path)) as store:
        for number in range(1, 6):
            kept = store.keep((act(number, box(f"b{number}")),), Task())
            time.sleep(0.02)
            said += [kept.trouble] if kept.trouble is not None else []
    (one,) = said
    assert one.message.startswith("No backup of the project ")
    assert one.message.endswith(": the disk is full.")


def test_a_copy_under_way_is_broken_off_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: sqlite3.Connection
) -> None:
    monkeypatch.setattr(backups, "_PAGES", 1)
    monkeypatch.setattr(backups, "_PAUSE_S", 0.2)
    database.executemany("INSERT INTO head VALUES (?, 1)", [("x" * 900,) for _ in range(2000)])
    database.commit()
    made = Backups(tmp_path / "backups")
    made.note(database, 1)
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < 1.0
    database.close()
    assert not list((tmp_path / "backups").iterdir())
