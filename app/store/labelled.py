"""Annotations in the project's file by their label, over all sources."""

from __future__ import annotations

from app.store.database import Database
from inference.records import Annotation

_TOGETHER = 500
"""Names in one question; SQLite takes no more than some hundred."""


def load_labelled(database: Database, labels: tuple[str, ...]) -> tuple[Annotation, ...]:
    """The annotations that hold and have one of these labels."""
    found: list[object] = []
    with database.reading() as connection:
        for start in range(0, len(labels), _TOGETHER):
            names = labels[start : start + _TOGETHER]
            marks = ", ".join("?" * len(names))
            rows = connection.execute(
                "SELECT record FROM head JOIN version USING (thing, version)"
                f" WHERE sort = 'annotation' AND live = 1 AND label IN ({marks})",
                names,
            )
            found += [database.blobs.get(record) for (record,) in rows]
    return tuple(one for one in found if isinstance(one, Annotation))
