"""The study list: rows, choice, keys, what was refused."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListView, QPushButton
from pytestqt.qtbot import QtBot

from inference.records import Refused
from tests.widgets.scans import a_source
from widgets.study_list import StudyList
from widgets.study_rows import source_line

SOURCES = (
    a_source("1", "Axial"),
    a_source("2", "Coronal", study_id="other", warnings=("The slices are uneven.",)),
    a_source("3", "Sagittal"),
)


@pytest.fixture
def studies(qtbot: QtBot) -> StudyList:
    made = StudyList()
    qtbot.addWidget(made)
    made.resize(260, 500)
    made.set_sources(SOURCES)
    return made


def view(studies: StudyList) -> QListView:
    return studies.findChildren(QListView)[0]


def rows(studies: StudyList) -> list[str]:
    model = view(studies).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_sources_stand_under_their_study(studies: StudyList) -> None:
    assert rows(studies) == [
        "Title of study",
        "Axial",
        "Sagittal",
        "Title of other",
        "Coronal",
    ]


def test_choosing_sends_the_id_and_headings_are_stepped_over(
    studies: StudyList, qtbot: QtBot
) -> None:
    chosen: list[str] = []
    studies.source_chosen.connect(chosen.append)
    studies.set_selected("1")
    assert chosen == []
    for _ in range(2):
        QTest.keyClick(view(studies), Qt.Key.Key_Down)
    assert chosen == ["3", "2"]


def test_new_sources_leave_the_selection_alone(studies: StudyList, qtbot: QtBot) -> None:
    studies.set_selected("2")
    with qtbot.assertNotEmitted(studies.source_chosen):
        studies.set_sources((a_source("0", "Scout", study_id="first"), *SOURCES))
    assert view(studies).currentIndex().data() == "Coronal"


def test_the_same_sources_once_more_do_not_scroll_the_list(studies: StudyList) -> None:
    many = tuple(a_source(str(number)) for number in range(60))
    studies.set_sources(many)
    studies.grab()
    bar = view(studies).verticalScrollBar()
    bar.setValue(500)
    studies.set_sources(tuple(many))
    studies.grab()
    assert bar.value() == 500


def test_a_tooltip_has_the_whole_name_and_the_warnings(studies: StudyList) -> None:
    index = view(studies).model().index(4, 0)
    assert index.data(Qt.ItemDataRole.ToolTipRole).split("\n") == [
        "Coronal",
        "CT · 3 slices · 256 × 512",
        "The slices are uneven.",
    ]


def test_a_source_of_one_slice_is_said_in_the_singular() -> None:
    assert source_line(a_source("1", frames=1)) == "CT · 1 slice · 256 × 512"


def test_a_thumbnail_is_drawn_in_its_row(studies: StudyList) -> None:
    before = studies.grab().toImage()
    studies.set_thumbnail("1", np.full((40, 60), 255, np.uint8))
    assert studies.grab().toImage() != before


def test_an_empty_list_offers_to_open(studies: StudyList, qtbot: QtBot) -> None:
    studies.set_sources(())
    button = next(b for b in studies.findChildren(QPushButton) if b.text() == " Open files")
    with qtbot.waitSignal(studies.open_requested, timeout=500):
        button.click()


def test_refused_files_are_counted_and_their_reasons_unfold(studies: StudyList) -> None:
    reason = "The file stops in the middle."
    studies.set_refused((Refused("/somewhere/scan7.dcm", reason), Refused("/x/b.txt", "No.")))
    fold = next(b for b in studies.findChildren(QPushButton) if "not opened" in b.text())
    assert fold.text() == " 2 files not opened"
    words = [label for label in studies.findChildren(QLabel) if label.text() == reason]
    assert len(words) == 1
    assert not words[0].isVisibleTo(studies)
    fold.click()
    assert words[0].isVisibleTo(studies)
    assert any(label.text() == "scan7.dcm" for label in studies.findChildren(QLabel))
    studies.set_refused(())
    assert not fold.isVisibleTo(studies)
