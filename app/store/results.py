"""What models said, in the project's file: predictions, and the maps that explain them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from app.panes import Asked
from app.store.database import Database, question_of
from app.store.figures import figures_of
from app.store.records import Found, Result, Wanted
from inference.records import Attribution, Prediction


def save(database: Database, results: tuple[Result, ...]) -> None:
    """Keep these results; one that stands for the same question is replaced."""
    with database.writing() as connection:
        for result in results:
            _insert(connection, database, result)


def load(database: Database, wanted: Wanted) -> Found:
    """What is kept for this frame and model."""
    place = (*wanted.key, wanted.model_id, wanted.sha256)
    where = "WHERE source_id = ? AND frame = ? AND model_id = ? AND sha256 = ?"
    with database.reading() as connection:
        first = connection.execute(f"SELECT record FROM prediction {where}", place).fetchone()
        attribution = _latest(database, where, place, wanted.asked)
        prediction = database.blobs.get(first[0]) if first is not None else None
    return Found(wanted, prediction if isinstance(prediction, Prediction) else None, attribution)


def load_all(database: Database, wanted: Wanted) -> tuple[Found, ...]:
    """What is kept for all frames of this one's source, by the same model."""
    place = (wanted.key[0], wanted.model_id, wanted.sha256)
    where = "WHERE source_id = ? AND model_id = ? AND sha256 = ?"
    frames = f"SELECT frame FROM prediction {where} UNION SELECT frame FROM attribution {where}"
    with database.reading() as connection:
        rows = connection.execute(frames, place * 2).fetchall()
    return tuple(
        load(database, replace(wanted, key=(wanted.key[0], int(frame)))) for (frame,) in rows
    )


def _insert(connection: sqlite3.Connection, database: Database, result: Result) -> None:
    made = result.provenance
    place = (*result.key, made.model_id, made.sha256)
    record = database.blobs.put(result)
    figures = figures_of(result).values()
    if isinstance(result, Prediction):
        connection.execute(
            "INSERT OR REPLACE INTO prediction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, made.made_at, record, *figures),
        )
    else:
        asked = (made.method, result.target, question_of(result))
        connection.execute(
            "INSERT OR REPLACE INTO attribution (source_id, frame, model_id, sha256, method,"
            " target, question, made_at, record, reason, verdict)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, *asked, made.made_at, record, *figures),
        )


def _latest(
    database: Database, where: str, place: tuple[str | int, ...], asked: Asked | None
) -> Attribution | None:
    """The map of a place that came last, or the last of those that answer a question."""
    select = f"SELECT record FROM attribution {where}"
    with database.reading() as connection:
        if asked is None:
            rows = connection.execute(f"{select} ORDER BY number DESC LIMIT 1", place)
        else:
            narrowed = f"{select} AND method = ? AND ? IN (target, -1) ORDER BY number DESC"
            target = -1 if asked.target is None else asked.target
            rows = connection.execute(narrowed, (*place, asked.method, target))
        for (record,) in rows:
            found = database.blobs.get(record)
            if isinstance(found, Attribution) and (asked is None or asked.made(found)):
                return found
    return None
