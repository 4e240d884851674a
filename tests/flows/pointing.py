"""A mouse over the active picture of the real window, in the coordinates of its frame."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.flows.conftest import Flow
from widgets.canvas import Canvas

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Place = tuple[float, float]
"""(column, row) in pixel edges."""


def canvas_of(flow: Flow) -> Canvas:
    """The picture of the active viewport."""
    return flow.window.review.viewports[flow.session.active].canvas


def press(flow: Flow, place: Place) -> None:
    QTest.mousePress(canvas_of(flow), LEFT, PLAIN, _point(flow, place))


def move(flow: Flow, place: Place, held: Qt.MouseButton = LEFT) -> None:
    """Move the pointer there, with a button held down."""
    canvas, point = canvas_of(flow), _point(flow, place)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(point),
        QPointF(canvas.mapToGlobal(point)),
        Qt.MouseButton.NoButton,
        held,
        PLAIN,
    )
    QApplication.sendEvent(canvas, event)


def release(flow: Flow, place: Place) -> None:
    QTest.mouseRelease(canvas_of(flow), LEFT, PLAIN, _point(flow, place))


def drag(flow: Flow, start: Place, end: Place) -> None:
    """Press at one place, go to another in four steps, let go."""
    press(flow, start)
    for step in range(1, 5):
        part = step / 4
        move(flow, (_between(start[0], end[0], part), _between(start[1], end[1], part)))
    release(flow, end)


def click(flow: Flow, *places: Place) -> None:
    """Click from place to place."""
    for place in places:
        move(flow, place, Qt.MouseButton.NoButton)
        QTest.mouseClick(canvas_of(flow), LEFT, PLAIN, _point(flow, place))


def _point(flow: Flow, place: Place) -> QPoint:
    return canvas_of(flow).image_to_widget(*place).toPoint()


def _between(start: float, end: float, part: float) -> float:
    return start + (end - start) * part
