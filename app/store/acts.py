"""Acts in the project's file: every state of every thing, and where the person stands among them.

Nothing that was ever kept is overwritten: an act adds a version of each thing that it changes, and
undoing only says again which version holds.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from app.acts import LABEL_SET, Act, Change, Mark, Thing
from app.store.database import Database
from inference.records import Annotation, LabelSet
from inference.wire import pack, unpack

_CURSOR = "cursor"


@dataclass(frozen=True)
class Standing:
    """How many acts are done, how many there are, and the label set as it is."""

    cursor: int
    total: int
    label_set: LabelSet


def keep_act(database: Database, act: Act) -> None:
    """Add an act behind those that are done; what was undone before is no longer among the acts.

    An act that is kept already is not kept twice: it may be handed over again after a fault. Its
    place is that of this file, whatever number it bears: who could not read the file counts anew.
    """
    with database.writing() as connection:
        done = _cursor(connection)
        last = connection.execute("SELECT act_id FROM act WHERE number = ?", (done,)).fetchone()
        if last == (act.act_id,):
            return
        number = done + 1
        connection.execute("DELETE FROM act_change WHERE number >= ?", (number,))
        connection.execute("DELETE FROM act WHERE number >= ?", (number,))
        key = act.key or (None, None)
        connection.execute(
            "INSERT INTO act VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, act.words, act.author, act.made_at, *key, act.act_id),
        )
        for place, change in enumerate(act.changes):
            before, after = _add_versions(connection, database, act, change)
            connection.execute(
                "INSERT INTO act_change VALUES (?, ?, ?, ?, ?)",
                (number, place, change.thing, before, after),
            )
            _set_head(connection, change, change.after, after)
        _set_cursor(connection, number)


def move_cursor(database: Database, cursor: int) -> None:
    """Undo acts, or do them again, until those up to `cursor` are done."""
    with database.writing() as connection:
        now = _cursor(connection)
        while now > cursor:
            _turn(connection, now, back=True)
            now -= 1
        while now < cursor:
            now += 1
            _turn(connection, now, back=False)
        _set_cursor(connection, cursor)


def load_act(database: Database, number: int) -> Act | None:
    """An act with all that it changed; None where there is none of this number."""
    with database.reading() as connection:
        row = connection.execute("SELECT * FROM act WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        changes = connection.execute(
            "SELECT c.thing, old.record, new.record FROM act_change AS c"
            " LEFT JOIN version AS old ON old.thing = c.thing AND old.version = c.before"
            " JOIN version AS new ON new.thing = c.thing AND new.version = c.after"
            " WHERE c.number = ? ORDER BY c.place",
            (number,),
        ).fetchall()
        made = tuple(
            Change(thing, _thing(database, thing, old), _thing(database, thing, new))
            for thing, old, new in changes
        )
    _, words, author, made_at, source_id, frame, act_id = row
    key = (str(source_id), int(frame)) if source_id is not None else None
    return Act(number, words, author, made_at, key, made, act_id)


def standing(database: Database) -> Standing:
    """Where the person stands."""
    with database.reading() as connection:
        total = connection.execute("SELECT max(number) FROM act").fetchone()[0] or 0
        row = connection.execute(
            "SELECT record FROM head JOIN version USING (thing, version) WHERE thing = ?",
            (LABEL_SET,),
        ).fetchone()
        found = database.blobs.get(row[0]) if row is not None else None
        cursor = _cursor(connection)
    return Standing(cursor, total, found if isinstance(found, LabelSet) else LabelSet())


def _add_versions(
    connection: sqlite3.Connection, database: Database, act: Act, change: Change
) -> tuple[int, int]:
    """The versions that a change found and left; 0 is before a thing was there."""
    head = connection.execute(
        "SELECT version FROM head WHERE thing = ?", (change.thing,)
    ).fetchone()
    newest = connection.execute(
        "SELECT max(version) FROM version WHERE thing = ?", (change.thing,)
    ).fetchone()[0]
    before, after = (head[0] if head is not None else 0), (newest or 0) + 1
    if head is None and change.before is not None:  # it was there before there were acts
        _add_version(connection, database, act, (change.thing, after), change.before)
        before, after = after, after + 1
    _add_version(connection, database, act, (change.thing, after), change.after)
    return before, after


def _add_version(
    connection: sqlite3.Connection,
    database: Database,
    act: Act,
    place: tuple[str, int],
    state: Thing | None,
) -> None:
    record = state.record if isinstance(state, Mark) else state
    searched_by = _searched_by(state) if isinstance(state, Annotation) else (None,) * 6
    blob = database.blobs.put(record) if record is not None else None
    connection.execute(
        "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, act.author, act.made_at, *searched_by, blob),
    )


def _turn(connection: sqlite3.Connection, number: int, *, back: bool) -> None:
    """Let what an act changed be as it was before it, or as it left it.

    What it changed more than once goes back to before the first change, or to after the last.
    """
    which, end = ("before", "min") if back else ("after", "max")
    connection.execute(
        "INSERT OR REPLACE INTO head SELECT thing, c.version, head.sort, v.record IS NOT NULL,"
        " coalesce(v.of_source, head.source_id), coalesce(v.of_frame, head.frame),"
        " coalesce(v.of_kind, head.kind), coalesce(v.of_label, head.label),"
        " coalesce(v.of_author, head.said_by), coalesce(v.of_time, head.said_at)"
        f" FROM (SELECT thing, {which} AS version, {end}(place) FROM act_change"
        " WHERE number = ? GROUP BY thing) AS c"
        " JOIN head USING (thing) LEFT JOIN version AS v USING (thing, version)",
        (number,),
    )


def _set_head(
    connection: sqlite3.Connection, change: Change, state: Thing | None, version: int
) -> None:
    known = state or change.before
    if isinstance(known, Annotation):
        named: tuple[object, ...] = ("annotation", *_searched_by(known))
    elif isinstance(known, Mark):
        named = ("mark", known.source_id, 0, "", "", "", "")
    else:
        named = ("labels", "", 0, "", "", "", "")
    sort, *rest = named
    connection.execute(
        "INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (change.thing, version, sort, state is not None, *rest),
    )


def _searched_by(one: Annotation) -> tuple[object, ...]:
    return (*one.key, one.kind, one.label, one.author, one.made_at)


def _thing(database: Database, thing: str, record: bytes | None) -> Thing | None:
    found = database.blobs.get(record)
    if found is None or isinstance(found, (Annotation, LabelSet)):
        return found
    source_id, _, name = thing.partition("/")
    return Mark(source_id, name, found)


def _cursor(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT record FROM state WHERE name = ?", (_CURSOR,)).fetchone()
    return int(unpack(row[0])) if row is not None else 0


def _set_cursor(connection: sqlite3.Connection, cursor: int) -> None:
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (_CURSOR, pack(cursor)))
