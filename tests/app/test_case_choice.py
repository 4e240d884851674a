"""Which cases a choice means, what marks them, and the cost that is said beforehand."""

from __future__ import annotations

from dataclasses import replace
from operator import methodcaller

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from app.case_choice import cases_of, choices_of, cost_of, plan_of
from app.marks import key_image_mark, measure_mark
from app.panes import Asked
from app.session import Session
from app.truths import marked_on
from explain.records import MethodStatus
from inference.records import FrameRef, Measure, Opened, Source
from tests.sample_models import CARD
from widgets.batch_dialog import BatchChoice

SOURCE = Source(
    *("a", "series", "Series", "s", "A study", "", "CT", None, "MONOCHROME2", 1, (8, 8), None),
    *("", None, None, "position", None, None, tuple(FrameRef("a.dcm", n) for n in range(12))),
)
METHOD = MethodStatus(
    *("saliency", "Saliency", "gradient", "green", "", None, (), 10, False), seconds=0.5
)
CHOICE = BatchChoice("series", 5, "asked", "", "", all_checks=False)


@pytest.fixture
def session(qapp: QApplication) -> Session:
    """Two series of twelve slices; the first is shown, with a model and one method."""
    found = Session()
    found.add_opened(Opened((SOURCE, replace(SOURCE, source_id="b")), ()))
    found.set_cards((CARD,))
    found.show_source(0, "a", 0)
    found.choose_model(0, CARD.model_id)
    found.edit_question(0, methods=(METHOD,), asked=Asked("saliency", 1))
    return found


def frames(session: Session, which: str = "series") -> list[tuple[str, int | None]]:
    choice = replace(CHOICE, which=which)
    return [(one.source_id, one.frame) for one in cases_of(session, choice, ("b",))]


def test_cases(session: Session) -> None:
    session.edit_marks(lambda marks: marks.apply(key_image_mark(("b", 7))))
    session.edit_marks(lambda marks: marks.apply(key_image_mark(("gone", 1))))
    session.edit_marks(lambda marks: marks.apply(key_image_mark(("a/axial", 1))))
    assert frames(session) == [("a", 0), ("a", 5), ("a", 10)]
    assert frames(session, which="open") == [("a", None), ("b", None)]
    assert frames(session, which="selected") == [("b", None)]
    assert frames(session, which="key_images") == [("b", 7)]
    counted = {key: (words, there) for key, words, there in choices_of(session, ())}
    assert counted["selected"] == ("Selected in the list (0)", False)
    assert counted["key_images"] == ("Key images (1)", True)


def test_a_model_of_volumes_takes_each_source_once(session: Session) -> None:
    accepts = replace(CARD.accepts, dimensions=3)
    session.set_cards((replace(CARD, accepts=accepts),))
    assert frames(session) == [("a", None)]


def test_the_cost_is_that_of_all_maps(session: Session) -> None:
    words, ready = cost_of(session, CHOICE, ())
    assert ready
    assert words == "3 maps · about 2 s, 30 passes"
    assert cost_of(session, replace(CHOICE, which="selected"), ()) == (
        "There is no case here to explain.",
        False,
    )
    session.edit_question(0, methods=())
    assert not cost_of(session, CHOICE, ())[1]


def test_each_case_is_asked_about_its_own_answer_unless_a_label_is_chosen(
    session: Session,
) -> None:
    found = plan_of(session, replace(CHOICE, all_checks=True))
    assert found is not None
    assert (found[0].asked.target, found[0].asked.checks) == (None, ("all",))
    label = CARD.labels[1]
    found = plan_of(session, replace(CHOICE, target=label, label=label))
    assert found is not None
    assert (found[0].asked.target, found[0].label) == (1, label)


def test_drawn_shapes_mark_a_case(session: Session) -> None:
    assert marked_on(session, SOURCE, None) is None
    for name, frame, width in (("m", 3, 2.0), ("n", 9, 4.0), ("o", 9, 1.0)):
        box = Measure(name, ("a", frame), "rectangle", ((0.0, 0.0), (width, 8.0)))
        session.edit_marks(methodcaller("apply", measure_mark(box)))
    found = marked_on(session, SOURCE, None)
    assert found is not None
    assert (found.source_id, found.first) == ("a", 9)
    assert np.array_equal(np.flatnonzero(found.mask[0].any(axis=0)), [0, 1, 2, 3])
    here = marked_on(session, SOURCE, 3)
    assert here is not None
    assert here.mask.sum() == 16
    assert marked_on(session, SOURCE, 5) is None
    whole = marked_on(session, SOURCE, None, whole=True)
    assert whole is not None
    assert whole.mask.shape == (12, 8, 8)
