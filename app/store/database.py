"""The project's file: opened when it is first needed, brought up to date, and its faults said."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.store.blobs import Blobs
from app.store.schema import MIGRATIONS
from inference.errors import UserError
from inference.records import Attribution

BUSY_S = 1.0
"""How long a commit waits for another program to let go of the file."""


class Database:
    """One connection to the file at `path` (None for one in memory), used from one thread.

    `arrays` is the folder beside it for what is too large for a row.
    """

    def __init__(self, path: Path | None, arrays: Path | None) -> None:
        self.path = path
        self.blobs = Blobs(arrays)
        self._connection: sqlite3.Connection | None = None

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The open file. Raises UserError for what goes wrong with it."""
        try:
            yield self._open()
        except (sqlite3.Error, OSError) as error:
            raise self._sentence(error) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The same in one transaction: all that is done is on the disk at the end, or nothing.

        One within another is a part of it.
        """
        with self.reading() as connection:
            if connection.in_transaction:
                yield connection
                return
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        name = ":memory:"
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            name = str(self.path)
        connection = sqlite3.connect(name, check_same_thread=False, timeout=BUSY_S)
        try:
            # WAL is faster, but wants a local disk and SQLite 3.51.3; this is safe everywhere.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA synchronous=FULL")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise UserError(
                "The store was written by a newer Lepton, so results are not kept this time.",
                "Install the current version.",
                fault="surroundings",
            )
        if 0 < version < len(MIGRATIONS):
            self._copy(connection, version)
        connection.create_function("question_of", 1, self._question_in, deterministic=True)
        for step in range(version, len(MIGRATIONS)):
            connection.executescript(
                f"BEGIN; {MIGRATIONS[step]} PRAGMA user_version = {step + 1}; COMMIT;"
            )

    def _copy(self, connection: sqlite3.Connection, version: int) -> None:
        """Keep the file as it is beside itself, before it is brought to another version."""
        if self.path is not None:
            place = self.path.with_name(f"{self.path.name}.before-{version + 1}")
            with contextlib.closing(sqlite3.connect(place)) as copy:
                connection.backup(copy)

    def _question_in(self, record: bytes) -> str:
        """What a stored map answers; "" where it has an older shape."""
        found = self.blobs.get(record)
        return question_of(found) if isinstance(found, Attribution) else ""

    def _sentence(self, error: Exception) -> UserError:
        name = self.path.name if self.path is not None else "memory"
        return UserError(
            f"Results could not be kept in {name}: {error}.",
            "They stay in the window until it closes. Check the disk and the folder's permissions.",
            fault="surroundings",
            path=str(self.path) if self.path is not None else None,
        )


def question_of(made: Attribution) -> str:
    """What a map answers, besides method and target, as a text that is the same for the same."""
    baseline = made.baseline_name or made.baseline
    return json.dumps([made.layer, made.against, baseline, made.reference, made.output])
