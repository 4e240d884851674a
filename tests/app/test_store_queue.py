"""The queue as the project's file gives it: figures, orders and filters, for old files as well."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.acts import Act, Change, of_annotation, of_mark
from app.prelabels import Refusal, refusal_mark
from app.queue import Answering, Queue, QueueOrder, QueueShow, QueueWish
from app.store import MIGRATIONS, Store
from app.waiting import Pending
from app.worker import register_records
from inference.records import (
    WHOLE,
    Annotation,
    Attribute,
    Attribution,
    Figure,
    Label,
    LabelSet,
    Prediction,
    Provenance,
    SourceEntry,
)
from inference.task import Task
from inference.wire import pack

NAMES = "abcde"
SHA = "0" * 64
ANSWERING = (("m", Answering(frozenset({"normal", "nodule"}), single=True)),)
LABELS = LabelSet(
    labels=(
        Label("normal", (1, 2, 3)),
        Label("nodule", (1, 2, 3), attributes=(Attribute("Side", "text", required=True),)),
    )
)


def made(hour: int) -> Provenance:
    return Provenance("m", SHA, "", "cpu", 0.1, f"2026-11-21T{hour:02d}:00:00+00:00", ())


def said(name: str, nodule: float, hour: int = 9, frame: int = 1) -> Prediction:
    scores = np.array([1 - nodule, nodule], np.float32)
    labels = ("normal", "nodule")
    key = (name * 12, frame)
    return Prediction(key, labels, scores, scores, "softmax", None, (), made(hour))


def judged(name: str, ratio: float) -> Attribution:
    figure = Figure("inside_ratio", "", ratio, "red" if ratio < 2 else "green", "")
    blank = np.zeros((2, 2), np.float32)
    return Attribution(
        *((name * 12, 1), 1, "nodule", "logit", blank, (2, 2), True, None, None, "", None, ()),
        provenance=replace(made(9), method="occlusion"),
        figures=(figure,),
    )


def word(name: str, label: str, frame: int = WHOLE) -> Change:
    one = Annotation(f"{name}{label}{frame}", name * 12, frame, "class", label, author="ann")
    return of_annotation(None, one)


RESULTS = (
    said("a", 0.9, hour=8),
    said("a", 0.52, hour=9, frame=2),
    said("b", 0.99),
    said("c", 0.7),
    judged("b", 0.4),
    judged("c", 6.0),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Scans a to e: three were predicted, b is labelled otherwise, d as well but by nobody else."""
    register_records()
    with closing(Store(tmp_path)) as found:
        entries = tuple(
            SourceEntry(name * 12, "series", f"scan {name}", "CT", 3, (4, 5), ()) for name in NAMES
        )
        acts = Act(1, "x", "ann", "2026", None, (word("b", "normal"), word("d", "nodule")))
        things = (Pending("sources", entries), Pending("save", RESULTS), Pending("act", acts))
        found.keep(things, Task())
        yield found


def read(store: Store, wish: QueueWish) -> Queue:
    return store.load_queue(replace(wish, answering=ANSWERING, label_set=LABELS), Task())


def ids(queue: Queue) -> str:
    return "".join(row.source_id[0] for row in queue.rows)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("uncertain", "acbed"),
        ("disagreement", "baced"),
        ("reason", "bcade"),
        ("unlabelled", "acebd"),
        ("name", "abcde"),
    ],
)
def test_orders(store: Store, order: QueueOrder, expected: str) -> None:
    queue = read(store, QueueWish(order=order))
    assert ids(queue) == expected
    assert (queue.labelled, queue.total) == (2, 5)


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("all", "abcde"),
        ("unlabelled", "ace"),
        ("labelled", "bd"),
        ("unfinished", "d"),
        ("disagreeing", "b"),
    ],
)
def test_what_is_shown(store: Store, show: QueueShow, expected: str) -> None:
    assert ids(read(store, QueueWish("name", show))) == expected


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (QueueWish("name", label="nodule"), "d"),
        (QueueWish("name", kind="class"), "bd"),
        (QueueWish("name", kind="box"), ""),
        (QueueWish("name", text="SCAN e"), "e"),
        (QueueWish("name", "unlabelled", keep=("b" * 12, WHOLE)), "abce"),
        (QueueWish("name", text="no such scan", keep=("b" * 12, WHOLE)), ""),
    ],
)
def test_filters(store: Store, wish: QueueWish, expected: str) -> None:
    assert ids(read(store, wish)) == expected


def test_a_row_has_the_newest_answer_and_what_is_known(store: Store) -> None:
    rows = {row.source_id[0]: row for row in read(store, QueueWish("name")).rows}
    a, b, e = rows["a"], rows["b"], rows["e"]
    assert (a.at, a.answer, a.model_id, a.sha256) == (2, "nodule", "m", SHA)
    assert a.score == pytest.approx(0.52)
    assert a.entropy == pytest.approx(0.99885, abs=1e-5)
    assert a.margin == pytest.approx(0.04)
    assert (b.classes, b.annotations, b.verdict) == (("normal",), 1, "red")
    assert b.reason == pytest.approx(0.4)
    assert (e.answer, e.entropy, e.reason, e.classes) == ("", None, None, ())


def test_slices_of_which_something_is_said_are_rows(store: Store) -> None:
    rows = read(store, QueueWish("name", slices=True)).rows
    places = [(row.source_id[0], row.frame) for row in rows]
    assert places == [("a", 1), ("a", 2), ("b", -1), ("b", 1), ("c", 1), ("d", -1), ("e", -1)]
    assert [row.answer for row in rows[:3]] == ["nodule", "nodule", ""]


def test_undone_work_and_refusals_count_as_they_are(store: Store) -> None:
    refusal = Refusal(("c" * 12, 1), "m", SHA, "nodule")
    refused = Act(2, "x", "ann", "2026", None, (of_mark(None, refusal_mark(refusal)),))
    store.keep((Pending("act", refused),), Task())
    rows = read(store, QueueWish("name")).rows
    assert [row.refused for row in rows] == [False, False, True, False, False]
    store.keep((Pending("cursor", 0),), Task())
    queue = read(store, QueueWish("name"))
    assert queue.labelled == 0
    assert not any(row.refused for row in queue.rows)


def test_what_a_model_has_seen(store: Store) -> None:
    assert store.find_predicted(("m", SHA), Task()) == {"a" * 12, "b" * 12, "c" * 12}
    assert store.find_predicted(("m", "1" * 64), Task()) == frozenset()


def test_older_files_get_the_figures(tmp_path: Path) -> None:
    tmp_path.joinpath("arrays").mkdir()
    with closing(sqlite3.connect(tmp_path / "project.sqlite")) as old:
        old.create_function("question_of", 1, lambda _record: "")
        for step in MIGRATIONS[:4]:
            old.executescript(step)
        entry = SourceEntry("a" * 12, "series", "scan a", "CT", 3, (4, 5), ())
        old.execute(
            "INSERT INTO source VALUES (?, ?, ?, ?)", (*(entry.source_id, "", ""), pack(entry))
        )
        answer, why = said("a", 0.75), judged("a", 1.5)
        place = (*answer.key, "m", SHA)
        old.execute(
            "INSERT INTO prediction VALUES (?, ?, ?, ?, ?, ?)", (*place, "2026", pack(answer))
        )
        old.execute(
            "INSERT INTO attribution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (1, *place, "occlusion", 1, "", "2026", pack(why)),
        )
        old.execute("PRAGMA user_version = 4")
        old.commit()
    with closing(Store(tmp_path)) as store:
        (row,) = read(store, QueueWish("name")).rows
    assert (row.answer, row.reason, row.verdict) == ("nodule", 1.5, "red")
    assert row.score == pytest.approx(0.75)
    assert row.margin == pytest.approx(0.5)
