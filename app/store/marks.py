"""What a person left on sources, in the project's file, by source and name."""

from __future__ import annotations

from app.acts import Mark
from app.store.database import Database


def save_mark(database: Database, mark: Mark) -> None:
    """Keep a mark that no act stands for under its name, or forget it if it has no record."""
    with database.writing() as connection:
        place = (mark.source_id, mark.name)
        if mark.record is None:
            connection.execute("DELETE FROM mark WHERE source_id = ? AND name = ?", place)
        else:
            record = database.blobs.put(mark.record)
            connection.execute("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", (*place, record))


def load_marks(database: Database, source_id: str) -> tuple[Mark, ...]:
    """The marks of a source, by name; what an act left goes before what was there."""
    found: dict[str, bytes | None] = {}
    with database.reading() as connection:
        found.update(
            connection.execute(
                "SELECT name, record FROM mark WHERE source_id = ? ORDER BY name", (source_id,)
            )
        )
        found.update(
            connection.execute(
                "SELECT substr(head.thing, length(head.source_id) + 2), record FROM head"
                " JOIN version USING (thing, version)"
                " WHERE source_id = ? AND sort = 'mark' ORDER BY head.thing",
                (source_id,),
            )
        )
        read = {name: database.blobs.get(record) for name, record in found.items()}
    return tuple(
        Mark(source_id, name, record) for name, record in read.items() if record is not None
    )
