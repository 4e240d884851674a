"""The tools of the left button, the wheel and the crosshair, driven by a mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_crosshair import CROSSHAIR, GAP_PX, REFERENCE
from widgets.canvas_tools import TOOLS, ToolName

SIDE = 320
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    made.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None))
    return made


def drag(
    canvas: Canvas, way: QPoint, modifier: Qt.KeyboardModifier = PLAIN, start: int = 150
) -> None:
    begin = QPoint(start, start)
    QTest.mousePress(canvas, LEFT, modifier, begin)
    QTest.mouseMove(canvas, begin + way / 2)
    QTest.mouseMove(canvas, begin + way)
    QTest.mouseRelease(canvas, LEFT, modifier, begin + way)


def test_each_tool_shows_itself_at_the_pointer(canvas: Canvas) -> None:
    pictures = set()
    for name in TOOLS:
        canvas.set_tool(name)
        picture = canvas.cursor().pixmap().toImage()
        pictures.add(bytes(picture.constBits()))
        hot = canvas.cursor().hotSpot()
        assert picture.pixelColor(hot).alpha() == 0  # what is pointed at is seen
    assert len(pictures) == len(TOOLS)


def test_the_tool_of_another_button_is_shown_while_it_is_held(canvas: Canvas) -> None:
    canvas.set_tool("length")
    own = canvas.cursor().pixmap().toImage()
    QTest.mousePress(canvas, Qt.MouseButton.RightButton, PLAIN, QPoint(50, 50))
    assert canvas.cursor().pixmap().toImage() != own
    QTest.mouseRelease(canvas, Qt.MouseButton.RightButton, PLAIN, QPoint(50, 50))
    assert canvas.cursor().pixmap().toImage() == own


def test_the_zoom_tool_zooms_where_the_drag_began(canvas: Canvas) -> None:
    canvas.set_tool("zoom")
    held = canvas.widget_to_image(QPointF(150, 150))
    drag(canvas, QPoint(0, -120))
    assert canvas.view().zoom == pytest.approx(2.0)
    assert canvas.widget_to_image(QPointF(150, 150)) == pytest.approx(held)


@pytest.mark.parametrize("quarters", range(4))
def test_the_pan_tool_takes_the_picture_along_however_it_is_turned(
    canvas: Canvas, quarters: int
) -> None:
    canvas.turn(quarters)
    canvas.mirror()
    canvas.zoom_to(12.0)
    canvas.set_tool("pan")
    held = canvas.widget_to_image(QPointF(150, 150))
    drag(canvas, QPoint(40, -20))
    assert canvas.widget_to_image(QPointF(190, 130)) == pytest.approx(held)


def test_the_scroll_tool_goes_a_slice_each_8_px_and_back(canvas: Canvas) -> None:
    steps: list[int] = []
    canvas.scrolled.connect(steps.append)
    canvas.set_tool("scroll")
    QTest.mousePress(canvas, LEFT, PLAIN, QPoint(100, 100))
    for y in (104, 110, 133, 101):
        QTest.mouseMove(canvas, QPoint(100, y))
    QTest.mouseRelease(canvas, LEFT, PLAIN, QPoint(100, 101))
    assert steps == [1, 3, -4]


def test_the_window_tool_comes_back(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_tool("pan")
    with qtbot.assertNotEmitted(canvas.window_changed):
        drag(canvas, QPoint(30, 0))
    canvas.set_tool("window")
    with qtbot.waitSignal(canvas.window_changed, timeout=500):
        drag(canvas, QPoint(30, 0))


def test_the_wheel_zooms_at_the_pointer_with_ctrl(canvas: Canvas, qtbot: QtBot) -> None:
    at = QPointF(100, 200)
    held = canvas.widget_to_image(at)
    event = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    with qtbot.assertNotEmitted(canvas.scrolled):
        QApplication.sendEvent(canvas, event)
    assert canvas.view().zoom == pytest.approx(2.0)
    assert canvas.widget_to_image(at) == pytest.approx(held)


@pytest.mark.parametrize(("tool", "modifier"), [("crosshair", PLAIN), ("window", SHIFT)])
def test_the_crosshair_is_asked_for_by_tool_or_by_shift(
    canvas: Canvas, qtbot: QtBot, tool: ToolName, modifier: Qt.KeyboardModifier
) -> None:
    asked: list[tuple[float, float]] = []
    canvas.crosshair_moved.connect(lambda column, row: asked.append((column, row)))
    canvas.set_tool(tool)
    with qtbot.assertNotEmitted(canvas.window_changed):
        drag(canvas, QPoint(10, 400), modifier)
    assert asked[0] == pytest.approx((30.0, 30.0))
    assert asked[-1] == pytest.approx((32.0, 64.0))  # kept on the frame


def test_the_crosshair_crosses_the_view_and_leaves_its_place_open(canvas: Canvas) -> None:
    canvas.set_crosshair((32.1, 20.1))
    image = canvas.grab().toImage()
    x, y = round(32.1 * 5), round(20.1 * 5)
    for place in (QPoint(20, y), QPoint(SIDE - 20, y), QPoint(x, 60), QPoint(x, SIDE - 60)):
        assert near(image.pixelColor(place), CROSSHAIR)
    for step in (0, int(GAP_PX) - 3):
        assert image.pixelColor(x + step, y) == QColor("black")
        assert image.pixelColor(x, y - step) == QColor("black")
    canvas.set_crosshair(None)
    assert canvas.grab().toImage().pixelColor(x, 60) == QColor("black")


def test_the_crosshair_follows_a_turn(canvas: Canvas) -> None:
    canvas.set_crosshair((10.1, 20.1))
    canvas.turn(1)
    image = canvas.grab().toImage()
    assert near(image.pixelColor(SIDE - round(20.1 * 5) - 1, 200), CROSSHAIR)
    assert near(image.pixelColor(100, round(10.1 * 5)), CROSSHAIR)


def test_reference_lines_are_drawn_from_end_to_end(canvas: Canvas) -> None:
    canvas.set_reference_lines(((10.0, 30.1, 50.0, 30.1),))
    image = canvas.grab().toImage()
    y = round(30.1 * 5)
    assert near(image.pixelColor(100, y), REFERENCE)
    assert image.pixelColor(30, y) == QColor("black")
    assert image.pixelColor(280, y) == QColor("black")


def test_a_key_image_is_marked(canvas: Canvas) -> None:
    before = canvas.grab().toImage()
    canvas.set_key_image(True)
    assert canvas.grab().toImage().copy(0, 0, 120, 30) != before.copy(0, 0, 120, 30)
    canvas.set_key_image(False)
    assert canvas.grab().toImage() == before


def near(first: QColor, second: QColor) -> bool:
    ways = (
        first.red() - second.red(),
        first.green() - second.green(),
        first.blue() - second.blue(),
    )
    return all(abs(way) < 70 for way in ways)
