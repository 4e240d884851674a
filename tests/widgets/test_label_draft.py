"""A label set while it is edited: names that annotations follow, order, places, what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.records import Attribute, Label, LabelSet
from widgets.label_draft import LabelDraft

BLUE = (64, 196, 255)
NAMES = ("normal", "lesion", "lesion/solid", "lesion/solid/rim", "lesion/cyst", "device")


def draft(*names: str) -> LabelDraft:
    keys = "123456789"
    made = (Label(name, BLUE, key) for name, key in zip(names or NAMES, keys, strict=False))
    return LabelDraft(LabelSet("Mine", tuple(made)))


def listed(made: LabelDraft) -> list[str]:
    return [one.name for one in made.result().label_set.labels]


def test_nothing_done_changes_nothing() -> None:
    made = draft()
    assert listed(made) == list(NAMES)
    assert made.result().names == {}
    assert made.trouble == ""


def test_a_new_name_goes_down_the_tree() -> None:
    made = draft()
    made.rename(1, "tumour")
    assert listed(made)[1:5] == ["tumour", "tumour/solid", "tumour/solid/rim", "tumour/cyst"]
    assert made.result().names == {
        "lesion": "tumour",
        "lesion/solid": "tumour/solid",
        "lesion/solid/rim": "tumour/solid/rim",
        "lesion/cyst": "tumour/cyst",
    }


def test_names_may_change_places() -> None:
    made = draft("a", "b")
    made.rename(0, "b")
    assert made.trouble == "Two labels have the name “b”."
    made.rename(1, "a")
    assert (made.trouble, made.result().names) == ("", {"a": "b", "b": "a"})


def test_a_removed_label_hands_on_or_keeps() -> None:
    made = draft("a", "b", "c", "d")
    made.remove(0, 1)  # a to b
    made.remove(0, 1)  # and b to c
    made.rename(0, "sea")
    made.remove(1, None)  # d stays what it was called
    assert made.result().names == {"a": "sea", "b": "sea", "c": "sea"}
    assert listed(made) == ["sea"]


def test_what_was_handed_to_a_label_that_goes_keeps_its_name() -> None:
    made = draft("a", "b")
    made.remove(0, 1)
    made.remove(0, None)
    assert made.result().names == {}


def test_what_lies_within_a_removed_label_moves_up() -> None:
    made = draft()
    made.remove(2, None)
    assert listed(made) == ["normal", "lesion", "lesion/rim", "lesion/cyst", "device"]
    assert made.result().names == {"lesion/solid/rim": "lesion/rim"}


def test_labels_move_with_all_within_them() -> None:
    made = draft()
    assert made.move(1, -1) == 0
    assert listed(made) == [*NAMES[1:5], "normal", "device"]
    assert made.move(0, 1) == 1
    assert made.move(1, 1) == 2
    assert listed(made) == ["normal", "device", *NAMES[1:5]]
    assert made.move(0, -1) == 0
    assert made.move(5, 1) == 5  # the last of its level stays
    assert made.result().names == {}


def test_a_label_goes_within_another_and_out_again() -> None:
    made = draft()
    assert made.put_within(0, 2) == 3
    assert listed(made)[3] == "lesion/solid/normal"
    assert made.result().names == {"normal": "lesion/solid/normal"}
    again = draft()
    assert again.put_within(2, None) == 4
    assert listed(again) == ["normal", "lesion", "lesion/cyst", "device", "solid", "solid/rim"]
    assert again.put_within(1, 2) == 1  # not within what lies within it


def test_new_labels_stand_beside_the_chosen_one() -> None:
    made = draft()
    place = made.add("edge", BLUE, "", 2)
    assert listed(made)[place] == "lesion/edge"
    assert made.add("first", BLUE, "", -1) == len(NAMES) + 1


def test_labels_that_come_find_their_parents() -> None:
    made = draft("lesion", "normal")
    made.take((Label("lesion/solid/rim", BLUE), Label("lesion", BLUE), Label("lesion/solid", BLUE)))
    assert listed(made) == ["lesion", "lesion/solid", "lesion/solid/rim", "normal"]
    assert made.result().names == {}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("1", ""),
        ("", ""),
        ("Q", ""),
        ("2", "“lesion” has the key 2 already."),
        ("F1", "The key of a label is one letter or one digit."),
        ("ä", "The key of a label is one letter or one digit."),
    ],
)
def test_keys_that_a_label_cannot_have(key: str, sentence: str) -> None:
    assert draft().key_refusal(0, key) == sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scale": (5.0, 5.0)}, "The grades of “normal” have to go from a low to a high one."),
        ({"attributes": (Attribute(" "),)}, "An attribute of “normal” needs a name."),
        (
            {"attributes": (Attribute("a", "text"), Attribute("a", "text"))},
            "Two attributes of “normal” have the same name.",
        ),
        ({"attributes": (Attribute("side"),)}, "“side” of “normal” needs words to choose from."),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, object], sentence: str) -> None:
    made = draft()
    made.edit(0, **changes)
    assert made.trouble == sentence


def test_names_are_needed() -> None:
    made = draft()
    made.rename(0, " ")
    assert made.trouble == "A label needs a name."
    made = draft()
    made.name = ""
    assert made.trouble == "The label set needs a name."


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.sampled_from("mpr"), st.integers(0, 5), st.integers(-1, 5)), max_size=8)
)
def test_labels_are_never_lost_by_moving(steps: list[tuple[str, int, int]]) -> None:
    """Moved, put within others and renamed: each label is there once, and its names lead to it."""
    made = draft()
    for number, (what, place, other) in enumerate(steps):
        if what == "m":
            made.move(place, 1 if other > 2 else -1)
        elif what == "p":
            made.put_within(place, other if other >= 0 else None)
        else:
            made.rename(place, f"name {number}")
    found = made.result()
    by_key = {one.key: one.name for one in found.label_set.labels}
    assert sorted(by_key) == list("123456")
    assert all(
        row.level <= before.level + 1 for before, row in zip(made.rows, made.rows[1:], strict=False)
    )
    if not made.trouble:
        before = {str(at): name for at, name in enumerate(NAMES, start=1)}
        assert found.names == {
            before[key]: name for key, name in by_key.items() if before[key] != name
        }


def test_other_fields_stay() -> None:
    made = draft("a")
    made.edit(0, pick="multi", colour=(1, 2, 3))
    assert made.result().label_set.labels == (
        replace(Label("a", BLUE, "1"), pick="multi", colour=(1, 2, 3)),
    )
