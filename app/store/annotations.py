"""Annotations in the project's file: found, counted, and all that each of them ever was."""

from __future__ import annotations

from app.store.database import Database
from app.store.records import LabelCount, Sought, Version
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


def load_versions(database: Database, annotation_id: str) -> tuple[Version, ...]:
    """Every state that an annotation was in, the first one first: who changed what, and when."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT v.version, v.author, v.made_at, v.record, v.version = head.version"
            " FROM version AS v JOIN head USING (thing) WHERE thing = ? ORDER BY v.version",
            (annotation_id,),
        ).fetchall()
        read = [(*row[:3], database.blobs.get(row[3]), bool(row[4])) for row in rows]
    return tuple(
        Version(number, author, made_at, found, holds)
        for number, author, made_at, found, holds in read
        if found is None or isinstance(found, Annotation)
    )


def count_by_label(database: Database) -> tuple[LabelCount, ...]:
    """How much is said with each label in each kind, and on how many sources."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT label, kind, count(*), count(DISTINCT source_id) FROM head"
            " WHERE sort = 'annotation' AND live = 1 GROUP BY label, kind"
        ).fetchall()
    return tuple(LabelCount(*row) for row in rows)


def count_by_source(database: Database) -> dict[str, int]:
    """How many annotations hold on each source that has any."""
    with database.reading() as connection:
        return dict(
            connection.execute(
                "SELECT source_id, count(*) FROM head INDEXED BY head_of_source"
                " WHERE sort = 'annotation' AND live = 1 GROUP BY source_id"
            )
        )


def find_sources(database: Database, sought: Sought) -> tuple[str, ...]:
    """The sources that have an annotation which fits in all."""
    wanted = {
        "label = ?": sought.label,
        "kind = ?": sought.kind,
        "said_by = ?": sought.author,
        "said_at >= ?": sought.since,
    }
    asked = {words: value for words, value in wanted.items() if value}
    where = " AND ".join(("sort = 'annotation' AND live = 1", *asked))
    with database.reading() as connection:
        rows = connection.execute(
            f"SELECT DISTINCT source_id FROM head WHERE {where} ORDER BY source_id",
            tuple(asked.values()),
        ).fetchall()
    return tuple(source_id for (source_id,) in rows)


def find_unlabelled(database: Database) -> tuple[str, ...]:
    """The sources of the project that have no annotation, in the order they were added."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT source_id FROM source WHERE NOT EXISTS (SELECT 1 FROM head"
            " WHERE head.source_id = source.source_id AND sort = 'annotation' AND live = 1)"
            " ORDER BY added_at, title"
        ).fetchall()
    return tuple(source_id for (source_id,) in rows)
