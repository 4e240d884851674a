"""The panel of the work place Label: rows, lists and attributes by mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from inference.records import Scalar
from widgets.choosers import Chooser
from widgets.label_form import NOTHING, FieldRow, LabelForm
from widgets.label_list import AnnotationRow, LabelList
from widgets.label_panel import LabelPanel
from widgets.label_rows import LabelRow, LabelRows
from widgets.spin_boxes import RealSpin

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # said offscreen of what is shown

BLUE = (64, 196, 255)
NODULE = LabelRow("lesion/nodule", "nodule", BLUE, 1, "N", 1, 4, mark="radio", said=True)
GRADE = LabelRow("grade", "grade", BLUE, mark="check", scale=(1, 3))
BOX = LabelRow("box", "box", BLUE)


T = TypeVar("T", bound=QWidget)


def child(parent: QWidget, kind: type[T], name: str) -> T:
    """The widget of this kind whose name for a screen reader begins so."""
    return next(one for one in parent.findChildren(kind) if one.accessibleName().startswith(name))


@pytest.fixture
def rows(qtbot: QtBot) -> LabelRows:
    made = LabelRows()
    qtbot.addWidget(made)
    made.set_rows((NODULE, GRADE, BOX))
    made.resize(300, 90)
    made.show()
    return made


def test_a_click_takes_in_hand_and_the_mark_says(rows: LabelRows) -> None:
    chosen: list[str] = []
    said: list[str] = []
    rows.chosen.connect(chosen.append)
    rows.said.connect(said.append)
    line = child(rows, QWidget, "nodule, said. 1 on this slice, 4 on the scan")
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    QTest.keyClick(line, Qt.Key.Key_Return)
    mark = child(rows, QWidget, "Say “nodule”, said")
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton)
    QTest.keyClick(mark, Qt.Key.Key_Space)
    assert (chosen, said) == (["lesion/nodule"] * 2, ["lesion/nodule"] * 2)


def test_no_part_is_seen_by_itself(rows: LabelRows) -> None:
    """A part that is shown before it has a parent flashes up as a window of its own."""
    seen = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert seen == [rows]


def test_grades_are_said_and_taken_back(rows: LabelRows) -> None:
    graded: list[tuple[str, object]] = []
    rows.graded.connect(lambda name, value: graded.append((name, value)))
    spin = child(rows, RealSpin, "Grade of “grade”")
    assert spin.text() == "–"
    for _ in range(2):
        spin.stepUp()
    rows.set_rows((NODULE, replace(GRADE, value=2.0, said=True), BOX))  # as the session says
    assert child(rows, RealSpin, "Grade of “grade”") is spin
    for _ in range(2):
        spin.stepDown()
    assert graded == [("grade", 1.0), ("grade", 2.0), ("grade", 1.0), ("grade", None)]


def test_what_cannot_be_said_is_dimmed_with_the_reason(rows: LabelRows) -> None:
    rows.set_enabled(False, "Open a scan to label it.")
    mark = child(rows, QWidget, "Say “nodule”")
    assert not mark.isEnabled()
    assert mark.toolTip() == "Open a scan to label it."


def numbered(at: str) -> AnnotationRow:
    return AnnotationRow("box", BLUE, f"lesion {at}", f"Box · slice {at}")


@pytest.fixture
def listed(qtbot: QtBot) -> LabelList:
    made = LabelList("On this slice", unfolded=True)
    qtbot.addWidget(made)
    made.resize(300, 400)
    made.show()
    made.set_rows(("1", "2", "3"), numbered)
    return made


def test_selecting_and_deleting_in_the_list(listed: LabelList) -> None:
    told: list[object] = []
    deleted: list[bool] = []
    listed.selected.connect(told.append)
    listed.delete_requested.connect(lambda: deleted.append(True))
    view = listed.findChild(QListView)
    assert isinstance(view, QListView)
    model, flags = view.selectionModel(), QItemSelectionModel.SelectionFlag
    model.select(view.model().index(0, 0), flags.Select)
    model.select(view.model().index(2, 0), flags.Select)
    assert told == [("1",), ("1", "3")]
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert deleted == [True]


def test_a_selection_from_outside_is_quiet_and_outlives_new_rows(listed: LabelList) -> None:
    told: list[object] = []
    listed.selected.connect(told.append)
    listed.set_selected(("2",))
    listed.set_rows(("0", "1", "2"), numbered)
    assert (listed.selection(), told) == (("2",), [])
    listed.set_rows(("0",), numbered)
    assert (listed.selection(), told) == ((), [])


def test_ten_thousand_rows_are_asked_for_as_they_are_seen(listed: LabelList) -> None:
    asked: list[str] = []

    def row(at: str) -> AnnotationRow:
        asked.append(at)
        return numbered(at)

    listed.set_rows(tuple(map(str, range(10_000))), row)
    listed.grab()
    assert 0 < len(set(asked)) < 30


@pytest.fixture
def form(qtbot: QtBot) -> LabelForm:
    made = LabelForm()
    qtbot.addWidget(made)
    return made


SIDE = FieldRow("Side", "choice", ("left", "right"), required=True)
NOTE = FieldRow("Note", "text", value="old")
SIZE = FieldRow("Size", "number", value=2.5)
SEEN = FieldRow("Seen", "switch")


def test_attributes_are_said_as_they_are_meant(form: LabelForm) -> None:
    told: list[tuple[str, Scalar]] = []
    form.changed.connect(lambda name, value: told.append((name, value)))
    form.set_fields("Box", (SIDE, NOTE, SIZE, SEEN))
    child(form, Chooser, "Side").chosen.emit("left")
    for name, typed in (("Note", " new "), ("Size", "3,25"), ("Size", "")):
        line = child(form, QLineEdit, name)
        line.setText(typed)
        line.editingFinished.emit()
    child(form, QCheckBox, "Seen").setChecked(True)
    assert told == [
        ("Side", "left"),
        ("Note", "new"),
        ("Size", 3.25),
        ("Size", NOTHING),
        ("Seen", True),
    ]


def test_what_is_no_number_or_as_before_changes_nothing(form: LabelForm) -> None:
    told: list[object] = []
    form.changed.connect(lambda *said: told.append(said))
    form.set_fields("Box", (NOTE, SIZE))
    line = child(form, QLineEdit, "Size")
    line.setText("large")
    line.editingFinished.emit()
    child(form, QLineEdit, "Note").editingFinished.emit()
    assert (line.text(), told) == ("2.5", [])


def test_a_choice_that_is_gone_from_the_set_is_still_shown(form: LabelForm) -> None:
    form.set_fields("Box", (replace(SIDE, value="middle"),))
    assert child(form, Chooser, "Side").currentText() == "middle"


def test_the_states_of_the_panel(qtbot: QtBot) -> None:
    panel = LabelPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.set_labels("Labels", some=False)
    panel.set_model("", "No model is chosen for the scan in sight.")
    take = child(panel, QWidget, "Take those of the model")
    assert take.isVisible()
    assert (take.isEnabled(), take.toolTip()) == (
        False,
        "No model is chosen for the scan in sight.",
    )
    panel.set_labels("Chest", some=True)
    assert not take.isVisible()
    assert panel.here.isVisible()
