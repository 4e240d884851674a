"""The project's file: its connection, its transactions, and how it is brought up to date."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

from app.store.blobs import Blobs
from app.store.faults import is_damage, say_fault
from app.store.figures import Value, figures_of
from app.store.folder import ProjectFolder
from app.store.schema import MIGRATIONS
from inference.errors import UserError
from inference.records import Attribution

BUSY_S = 1.0
"""How long a commit waits for another program to let go of the file."""


class Database:
    """One connection to the file of a project (None for one in memory), used from one thread."""

    def __init__(self, folder: ProjectFolder | None) -> None:
        self.folder = folder
        self.blobs = Blobs(folder.arrays if folder is not None else None)
        self.is_damaged = False
        """Whether the file has turned out to be damaged while it was in use."""
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    @contextlib.contextmanager
    def reading(self, *, keeping: bool = False) -> Iterator[sqlite3.Connection]:
        """The open file. Raises UserError for what goes wrong with it."""
        try:
            yield self.connection
        except (sqlite3.Error, OSError) as error:
            self.is_damaged = self.is_damaged or is_damage(error)
            raise self.say(error, keeping=keeping) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same in one transaction: all that is done is on the disk at the end, or nothing.

        One within another is a part of it.
        """
        if self.connection.in_transaction:
            yield self.connection
            return
        with self.reading(keeping=True) as connection, _transaction(connection):
            yield connection

    @property
    def connection(self) -> sqlite3.Connection:
        assert self._connection is not None, "the project is opened before it is used"
        return self._connection

    def connect(self, *, read_only: bool = False) -> int:
        """Open the file, which is made where there is none; the version of its schema, or 0.

        Raises sqlite3.Error and OSError as they come.
        """
        self.close()
        self.is_damaged = False
        connection = _connect(self.folder, read_only=read_only)
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if not read_only:
                # WAL is faster, but wants a local disk and SQLite 3.51.3. Of the others this one
                # alone puts the end of a commit on the disk as well, and makes no file for each.
                connection.execute("PRAGMA journal_mode=TRUNCATE")
                connection.execute("PRAGMA synchronous=FULL")
            connection.create_function("question_of", 1, self._question_in, deterministic=True)
            connection.create_function("figure_in", 2, self._figure_in, deterministic=True)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._identity = self.identity_now()
        return version

    def check(self) -> str:
        """What is wrong with the file in SQLite's words; "" where nothing is."""
        try:
            found = [row[0] for row in self.connection.execute("PRAGMA quick_check(3)")]
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            return str(error)
        return "" if found == ["ok"] else "; ".join(map(str, found))

    def migrate(self, version: int) -> None:
        """Bring the file from this version to ours; it is copied beside itself before."""
        connection = self.connection
        if 0 < version < len(MIGRATIONS) and self.folder is not None:
            file = self.folder.file
            place = file.with_name(f"{file.name}.before-{version + 1}")
            with contextlib.closing(sqlite3.connect(place)) as copy:
                connection.backup(copy)
        for step in range(version, len(MIGRATIONS)):
            connection.executescript(
                f"BEGIN; {MIGRATIONS[step]} PRAGMA user_version = {step + 1}; COMMIT;"
            )

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is open is the one that is found at its path."""
        return self.folder is None or self._identity == self.identity_now()

    def identity_now(self) -> tuple[int, int] | None:
        """What the system knows the file at the path by; None where there is none."""
        if self.folder is None:
            return None
        try:
            found = os.stat(self.folder.file)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_dev, found.st_ino

    def say(self, error: Exception, *, keeping: bool) -> UserError:
        """The sentence for what went wrong with the file."""
        return say_fault(error, self.folder.path if self.folder else None, keeping=keeping)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _question_in(self, record: bytes) -> str:
        """What a stored map answers; "" where it has an older shape."""
        found = self.blobs.get(record)
        return question_of(found) if isinstance(found, Attribution) else ""

    def _figure_in(self, record: bytes, name: str) -> Value:
        """One figure of a stored result; None where its file is gone, or it has an older shape."""
        try:
            return figures_of(self.blobs.get(record)).get(name)
        except UserError:
            return None


def question_of(made: Attribution) -> str:
    """What a map answers, besides method and target, as a text that is the same for the same."""
    baseline = made.baseline_name or made.baseline
    return json.dumps([made.layer, made.against, baseline, made.reference, made.output])


def _connect(folder: ProjectFolder | None, *, read_only: bool) -> sqlite3.Connection:
    if folder is None:
        return sqlite3.connect(":memory:", check_same_thread=False)
    mode = "ro" if read_only else "rw" if folder.file.exists() else "rwc"
    return sqlite3.connect(
        f"file:{quote(str(folder.file.absolute()))}?mode={mode}",
        uri=True,
        check_same_thread=False,
        timeout=BUSY_S,
    )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
