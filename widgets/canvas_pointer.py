"""What the mouse does to a picture: wheel scrolls, left windows, right zooms, middle pans."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QPainter, QPixmap, QWheelEvent

from widgets.canvas_transform import Placement, dragged_window
from widgets.icons import pixmap

if TYPE_CHECKING:
    from inference.records import Window
    from widgets.canvas import Canvas

NOTCH = 120
"""Qt's unit of a wheel: eighths of a degree a notch."""

_TOOLS = {
    Qt.MouseButton.LeftButton: "contrast",
    Qt.MouseButton.RightButton: "search",
    Qt.MouseButton.MiddleButton: "hand",
}


class CanvasPointer:
    """One drag at a time, reckoned from where it began so that nothing adds up."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._button: Qt.MouseButton | None = None
        self._start = QPointF()
        self._window: Window | None = None
        self._placement: Placement | None = None
        self._turned = 0
        self._drags: dict[Qt.MouseButton, Callable[[QPointF], None]] = {
            Qt.MouseButton.LeftButton: self._drag_window,
            Qt.MouseButton.RightButton: self._drag_zoom,
            Qt.MouseButton.MiddleButton: self._drag_pan,
        }

    def turn_wheel(self, event: QWheelEvent) -> None:
        """Whole notches scroll; a touchpad's small steps are gathered until they make one."""
        self._turned += event.angleDelta().y()
        notches = int(self._turned / NOTCH)
        self._turned -= notches * NOTCH
        if notches:
            self._canvas.scrolled.emit(-notches)
        event.accept()

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag, unless one is under way with another button."""
        placement = self._canvas.placement()
        if self._button is None and placement is not None and event.button() in self._drags:
            self._button = event.button()
            self._start = event.position()
            self._window = self._canvas.shown_window()
            self._placement = placement
            self._canvas.setCursor(tool_cursor(_TOOLS[event.button()]))

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag, or read the pixel under the pointer."""
        if self._button is not None:
            self._drags[self._button](event.position() - self._start)
        else:
            self._canvas.probe_at(event.position())

    def release(self, event: QMouseEvent) -> None:
        """End the drag that this button began."""
        if event.button() == self._button:
            self._button = None
            self._canvas.unsetCursor()

    def _drag_window(self, way: QPointF) -> None:
        if self._window is not None and not way.isNull():
            self._canvas.drag_window(dragged_window(self._window, way.x(), way.y()))

    def _drag_zoom(self, way: QPointF) -> None:
        if self._placement is not None:
            factor = 2.0 ** (-way.y() / 120)
            view = self._placement.zoomed(factor, self._start.x(), self._start.y())
            self._canvas.drag_view(view)

    def _drag_pan(self, way: QPointF) -> None:
        if self._placement is not None:
            self._canvas.drag_view(self._placement.panned(way.x(), way.y()))


def tool_cursor(name: str) -> QCursor:
    """The tool in hand as the pointer: light with a dark rim, to be seen on any scan."""
    drawn = QPixmap(pixmap(name, QColor("white"), 20))
    rim = pixmap(name, QColor("black"), 20)
    whole = QPixmap(drawn.size())
    whole.setDevicePixelRatio(drawn.devicePixelRatio())
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawPixmap(dx, dy, rim)
    painter.drawPixmap(0, 0, drawn)
    painter.end()
    return QCursor(whole, 10, 10)
