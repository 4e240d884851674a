"""What is labelled marks cases, is offered to judge by, and says what a case truly is."""

from __future__ import annotations

from dataclasses import replace
from operator import methodcaller

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.actions.experiments import regions_here
from app.acts import of_annotation
from app.label_truths import class_of
from app.marks import measure_mark
from app.session import Session
from app.truths import marked_on, region_of, truths_of
from inference.mask_bits import pack_mask
from inference.records import (
    WHOLE,
    Annotation,
    AnnotationKind,
    Frame,
    FrameRef,
    Measure,
    Opened,
    Source,
)

SOURCE = Source(
    *("a", "series", "Series", "s", "A study", "", "CT", None, "MONOCHROME2", 1, (8, 8), None),
    *("", None, None, "position", None, None, tuple(FrameRef("a.dcm", n) for n in range(6))),
)


@pytest.fixture
def session(qapp: QApplication) -> Session:
    found = Session()
    found.labels.recalled |= {"a", "p"}
    found.add_opened(Opened((SOURCE,), ()))
    found.show_source(0, "a", 2)
    found.set_frame(0, Frame(("a", 2), np.zeros((8, 8), np.int16)))
    return found


def block(size: int) -> np.ndarray:
    found = np.zeros((8, 8), dtype=bool)
    found[:size, :size] = True
    return found


def label(
    session: Session, name: str, frame: int, size: int = 2, kind: AnnotationKind = "mask"
) -> None:
    mask = pack_mask(block(size)) if kind == "mask" else None
    points = ((0.0, 0.0), (float(size), float(size))) if kind == "box" else ()
    one = Annotation(f"{name}{frame}{kind}", "a", frame, kind, name, points, mask)
    session.apply((of_annotation(None, one),))


def test_each_label_is_offered_with_its_slices_and_what_lies_within_it(session: Session) -> None:
    label(session, "lesion/tumour", 2)
    label(session, "lesion/tumour", 3)
    label(session, "lesion", 3, 5, "box")
    label(session, "edge", 0, kind="line")
    assert [(one.key, one.title) for one in truths_of(session, 0)] == [
        ("label lesion", "lesion, 2 slices"),
        ("label lesion/tumour", "lesion / tumour, 2 slices"),
    ]
    found = region_of(session, 0, "label lesion", (2, 3))
    assert found is not None
    assert found.origin == "labelled by hand"
    assert np.array_equal(found.mask, [block(2), block(5)])
    inner = region_of(session, 0, "label lesion/tumour", (3,))
    assert inner is not None
    assert np.array_equal(inner.mask, [block(2)])


def test_a_case_is_marked_by_what_is_labelled_before_what_is_measured(session: Session) -> None:
    ruler = Measure("m", ("a", 1), "rectangle", ((0.0, 0.0), (8.0, 8.0)))
    session.edit_marks(methodcaller("apply", measure_mark(ruler)))
    label(session, "Nodule", 4, 3)
    label(session, "lung", 5, 7)
    nodule = marked_on(session, SOURCE, None, label="nodule")
    assert nodule is not None
    assert (nodule.first, int(nodule.mask.sum())) == (4, 9)
    largest = marked_on(session, SOURCE, None, label="no such label")
    assert largest is not None
    assert (largest.first, int(largest.mask.sum())) == (5, 49)
    assert marked_on(session, SOURCE, 1, label="nodule") is None
    whole = marked_on(session, SOURCE, None, whole=True)
    assert whole is not None
    assert whole.mask.sum(axis=(1, 2)).tolist() == [0, 0, 0, 0, 9, 49]


@pytest.mark.parametrize(
    ("said", "frame", "wanted"),
    [
        ((("finding/Nodule", WHOLE),), 3, "nodule"),
        ((("normal", WHOLE), ("nodule", 3)), 3, "nodule"),
        ((("normal", WHOLE), ("nodule", 3)), 2, "normal"),
        ((("normal", WHOLE), ("nodule", 3)), None, "normal"),
        ((("nodule", 3),), None, ""),
        ((("normal", WHOLE), ("nodule", WHOLE)), 3, ""),
        ((("pretty", WHOLE),), 3, ""),
    ],
)
def test_a_class_is_the_truth_of_a_case(
    session: Session, said: tuple[tuple[str, int], ...], frame: int | None, wanted: str
) -> None:
    for name, on in said:
        label(session, name, on, kind="class")
    assert class_of(session.labels, SOURCE, frame, ("normal", "nodule")) == wanted


def test_of_a_picture_the_label_alone_is_said(session: Session) -> None:
    one = replace(SOURCE, source_id="p", refs=SOURCE.refs[:1])
    session.add_opened(Opened((one,), ()))
    session.show_source(0, "p", 0)
    mask = Annotation("m", "p", 0, "mask", "cat", mask=pack_mask(block(3)))
    session.apply((of_annotation(None, mask),))
    assert [found.title for found in truths_of(session, 0)] == ["cat"]


def test_what_is_labelled_on_the_slice_in_sight_can_be_taken_out(session: Session) -> None:
    label(session, "near", 2)
    label(session, "far", 3)
    assert regions_here(session, 0) == (("label near", "near, 1 slice"),)
    label(session, "far", 2, 1, "box")
    assert [key for key, _ in regions_here(session, 0)] == ["label far", "label near"]
