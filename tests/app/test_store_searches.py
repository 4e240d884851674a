"""What is asked of a project as a whole: who said what, how often, and of which scans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.acts import Act, of_annotation
from app.store import Store
from app.store.records import LabelCount, Sought
from app.waiting import Pending
from inference.records import Annotation, SourceEntry
from inference.task import Task
from tests.app.stored_work import act, box, keep

DAYS = ("2026-11-18T09:00:00+00:00", "2026-11-19T09:00:00+00:00", "2026-11-20T09:00:00+00:00")


def said(name: str, source: str, label: str, author: str = "ann", day: int = 0) -> Annotation:
    return replace(box(name, label, author), source_id=source * 12, made_at=DAYS[day])


THERE = (
    said("1", "a", "nodule"),
    said("2", "a", "nodule", day=2),
    said("3", "a", "marker", "bob"),
    said("4", "b", "marker", "bob", 1),
    said("5", "c", "nodule"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Scans a to d; what was said of c is taken away again, and of d nothing was ever said."""
    with closing(Store(tmp_path)) as made:
        entries = tuple(
            SourceEntry(name * 12, "image", f"scan {name}", "CT", 1, (4, 5), ()) for name in "abcd"
        )
        gone = Act(2, "Delete", "bob", DAYS[2], None, (of_annotation(THERE[4], None),))
        keep(made, Pending("sources", entries), act(1, *THERE), Pending("act", gone))
        yield made


def test_counts(store: Store) -> None:
    assert set(store.count_by_label(None, Task())) == {
        LabelCount("nodule", "box", 2, 1),
        LabelCount("marker", "box", 2, 2),
    }
    assert store.count_by_source(None, Task()) == {"a" * 12: 3, "b" * 12: 1}


@pytest.mark.parametrize(
    ("sought", "sources"),
    [
        (Sought(), "ab"),
        (Sought(label="nodule"), "a"),
        (Sought(label="marker"), "ab"),
        (Sought(author="ann"), "a"),
        (Sought(label="marker", since=DAYS[1]), "b"),
        (Sought(since=DAYS[2]), "a"),
        (Sought(kind="mask"), ""),
        (Sought(label="nodule", author="bob"), ""),
    ],
)
def test_scans_are_found_by_what_was_said_of_them(
    store: Store, sought: Sought, sources: str
) -> None:
    assert store.find_sources(sought, Task()) == tuple(name * 12 for name in sources)


def test_scans_without_a_word_are_found(store: Store) -> None:
    assert store.find_unlabelled(None, Task()) == ("c" * 12, "d" * 12)
    keep(store, Pending("cursor", 1))
    assert store.find_unlabelled(None, Task()) == ("d" * 12,)
    assert store.find_sources(Sought(label="nodule"), Task()) == ("a" * 12, "c" * 12)


def test_what_is_searched_by_goes_back_and_forth_with_undo(store: Store) -> None:
    before, after = THERE[0], replace(THERE[0], label="normal", author="bob")
    change = Act(3, "Label", "bob", DAYS[2], None, (of_annotation(before, after),))
    keep(store, Pending("act", change))
    done = store.standing(None, Task()).cursor
    for cursor, names in ((done, ("a" * 12,)), (done - 1, ()), (done, ("a" * 12,))):
        keep(store, Pending("cursor", cursor))
        assert store.find_sources(Sought(label="normal", author="bob"), Task()) == names


def test_every_state_of_an_annotation_with_who_and_when(store: Store) -> None:
    keep(store, Pending("cursor", 1))
    first, second = store.load_versions("5", Task())
    assert (first.number, first.author, first.made_at, first.holds) == (1, "who", "time 1", True)
    assert (second.number, second.author, second.made_at, second.holds) == (
        2,
        "bob",
        DAYS[2],
        False,
    )
    assert first.annotation is not None
    assert first.annotation.label == "nodule"
    assert second.annotation is None
    assert store.load_versions("nobody's", Task()) == ()
