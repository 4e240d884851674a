"""Measures without a mouse: placed, moved point by point and deleted by keys alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.records import Measure, MeasureKind
from tests.widgets.measuring import (
    KEY,
    LENGTH,
    PLAIN,
    SCALE,
    SHIFT,
    Owner,
    an_owner,
    click,
    drag,
    place,
)
from tests.widgets.scans import a_frame
from widgets.canvas import Canvas


@pytest.fixture
def owner(qtbot: QtBot) -> Owner:
    return an_owner(qtbot)


@pytest.mark.parametrize("tool", ["length", "angle", "rectangle", "ellipse", "polygon"])
def test_enter_places_a_measure_in_the_middle_and_takes_it(owner: Owner, tool: MeasureKind) -> None:
    owner.canvas.set_tool(tool)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    assert owner.said == [f"drawn {tool}"]
    columns = [column for column, _ in owner.points("m0")]
    assert (min(columns) + max(columns)) / 2 == pytest.approx(32, abs=4)
    before = owner.points("m0")
    QTest.keyClick(owner.canvas, Qt.Key.Key_Right)
    assert owner.points("m0") == [(column + 1, row) for column, row in before]


def test_a_measure_placed_by_keys_is_taken_whole_whatever_was_held_before(owner: Owner) -> None:
    owner.keep(Measure("box", KEY, "rectangle", ((5.0, 5.0), (15.0, 15.0))))
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    for _ in range(4):
        QTest.keyClick(owner.canvas, Qt.Key.Key_Tab)  # its last corner, which no length has
    owner.canvas.set_tool("length")
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    (first, last) = owner.points("m1")
    QTest.keyClick(owner.canvas, Qt.Key.Key_Down)
    assert owner.points("m1") == [(first[0], first[1] + 1), (last[0], last[1] + 1)]


@pytest.mark.parametrize(
    ("key", "modifier", "way"),
    [
        (Qt.Key.Key_Left, PLAIN, (-1, 0)),
        (Qt.Key.Key_Down, PLAIN, (0, 1)),
        (Qt.Key.Key_Up, SHIFT, (0, -10)),
        (Qt.Key.Key_Right, SHIFT, (10, 0)),
    ],
)
def test_arrows_move_by_one_pixel_and_with_shift_by_ten(
    owner: Owner, key: Qt.Key, modifier: Qt.KeyboardModifier, way: tuple[int, int]
) -> None:
    owner.keep(LENGTH)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    QTest.keyClick(owner.canvas, key, modifier)
    assert owner.points("one") == [(10 + way[0], 20 + way[1]), (50 + way[0], 20 + way[1])]


def test_arrows_move_the_way_they_point_on_a_turned_picture(owner: Owner) -> None:
    owner.keep(LENGTH)
    owner.canvas.turn(1)
    start = owner.canvas.image_to_widget(*LENGTH.points[0])
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Right)
    end = owner.canvas.image_to_widget(*owner.measures["one"].points[0])
    assert (end - start).x() == pytest.approx(SCALE)
    assert (end - start).y() == pytest.approx(0)


def test_tab_goes_through_the_handles_and_on(owner: Owner) -> None:
    second = Measure("two", KEY, "length", ((10.0, 50.0), (50.0, 50.0)))
    owner.keep(LENGTH)
    owner.keep(second)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Return)
    for _ in range(2):  # the first point, then the second
        QTest.keyClick(owner.canvas, Qt.Key.Key_Tab)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Down)
    assert owner.points("one") == [(10, 20), (50, 21)]
    QTest.keyClick(owner.canvas, Qt.Key.Key_Backtab, SHIFT)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Up)
    assert owner.points("one") == [(10, 19), (50, 21)]
    for _ in range(2):
        QTest.keyClick(owner.canvas, Qt.Key.Key_Tab)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Left)
    assert owner.points("two") == [(9, 50), (49, 50)]


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_tab_leaves_the_viewport_behind_the_last_handle(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    first, second = Canvas(), Canvas()
    column.addWidget(first)
    column.addWidget(second)
    first.set_frame(a_frame())
    owner = Owner(first)
    owner.keep(LENGTH)
    with qtbot.waitExposed(page):
        page.show()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Return)
    for _ in range(2):
        QTest.keyClick(first, Qt.Key.Key_Tab)
        assert first.hasFocus()
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert second.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_the_taken_measure_is_deleted_and_no_other(owner: Owner, key: Qt.Key) -> None:
    owner.keep(LENGTH)
    owner.keep(replace(LENGTH, measure_id="two", points=((10, 50), (50, 50))))
    QTest.keyClick(owner.canvas, key)
    assert owner.said == []
    click(owner.canvas, place(30, 50))
    QTest.keyClick(owner.canvas, key)
    QTest.keyClick(owner.canvas, key)
    assert owner.said == ["deleted two"]


def wanted(canvas: Canvas, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> bool:
    """Whether the canvas takes a key before the commands that it is bound to."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier)
    event.ignore()
    QApplication.sendEvent(canvas, event)
    return event.isAccepted()


def test_keys_are_taken_from_commands_only_while_a_measure_needs_them(owner: Owner) -> None:
    canvas = owner.canvas
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Delete, Qt.Key.Key_Escape)
    owner.keep(LENGTH)
    assert not any(wanted(canvas, key) for key in keys)
    click(canvas, place(30, 20))
    assert all(wanted(canvas, key) for key in keys)
    assert not wanted(canvas, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert not wanted(canvas, Qt.Key.Key_I)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not any(wanted(canvas, key) for key in keys)


def test_a_measure_that_was_just_drawn_leaves_the_arrows_to_scrolling(owner: Owner) -> None:
    owner.canvas.set_tool("length")
    drag(owner.canvas, place(10, 12), place(40, 30))
    assert not wanted(owner.canvas, Qt.Key.Key_Down)


def test_another_frame_lets_the_measure_go(owner: Owner) -> None:
    owner.keep(LENGTH)
    click(owner.canvas, place(30, 20))
    owner.canvas.set_frame(replace(a_frame(), key=(KEY[0], 1)))
    owner.canvas.set_frame(a_frame())
    assert not wanted(owner.canvas, Qt.Key.Key_Down)
