"""What models propose: of each kind of answer, above a threshold, until a person decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.prelabels import (
    KEPT_BYTES,
    ProposalBook,
    Refusal,
    Setting,
    find_masks,
    label_for,
    propose,
    refusal_mark,
    still_open,
)
from inference.mask_bits import mask_of
from inference.records import (
    WHOLE,
    Annotation,
    Label,
    LabelSet,
    MadeFrom,
    Prediction,
    Provenance,
    SoftMap,
)
from inference.task import Task
from tests.sample_models import CARD, VOLUME_CARD

SHA = CARD.sha256
MADE = Provenance("sample", SHA, "", "cpu", 0.1, "2026-11-21T09:00:00+00:00", ())
SET = LabelSet(labels=(Label("normal", (1, 2, 3)), Label("finding/Nodule", (4, 5, 6))))
SEGMENTER = replace(CARD, task="segment", labels=("background", "organ", "lesion"))
KEY = ("s" * 12, 3)


def setting(threshold: float = 0.5, *, whole: bool = False) -> Setting:
    return Setting(CARD, SET, threshold, whole)


def prediction(*scores: float, activation: str = "softmax") -> Prediction:
    found = np.array(scores, np.float32)
    labels = ("normal", "nodule", "fracture")[: len(scores)]
    return Prediction(KEY, labels, found, found, activation, None, (), MADE)


def soft(shares: np.ndarray, index: int = 3) -> SoftMap:
    return SoftMap((KEY[0], index), ("organ", "lesion"), shares.astype(np.uint8), MADE)


def test_a_classification_proposes_its_first_answer() -> None:
    (one,) = propose(prediction(0.3, 0.7), setting(0.99))
    assert (one.annotation.key, one.annotation.kind) == (KEY, "class")
    assert one.annotation.label == "finding/Nodule"
    made = one.made_from
    assert (made.model_id, made.sha256, made.label) == ("sample", SHA, "nodule")
    assert made.score == pytest.approx(0.7)
    assert made.made_at == MADE.made_at
    (of_scan,) = propose(prediction(0.3, 0.7), setting(whole=True))
    assert of_scan.annotation.frame == WHOLE
    assert of_scan.key == KEY
    (of_volume,) = propose(prediction(0.3, 0.7), replace(setting(), card=VOLUME_CARD))
    assert (of_volume.annotation.frame, of_volume.key) == (WHOLE, (KEY[0], WHOLE))


@pytest.mark.parametrize(
    ("threshold", "labels"),
    [
        (0.95, ()),
        (0.8, ("fracture",)),
        (0.5, ("fracture", "normal")),
        (0.1, ("fracture", "normal")),
    ],
)
def test_independent_answers_are_all_that_reach_the_threshold(
    threshold: float, labels: tuple[str, ...]
) -> None:
    found = propose(prediction(0.6, 0.05, 0.9, activation="sigmoid"), setting(threshold))
    assert tuple(one.annotation.label for one in found) == labels


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1.0))
def test_regions_are_the_pixels_with_the_share(seed: int, threshold: float) -> None:
    shares = np.random.default_rng(seed).integers(0, 256, (2, 5, 7))
    wanted = replace(setting(threshold), card=SEGMENTER, soft=soft(shares))
    found = {one.made_from.label: one for one in propose(prediction(1.0, 0.0), wanted)}
    for place, label in enumerate(("organ", "lesion")):
        expected = shares[place] / 255 >= threshold
        if not expected.any():
            assert label not in found
            continue
        one = found[label]
        np.testing.assert_array_equal(mask_of(one.annotation, (5, 7)), expected)
        assert one.made_from.threshold == threshold
        assert one.made_from.score == pytest.approx(shares[place][expected].mean() / 255)


def test_without_a_soft_map_no_region_is_proposed() -> None:
    assert propose(prediction(1.0, 0.0), replace(setting(), card=SEGMENTER)) == ()


def test_the_regions_of_a_volume_are_those_of_its_slices() -> None:
    maps = tuple(soft(np.full((2, 2, 2), 200), index) for index in range(3))
    found = find_masks((maps, replace(setting(), card=SEGMENTER)), Task())
    assert [one.annotation.frame for one in found] == [0, 0, 1, 1, 2, 2]


def said(label: str, made: MadeFrom | None = None, frame: int = 3) -> Annotation:
    return Annotation("x", KEY[0], frame, "class", label, made_from=made)


@pytest.mark.parametrize(
    ("there", "refused", "open_ones"),
    [
        ((), (), 1),
        ((said("finding/Nodule"),), (), 0),
        ((said("normal"),), (), 1),
        ((said("finding/other"),), (), 1),
        ((), (Refusal(KEY, "sample", SHA, "nodule"),), 0),
        ((), (Refusal(KEY, "sample", "1" * 64, "nodule"),), 1),
        ((), (Refusal((KEY[0], 4), "sample", SHA, "nodule"),), 1),
    ],
)
def test_what_is_decided_is_not_proposed_again(
    there: tuple[Annotation, ...], refused: tuple[Refusal, ...], open_ones: int
) -> None:
    found = propose(prediction(0.3, 0.7), setting())
    assert len(still_open(found, there, refused, SET)) == open_ones


def test_a_class_that_excludes_it_answers_a_proposal() -> None:
    flat = LabelSet(labels=(Label("normal", (1, 2, 3)), Label("nodule", (4, 5, 6))))
    found = propose(prediction(0.3, 0.7), replace(setting(), label_set=flat))
    assert still_open(found, (said("normal"),), (), flat) == ()
    assert still_open(found, (said("normal"),), (), replace(flat, pick="multi")) == found


def test_a_region_that_was_made_from_the_answer_is_not_proposed_again() -> None:
    wanted = replace(setting(), card=SEGMENTER, soft=soft(np.full((2, 2, 2), 200)))
    found = propose(prediction(1.0, 0.0), wanted)
    taken = replace(found[0].annotation, annotation_id="x", label="renamed")
    assert still_open(found, (taken,), (), SET) == found[1:]


@pytest.mark.parametrize(
    ("name", "label"),
    [("normal", "normal"), ("nodule", "finding/Nodule"), ("Nodule", "finding/Nodule"), ("x", None)],
)
def test_labels_are_found_by_name(name: str, label: str | None) -> None:
    found = label_for(SET, name)
    assert (found.name if found is not None else None) == label


def test_a_refusal_is_a_mark_of_its_source() -> None:
    refusal = Refusal(KEY, "sample", SHA, "nodule/left")
    mark = refusal_mark(refusal)
    assert (mark.source_id, mark.record) == (KEY[0], refusal)
    assert mark.name == "refused 3 sample 000000000000 nodule/left"
    assert refusal_mark(refusal, on=False).record is None


def test_proposals_are_reckoned_once_and_old_soft_maps_go() -> None:
    book, said_once = ProposalBook(), prediction(0.3, 0.7)
    first = book.propose(said_once, setting())
    assert book.propose(said_once, setting())[0] is first[0]
    assert book.propose(said_once, setting(0.6))[0] is not first[0]
    large = np.broadcast_to(np.uint8(1), (2, KEPT_BYTES // 4, 1))
    for index in range(3):
        book.take((SoftMap((KEY[0], index), ("organ", "lesion"), large, MADE),))
    kept = [book.soft_map((KEY[0], index), CARD) is not None for index in range(3)]
    assert kept == [False, True, True]
