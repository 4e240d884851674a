"""Results and marks on disk: one SQLite file in the user's data folder; the only SQL.

Each of them is committed, and synchronised to the disk, before `save` or `save_mark` returns. The
store is used from the one thread of its lane.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from app.panes import Asked
from inference.errors import UserError
from inference.records import Attribution, FrameKey, Prediction
from inference.task import Task
from inference.wire import WireError, pack, unpack

MIGRATIONS = (
    """
    CREATE TABLE prediction (
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, made_at TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, frame, model_id, sha256)) WITHOUT ROWID;
    CREATE TABLE attribution (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, method TEXT NOT NULL, target INTEGER NOT NULL,
        made_at TEXT NOT NULL, record BLOB NOT NULL,
        UNIQUE (source_id, frame, model_id, sha256, method, target));
    """,
    """
    CREATE TABLE mark (
        source_id TEXT NOT NULL, name TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, name)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE map (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, method TEXT NOT NULL, target INTEGER NOT NULL,
        question TEXT NOT NULL, made_at TEXT NOT NULL, record BLOB NOT NULL,
        UNIQUE (source_id, frame, model_id, sha256, method, target, question));
    INSERT INTO map SELECT number, source_id, frame, model_id, sha256, method, target,
        question_of(record), made_at, record FROM attribution;
    DROP TABLE attribution;
    ALTER TABLE map RENAME TO attribution;
    """,
)
"""Step n brings a file of version n to n + 1; a step is never changed once it was shipped.

A file that is brought on is copied first: `NAME.before-VERSION` is as it was.
"""

Result = Prediction | Attribution


@dataclass(frozen=True)
class Wanted:
    """The results of one frame by one model, the weights of which have this digest.

    `asked` is the question that the map is to answer; None wants the latest map.
    """

    key: FrameKey
    model_id: str
    sha256: str
    asked: Asked | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What the store holds of it; `attribution` is the latest one that fits."""

    wanted: Wanted
    prediction: Prediction | None
    attribution: Attribution | None


@dataclass(frozen=True, eq=False)
class Mark:
    """What a person left on a source: a record under a name that is its own there."""

    source_id: str
    name: str
    record: object
    """A record that may cross the wire, or plain values; None to forget the mark."""


class Store:
    """Opens, and where needed brings up to date, the file at `path` (":memory:" for none).

    Raises UserError where the file cannot be used; it is then left as it is.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def save(self, results: tuple[Result, ...], task: Task) -> int:
        """Keep these results; one that stands for the same question is replaced."""
        try:
            database = self._open()
            with database:
                for result in results:
                    self._insert(database, result)
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        return len(results)

    def load(self, wanted: Wanted, task: Task) -> Found:
        """What is kept for this frame and model."""
        place = (*wanted.key, wanted.model_id, wanted.sha256)
        where = "WHERE source_id = ? AND frame = ? AND model_id = ? AND sha256 = ?"
        try:
            database = self._open()
            first = database.execute(f"SELECT record FROM prediction {where}", place).fetchone()
            attribution = _latest(database, where, place, wanted.asked)
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        prediction = _read(first)
        return Found(
            wanted, prediction if isinstance(prediction, Prediction) else None, attribution
        )

    def load_all(self, wanted: Wanted, task: Task) -> tuple[Found, ...]:
        """What is kept for all frames of this one's source, by the same model."""
        place = (wanted.key[0], wanted.model_id, wanted.sha256)
        where = "WHERE source_id = ? AND model_id = ? AND sha256 = ?"
        frames = f"SELECT frame FROM prediction {where} UNION SELECT frame FROM attribution {where}"
        try:
            rows = self._open().execute(frames, place * 2).fetchall()
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        return tuple(
            self.load(replace(wanted, key=(wanted.key[0], int(frame))), task) for (frame,) in rows
        )

    def save_mark(self, mark: Mark, task: Task) -> None:
        """Keep a mark of a source under its name, or forget it where it has no record."""
        try:
            database = self._open()
            with database:
                if mark.record is None:
                    database.execute(
                        "DELETE FROM mark WHERE source_id = ? AND name = ?",
                        (mark.source_id, mark.name),
                    )
                else:
                    database.execute(
                        "INSERT OR REPLACE INTO mark VALUES (?, ?, ?)",
                        (mark.source_id, mark.name, pack(mark.record)),
                    )
        except sqlite3.Error as error:
            raise self._sentence(error) from error

    def load_marks(self, source_id: str, task: Task) -> tuple[Mark, ...]:
        """The marks of a source, by name."""
        try:
            rows = (
                self._open()
                .execute(
                    "SELECT name, record FROM mark WHERE source_id = ? ORDER BY name", (source_id,)
                )
                .fetchall()
            )
        except sqlite3.Error as error:
            raise self._sentence(error) from error
        found = (Mark(source_id, name, _read((record,))) for name, record in rows)
        return tuple(mark for mark in found if mark.record is not None)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        name = ":memory:"
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._sentence(error) from error
            name = str(self._path)
        database = sqlite3.connect(name, check_same_thread=False, timeout=10)
        try:
            # WAL is faster, but wants a local disk and SQLite 3.51.3; this is safe everywhere.
            database.execute("PRAGMA journal_mode=DELETE")
            database.execute("PRAGMA synchronous=FULL")
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise UserError(
                "The store was written by a newer Lepton, so results are not kept this time.",
                "Install the current version.",
                fault="surroundings",
            )
        if 0 < version < len(MIGRATIONS):
            self._copy(database, version)
        database.create_function("question_of", 1, _question_in, deterministic=True)
        for step in range(version, len(MIGRATIONS)):
            database.executescript(
                f"BEGIN; {MIGRATIONS[step]} PRAGMA user_version = {step + 1}; COMMIT;"
            )

    def _copy(self, database: sqlite3.Connection, version: int) -> None:
        """Keep the file as it is beside itself, before it is brought to another version."""
        if self._path is not None:
            place = self._path.with_name(f"{self._path.name}.before-{version + 1}")
            with contextlib.closing(sqlite3.connect(place)) as copy:
                database.backup(copy)

    def _insert(self, database: sqlite3.Connection, result: Result) -> None:
        made = result.provenance
        place = (*result.key, made.model_id, made.sha256)
        if isinstance(result, Prediction):
            database.execute(
                "INSERT OR REPLACE INTO prediction VALUES (?, ?, ?, ?, ?, ?)",
                (*place, made.made_at, pack(result)),
            )
        else:
            database.execute(
                "INSERT OR REPLACE INTO attribution (source_id, frame, model_id, sha256, method,"
                " target, question, made_at, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(*place, made.method, result.target),
                    *(_question(result), made.made_at, pack(result)),
                ),
            )

    def _sentence(self, error: Exception) -> UserError:
        name = self._path.name if self._path is not None else "memory"
        return UserError(
            f"Results could not be kept in {name}: {error}.",
            "They stay in the window until it closes. Check the disk and the folder's permissions.",
            fault="surroundings",
            path=str(self._path) if self._path is not None else None,
        )


def _latest(
    database: sqlite3.Connection,
    where: str,
    place: tuple[str | int, ...],
    asked: Asked | None,
) -> Attribution | None:
    """The map of a place that came last, or the last of those that answer a question."""
    select = f"SELECT record FROM attribution {where}"
    if asked is None:
        row = database.execute(f"{select} ORDER BY number DESC LIMIT 1", place).fetchone()
        found = _read(row)
        return found if isinstance(found, Attribution) else None
    narrowed = f"{select} AND method = ? AND ? IN (target, -1) ORDER BY number DESC"
    target = -1 if asked.target is None else asked.target
    for row in database.execute(narrowed, (*place, asked.method, target)):
        found = _read(row)
        if isinstance(found, Attribution) and asked.made(found):
            return found
    return None


def _question(made: Attribution) -> str:
    """What a map answers, besides method and target, as a text that is the same for the same."""
    baseline = made.baseline_name or made.baseline
    return json.dumps([made.layer, made.against, baseline, made.reference, made.output])


def _question_in(record: bytes) -> str:
    """The same of a record as it is stored; "" where it has an older shape."""
    found = _read((record,))
    return _question(found) if isinstance(found, Attribution) else ""


def _read(row: tuple[bytes] | None) -> object:
    """The record in a row; None where there is none, or one of an older shape of the record."""
    if row is None:
        return None
    try:
        found: object = unpack(row[0])
    except (WireError, EOFError):
        return None
    return found
