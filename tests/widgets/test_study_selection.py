"""Several series marked in the study list, and the sign of belief beside one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from inference.records import FrameRef, Source
from widgets.study_list import StudyList

SOURCE = Source(
    "1",
    "series",
    "Series 1",
    "s",
    "A study",
    "",
    "CT",
    None,
    "MONOCHROME2",
    1,
    (8, 8),
    None,
    "",
    None,
    None,
    "none",
    None,
    None,
    (FrameRef("a.dcm"),),
)


@pytest.fixture
def studies(qtbot: QtBot) -> StudyList:
    """Four series, and chosen ones are shown as the session does it."""
    found = StudyList()
    qtbot.addWidget(found)
    found.resize(240, 600)
    found.set_sources(
        tuple(replace(SOURCE, source_id=str(n), title=f"Series {n}") for n in range(1, 5))
    )
    found.source_chosen.connect(found.set_selected)
    found.grab()  # rows have their places then
    return found


def view(studies: StudyList) -> QListView:
    return studies.findChildren(QListView)[0]


def click(
    studies: StudyList,
    number: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place: QPoint = view(studies).visualRect(view(studies).model().index(number, 0)).center()
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(view(studies).viewport(), button, keys, place)


def test_several_series_are_marked_and_stay_so(studies: StudyList) -> None:
    click(studies, 1)
    assert studies.selected() == ("1",)
    click(studies, 3, Qt.KeyboardModifier.ControlModifier)
    assert studies.selected() == ("1", "3")
    studies.set_selected("3")
    assert studies.selected() == ("1", "3"), "showing one of them leaves the others marked"
    click(studies, 4, Qt.KeyboardModifier.ShiftModifier)
    assert studies.selected()[-2:] == ("3", "4")
    studies.set_selected("2")
    assert studies.selected() == ("2",), "another one is shown, as by a key"
    click(studies, 1)
    assert studies.selected() == ("1",)


def test_the_menu_of_one_stands_for_all_that_are_marked(studies: StudyList) -> None:
    click(studies, 1)
    click(studies, 2, Qt.KeyboardModifier.ControlModifier)
    sent: list[object] = []
    studies.explain_requested.connect(sent.append)
    for number in (2, 4):
        menu = studies.menu_of(view(studies).model().index(number, 0))
        assert menu is not None
        (act,) = (one for one in menu.actions() if one.text() == "Explain a selection")
        act.trigger()
    assert sent == [("1", "2"), ("4",)]


def test_the_sign_of_the_newest_map(studies: StudyList) -> None:
    before = studies.grab().toImage()
    studies.set_sign("2", "bad", "It failed & <b>so</b>.")
    marked = studies.grab().toImage()
    assert marked != before
    spoken = view(studies).model().index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith("Newest map: It failed & <b>so</b>.")
    studies.set_sign("2", "good", "It holds.")
    assert studies.grab().toImage() != marked
    studies.set_sign("2", None)
    assert studies.grab().toImage() == before
