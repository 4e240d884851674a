"""What a disk does to a project: said in a sentence, nothing lost, and on it goes when cured."""

from __future__ import annotations

import errno
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from app.store import Store
from app.store.faults import say_fault
from app.store.folder import FILE
from inference.errors import UserError
from inference.task import Task
from tests.app.stored_work import act, box, found, keep
from tests.campaigns import full_disk, kills_labels


@pytest.mark.skipif(not full_disk.can_fail(), reason="no cc on Linux to make a disk that fails")
def test_no_failing_write_of_the_first_forty_loses_anything(tmp_path: Path) -> None:
    tried = full_disk.try_writes(tmp_path, 1, 40)
    assert [one["k"] for one in tried] == list(range(1, 41))
    assert [one for one in tried if one["wrong"] or not one["said"]] == []
    assert max(one["seconds"] for one in tried) < 2.0
    sentences = {words for one in tried for words in one["said"]}
    assert (
        "Changes could not be kept in the project project-failing_store: the disk is full."
        in sentences
    )


@pytest.mark.skipif(not full_disk.can_fail(), reason="no cc on Linux to make a disk that fails")
def test_the_window_says_it_and_goes_on_when_the_disk_is_cured(tmp_path: Path) -> None:
    tried = full_disk.try_in_window(tmp_path, 1, 12)
    assert [one["k"] for one in tried] == list(range(1, 13))
    assert [one for one in tried if one["wrong"] or len(one["said"]) != 1] == []
    assert max(one["seconds"] for one in tried) < 2.0


def test_windows_killed_at_work_lose_nothing_that_was_saved(tmp_path: Path) -> None:
    draw = Random(5)
    made = [kills_labels.kill_one(tmp_path, seed, draw) for seed in range(5)]
    assert [one.fault for one in made if one.fault] == []
    assert sum(one.acts for one in made) > 20
    assert sum(one.acknowledged for one in made) > 5
    assert max(one.again_s for one in made) < 5.0


def test_a_database_without_room_says_that_the_disk_is_full(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        keep(store, act(1, box("a")))
        connection = store._database.connection
        connection.execute(f"PRAGMA max_page_count = {pages(connection)}")
        many = act(2, *(box(f"b{number}") for number in range(500)))
        with pytest.raises(UserError, match="the disk is full"):
            keep(store, many)
        assert found(store) == {"a"}
        connection.execute("PRAGMA max_page_count = 1000000")
        keep(store, many)
        assert len(found(store)) == 501


def pages(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA page_count").fetchone()[0])


def test_arrays_that_were_removed_are_begun_again(tmp_path: Path) -> None:
    import shutil

    from tests.app.test_project_check import large

    with closing(Store(tmp_path)) as store:
        keep(store, act(1, large(1)))
        shutil.rmtree(tmp_path / "arrays")
        with pytest.raises(UserError, match="cannot be read"):
            found(store)
        keep(store, act(2, large(1)))
        assert found(store) == {"large"}


def test_damage_that_comes_while_it_is_open_is_said_and_found_again(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        keep(store, act(1, *(box(f"b{number}") for number in range(500))))
    with closing(Store(tmp_path)) as store:
        store.open_project(None, Task())
        size = (tmp_path / FILE).stat().st_size
        with (tmp_path / FILE).open("r+b") as file:
            file.seek(24)
            file.write(b"\xff" * 4)  # the count of changes: what was read before is read again
            file.seek(4096)
            file.write(b"\xa5" * (size - 4096))
        with pytest.raises(UserError, match="the file is damaged"):
            found(store)
        opening = store.open_project(None, Task())
        assert opening.damaged
        (backup,) = opening.backups
        store.restore_backup(backup.path, Task())
        assert len(found(store)) == 500


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "x"), "the disk is full"),
        (OSError(errno.EDQUOT, "x"), "the disk is full"),
        (OSError(errno.EACCES, "x"), "it may not be written to"),
        (OSError(errno.EROFS, "x"), "it may not be written to"),
        (OSError(errno.EIO, "x"), "the disk gave an error"),
        (OSError(errno.ESTALE, "Stale file handle"), "Stale file handle"),
    ],
)
def test_each_fault_of_the_system_has_its_words(tmp_path: Path, error: OSError, words: str) -> None:
    said = say_fault(error, tmp_path / "mine", keeping=True)
    assert said.message == f"Changes could not be kept in the project mine: {words}."
    assert said.hint.endswith(".")


def test_who_reads_long_does_not_keep_another_from_saving(tmp_path: Path) -> None:
    """A reader holds up a commit only while it reads, and not while it is merely open."""
    with closing(Store(tmp_path)) as store:
        keep(store, act(1, box("a")))
        with closing(Store(tmp_path)) as other:
            assert other.open_project(None, Task()).read_only
            ends = threading.Event()

            def read() -> None:
                while not ends.is_set():
                    found(other)

            reader = threading.Thread(target=read)
            reader.start()
            began = time.monotonic()
            for number in range(2, 22):
                keep(store, act(number, box(f"b{number}")))
            took = time.monotonic() - began
            ends.set()
            reader.join()
            assert len(found(other)) == 21
    assert took < 5.0
