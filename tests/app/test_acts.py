"""Acts: undone they give the start, done again the end, also across a restart."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.acts import Act, Change, Mark, of_annotation, of_label_set, of_mark
from app.history import AT_HAND, History
from app.label_book import LabelBook
from app.marks import measure_mark
from app.store import Store
from app.store.blobs import INLINE_BYTES
from app.store.looking import looking
from app.waiting import Pending
from inference.errors import UserError
from inference.mask_bits import mask_of, pack_mask
from inference.records import Annotation, Label, LabelSet, Measure, SourceEntry
from inference.task import Task
from inference.wire import pack
from tests.sample_models import CARD

SOURCE = "0123456789ab"
BOX = Annotation("b", SOURCE, 2, "box", "nodule", ((1.0, 2.0), (3.0, 4.0)))


class Person:
    """Acts as the window does: book and history in memory, each step handed to the store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begin()

    def begin(self) -> None:
        self.store = Store(self.path)
        self.book, self.history = LabelBook(), History()
        found = self.store.standing(None, Task())
        self.history.restore(found.cursor, found.total)
        self.book.use(found.label_set)
        self.book.add(SOURCE, self.store.load_annotations(SOURCE, Task()))

    def restart(self) -> None:
        self.store.close()
        self.begin()

    def act(self, *changes: Change) -> None:
        number = self.history.next_number
        made = Act(number, "Act", "who", f"{number} {id(changes)}", (SOURCE, 0), changes)
        self.history.push(made)
        self.apply(made, back=False)
        self.store.keep((Pending("act", made),), Task())

    def turn(self, number: int | None, *, back: bool) -> bool:
        if number is None:
            return False
        made = self.history.find(number) or self.store.load_act(number, Task())
        assert made is not None
        self.history.take(made)
        self.history.move(number - 1 if back else number)
        self.apply(made, back=back)
        self.store.keep((Pending("cursor", self.history.cursor),), Task())
        return True

    def undo(self) -> bool:
        return self.turn(self.history.to_undo, back=True)

    def redo(self) -> bool:
        return self.turn(self.history.to_redo, back=False)

    def apply(self, made: Act, *, back: bool) -> None:
        for change in reversed(made.changes) if back else made.changes:
            now, other = (change.before, change.after) if back else (change.after, change.before)
            self.book.apply(change.thing, now, other)

    @property
    def seen(self) -> dict[str, bytes]:
        found = {one.annotation_id: pack(one) for one in self.book.of_source(SOURCE)}
        return {**found, "labels": pack(self.book.label_set)}

    @property
    def kept(self) -> dict[str, bytes]:
        rows = self.store.load_annotations(SOURCE, Task())
        labels = self.store.standing(None, Task()).label_set
        return {**{one.annotation_id: pack(one) for one in rows}, "labels": pack(labels)}


def mask(seed: int, side: int) -> Annotation:
    noise = np.random.default_rng(seed).random((side, side)) < 0.5
    return Annotation(f"m{seed % 3}", SOURCE, seed % 2, "mask", "nodule", mask=pack_mask(noise))


NAMES = st.sampled_from("abc")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, st.integers(0, 3)),
        st.tuples(st.just("paint"), st.integers(0, 9)),
        st.tuples(st.just("delete"), NAMES),
        st.tuples(st.just("labels"), NAMES),
        st.tuples(st.sampled_from(["undo", "redo", "restart"])),
    ),
    max_size=14,
)


def step(person: Person, what: tuple[str | int, ...]) -> None:
    name, *rest = what
    book = person.book
    if name == "put":
        made = replace(BOX, annotation_id=str(rest[0]), frame=int(rest[1]))
        person.act(of_annotation(book.find(made.annotation_id), made))
    elif name == "paint":
        painted = mask(int(rest[0]), 9)
        person.act(of_annotation(book.find(painted.annotation_id), painted))
    elif name == "delete":
        gone = book.find(str(rest[0]))
        if gone is not None:
            person.act(of_annotation(gone, None))
    elif name == "labels":
        now = LabelSet(labels=(Label(str(rest[0]), (1, 2, 3)),))
        person.act(of_label_set(book.label_set, now))
    else:
        getattr(person, str(name))()


@given(STEPS)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_acts_undone_give_the_start_and_redone_the_end(steps: list[tuple[str | int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        person = Person(Path(folder))
        start = person.seen
        for one in steps:
            step(person, one)
            assert person.kept == person.seen
        while person.redo():
            pass
        end = person.seen
        person.restart()
        assert person.seen == end
        while person.undo():
            assert person.kept == person.seen
        assert person.seen == start
        person.restart()
        assert person.seen == start
        while person.redo():
            assert person.kept == person.seen
        assert person.seen == person.kept == end
        person.store.close()


def test_every_version_of_an_annotation_stays_in_the_file(tmp_path: Path) -> None:
    person = Person(tmp_path)
    moved = replace(BOX, points=((5.0, 5.0), (6.0, 6.0)))
    person.act(of_annotation(None, BOX))
    person.act(of_annotation(BOX, moved))
    person.undo()
    person.act(of_annotation(BOX, None))
    with person.store._database.reading() as connection:
        rows = connection.execute(
            "SELECT version, author, record IS NULL FROM version ORDER BY version"
        ).fetchall()
    assert rows == [(1, "who", 0), (2, "who", 0), (3, "who", 1)]
    assert person.kept == person.seen
    person.store.close()


def test_an_act_that_is_handed_over_twice_is_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = Act(1, "Box", "who", "now", BOX.key, (of_annotation(None, BOX),))
    store.keep((Pending("act", made),), Task())
    store.keep((Pending("act", made),), Task())
    assert store.standing(None, Task()).total == 1
    with store._database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM version").fetchone() == (1,)
    store.close()


def test_what_cannot_be_kept_together_is_not_kept_at_all(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = Act(1, "Box", "who", "now", BOX.key, (of_annotation(None, BOX),))
    odd = Mark(SOURCE, "odd", object())
    with pytest.raises(TypeError):
        store.keep((Pending("act", made), Pending("save_mark", odd)), Task())
    assert store.load_annotations(SOURCE, Task()) == ()
    assert store.standing(None, Task()).cursor == 0
    store.close()


def test_a_large_mask_stands_beside_the_file_and_a_changed_one_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    large = mask(1, 1500)
    assert large.mask is not None
    assert large.mask.bits.nbytes > INLINE_BYTES
    made = Act(1, "Brush", "who", "now", large.key, (of_annotation(None, large),))
    store.keep((Pending("act", made),), Task())
    (beside,) = (tmp_path / "arrays").rglob("*.bin")
    (found,) = store.load_annotations(SOURCE, Task())
    np.testing.assert_array_equal(mask_of(found, (1500, 1500)), mask_of(large, (1500, 1500)))
    data = bytearray(beside.read_bytes())
    data[-1] ^= 1
    beside.write_bytes(data)
    with pytest.raises(UserError, match="is not what it was"):
        store.load_annotations(SOURCE, Task())
    beside.unlink()
    with pytest.raises(UserError, match="cannot be read"):
        store.load_annotations(SOURCE, Task())
    store.close()


def test_a_mark_from_before_there_were_acts_comes_back_when_its_change_is_undone(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    old = measure_mark(Measure("abc", (SOURCE, 1), "length", ((0.0, 0.0), (3.0, 4.0))))
    store.save_mark(old, Task())
    made = Act(1, "Delete", "who", "now", None, (of_mark(old, None),))
    store.keep((Pending("act", made),), Task())
    assert store.load_marks(SOURCE, Task()) == ()
    store.keep((Pending("cursor", 0),), Task())
    (found,) = store.load_marks(SOURCE, Task())
    assert (found.name, found.record) == (old.name, old.record)
    store.close()


def test_acts_far_from_the_cursor_are_not_held_in_memory() -> None:
    history = History()
    for number in range(1, AT_HAND + 20):
        history.push(Act(number, "Act", "", "", None, ()))
    assert history.find(1) is None
    assert history.find(history.cursor) is not None
    with pytest.raises(ValueError, match="none of them"):
        history.move(history.total + 1)


def test_sources_and_what_the_window_keeps_of_itself_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    entries = tuple(
        SourceEntry(name * 12, "series", f"scan {name}", "CT", 3, (4, 5), (f"{name}.dcm",))
        for name in "ba"
    )
    moved = replace(entries[0], paths=("elsewhere.dcm",))
    for things in (("sources", entries), ("sources", (moved,)), ("state", ("view", (1, "x")))):
        store.keep((Pending(*things),), Task())
    assert set(store.load_sources(None, Task())) == {moved, entries[1]}
    assert store.load_state("view", Task()) == (1, "x")
    assert store.load_state("nothing", Task()) is None
    store.close()


def test_an_act_that_counts_from_another_start_does_not_take_the_place_of_others(
    tmp_path: Path,
) -> None:
    """Who could not read the project when it was opened counts from 1."""
    store = Store(tmp_path / "project")
    for name in "ab":
        change = of_annotation(None, replace(BOX, annotation_id=name))
        store.keep((Pending("act", Act(1, "Box", "who", "now", BOX.key, (change,))),), Task())
    assert store.standing(None, Task()).total == 2
    first = store.load_act(1, Task())
    assert first is not None
    assert [change.thing for change in first.changes] == ["a"]
    store.close()


def test_the_models_that_answered_are_remembered_with_their_weights(tmp_path: Path) -> None:
    store = Store(tmp_path / "project")
    other = replace(CARD, sha256="e" * 64)
    for cards in ((CARD,), (CARD, other)):
        store.keep((Pending("models", cards),), Task())
    store.close()
    with looking(tmp_path / "project") as database, database.reading() as connection:
        rows = connection.execute("SELECT model_id, sha256, record FROM model").fetchall()
        kept = [database.blobs.get(record) for _, _, record in rows]
    assert {row[:2] for row in rows} == {(CARD.model_id, CARD.sha256), (CARD.model_id, "e" * 64)}
    assert sorted(kept, key=str) == sorted((CARD, other), key=str)
