"""The windows on keys: typed, judged while one types, put in order, sent at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTableWidget
from pytestqt.qtbot import QtBot

from widgets.preset_editor import PresetEditor
from widgets.preset_list import Draft, PresetList, PresetRow, number_of

SOFT = PresetRow("CT", 40, 400, "Soft tissue")
LUNG = PresetRow("CT", -600, 1500, "Lung")
MINE = PresetRow("MR", 300, 600, "Mine")


@pytest.fixture
def editor(qtbot: QtBot) -> PresetEditor:
    made = PresetEditor((SOFT, LUNG, MINE), (SOFT,), {"CT": "HU"})
    qtbot.addWidget(made)
    return made


def field(editor: PresetEditor, name: str) -> QLineEdit:
    return next(one for one in editor.findChildren(QLineEdit) if one.accessibleName() == name)


def press(editor: PresetEditor, name: str) -> None:
    button = next(
        one for one in editor.findChildren(QAbstractButton) if one.accessibleName() == name
    )
    assert button.isEnabled(), name
    button.click()


def enabled(editor: PresetEditor, name: str) -> bool:
    return next(
        one for one in editor.findChildren(QAbstractButton) if one.accessibleName() == name
    ).isEnabled()


def lines(editor: PresetEditor) -> list[tuple[str, ...]]:
    table = editor.findChildren(QTableWidget)[0]
    found = []
    for row in range(table.rowCount()):
        items = [table.item(row, column) for column in range(table.columnCount())]
        found.append(tuple(item.text() if item is not None else "" for item in items))
    return found


def go_to(editor: PresetEditor, row: int) -> None:
    editor.findChildren(QTableWidget)[0].setCurrentCell(row, 1)


def retype(editor: PresetEditor, name: str, text: str) -> None:
    one = field(editor, name)
    one.selectAll()
    QTest.keyClicks(one, text) if text else QTest.keyClick(one, Qt.Key.Key_Delete)


def sent_by(editor: PresetEditor, qtbot: QtBot) -> tuple[PresetRow, ...]:
    with qtbot.waitSignal(editor.applied, timeout=500) as sent:
        press(editor, "Apply")
    found: tuple[PresetRow, ...] = sent.args[0]
    return found


def test_each_modality_has_its_own(editor: PresetEditor, qtbot: QtBot) -> None:
    assert lines(editor) == [("2", "Soft tissue", "40", "400"), ("3", "Lung", "-600", "1500")]
    editor.set_modality("MR")
    assert lines(editor) == [("2", "Mine", "300", "600")]
    editor.set_modality("DX")
    assert lines(editor) == []
    assert not field(editor, "Name").isEnabled()
    editor.set_modality("OT")
    press(editor, "Add a window")
    assert sent_by(editor, qtbot)[-1] == PresetRow("OT", 50, 350, "New window")


def test_what_is_typed_is_sent(editor: PresetEditor, qtbot: QtBot) -> None:
    go_to(editor, 1)
    retype(editor, "Name", "Thorax")
    retype(editor, "Centre", "-550,5")
    assert lines(editor)[1] == ("3", "Thorax", "-550,5", "1500")
    assert sent_by(editor, qtbot) == (SOFT, PresetRow("CT", -550.5, 1500, "Thorax"), MINE)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Width", "0", "CT: The width of “Soft tissue” has to be above 0."),
        ("Width", "-3", "CT: The width of “Soft tissue” has to be above 0."),
        ("Width", "wide", "CT: The width of “Soft tissue” is not a number."),
        ("Centre", "nan", "CT: The centre of “Soft tissue” is not a number."),
        ("Name", "", "CT: A window needs a name."),
        ("Width", "1,500", "CT: “1,500” can be read in two ways: write 1500 or 1.500."),
        ("Centre", "-1,024", "CT: “-1,024” can be read in two ways: write -1024 or -1.024."),
    ],
)
def test_what_is_wrong_is_said_at_once_and_cannot_be_applied(
    editor: PresetEditor, name: str, text: str, words: str
) -> None:
    retype(editor, name, text)
    assert any(label.text() == words for label in editor.findChildren(QLabel))
    assert not enabled(editor, "Apply")
    retype(editor, name, "5")
    assert enabled(editor, "Apply")


def test_order_is_the_order_of_keys(editor: PresetEditor, qtbot: QtBot) -> None:
    press(editor, "One key later")
    assert [line[:2] for line in lines(editor)] == [("2", "Lung"), ("3", "Soft tissue")]
    assert not enabled(editor, "One key later")
    press(editor, "One key earlier")
    press(editor, "Delete this window")
    assert sent_by(editor, qtbot) == (LUNG, MINE)


def test_windows_are_added_until_the_keys_are_taken(editor: PresetEditor) -> None:
    for _ in range(5):
        press(editor, "Add a window")
    assert lines(editor)[-1][:2] == ("8", "New window")
    assert not enabled(editor, "The keys 2 to 8 are taken; delete a window first")


def test_reset_brings_the_program_s_own_and_cancel_sends_nothing(
    editor: PresetEditor, qtbot: QtBot
) -> None:
    press(editor, "Reset all")
    assert lines(editor) == [("2", "Soft tissue", "40", "400")]
    with qtbot.assertNotEmitted(editor.applied):
        press(editor, "Cancel")


@pytest.mark.parametrize(
    ("text", "number"),
    [("40", 40.0), (" -0,5 ", -0.5), ("1e3", 1000.0), ("inf", None), ("", None), ("1.2.3", None)],
)
def test_numbers_as_people_write_them(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_what_is_wrong_is_left_out_of_the_rows() -> None:
    made = PresetList((SOFT, LUNG))
    made.edit("CT", 0, width="no")
    assert made.of("CT")[0] == Draft("Soft tissue", "40", "no")
    assert made.rows() == (LUNG,)
