"""The page under F1: a press becomes a change, a refusal, or a question."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.key_editing import KeyEditing, rows
from app.key_map import KeyChanges
from app.keys import Command
from widgets.key_row import KeyRow
from widgets.shortcuts_page import ShortcutsPage

Key = Qt.Key
Held = Qt.KeyboardModifier
TABLE = (
    Command("open", "Open", "Open files", ("Ctrl+O",), lambda: None),
    Command("demo", "Open", "Open the demo", (), lambda: None),
    Command("explain", "Viewport", "Explain", ("E",), lambda: None, "viewport"),
    Command("predict", "Viewport", "Predict", ("P",), lambda: None, "viewport"),
    Command("eraser", "Tool", "Eraser", ("E",), lambda: None, "viewport", place="label"),
)


class Desk:
    """The page with what it changed."""

    def __init__(self, qtbot: QtBot) -> None:
        self.made: list[KeyChanges] = []
        self.page = ShortcutsPage(rows(TABLE, ()))
        qtbot.addWidget(self.page)
        KeyEditing(self.page, TABLE, (), self.made.append)
        self.page.show()
        self.page.activateWindow()
        qtbot.waitUntil(self.page.isActiveWindow, timeout=1000)

    def line(self, name: str) -> KeyRow:
        return next(one for one in self.page.findChildren(KeyRow) if one.row.name == name)

    def press(self, name: str, key: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        line = self.line(name)
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        QTest.keyClick(line, key, held)

    def said(self) -> str:
        QApplication.processEvents()  # new labels are shown by their layout
        return " ".join(
            label.text() for label in self.page.findChildren(QLabel) if label.isVisible()
        )

    def click(self, words: str) -> None:
        found = [b for b in self.page.findChildren(QPushButton) if b.text().strip() == words]
        QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


# The offscreen platform says so of every shown window that has a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_a_press_changes_the_key_at_once(desk: Desk) -> None:
    desk.press("demo", Key.Key_D, Held.ControlModifier | Held.ShiftModifier)
    assert desk.made == [(("demo", ("Ctrl+Shift+D",)),)]
    assert desk.line("demo").row.keys == "Ctrl+Shift+D"
    assert "“Open the demo” has Ctrl+Shift+D now." in desk.said()


@pytest.mark.parametrize(
    ("key", "held", "spelt"),
    [
        (Key.Key_X, Held.NoModifier, "X"),
        (Key.Key_Exclam, Held.ShiftModifier, "!"),
        (Key.Key_X, Held.ShiftModifier, "Shift+X"),
        (Key.Key_Tab, Held.NoModifier, "Tab"),
        (Key.Key_5, Held.KeypadModifier, "5"),
    ],
)
def test_every_kind_of_key_is_heard(
    desk: Desk, key: Qt.Key, held: Qt.KeyboardModifier, spelt: str
) -> None:
    desk.press("explain", key, held)
    assert desk.made == [(("explain", (spelt,)),)]


def test_a_refused_key_is_said_and_nothing_changes(desk: Desk) -> None:
    desk.press("open", Key.Key_X)
    assert "X types a character" in desk.said()
    desk.press("explain", Key.Key_Backtab, Held.ShiftModifier)
    assert "leads back" in desk.said()
    assert desk.made == []


def test_a_clash_is_asked_about_and_swapped(desk: Desk) -> None:
    desk.press("explain", Key.Key_P)
    assert "P belongs to “Predict”, which would have E after a swap." in desk.said()
    assert desk.made == []
    desk.click("Swap")
    assert dict(desk.made[-1]) == {"explain": ("P",), "predict": ("E",)}


def test_or_both_are_left(desk: Desk) -> None:
    desk.press("explain", Key.Key_P)
    desk.click("Leave both")
    assert desk.made == []
    assert "belongs" not in desk.said()


def test_escape_and_another_line_stop_the_listening(desk: Desk) -> None:
    line = desk.line("explain")
    QTest.keyClick(line, Key.Key_Return)
    assert "Press the new keys" in desk.said()
    QTest.keyClick(line, Key.Key_Escape)
    assert desk.page.isVisible()
    assert "Press the new keys" not in desk.said()
    QTest.keyClick(line, Key.Key_Space)
    desk.line("predict").listen()
    assert desk.said().count("Press the new keys") == 1
    QTest.keyClick(desk.line("predict"), Key.Key_Control)
    assert desk.made == []


def test_one_line_or_all_go_back(desk: Desk) -> None:
    desk.press("explain", Key.Key_X)
    desk.press("predict", Key.Key_Y)
    desk.page.reset_requested.emit("explain")
    assert desk.made[-1] == (("predict", ("Y",)),)
    desk.click("Reset all keys")
    assert not desk.made[-1]
    assert desk.line("predict").row.keys == "P"


def test_going_back_asks_for_a_key_that_another_has_now(desk: Desk) -> None:
    desk.press("explain", Key.Key_X)
    desk.press("predict", Key.Key_E)
    desk.page.reset_requested.emit("explain")
    assert "E belongs to “Predict”" in desk.said()
    desk.click("Swap")
    assert dict(desk.made[-1]) == {"predict": ("X",)}


def test_the_mouse_is_listed_and_cannot_be_changed(desk: Desk) -> None:
    line = next(one for one in desk.page.findChildren(KeyRow) if one.row.keys == "Ctrl+Wheel")
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    assert "Press the new keys" not in desk.said()


def test_the_place_of_a_command_is_said_and_what_its_key_is_elsewhere(desk: Desk) -> None:
    assert desk.line("eraser").row.text == "Eraser · in Label"
    desk.press("predict", Key.Key_B)
    assert "elsewhere" not in desk.said()
    desk.press("eraser", Key.Key_B)
    assert desk.made[-1] == (("predict", ("B",)), ("eraser", ("B",)))
    assert "In Label, B is “Eraser”; elsewhere it is “Predict”." in desk.said()
