"""Whether a project is whole: its file, what its rows refer to, its arrays, backups and scans."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.store import sources
from app.store.backups import find_backups
from app.store.blobs import digest_in
from app.store.database import Database
from app.store.faults import is_damage, say_fault
from app.store.folder import ProjectFolder
from app.store.schema import MIGRATIONS
from inference.errors import UserError
from inference.records import SourceEntry
from inference.task import Task

_RECORDS = ("prediction", "attribution", "mark", "version", "state", "source")
"""The tables whose rows have records, which may name a file beside."""

_REFERENCES = {
    "annotations or marks have no version that holds": (
        "SELECT count(*) FROM head LEFT JOIN version USING (thing, version)"
        " WHERE version.thing IS NULL AND head.version > 0"
    ),
    "changes name a version that is not there": (
        "SELECT count(*) FROM act_change AS c"
        " LEFT JOIN version AS old ON old.thing = c.thing AND old.version = c.before"
        " LEFT JOIN version AS new ON new.thing = c.thing AND new.version = c.after"
        " WHERE new.thing IS NULL OR (old.thing IS NULL AND c.before > 0)"
    ),
    "changes belong to no act": (
        "SELECT count(*) FROM act_change LEFT JOIN act USING (number) WHERE act.number IS NULL"
    ),
    "acts are missing among the others": "SELECT coalesce(max(number), 0) - count(*) FROM act",
}
"""How many rows refer to what is not there: each should be none."""

_COUNTS = {
    "annotations": "SELECT count(*) FROM head WHERE sort = 'annotation' AND live = 1",
    "versions": "SELECT count(*) FROM version",
    "acts": "SELECT count(*) FROM act",
    "models": "SELECT count(*) FROM model",
}


@dataclass(frozen=True)
class Arrays:
    """The files beside: named by a row, of those missing or changed, and named by none."""

    named: int = 0
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unreferenced: int = 0
    """Neither the file nor a backup names them; they are left all the same."""
    unreferenced_bytes: int = 0


@dataclass(frozen=True)
class Report:
    """What was found of a project. It is whole where there are no faults."""

    name: str
    schema: int
    faults: tuple[str, ...]
    counts: dict[str, int]
    arrays: Arrays
    backups: int
    damaged_backups: int
    sources: int
    missing_sources: tuple[str, ...]
    """Ids of those of which no file is where it was."""


def check_project(place: Path, task: Task) -> Report:
    """Look through a project, which may be open elsewhere; nothing of it is changed.

    Raises UserError where there is no project of a version that is known.
    """
    folder = ProjectFolder(place)
    if not folder.file.is_file() and not folder.has_past:
        raise UserError(
            f"{place.name} is no project.", "Name a folder with a project.sqlite in it."
        )
    database = Database(folder)
    try:
        return _report(folder, database, task)
    except (sqlite3.Error, OSError) as error:
        raise say_fault(error, place, keeping=False) from error
    finally:
        database.close()


def _report(folder: ProjectFolder, database: Database, task: Task) -> Report:
    good = find_backups(folder.backups)
    bad = sum(1 for _ in folder.backups.glob("*.sqlite")) - len(good)
    schema, wrong = _open(folder, database)
    if wrong:
        return Report(folder.name, schema, (wrong,), {}, Arrays(), len(good), bad, 0, ())
    count = database.connection.execute
    found = {words: int(count(asked).fetchone()[0]) for words, asked in _REFERENCES.items()}
    faults = [f"{number} {words}." for words, number in found.items() if number]
    arrays = _arrays(folder, database, [Path(one.path) for one in good], task)
    faults += [f"{len(arrays.missing)} arrays are missing."] if arrays.missing else []
    faults += [f"{len(arrays.changed)} arrays are not what they were."] if arrays.changed else []
    entries = sources.load_sources(database)
    gone = tuple(one.source_id for one in entries if not _is_there(folder, one))
    counts = {name: int(count(asked).fetchone()[0]) for name, asked in _COUNTS.items()}
    return Report(
        folder.name, schema, tuple(faults), counts, arrays, len(good), bad, len(entries), gone
    )


def _is_there(folder: ProjectFolder, entry: SourceEntry) -> bool:
    """Whether a file of a source is where it was; a path may be one within the project."""
    return any((folder.path / path).exists() for path in entry.paths)


def _open(folder: ProjectFolder, database: Database) -> tuple[int, str]:
    """Open the file to look: the version of its schema, and what is wrong with it."""
    if folder.is_empty:
        return 0, "The file of the project is gone, and its arrays are still there."
    try:
        schema = database.connect(read_only=True)
        wrong = database.check()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return 0, f"The file is damaged: {error}."
    if wrong:
        return schema, f"The file is damaged: {wrong}."
    if schema != len(MIGRATIONS):
        age = "a newer" if schema > len(MIGRATIONS) else "an older"
        raise UserError(
            f"The project {folder.name} is of {age} Lepton.",
            "Install the current version." if schema > len(MIGRATIONS) else "Open it once first.",
        )
    return schema, ""


def _arrays(folder: ProjectFolder, database: Database, backups: list[Path], task: Task) -> Arrays:
    named = set(_digests(database.connection))
    missing, changed = [], []
    for number, digest in enumerate(sorted(named)):
        task.check()
        task.progress(number, len(named))
        place = database.blobs.place(digest)
        if not place.is_file():
            missing.append(digest)
        elif hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            changed.append(digest)
    rest = _unreferenced(folder, named.union(*map(_digests_of_backup, backups)))
    size = sum(path.stat().st_size for path in rest)
    return Arrays(len(named), tuple(missing), tuple(changed), len(rest), size)


def _unreferenced(folder: ProjectFolder, named: set[str]) -> list[Path]:
    files = folder.arrays.glob("*/*.bin")
    return [path for path in files if f"{path.parent.name}{path.stem}" not in named]


def _digests_of_backup(backup: Path) -> set[str]:
    name = f"file:{quote(str(backup.absolute()))}?mode=ro"
    with contextlib.closing(sqlite3.connect(name, uri=True)) as copy:
        return set(_digests(copy))


def _digests(connection: sqlite3.Connection) -> Iterator[str]:
    """The digests of all files that the rows name."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    for table in _RECORDS:
        if table in there:  # a backup may be of an older version
            for (record,) in connection.execute(
                f"SELECT record FROM {table} WHERE substr(record, 1, 4) = X'4C505442'"
            ):
                digest = digest_in(record)
                if digest is not None:
                    yield digest
