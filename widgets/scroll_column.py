"""Panels one above the other, scrolled only when they do not fit."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class WrappedPage(QWidget):
    """A page as tall as its wrapped sentences need at its present width.

    A scroll area asks for the smallest size only, and Qt reckons that of wrapped text for a
    narrow page; without this it scrolls through empty space.
    """

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return super().minimumSizeHint()
        return QSize(0, layout.totalHeightForWidth(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class ScrollColumn(QScrollArea):
    """A column of panels at the side of a window, `add`ed from the top down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setProperty("kind", "panel")  # seen beneath the scroll bar
        page = WrappedPage()
        page.setProperty("kind", "panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(page)

    def add(self, panel: QWidget) -> None:
        """Put a panel below the others."""
        self._column.insertWidget(self._column.count() - 1, panel)
