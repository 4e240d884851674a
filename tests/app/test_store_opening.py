"""A project is opened by one program, whole or not at all, and found again after it was moved."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.store import MIGRATIONS, Store
from app.store.folder import FILE
from inference.errors import UserError
from inference.task import Task
from tests.app.stored_work import SOURCE, act, box, found, keep

ROOT = Path(__file__).resolve().parents[2]
HELD = """
import sys
from pathlib import Path
from app.store import Store
from inference.task import Task
store = Store(Path(sys.argv[1]))
print(store.open_project(None, Task()).read_only, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one box, closed."""
    folder = tmp_path / "project"
    with closing(Store(folder)) as store:
        keep(store, act(1, box("a")))
    return folder


@pytest.fixture
def other(project: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that has the project open."""
    child = subprocess.Popen(
        [sys.executable, "-c", HELD, str(project)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == "\n"
    yield child
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()


def test_a_second_program_looks_on_until_the_first_ends(
    project: Path, other: subprocess.Popen[str]
) -> None:
    with closing(Store(project)) as store:
        opening = store.open_project(None, Task())
        held = json.loads((project / "project.lock").read_text())
        assert (held["pid"], held["since"]) == (other.pid, opening.since)
        assert "open in another Lepton since " in opening.read_only
        assert found(store) == {"a"}
        with pytest.raises(UserError, match="open in another Lepton"):
            keep(store, act(2, box("b")))
        other.kill()
        other.wait()
        assert store.open_project(None, Task()).read_only == ""
        keep(store, act(2, box("b")))
        assert found(store) == {"a", "b"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "This project is open in another Lepton."),
        ("no JSON", "This project is open in another Lepton."),
        (
            '{"host": "cellar", "pid": 1, "since": "in the morning"}',
            "This project is open in another Lepton on cellar since in the morning.",
        ),
    ],
)
def test_who_has_it_is_said_as_far_as_it_is_known(
    project: Path, other: subprocess.Popen[str], content: str, words: str
) -> None:
    (project / "project.lock").write_text(content)
    with closing(Store(project)) as store:
        assert store.open_project(None, Task()).read_only == words


def test_who_looks_on_writes_nothing_at_all(project: Path, other: subprocess.Popen[str]) -> None:
    def there() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in project.rglob("*")
        }

    before = there()
    with closing(Store(project)) as store:
        assert store.standing(None, Task()).total == 1
    assert there() == before


def test_the_lock_of_a_killed_program_is_no_hindrance(
    project: Path, other: subprocess.Popen[str]
) -> None:
    other.kill()
    other.wait()
    with closing(Store(project)) as store:
        assert store.open_project(None, Task()).read_only == ""


def test_a_disk_without_locks_is_said_and_used(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(handle: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("app.store.lock._lock", no_locks)
    with closing(Store(project)) as store:
        assert "knows no locks" in store.open_project(None, Task()).remark
        keep(store, act(2, box("b")))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_may_not_be_written_to_is_looked_at(
    project: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(lock: object) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr("app.store.lock.ProjectLock.take", refuse)
    with closing(Store(project)) as store:
        assert "may not be written to" in store.open_project(None, Task()).read_only
        assert found(store) == {"a"}
        with pytest.raises(UserError, match="may not be written to"):
            keep(store, act(2, box("b")))


@pytest.mark.parametrize("damage", ["cut", "overwritten", "gone", "empty"])
@pytest.mark.parametrize("way", ["backup", "new"])
def test_a_damaged_file_is_set_aside_and_a_backup_takes_its_place(
    project: Path, damage: str, way: str
) -> None:
    file = project / FILE
    whole = file.read_bytes()
    spoil(file, damage)
    spoilt = file.read_bytes() if file.exists() else None
    with closing(Store(project)) as store:
        opening = store.open_project(None, Task())
        assert opening.damaged
        with pytest.raises(UserError):
            keep(store, act(2, box("b")))
        assert (file.read_bytes() if file.exists() else None) == spoilt, "left as it was"
        (backup,) = opening.backups
        assert backup.annotations == 1
        again = store.restore_backup(backup.path if way == "backup" else None, Task())
        assert again.damaged == ""
        assert found(store) == ({"a"} if way == "backup" else set())
        keep(store, act(2, box("b")))
    aside = [path.read_bytes() for path in project.glob("project.damaged-*.sqlite")]
    assert aside == ([spoilt] if spoilt is not None else [])
    assert len(whole) > 4096


def spoil(file: Path, damage: str) -> None:
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    else:
        middle = len(data) // 2
        file.write_bytes(data[:middle] + os.urandom(8192) + data[middle + 8192 :])


def test_the_journal_of_a_file_that_is_gone_is_not_taken_for_that_of_the_next(
    project: Path,
) -> None:
    spoil(project / FILE, "gone")
    journal = project / f"{FILE}-journal"
    journal.write_bytes(b"not of the backup")
    with closing(Store(project)) as store:
        (backup,) = store.open_project(None, Task()).backups
        store.restore_backup(backup.path, Task())
        assert found(store) == {"a"}
    assert (project / "project.damaged-1.sqlite-journal").read_bytes() == b"not of the backup"


def test_a_whole_file_is_not_replaced(project: Path) -> None:
    with closing(Store(project)) as store:
        store.open_project(None, Task())
        with pytest.raises(UserError, match="is not damaged"):
            store.restore_backup(None, Task())


def test_what_an_older_version_left_is_taken_over(tmp_path: Path, project: Path) -> None:
    former = tmp_path / "data" / "lepton.sqlite"
    former.parent.mkdir()
    shutil.copy(project / FILE, former)
    (former.parent / "arrays" / "ab").mkdir(parents=True)
    (former.parent / "arrays" / "ab" / "c.bin").write_bytes(b"x")
    personal = former.parent / "personal"
    for _ in range(2):
        with closing(Store(personal, former)) as store:
            assert found(store) == {"a"}
    assert not former.exists()
    assert (personal / "arrays" / "ab" / "c.bin").read_bytes() == b"x"


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    before = (tmp_path / FILE).read_bytes()
    with closing(Store(tmp_path)) as store, pytest.raises(UserError, match="no project of Lepton"):
        store.open_project(None, Task())
    assert (tmp_path / FILE).read_bytes() == before


def test_an_older_project_that_is_open_elsewhere_is_not_brought_up_to_date(
    tmp_path: Path,
) -> None:
    first = Store(tmp_path)
    first.open_project(None, Task())
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    with closing(Store(tmp_path)) as store, pytest.raises(UserError, match="older Lepton"):
        store.open_project(None, Task())
    first.close()


def test_work_goes_on_when_a_folder_that_was_renamed_is_back(project: Path) -> None:
    away = project.with_name("away")
    with closing(Store(project)) as store:
        keep(store, act(2, box("b")))
        project.rename(away)
        with pytest.raises(UserError, match="is not where it was"):
            keep(store, act(3, box("c")))
        assert not project.exists(), "nothing is begun in the old place"
        away.rename(project)
        keep(store, act(3, box("c")))
        assert found(store) == {"a", "b", "c"}


def test_work_goes_on_in_a_copy_that_has_taken_the_place(project: Path) -> None:
    with closing(Store(project)) as store:
        keep(store, act(2, box("b")))
        copy = project.with_name("copy")
        shutil.copytree(project, copy)
        shutil.rmtree(project)
        copy.rename(project)
        keep(store, act(3, box("c")))
        assert found(store) == {"a", "b", "c"}
    with closing(Store(project)) as store:
        assert found(store) == {"a", "b", "c"}


def test_an_older_state_in_its_place_is_refused(project: Path) -> None:
    older = project.with_name("older")
    shutil.copytree(project, older)
    with closing(Store(project)) as store:
        keep(store, act(2, box("b")))
        shutil.rmtree(project)
        older.rename(project)
        with pytest.raises(UserError, match="another file has taken the place"):
            keep(store, act(3, box("c")))
    with closing(Store(project)) as store:
        assert found(store) == {"a"}


@pytest.mark.parametrize("there", [b"", b"no database" * 500])
def test_what_is_no_project_in_its_place_is_said_and_left(project: Path, there: bytes) -> None:
    with closing(Store(project)) as store:
        keep(store, act(2, box("b")))
        away = project.with_name("away")
        project.rename(away)
        project.mkdir()
        (project / FILE).write_bytes(there)
        with pytest.raises(UserError, match="could not be kept"):
            keep(store, act(3, box("c")))
        assert (project / FILE).read_bytes() == there
        shutil.rmtree(project)
        away.rename(project)
        keep(store, act(3, box("c")))
        assert found(store) == {"a", "b", "c"}


def test_nothing_is_begun_where_a_project_was_that_is_opened_again(
    project: Path, other: subprocess.Popen[str]
) -> None:
    away = project.with_name("away")
    with closing(Store(project)) as store:
        assert store.open_project(None, Task()).read_only
        project.rename(away)
        for _ in range(2):
            with pytest.raises(UserError, match="is not where it was"):
                store.open_project(None, Task())
        assert not project.exists()
        away.rename(project)
        other.kill()
        other.wait()
        assert store.open_project(None, Task()).read_only == ""
        assert found(store) == {"a"}


def test_a_project_that_does_not_answer_at_the_end_is_let_go(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(path: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    store = Store(project)
    keep(store, act(2, box("b")))
    with monkeypatch.context() as patch:
        patch.setattr("app.store.database.os.stat", stale)
        store.close()
    with closing(Store(project)) as again:
        assert found(again) == {"a", "b"}


def test_a_path_that_cannot_be_looked_at_keeps_work_waiting(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(path: object) -> None:
        raise OSError(errno.ESTALE, "Stale file handle")

    with closing(Store(project)) as store:
        keep(store, act(2, box("b")))
        with monkeypatch.context() as patch:
            patch.setattr("app.store.database.os.stat", stale)
            with pytest.raises(UserError, match="Stale file handle"):
                keep(store, act(3, box("c")))
        keep(store, act(3, box("c")))


def test_another_program_that_holds_the_file_is_waited_for_a_second(project: Path) -> None:
    with closing(Store(project)) as store, closing(sqlite3.connect(project / FILE)) as stranger:
        store.open_project(None, Task())
        stranger.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match="another program is using the file"):
            keep(store, act(2, box("b")))
        stranger.rollback()
        keep(store, act(2, box("b")))
        assert {one.annotation_id for one in store.load_annotations(SOURCE, Task())} == {"a", "b"}
