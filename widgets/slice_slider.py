"""The thin bar beside a picture: where in the stack it lies, what is cached, what is marked."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme

MarkKind = Literal["key", "damaged"]

_MARGIN_PX = 10
_SHORTEST_HANDLE_PX = 18.0
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
_WORDS: dict[MarkKind, tuple[str, str]] = {
    "key": ("key image", "key images"),
    "damaged": ("damaged slice", "damaged slices"),
}


class SliceSlider(QWidget):
    """The first slice is at the top; `chosen` may lie outside and is for the owner to clamp."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = 0
        self._count = 1
        self._cached: tuple[tuple[float, float], ...] = ()
        self._marks: dict[MarkKind, tuple[int, ...]] = {}
        self.setFixedWidth(16)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # its handle is lit under the pointer
        self.setAccessibleName("Slice")

    def set_position(self, index: int, count: int) -> None:
        """Show slice `index` of `count`."""
        self._index, self._count = index, max(count, 1)
        self._describe()
        self.update()

    def set_cached(self, parts: tuple[tuple[float, float], ...]) -> None:
        """Which parts of the stack are in memory: from one share of it to another, 0 to 1."""
        if parts != self._cached:
            self._cached = parts
            self.update()

    def set_marks(self, indices: tuple[int, ...], kind: MarkKind) -> None:
        """Mark slices at their places: key images at the left, damaged slices at the right."""
        if indices != self._marks.get(kind, ()):
            self._marks[kind] = indices
            self._describe()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(16, 200)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor("black"))
        painter.setPen(Qt.PenStyle.NoPen)
        track = self._track()
        painter.setBrush(QColor(theme.DARK.line))
        painter.drawRoundedRect(track, 2, 2)
        self._paint_cached(painter, track)
        lit = self.hasFocus() or self.underMouse()
        painter.setBrush(QColor(theme.DARK.accent if lit else theme.DARK.quiet))
        length = self._handle_px()
        top = self._middle_of(self._index) - length / 2
        painter.drawRoundedRect(QRectF(track.center().x() - 3, top, 6, length), 3, 3)
        self._paint_marks(painter)
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
        """Ask for the slice whose handle, or mark, has its middle nearest."""
        first = self._middle_of(0)
        way = self._middle_of(self._count - 1) - first
        self.chosen.emit(round((point.y() - first) / max(way, 1.0) * (self._count - 1)))

    def _track(self) -> QRectF:
        return QRectF(self.width() / 2 - 2, _MARGIN_PX, 4, self.height() - 2 * _MARGIN_PX)

    def _handle_px(self) -> float:
        return max(self._track().height() / self._count, _SHORTEST_HANDLE_PX)

    def _middle_of(self, index: int) -> float:
        """Where the handle's middle is for a slice."""
        track, length = self._track(), self._handle_px()
        share = index / max(self._count - 1, 1)
        return track.top() + share * (track.height() - length) + length / 2

    def _paint_cached(self, painter: QPainter, track: QRectF) -> None:
        """The track is lighter where slices are in memory."""
        painter.setBrush(theme.mixed(theme.DARK.line, theme.DARK.accent, 0.6))
        for start, end in self._cached:
            top = track.top() + start * track.height()
            height = (end - start) * track.height()
            painter.drawRect(QRectF(track.left(), top, track.width(), height))

    def _paint_marks(self, painter: QPainter) -> None:
        """A diamond at the left for a key image, a cross at the right for a damaged slice."""
        painter.setBrush(QColor(theme.DARK.accent))
        for index in self._marks.get("key", ()):
            tip = QPointF(0.5, self._middle_of(index))
            way = (QPointF(0, 0), QPointF(2.5, -3), QPointF(5, 0), QPointF(2.5, 3))
            painter.drawPolygon(QPolygonF([tip + step for step in way]))
        painter.setPen(QPen(QColor(theme.DARK.bad), 1.5))
        right = self.width() - 1.0
        for index in self._marks.get("damaged", ()):
            y = self._middle_of(index)
            painter.drawLine(QPointF(right - 4, y - 2.5), QPointF(right, y + 2.5))
            painter.drawLine(QPointF(right - 4, y + 2.5), QPointF(right, y - 2.5))

    def _describe(self) -> None:
        words = [f"Slice {self._index + 1} of {self._count}"]
        for kind, indices in self._marks.items():
            if indices:
                words.append(f"{len(indices)} {_WORDS[kind][len(indices) > 1]}")
        self.setToolTip(", ".join(words))
        self.setAccessibleDescription(self.toolTip())
