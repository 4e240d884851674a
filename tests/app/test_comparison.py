"""What is compared: which combinations there are, what each asks, and what it is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.comparison import (
    Name,
    Offer,
    Picked,
    Way,
    asked_for,
    count_words,
    layer_key,
    layout_for,
    left_out,
    names_of,
    shares_by_itself,
    ways_of,
)
from app.panes import LAYOUTS, Asked, Pane
from app.results import Results
from explain.records import LayerStatus, MethodStatus, Status
from inference.records import Attribution
from tests.sample_models import CARD
from tests.widgets.scans import an_attribution


def method(name: str, status: Status = "green", *, layer: bool = False) -> MethodStatus:
    return MethodStatus(name, name.title(), "gradient", status, "", None, (), 1, layer)


def layer(name: str, *, default: bool = False) -> LayerStatus:
    return LayerStatus(name, "Conv2d", (4, 4), default)


ONE = Offer(
    replace(CARD, model_id="one", title="One"),
    (method("a"), method("b", "red"), method("cam", "amber", layer=True)),
    (layer("early"), layer("late", default=True)),
)
OTHER = Offer(
    replace(CARD, model_id="other", title="Other", labels=("nodule", "mass")),
    (method("a"), method("b"), method("cam", layer=True)),
    (layer("late"), layer("last", default=True)),
)
BOTH = (ONE, OTHER)


@pytest.mark.parametrize(
    ("picked", "expected"),
    [
        (Picked(("one",), ("a", "b"), ("nodule",), ()), [("one", "a", 1, None)]),
        (
            Picked(("one", "other"), ("a",), ("nodule", "mass"), ()),
            [("one", "a", 1, None), ("other", "a", 0, None), ("other", "a", 1, None)],
        ),
        (
            Picked(("one",), ("a", "cam"), ("nodule",), ()),
            [("one", "a", 1, None), ("one", "cam", 1, "late")],
        ),
        (
            Picked(
                ("one", "other"),
                ("cam",),
                ("nodule",),
                (layer_key("one", "early"), layer_key("one", "late")),
            ),
            [("one", "cam", 1, "early"), ("one", "cam", 1, "late"), ("other", "cam", 0, "last")],
        ),
        (Picked((), ("a",), ("nodule",), ()), []),
        (Picked(("one",), ("nothing known",), ("nodule",), ()), []),
    ],
)
def test_all_combinations_that_can_be_asked(
    picked: Picked, expected: list[tuple[str, str, int, str | None]]
) -> None:
    assert ways_of(BOTH, picked) == tuple(Way(*one) for one in expected)


def test_what_cannot_be_asked_is_named() -> None:
    picked = Picked(("one", "other"), ("a", "b"), ("normal", "nodule"), ())
    assert left_out(BOTH, picked) == ("B cannot explain One.", "Other does not know normal.")
    assert left_out((Offer(ONE.card),), picked) == (), "nothing is known of it yet"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "This makes 0 maps; 2 to 6 can be compared. Tick more."),
        (1, "This makes 1 map; 2 to 6 can be compared. Tick more."),
        (2, "This makes 2 maps."),
        (6, "This makes 6 maps."),
        (7, "This makes 7 maps; 2 to 6 can be compared. Tick fewer."),
    ],
)
def test_two_to_six(count: int, words: str) -> None:
    assert count_words(count) == words


@pytest.mark.parametrize(("count", "room"), [(2, 2), (3, 3), (4, 4), (5, 6), (6, 6)])
def test_the_grid_has_room(count: int, room: int) -> None:
    rows, columns = LAYOUTS[layout_for(count)]
    assert rows * columns == room


def test_each_asks_as_the_active_one_but_for_what_is_compared() -> None:
    like = Pane(
        asked=Asked("a", 1, "x", (("steps", 9),), 0, "blur", ("deletion",), truth="drawn m")
    )
    labels = ONE.card.labels
    asked = asked_for(Way("one", "cam", 1, "late"), like, labels, ONE.card)
    expected = Asked("cam", 1, "late", (), 0, "blur", ("deletion",), truth="drawn m")
    assert asked == expected, "options are those of another method"
    assert asked_for(Way("one", "a", 1, None), like, labels, ONE.card).options == (("steps", 9),)
    assert asked_for(Way("one", "a", 0, None), like, labels, ONE.card).against is None
    strange = asked_for(Way("other", "a", 0, None), like, labels, OTHER.card)
    assert strange.against is None, "the other model has no such label"
    turned = replace(like, asked=replace(like.asked, against=1))
    moved = asked_for(Way("other", "a", 1, None), turned, labels, OTHER.card)
    assert moved.against == 0, "the same label, at another place"


@pytest.mark.parametrize(
    ("parts", "short"),
    [
        ([("M", "A", "t", ""), ("M", "B", "t", "")], ["A", "B"]),
        ([("M", "A", "t", ""), ("N", "A", "t", "")], ["M", "N"]),
        ([("M", "A", "t", ""), ("N", "B", "t", "x")], ["A · M", "B · N"]),
        ([("M", "A", "t", "x"), ("M", "A", "u", "y")], ["t · x", "u · y"]),
        ([("M", "A", "t", "x"), ("M", "A", "t", "x")], ["A", "A"]),
        ([], []),
    ],
)
def test_names_say_what_differs(parts: list[tuple[str, str, str, str]], short: list[str]) -> None:
    found = names_of(parts)
    assert [one.short for one in found] == short
    assert [one.full for one in found] == [" · ".join(filter(None, part)) for part in parts]
    assert names_of([("M", "A", "t", "")]) == (Name("A", "M · A · t"),)


def test_numbers_of_one_method_share_a_scale_by_themselves() -> None:
    assert shares_by_itself((Way("one", "a", 0, None), Way("other", "a", 1, None)))
    assert not shares_by_itself((Way("one", "a", 0, None), Way("one", "b", 0, None)))


def a_map(
    index: int = 0, name: str = "a", at: str = "2026-01-01T00:00:00+00:00", **changes: Any
) -> Attribution:
    made = an_attribution(np.ones((2, 2)))
    provenance = replace(made.provenance, model_id="one", method=name, made_at=at)
    base = replace(made, key=("s", index), target=1, provenance=provenance, layer=None)
    return replace(base, **changes)


BLUR = {"baseline": "blurred", "baseline_name": "blur"}
PICTURE = {"baseline": "a picture", "baseline_name": "picture", "reference": ("s", 4)}
AGAINST = {"against": "normal", "against_index": 0}


@pytest.mark.parametrize(
    ("asked", "changes", "fits"),
    [
        (Asked("a", 1), {}, True),
        (Asked("a"), {}, True),
        (Asked("b", 1), {}, False),
        (Asked("a", 0), {}, False),
        (Asked("a", 1, "x"), {}, False),
        (Asked("a", 1), {"layer": "x"}, True),
        (Asked("a", 1, baseline="blur"), {}, True),
        (Asked("a", 1, baseline="blur"), BLUR, True),
        (Asked("a", 1, baseline="mean"), BLUR, False),
        (Asked("a", 1), BLUR, False),
        (Asked("a", 1), {"baseline": "of a version that did not say which"}, False),
        (Asked("a", 1, baseline="picture", reference=("s", 4)), PICTURE, True),
        (Asked("a", 1, baseline="picture", reference=("s", 5)), PICTURE, False),
        (
            Asked("a", 1, baseline="card", reference=("s", 5)),
            BLUR | {"baseline_name": "card"},
            True,
        ),
        (Asked("a", 1, against=0), AGAINST, True),
        (Asked("a", 1, against=2), AGAINST, False),
        (Asked("a", 1), AGAINST, False),
        (Asked("a", 1, against=0), {}, False),
        (Asked("a", 1, against=0), {"against": "normal"}, False),
    ],
)
def test_a_map_answers_a_question_or_not(asked: Asked, changes: dict[str, Any], fits: bool) -> None:
    assert asked.made(a_map(**changes)) is fits


def test_a_plane_is_made_of_maps_that_answer_one_question() -> None:
    results = Results()
    early = "2026-01-01T00:00:00+00:00"
    results.add((a_map(0, "a"), a_map(1, "a"), a_map(1, "b"), a_map(2, "b")))
    results.add((replace(a_map(2, "a"), coarse=True),))
    found = results.maps("s", "one")
    assert {index: one.provenance.method for index, one in found.items()} == {1: "b", 2: "b"}
    results.add((a_map(0, "a"),))
    assert set(results.maps("s", "one")) == {0, 1}, "the last whole map says which question"
    results.add_older((("s", 3), "one"), (a_map(3, "b", early),))
    assert set(results.maps("s", "one")) == {0, 1}, "what was kept is no newer"
    assert set(results.maps("s", "one", Asked("b", 1))) == {1, 2, 3}
    assert results.maps("s", "another") == {}


def test_of_what_was_kept_the_latest_says_the_question() -> None:
    results = Results()
    for index, (name, day) in enumerate((("a", 1), ("b", 3), ("a", 2))):
        made = a_map(index, name, f"2026-01-0{day}T00:00:00+00:00")
        results.add_older((made.key, "one"), (made,))
    assert set(results.maps("s", "one")) == {1}
