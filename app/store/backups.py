"""Copies of a project's file as it goes along: each checked, the last ones and some of each day."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from app.store.faults import say_fault
from app.store.records import Backup
from inference.errors import UserError

AFTER_CHANGES = 200
AFTER_S = 600.0
"""A copy is made after so many changes, or with any after so long."""
APART_S = 60.0
"""How long there is between two copies, however much is done: each is all of the file again."""
LAST = 5
DAYS = 7
"""How many are kept: the last ones, and the newest of each of the last days."""
AT_END_S = 1.0
"""How long the end of the program may wait for a copy."""

_PAGES = 64
_PAUSE_S = 0.003
"""A copy is made so many pages at a time, and commits come in between."""
_FORM = "%Y%m%dT%H%M%S.%fZ"
_COUNT = "SELECT count(*) FROM head WHERE sort = 'annotation' AND live = 1"


class _TooLateError(Exception):
    """The copy is not wanted any more."""


class _DamagedError(Exception):
    """A copy that is not whole."""


class Backups:
    """Sees to the backups of one project: told of each commit, it copies when it is time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changes = 0
        self._covered = 0
        """How many of the changes the last copy has; set by its thread alone."""
        self._last_s = time.monotonic() - _age_s(folder)
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._trouble: UserError | None = None
        self._said = False

    def note(self, connection: sqlite3.Connection, changes: int) -> None:
        """So many changes were committed; a copy is begun, on a thread, when it is time."""
        self._changes += changes
        if self._is_due() and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(
                target=self._copy, args=(connection, _PAUSE_S, self._ending.is_set), name="backup"
            )
            self._thread.start()

    def take_trouble(self) -> UserError | None:
        """Why the last copy could not be made; said once until one is made again."""
        found, self._trouble = self._trouble, None
        return found

    def stop(self) -> None:
        """Break off the copy that is being made; the connection may be closed then."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def finish(self, connection: sqlite3.Connection) -> None:
        """At the end: one more copy where something changed, if it does not take long."""
        self.stop()
        if self._changes > self._covered:
            until = time.monotonic() + AT_END_S
            self._copy(connection, 0.0, lambda: time.monotonic() > until)

    def _is_due(self) -> bool:
        changes, since_s = self._changes - self._covered, time.monotonic() - self._last_s
        return (changes >= AFTER_CHANGES and since_s >= APART_S) or (
            changes > 0 and since_s >= AFTER_S
        )

    def _copy(
        self, connection: sqlite3.Connection, pause_s: float, late: Callable[[], bool]
    ) -> None:
        changes = self._changes
        self._last_s = time.monotonic()
        try:
            make_backup(connection, self._folder, pause_s, late)
        except _TooLateError:
            return
        except _DamagedError as error:
            self._fail(f"the copy is damaged: {error}.")
            return
        except (sqlite3.Error, OSError) as error:
            said = say_fault(error, self._folder.parent, keeping=True)
            self._fail(said.message.partition(": ")[2])
            return
        self._covered = changes
        self._said = False

    def _fail(self, reason: str) -> None:
        if self._said:
            return
        self._said = True
        self._trouble = UserError(
            f"No backup of the project {self._folder.parent.name} could be made: {reason}",
            "Your work itself is kept.",
            fault="surroundings",
            path=str(self._folder),
        )


def make_backup(
    connection: sqlite3.Connection, folder: Path, pause_s: float, late: Callable[[], bool]
) -> Path:
    """Copy what a connection has open, check the copy, and let old ones go; where it lies.

    The copy is made by the connection that is written with, as one by any other would begin anew at
    each commit; it may be used by another thread meanwhile. When `late` says so, nothing is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{datetime.now(UTC).strftime(_FORM)}.sqlite"
    coming = place.with_suffix(".coming")

    def look(status: int, left: int, total: int) -> None:
        if late():
            raise _TooLateError
        time.sleep(pause_s)  # what `backup` calls sleep is for a source that is locked alone

    try:
        with contextlib.closing(sqlite3.connect(coming, check_same_thread=False)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            connection.backup(copy, pages=_PAGES, progress=look, sleep=0.001)
            _refuse_damaged(copy, late)
        with coming.open("rb") as file:
            os.fsync(file.fileno())
        coming.rename(place)
    finally:
        coming.unlink(missing_ok=True)
        coming.with_name(coming.name + "-journal").unlink(missing_ok=True)
    _let_go(folder)
    return place


def find_backups(folder: Path) -> tuple[Backup, ...]:
    """The backups that are there and whole, newest first."""
    found = (_read(path) for path in sorted(folder.glob("*.sqlite"), reverse=True))
    return tuple(one for one in found if one is not None)


def _read(path: Path) -> Backup | None:
    """What is in a backup; None for one that is damaged itself."""
    try:
        made_at = _made_at(path)
        name = f"file:{quote(str(path.absolute()))}?mode=ro"
        with contextlib.closing(sqlite3.connect(name, uri=True)) as copy:
            _refuse_damaged(copy, lambda: False)
            count = int(copy.execute(_COUNT).fetchone()[0])
    except (sqlite3.Error, ValueError, _DamagedError):
        return None
    return Backup(str(path), made_at.isoformat(timespec="seconds"), count)


def _refuse_damaged(copy: sqlite3.Connection, late: Callable[[], bool]) -> None:
    copy.set_progress_handler(lambda: int(late()), 100_000)
    try:
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if late():
            raise _TooLateError from error
        raise
    if found != "ok":
        raise _DamagedError(found)


def _let_go(folder: Path) -> None:
    """Remove the backups that are neither among the last ones nor the newest of a recent day."""
    there = sorted(folder.glob("*.sqlite"), reverse=True)
    days: dict[str, Path] = {}
    for path in there:
        days.setdefault(path.name[:8], path)
    kept = {*there[:LAST], *sorted(days.values(), reverse=True)[:DAYS]}
    for path in there:
        if path not in kept:
            path.unlink(missing_ok=True)


def _made_at(path: Path) -> datetime:
    return datetime.strptime(path.stem, _FORM).replace(tzinfo=UTC)


def _age_s(folder: Path) -> float:
    """How long ago the newest backup was made; for ever where there is none."""
    names = sorted(folder.glob("*.sqlite"))
    try:
        return max(0.0, (datetime.now(UTC) - _made_at(names[-1])).total_seconds())
    except (IndexError, ValueError):
        return AFTER_S
