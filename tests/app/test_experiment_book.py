"""Experiments in memory: kept, found, forgotten; regions cut small and laid out again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments import (
    PICTURES_KEPT,
    Experiment,
    ExperimentBook,
    Pointing,
    cut_mask,
    region_again,
    usual_width,
)
from app.marks import MarkBook
from app.store import Mark
from app.worker import register_records
from explain.records import Change
from inference.records import Frame, Region
from inference.wire import pack, unpack

KEY = ("0123456789ab", 2)


def change(**values: Any) -> Change:
    before, after = np.array([0.25, 0.75], np.float32), np.array([0.5, 0.5], np.float32)
    made = Change(KEY, ("a", "b"), before, after, "softmax", "blur", (1, 2, 4, 4))
    return replace(made, **values)


def experiment(name: str, **values: Any) -> Experiment:
    mask = np.ones((1, 2, 3), dtype=bool)
    made = Experiment(name, "Rectangle", "model", change(), 1, 2, 2, 1, mask)
    return replace(made, **values)


def picture() -> Frame:
    return Frame(KEY, np.zeros((6, 8), dtype=np.int16))


def test_the_newest_comes_first_and_older_ones_do_not_replace_it() -> None:
    book = ExperimentBook()
    first, second = experiment("first"), experiment("second")
    book.put(first)
    book.put(second, picture())
    book.add_older(experiment("second", title="as it was kept"))
    book.add_older(experiment("other", change=change(key=("another", 0))))
    assert book.of_source(KEY[0]) == (second, first)
    assert book.selected == "second"


def test_a_changed_picture_is_shown_over_its_own_frame_alone() -> None:
    book, shown = ExperimentBook(), picture()
    made = experiment("one")
    book.put(made, shown)
    assert book.shown_picture(0, KEY) is None
    book.shown[0] = "one"
    assert book.shown_picture(0, KEY) == (made, shown)
    assert book.shown_picture(0, (KEY[0], 3)) is None
    assert book.shown_picture(1, KEY) is None
    assert book.remove("one") is made
    assert book.shown_picture(0, KEY) is None
    assert not book.shown
    assert not book.selected


def test_few_changed_pictures_stay_at_hand_and_those_in_sight_do() -> None:
    book = ExperimentBook()
    book.put(experiment("0"), picture())
    book.shown[0] = "0"
    for number in range(1, PICTURES_KEPT + 3):
        book.put(experiment(str(number)), picture())
    assert book.picture("0") is not None
    assert book.picture("1") is None
    assert book.picture(str(PICTURES_KEPT + 2)) is not None


def test_a_region_ends_what_was_pointed_at_and_a_place_does_not() -> None:
    book = ExperimentBook()
    book.pointing[0] = Pointing(KEY, "model", (3, 4), 5, final=True)
    book.put(experiment("place", width=5))
    assert book.pointing
    book.put(experiment("region"))
    assert not book.pointing


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**24 - 1), st.integers(0, 9))
def test_a_region_cut_small_is_the_same_when_it_is_laid_out_again(bits: int, first: int) -> None:
    marks = np.array([bits >> place & 1 for place in range(24)], dtype=bool).reshape(2, 3, 4)
    (at, row, column), mask = cut_mask(Region("0123456789ab", first, marks, "drawn"))
    made = experiment("one", first=at, row=row, column=column, mask=mask)
    again = region_again(made, (3, 4))
    assert mask.sum() == marks.sum()
    for index in range(first, first + 2):
        assert np.array_equal(again.at(index, (3, 4)), marks[index - first])


@pytest.mark.parametrize(("shape", "width"), [((512, 512), 51), ((40, 600), 4), ((3, 3), 1)])
def test_a_patch_is_a_tenth_of_the_shorter_side(shape: tuple[int, int], width: int) -> None:
    assert usual_width(shape) == width


def test_an_experiment_comes_back_from_the_store_as_it_was() -> None:
    register_records()
    made = experiment("one", value=0.125, width=3)
    book = MarkBook()
    book.add((Mark(KEY[0], "experiment one", unpack(pack(made))),))
    again = book.experiments.find("one")
    assert again is not None
    assert (again.title, again.key, again.target, again.width, again.value) == (
        *("Rectangle", KEY, 1, 3),
        0.125,
    )
    assert np.array_equal(again.mask, made.mask)
    assert np.array_equal(again.change.after, made.change.after)
