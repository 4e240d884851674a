"""One task from the box as a card: what it is for, and whether its data are real."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets import theme
from widgets.labels import SignLabel, text_label
from widgets.signs import State


@dataclass(frozen=True)
class EntryRow:
    """`state` and `status` say how it stands: ("good", "works"), ("doubtful", "needs data: …")."""

    name: str
    title: str
    purpose: str
    state: State
    status: str


class EntryCard(QFrame):
    """A card that is a button: by mouse, Enter or Space."""

    chosen = Signal(str)

    def __init__(self, entry: EntryRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = entry.name
        self.setProperty("kind", "entry")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{entry.title}, {entry.status}")
        self.setAccessibleDescription(entry.purpose)
        title = text_label(entry.title, wrap=True)
        title.setFont(theme.text_font(theme.TEXT_PX, strong=True))
        status = QHBoxLayout()
        status.setSpacing(6)
        status.addWidget(SignLabel(entry.state, 12), 0, Qt.AlignmentFlag.AlignTop)
        status.addWidget(text_label(entry.status, "caption", wrap=True), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(text_label(entry.purpose, "quiet", wrap=True))
        column.addStretch(1)
        column.addLayout(status)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.chosen.emit(self._name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.chosen.emit(self._name)
        else:
            super().keyPressEvent(event)
