"""What is the matter with the project, in lines under the top bar, each with what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import IconButton, TextButton
from widgets.labels import SignLine
from widgets.layouts import empty
from widgets.signs import State


@dataclass(frozen=True)
class ProjectNotice:
    """One line: what is so, the words on its button, and whether it can be put away."""

    name: str
    text: str
    action: str
    state: State = "doubtful"
    dismissible: bool = False


class ProjectBar(QFrame):
    """Hidden while there is nothing to say; a line stays until it is no longer true."""

    acted = Signal(str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self._notices: tuple[ProjectNotice, ...] = ()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(16, 4, 8, 4)
        self._lines.setSpacing(0)
        self.hide()

    def set_notices(self, notices: tuple[ProjectNotice, ...]) -> None:
        """What is to be read; the same once more is left alone."""
        if notices == self._notices:
            return
        self._notices = notices
        empty(self._lines)
        for notice in notices:
            self._lines.addWidget(self._line(notice))
        self.setVisible(bool(notices))

    def _line(self, notice: ProjectNotice) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(12)
        row.addWidget(SignLine(notice.state, notice.text), 1, Qt.AlignmentFlag.AlignVCenter)
        button = TextButton(notice.action)
        button.clicked.connect(lambda _checked=False: self.acted.emit(notice.name))
        row.addWidget(button)
        if notice.dismissible:
            close = IconButton("close", "Dismiss", role="quiet")
            close.clicked.connect(lambda _checked=False: self.dismissed.emit(notice.name))
            row.addWidget(close)
        return line
