"""The queue of what to label next, from the project's file: figures of scans, or of slices."""

from __future__ import annotations

import json
from typing import Any

from app.label_sets import lacking
from app.prelabels import REFUSED, Refusal, refusal_name
from app.queue import Queue, QueueRow, QueueWish, arrange
from app.store.annotations import find_sources
from app.store.database import Database
from app.store.labelled import load_labelled
from app.store.records import Sought
from inference.records import WHOLE, FrameKey

_Said = dict[FrameKey, tuple[Any, ...]]

_FRAME = "frame"
_NO_ANSWER: tuple[Any, ...] = ("", "", "", WHOLE, "", 0.0, None, None)
_NO_CLASSES = ("[]", 0)
_NO_REASON = (None, None)


def load_queue(database: Database, wish: QueueWish) -> Queue:
    """All scans of the project, or slices of them, as they are wanted."""
    with database.reading():
        rows = _rows(database, slices=wish.slices)
    labelled = sum(row.annotations > 0 for row in rows)
    return Queue(arrange(rows, wish, _within(database, wish)), labelled, len(rows))


def find_predicted(database: Database, model_id: str, sha256: str) -> frozenset[str]:
    """The sources of which a model with these weights has said something."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT DISTINCT source_id FROM prediction INDEXED BY prediction_said"
            " WHERE model_id = ? AND sha256 = ?",
            (model_id, sha256),
        ).fetchall()
    return frozenset(source_id for (source_id,) in rows)


def _rows(database: Database, *, slices: bool) -> list[QueueRow]:
    titles: list[tuple[str, str]] = database.connection.execute(
        "SELECT source_id, title FROM source INDEXED BY source_added ORDER BY added_at, title"
    ).fetchall()
    frame = _FRAME if slices else str(WHOLE)
    answers = _answers(database, frame)
    classes = _classes(database, frame)
    reasons, refused = _reasons(database, frame), _refused(database)
    keys = [(source_id, WHOLE, title) for source_id, title in titles]
    if slices:
        keys = _with_slices(keys, answers.keys() | classes.keys() | reasons.keys())
    return [
        _row(
            (source_id, at, title),
            answers.get((source_id, at), _NO_ANSWER),
            classes.get((source_id, at), _NO_CLASSES),
            reasons.get((source_id, at), _NO_REASON),
            refused,
        )
        for source_id, at, title in keys
    ]


def _row(
    key: tuple[str, int, str],
    answer: tuple[Any, ...],
    said: tuple[str, int],
    reason: tuple[Any, ...],
    refused: frozenset[str],
) -> QueueRow:
    """One row; `said` has the classes as a list in JSON, `refused` all that was refused."""
    classes = () if said[0] == "[]" else tuple(json.loads(said[0]))
    row = QueueRow._make((*key, *answer, classes, said[1], *reason, False))
    return row._replace(refused=True) if refused and _is_refused(row, refused) else row


def _is_refused(row: QueueRow, refused: frozenset[str]) -> bool:
    """Whether a row's answer was refused: on its slice, or a volume's as a whole."""
    made = (
        Refusal((row.source_id, frame), row.model_id, row.sha256, row.answer)
        for frame in (row.at, WHOLE)
    )
    return any(f"{row.source_id}/{refusal_name(one)}" in refused for one in made)


def _refused(database: Database) -> frozenset[str]:
    rows = database.connection.execute(
        "SELECT thing FROM head INDEXED BY head_of_label WHERE sort = 'mark' AND live = 1"
        f" AND thing LIKE '%/{REFUSED}%'"
    )
    return frozenset(thing for (thing,) in rows)


def _with_slices(
    keys: list[tuple[str, int, str]], said: set[FrameKey]
) -> list[tuple[str, int, str]]:
    """Scans of which something was said slice by slice are listed by these slices."""
    of_source: dict[str, list[int]] = {}
    for source_id, frame in said:
        of_source.setdefault(source_id, []).append(frame)
    return [
        (source_id, frame, title)
        for source_id, whole, title in keys
        for frame in sorted(of_source.get(source_id, [whole]))
    ]


def _answers(database: Database, frame: str) -> _Said:
    """The newest prediction of each scan or slice, by any model."""
    rows = database.connection.execute(
        f"SELECT source_id, {frame} AS place, model_id, sha256, max(made_at), frame, label, score,"
        " entropy, margin FROM prediction INDEXED BY prediction_said"
        f" WHERE label IS NOT NULL {_by(frame)}"
    )
    return {(row[0], row[1]): row[2:] for row in rows}


def _classes(database: Database, frame: str) -> dict[FrameKey, tuple[str, int]]:
    """The classes of each scan or slice as a list in JSON, and how many annotations hold there."""
    rows = database.connection.execute(
        f"SELECT source_id, {frame} AS place,"
        " json_group_array(DISTINCT label) FILTER (WHERE kind = 'class'), count(*)"
        " FROM head INDEXED BY head_of_source"
        f" WHERE sort = 'annotation' AND live = 1 {_by(frame)}"
    )
    return {(row[0], row[1]): row[2:] for row in rows}


def _reasons(database: Database, frame: str) -> _Said:
    """The figure of the newest map of each scan or slice that was judged by a marked region."""
    rows = database.connection.execute(
        f"SELECT source_id, {frame} AS place, reason, verdict, max(made_at)"
        " FROM attribution INDEXED BY attribution_judged"
        f" WHERE reason IS NOT NULL {_by(frame)}"
    )
    return {(row[0], row[1]): row[2:4] for row in rows}


def _by(frame: str) -> str:
    """What rows are put together by; a number would have them sorted, which the index spares."""
    return f"GROUP BY source_id{', frame' if frame == _FRAME else ''}"


def _within(database: Database, wish: QueueWish) -> frozenset[str] | None:
    """The scans that labels, kinds and what is required of annotations leave; None for all."""
    found: frozenset[str] | None = None
    if wish.label or wish.kind:
        found = frozenset(find_sources(database, Sought(wish.label, wish.kind)))
    if wish.show == "unfinished":
        lack = _unfinished(database, wish)
        found = lack if found is None else found & lack
    return found


def _unfinished(database: Database, wish: QueueWish) -> frozenset[str]:
    demanding = {
        one.name: one
        for one in wish.label_set.labels
        if one.scale is not None or any(attribute.required for attribute in one.attributes)
    }
    made = load_labelled(database, tuple(demanding))
    return frozenset(one.source_id for one in made if lacking(demanding[one.label], one))
