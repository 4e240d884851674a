"""Label sets: colours told apart, keys, labels of models, order, what is lacking, files."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.label_files import read_label_set, write_label_set
from app.label_sets import (
    PALETTE,
    SHAPES,
    free_key,
    in_order,
    labels_of,
    lacking,
    level_of,
    next_colour,
    renamed,
    with_labels,
    with_model,
    words_of,
)
from inference.card_files import read_card
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Annotation, Attribute, Code, Label, LabelSet
from resources import path

BLUE, RED = PALETTE[0], PALETTE[3]


def card(name: str) -> ModelCard:
    return read_card(path("models", name, "card.yaml"))


def test_colours_are_told_apart() -> None:
    """CIE76 differences by OpenCV; 2.3 is just seen."""
    lab = cv2.cvtColor(np.array([PALETTE], np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    pairs = itertools.combinations(lab, 2)
    assert min(float(np.linalg.norm(one - other)) for one, other in pairs) > 30
    assert len(PALETTE) == 12


@pytest.mark.parametrize("colour", PALETTE)
def test_colours_are_seen_on_black(colour: tuple[int, int, int]) -> None:
    """WCAG 2.2, contrast ratio of relative luminances."""
    parts = [value / 255 for value in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    luminance = float(np.dot((0.2126, 0.7152, 0.0722), linear))
    assert (luminance + 0.05) / 0.05 >= 3


def test_the_least_used_colour_and_the_first_free_digit_come_next() -> None:
    assert next_colour(()) == PALETTE[0]
    assert next_colour(PALETTE[:3]) == PALETTE[3]
    assert next_colour((*PALETTE, PALETTE[0])) == PALETTE[1]
    assert free_key(("1", "A", "2")) == "3"
    assert free_key("123456789") == ""


def test_labels_of_a_classifier_are_classes() -> None:
    made = with_model(LabelSet("Mine", pick="multi"), card("phantom-nodule"))
    assert [(one.name, one.kinds, one.key) for one in made.labels] == [
        ("normal", ("class",), "1"),
        ("nodule", ("class",), "2"),
    ]
    assert made.pick == "single"  # the model's scores exclude each other


def test_labels_of_a_segmentation_are_shapes_without_the_background() -> None:
    made = labels_of(card("hippocampus-mr"))
    names = tuple(name for name in card("hippocampus-mr").labels if name != "background")
    assert tuple(one.name for one in made) == names
    assert {one.kinds for one in made} == {SHAPES}


def test_what_is_there_stays_when_labels_come() -> None:
    mine = Label("nodule", BLUE, "1", ("box",))
    made = with_labels(LabelSet(labels=(mine,)), (Label("nodule", RED), Label("cyst", BLUE, "1")))
    assert made.labels[0] is mine
    assert (made.labels[1].colour != BLUE, made.labels[1].key) == (True, "2")


def test_the_tree_is_read_off_the_names() -> None:
    names = ("b", "a/x", "a", "b/y", "a/x/deep", "lone/part")
    label_set = LabelSet(labels=tuple(Label(name, BLUE) for name in names))
    found = in_order(label_set)
    assert [one.name for one in found] == ["b", "b/y", "a", "a/x", "a/x/deep", "lone/part"]
    assert [level_of(label_set, one) for one in found] == [0, 1, 0, 1, 2, 0]
    assert [words_of(label_set, one) for one in found] == ["b", "y", "a", "x", "deep", "lone/part"]


def test_grades_stand_beside_classes() -> None:
    grade = Label("quality", BLUE, scale=(1, 5))
    label_set = LabelSet(labels=(Label("normal", BLUE), Label("nodule", RED), grade))
    assert label_set.rivals("normal") == ("nodule",)
    assert label_set.rivals("quality") == ()


def test_what_is_required_and_was_not_said() -> None:
    label = Label(
        "lesion", RED, attributes=(Attribute("side", required=True), Attribute("note", "text"))
    )
    bare = Annotation("1", "s", 0, "box", "lesion")
    assert lacking(label, bare) == ("side",)
    assert (
        lacking(label, Annotation("1", "s", 0, "box", "lesion", attributes=(("side", "x"),))) == ()
    )
    assert lacking(None, bare) == ()
    graded = Label("grade", RED, scale=(1, 5))
    assert lacking(graded, Annotation("1", "s", 0, "class", "grade")) == ("value",)
    assert lacking(graded, Annotation("1", "s", 0, "class", "grade", value=2)) == ()


def test_two_names_may_change_places() -> None:
    both = (Annotation("1", "s", 0, "box", "a"), Annotation("2", "s", 0, "box", "b"))
    pairs = renamed((*both, Annotation("3", "s", 0, "box", "c")), {"a": "b", "b": "a"})
    assert [(old.annotation_id, new.label) for old, new in pairs] == [("1", "b"), ("2", "a")]


words = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
codes = st.none() | st.builds(Code, words, words, words)
attributes = st.builds(
    Attribute,
    words,
    st.sampled_from(("choice", "number", "text", "switch")),
    st.lists(words, max_size=3).map(tuple),
    st.booleans(),
)
labels = st.builds(
    Label,
    words,
    st.sampled_from(PALETTE),
    st.just(""),
    st.sampled_from(((), ("class",), SHAPES)),
    st.lists(attributes, max_size=2).map(tuple),
    st.none() | st.just((1.0, 5.0)),
    st.sampled_from(("single", "multi")),
    codes,
    codes,
)
label_sets = st.builds(
    LabelSet,
    words,
    st.lists(labels, max_size=4, unique_by=lambda one: one.name).map(tuple),
    st.sampled_from(("single", "multi")),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(label_sets)
def test_a_label_set_comes_back_from_its_file(label_set: LabelSet) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "labels.json"
        write_label_set(place, label_set)
        assert read_label_set(place) == label_set


ONE = {"name": "a", "colour": [1, 2, 3]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "it is not JSON"),
        ("[1]", "it does not say that it is one"),
        ({"schema": "lepton.card/1"}, "it does not say that it is one"),
        ({"labels": [{**ONE, "colour": [1, 2, 300]}]}, "labels.0.colour.2: input should be less"),
        ({"labels": [{**ONE, "key": "F1"}]}, "labels.0.key: string should match"),
        ({"labels": [{**ONE, "scale": [5, 1]}]}, "a scale goes from a low to a high value"),
        ({"labels": [ONE, ONE]}, "two labels have the name “a”"),
        ({"labels": [{**ONE, "extra": 1}]}, "labels.0.extra: extra inputs are not permitted"),
    ],
)
def test_wrong_files_are_refused_with_the_place(
    tmp_path: Path, content: object, reason: str
) -> None:
    place = tmp_path / "labels.json"
    if isinstance(content, dict):
        content = json.dumps({"schema": "lepton.label-set/1", **content})
    place.write_text(str(content))
    with pytest.raises(UserError) as refused:
        read_label_set(place)
    assert refused.value.message.startswith("labels.json is no label set: ")
    assert reason in refused.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"labels\.json cannot be read"):
        read_label_set(tmp_path / "labels.json")
