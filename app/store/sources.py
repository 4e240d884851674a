"""The sources and models of a project, and what the window keeps of itself, in its file."""

from __future__ import annotations

from datetime import UTC, datetime

from app.store.database import Database
from inference.cards import ModelCard
from inference.records import SourceEntry
from inference.wire import pack


def save_sources(database: Database, entries: tuple[SourceEntry, ...]) -> None:
    """Remember sources, or where they are now; when one was added first stays."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with database.writing() as connection:
        connection.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?) ON CONFLICT (source_id)"
            " DO UPDATE SET title = excluded.title, record = excluded.record",
            [(one.source_id, one.title, now, pack(one)) for one in entries],
        )


def load_sources(database: Database) -> tuple[SourceEntry, ...]:
    """All sources of the project, in the order they were added."""
    with database.reading() as connection:
        rows = connection.execute("SELECT record FROM source ORDER BY added_at, title").fetchall()
        found = tuple(database.blobs.get(record) for (record,) in rows)
    return tuple(one for one in found if isinstance(one, SourceEntry))


def save_models(database: Database, cards: tuple[ModelCard, ...]) -> None:
    """Remember which models answered here, by their weights; when one did so first stays."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with database.writing() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO model VALUES (?, ?, ?, ?)",
            [(one.model_id, one.sha256, now, database.blobs.put(one)) for one in cards],
        )


def save_state(database: Database, name: str, record: object) -> None:
    """Keep a record under a name."""
    with database.writing() as connection:
        row = (name, database.blobs.put(record))
        connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", row)


def load_state(database: Database, name: str) -> object:
    """The record under a name; None where there is none, or one of an older shape."""
    with database.reading() as connection:
        row = connection.execute("SELECT record FROM state WHERE name = ?", (name,)).fetchone()
        return database.blobs.get(row[0]) if row is not None else None
