"""A row of widgets of which only so many are shown as fit; the others are told, for a menu."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from widgets.theme import ROW_PX

SPACE_PX = 2


class OverflowRow(QWidget):
    """Widgets leave from the right end as room gets scarce; `overflowed` says which stay out.

    `last` stands at the very end and is shown only while others are out.
    """

    overflowed = Signal(int)
    """How many of the widgets are out."""

    def __init__(self, last: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: list[QWidget] = []
        self._last = last
        self._out = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE_PX)
        self._row.addStretch(1)
        self._row.addWidget(last)

    def add(self, widget: QWidget) -> None:
        """Put a widget after the others, before `last`."""
        self._row.insertWidget(len(self._parts), widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._parts.append(widget)

    def parts_out(self) -> tuple[QWidget, ...]:
        """The widgets that have no room, in their order."""
        return tuple(self._parts[len(self._parts) - max(self._out, 0) :])

    def refit(self) -> None:
        """A widget has another width now."""
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(self._last), ROW_PX)

    def sizeHint(self) -> QSize:
        return QSize(sum(self._width(part) for part in self._parts), ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        widths = [self._width(part) for part in self._parts]
        shown = len(widths)
        if sum(widths) - SPACE_PX > self.width():
            room = self.width() - self._width(self._last)
            while shown and sum(widths[:shown]) > room:
                shown -= 1
            while shown and isinstance(self._parts[shown - 1], Separator):
                shown -= 1
        for place, part in enumerate(self._parts):
            part.setVisible(place < shown)
        self._last.setVisible(shown < len(self._parts))
        if self._out != len(self._parts) - shown:
            self._out = len(self._parts) - shown
            self.overflowed.emit(self._out)

    @staticmethod
    def _width(part: QWidget) -> int:
        hint = part.sizeHint().expandedTo(part.minimumSize()).boundedTo(part.maximumSize())
        return hint.width() + SPACE_PX


class Separator(QFrame):
    """A short upright line between two groups."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "upright")
        self.setFixedSize(9, 20)
