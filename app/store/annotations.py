"""Annotations in the project's file: those that hold, searched by source."""

from __future__ import annotations

from app.store.database import Database
from inference.records import Annotation


def load_annotations(database: Database, source_id: str) -> tuple[Annotation, ...]:
    """The annotations of a source that hold, by frame, in the order they were made."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT record FROM head JOIN version USING (thing, version)"
            " WHERE source_id = ? AND sort = 'annotation' AND live = 1"
            " ORDER BY frame, version.rowid",
            (source_id,),
        ).fetchall()
        found = tuple(database.blobs.get(record) for (record,) in rows)
    return tuple(one for one in found if isinstance(one, Annotation))
