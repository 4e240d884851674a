"""The study list: rows, choice, keys, what was refused."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from inference.records import Order, Refused
from tests.widgets.scans import a_source, an_object
from widgets.study_list import StudyList
from widgets.study_rows import SOURCE_MIME, source_line
from widgets.study_view import StudyView

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


def view(studies: StudyList) -> StudyView:
    return studies.findChildren(StudyView)[0]


def place_of(studies: StudyList, title: str) -> QPoint:
    model = view(studies).model()
    row = rows(studies).index(title)
    return view(studies).visualRect(model.index(row, 0)).center()


def click(studies: StudyList, title: str) -> None:
    QTest.mouseClick(
        view(studies).viewport(), Qt.MouseButton.LeftButton, pos=place_of(studies, title)
    )


def menu_words(studies: StudyList, title: str) -> dict[str, QMenu]:
    model = view(studies).model()
    menu = studies.menu_of(model.index(rows(studies).index(title), 0))
    return {action.text(): menu for action in menu.actions() if action.text()} if menu else {}


def take(studies: StudyList, title: str, words: str) -> None:
    menu = menu_words(studies, title)[words]
    next(action for action in menu.actions() if action.text() == words).trigger()


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
        "Ordered by their place in the file",
        "The slices are uneven.",
    ]


def test_a_name_with_tags_in_it_is_not_taken_for_markup(studies: StudyList) -> None:
    studies.set_sources((a_source("1", "Head <b>contrast</b>"),))
    tip = view(studies).model().index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    shown = QTextDocumentFragment.fromHtml(tip).toPlainText()
    assert shown.split("\n")[:2] == ["Head <b>contrast</b>", "CT · 3 slices · 256 × 512"]


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


def test_a_click_chooses_when_the_button_is_let_go(studies: StudyList) -> None:
    chosen: list[str] = []
    studies.source_chosen.connect(chosen.append)
    studies.set_selected("1")
    place = place_of(studies, "Sagittal")
    QTest.mousePress(view(studies).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == []
    QTest.mouseRelease(view(studies).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == ["3"]
    click(studies, "Sagittal")
    assert chosen == ["3"]


def test_a_drag_carries_the_id_and_chooses_nothing(
    studies: StudyList, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[str] = []
    studies.source_chosen.connect(chosen.append)
    studies.set_selected("1")
    model = view(studies).model()
    index = model.index(rows(studies).index("Sagittal"), 0)
    assert bytes(model.mimeData([index]).data(SOURCE_MIME).data()) == b"3"
    monkeypatch.setattr("PySide6.QtWidgets.QListView.startDrag", lambda *_: None)
    start = place_of(studies, "Sagittal")
    QTest.mousePress(view(studies).viewport(), Qt.MouseButton.LeftButton, pos=start)
    view(studies).startDrag(Qt.DropAction.CopyAction)
    assert view(studies).currentIndex().data() == "Axial"
    assert chosen == []


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_other_buttons_choose_nothing(studies: StudyList, button: Qt.MouseButton) -> None:
    studies.set_selected("1")
    QTest.mouseClick(view(studies).viewport(), button, pos=place_of(studies, "Sagittal"))
    assert view(studies).currentIndex().data() == "Axial"


def test_a_press_that_ends_elsewhere_chooses_nothing(studies: StudyList, qtbot: QtBot) -> None:
    studies.set_selected("1")
    pane = view(studies).viewport()
    left = Qt.MouseButton.LeftButton
    with qtbot.assertNotEmitted(studies.source_chosen):
        QTest.mousePress(pane, left, pos=place_of(studies, "Sagittal"))
        QTest.mouseRelease(pane, left, pos=place_of(studies, "Coronal"))
    assert view(studies).currentIndex().data() == "Axial"


PATIENTS = (
    a_source("1", "Axial", who="Roe, Ann · 1950-01-01 · 7"),
    a_source("2", "Coronal", study_id="other", who="Roe, Ann · 1971-02-03 · 8"),
    a_source("3", "Sagittal", study_id="later", who="Roe, Ann · 1950-01-01 · 7"),
)


def test_two_patients_stand_under_their_names(studies: StudyList) -> None:
    studies.set_sources(PATIENTS)
    assert rows(studies) == [
        "Roe, Ann · 1950-01-01 · 7",
        "Title of study",
        "Axial",
        "Title of later",
        "Sagittal",
        "Roe, Ann · 1971-02-03 · 8",
        "Title of other",
        "Coronal",
    ]


def test_one_patient_needs_no_heading(studies: StudyList) -> None:
    studies.set_sources((PATIENTS[0], PATIENTS[2]))
    assert rows(studies)[0] == "Title of study"


def test_a_patient_without_a_name_is_told_apart(studies: StudyList) -> None:
    studies.set_sources((PATIENTS[0], a_source("4", study_id="x")))
    assert "No patient is named" in rows(studies)


OBJECTS = (
    an_object("a", "segmentation", "Liver", details=("2 segments.",)),
    an_object("b", "report", "Measurements", study_id="other"),
    an_object("c", "other", "Plan", study_id="third"),
)


@pytest.fixture
def with_objects(studies: StudyList) -> StudyList:
    studies.set_objects(OBJECTS)
    return studies


def test_objects_stand_under_their_study(with_objects: StudyList) -> None:
    assert rows(with_objects) == [
        "Title of study",
        "Axial",
        "Sagittal",
        "Liver",
        "Title of other",
        "Coronal",
        "Measurements",
        "Title of third",
        "Plan",
    ]


def test_overlays_go_on_and_off_and_reports_are_opened(with_objects: StudyList) -> None:
    sent: list[tuple[object, ...]] = []
    with_objects.object_toggled.connect(lambda *args: sent.append(args))
    with_objects.object_opened.connect(lambda *args: sent.append(args))
    click(with_objects, "Liver")
    with_objects.set_objects_on(frozenset("a"))
    QTest.keyClick(view(with_objects), Qt.Key.Key_Space)
    click(with_objects, "Measurements")
    QTest.keyClick(view(with_objects), Qt.Key.Key_Down)
    QTest.keyClick(view(with_objects), Qt.Key.Key_Return)
    assert sent == [("a", True), ("a", False), ("b",), ("c",)]


def test_the_row_says_whether_it_is_shown(with_objects: StudyList) -> None:
    index = view(with_objects).model().index(3, 0)
    before = with_objects.grab().toImage()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Liver\n2 segments.\nHidden"
    with_objects.set_objects_on(frozenset("a"))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Liver\n2 segments.\nShown"
    assert with_objects.grab().toImage() != before


def test_who_stands_on_an_object_stays_there(with_objects: StudyList) -> None:
    with_objects.set_selected("1")
    click(with_objects, "Liver")
    with_objects.set_selected("1")
    with_objects.set_objects((*OBJECTS, an_object("d", "report", "More")))
    assert view(with_objects).currentIndex().data() == "Liver"
    with_objects.set_selected("3")
    assert view(with_objects).currentIndex().data() == "Sagittal"


def test_the_viewports_of_a_series_are_marked(studies: StudyList) -> None:
    before = studies.grab().toImage()
    studies.set_shown({"1": (1, 3)})
    index = view(studies).model().index(1, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("In viewport 1, 3")
    marked = studies.grab().toImage()
    assert marked != before
    studies.set_shown({})
    assert studies.grab().toImage() == before


def test_the_menu_of_a_series(studies: StudyList) -> None:
    orders = (Order("instance_number", (2, 1, 0)),)
    studies.set_sources((a_source("9", "Swapped", orders=orders),))
    assert list(menu_words(studies, "Swapped")) == [
        "Ordered by their place in the file",
        "Order by instance number",
        "Explain a selection",
        "Show tags",
    ]
    studies.set_viewports(2)
    sent: list[tuple[object, ...]] = []
    for signal in (studies.order_chosen, studies.tags_requested, studies.viewport_chosen):
        signal.connect(lambda *args: sent.append(args))
    for words in ("Open in viewport 2", "Order by instance number", "Show tags"):
        take(studies, "Swapped", words)
    assert sent == [("9", 2), ("9", "instance_number"), ("9",)]


def test_the_menu_of_an_object(with_objects: StudyList) -> None:
    sent: list[tuple[object, ...]] = []
    for signal in (with_objects.object_toggled, with_objects.object_opened):
        signal.connect(lambda *args: sent.append(args))
    with_objects.tags_requested.connect(lambda *args: sent.append(args))
    assert list(menu_words(with_objects, "Plan")) == ["Show tags"]
    assert menu_words(with_objects, "Title of other") == {}
    take(with_objects, "Liver", "Lay over the scan")
    take(with_objects, "Measurements", "Read the report")
    take(with_objects, "Plan", "Show tags")
    assert sent == [("a", True), ("b",), ("c",)]


# The offscreen platform says so of every window that pops up.
@pytest.mark.qt_log_ignore("does not support")
def test_the_menu_opens_by_the_keyboard(studies: StudyList) -> None:
    studies.show()
    studies.set_selected("1")
    place = place_of(studies, "Axial")
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, place)
    QApplication.sendEvent(view(studies), asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["Explain a selection", "Show tags"]
    menu.close()


def field_of(studies: StudyList) -> QLineEdit:
    return studies.findChildren(QLineEdit)[0]


def test_the_field_comes_with_many_series_and_narrows_them(studies: StudyList) -> None:
    assert not field_of(studies).isVisibleTo(studies)
    many = tuple(a_source(str(number), f"Series {number}") for number in range(12))
    studies.set_sources((*many, a_source("x", "Scout", study_id="other")))
    assert field_of(studies).isVisibleTo(studies)
    studies.set_selected("x")
    field_of(studies).setText("other SCO")
    assert rows(studies) == ["Title of other", "Scout"]
    field_of(studies).setText("series 11")
    assert rows(studies) == ["Title of study", "Series 11"]
    field_of(studies).setText("zzz")
    assert any(
        label.text() == "No series has these words." and label.isVisibleTo(studies)
        for label in studies.findChildren(QLabel)
    )
    field_of(studies).clear()
    assert view(studies).currentIndex().data() == "Scout"
