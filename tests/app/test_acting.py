"""Acts in the window: none is lost or takes another's place while the project is being opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication

from app.actions import acting
from app.acts import Act, of_annotation
from app.jobs import Jobs
from app.session import Session
from app.store.acts import Standing
from app.waiting import Pending
from inference.errors import UserError
from inference.records import Annotation, LabelSet

BOX = Annotation("b", "0123456789ab", 0, "box", "nodule", ((1.0, 2.0), (3.0, 4.0)))


class Desk:
    """Stands for the jobs: what was asked waits until the test answers."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[Any, Callable[[Any], None], Callable[[Any], None]]] = {}

    def start(
        self, slot: str, lane: str, name: str, request: object, done: Any, **how: Any
    ) -> None:
        self.asked[slot] = (request, done, how.get("failed", lambda error: None))

    def is_running(self, slot: str) -> bool:
        return slot in self.asked

    def answer(self, slot: str, found: object) -> None:
        self.asked.pop(slot)[1](found)

    def fail(self, slot: str) -> None:
        self.asked.pop(slot)[2](UserError("The disk is gone."))

    @property
    def kept(self) -> list[Act]:
        things: tuple[Pending, ...] = self.asked["keep"][0]
        return [cast("Act", one.what) for one in things]


@pytest.fixture
def session(qapp: QApplication) -> Session:
    found = Session()
    found.labels.recalled.add(BOX.source_id)
    return found


def draw(session: Session, desk: Desk) -> None:
    acting.act(session, cast("Jobs", desk), "Box", (of_annotation(None, BOX),), BOX.key)


def test_an_act_waits_for_the_project_to_be_opened_and_comes_behind_what_was_done(
    session: Session,
) -> None:
    desk = Desk()
    acting.restore(session, cast("Jobs", desk))
    draw(session, desk)
    assert session.labels.find("b") is None
    desk.answer("standing", Standing(5, 8, LabelSet()))
    assert session.labels.find("b") is BOX
    assert [one.number for one in desk.kept] == [6]
    assert (session.labels.history.cursor, session.labels.history.total) == (6, 6)


def test_what_can_no_longer_be_done_once_the_project_is_open_is_said(session: Session) -> None:
    desk = Desk()
    acting.restore(session, cast("Jobs", desk))
    draw(session, desk)
    session.labels.read_only = "Another program has the project."
    desk.answer("standing", Standing(5, 5, LabelSet()))
    assert session.labels.find("b") is None
    assert [note.text for note in session.notes] == ["Another program has the project."]


def test_a_project_that_cannot_be_read_is_labelled_without_undo(session: Session) -> None:
    """The number that such an act bears is not its place: the store gives it one of its own."""
    desk = Desk()
    acting.restore(session, cast("Jobs", desk))
    draw(session, desk)
    desk.fail("standing")
    assert session.labels.find("b") is BOX
    assert len(desk.kept) == 1
    assert session.labels.history.to_undo is None
    acting.undo(session, cast("Jobs", desk))
    assert session.labels.find("b") is BOX
