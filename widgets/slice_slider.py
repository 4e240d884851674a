"""The thin bar beside a picture that shows where in the stack it lies, and goes elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme

_MARGIN_PX = 10
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_Home: -1_000_000,
    Qt.Key.Key_End: 1_000_000,
}


class SliceSlider(QWidget):
    """The first slice is at the top; `chosen` may lie outside and is for the owner to clamp."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = 0
        self._count = 1
        self.setFixedWidth(16)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Slice")

    def set_position(self, index: int, count: int) -> None:
        """Show slice `index` of `count`."""
        self._index, self._count = index, max(count, 1)
        self.setToolTip(f"Slice {index + 1} of {self._count}")
        self.setAccessibleDescription(self.toolTip())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dark = theme.DARK
        painter.fillRect(self.rect(), QColor("black"))
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.width() / 2
        track = QRectF(middle - 2, _MARGIN_PX, 4, self.height() - 2 * _MARGIN_PX)
        painter.setBrush(QColor(dark.line))
        painter.drawRoundedRect(track, 2, 2)
        lit = self.hasFocus() or self.underMouse()
        painter.setBrush(QColor(dark.accent if lit else dark.quiet))
        length = max(track.height() / self._count, 18.0)
        share = self._index / max(self._count - 1, 1)
        top = track.top() + share * (track.height() - length)
        painter.drawRoundedRect(QRectF(middle - 3, top, 6, length), 3, 3)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.chosen.emit(self._index + step)

    def _go(self, point: QPointF) -> None:
        share = (point.y() - _MARGIN_PX) / max(self.height() - 2 * _MARGIN_PX, 1)
        self.chosen.emit(round(share * (self._count - 1)))
