"""Projects on the start page: going on where one was, and the ways to others."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import TextButton
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.layouts import empty
from widgets.project_button import ProjectRow


class ProjectRows(QWidget):
    """Wishes leave as signals; `go_on` is the button for the keyboard to start at."""

    go_on_requested = Signal()
    chosen = Signal(str)
    """The folder of a project."""
    wished = Signal(str)
    """The name of a command."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[ProjectRow, ...] = ()
        self.go_on = TextButton("Go on where you were", "play")
        self.go_on.setAutoDefault(True)  # so that Enter presses it
        self.go_on.clicked.connect(self.go_on_requested)
        self._left = ShortLabel("", "caption")
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(0)
        self._rows.setColumnStretch(1, 1)
        first = QHBoxLayout()
        first.setSpacing(12)
        first.addWidget(self.go_on)
        first.addWidget(self._left, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        column.addWidget(text_label("Projects", "heading"))
        column.addLayout(first)
        column.addLayout(self._rows)
        column.addLayout(self._ways())
        self.set_left("")

    def set_left(self, words: str) -> None:
        """What was in view when the program was left; "" where there is nothing to go on with."""
        self._left.setText(words)
        self.go_on.setVisible(bool(words))
        self._left.setVisible(bool(words))

    def set_projects(self, projects: tuple[ProjectRow, ...]) -> None:
        """The projects that were open before, newest first."""
        if projects == self._shown:
            return
        self._shown = projects
        empty(self._rows)
        for number, one in enumerate(projects):
            name = self.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideMiddle, 260)
            button = TextButton(name, "folder", "link", role="quiet")
            button.setToolTip(plain_tip(one.folder))
            button.clicked.connect(lambda _=False, folder=one.folder: self.chosen.emit(folder))
            self._rows.addWidget(button, number, 0)
            detail = ShortLabel(one.detail, "caption", Qt.TextElideMode.ElideMiddle)
            self._rows.addWidget(detail, number, 1)

    def _ways(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, words in (("new_project", "New project …"), ("open_project", "Open a project …")):
            button = TextButton(words)
            button.clicked.connect(lambda _=False, one=name: self.wished.emit(one))
            row.addWidget(button)
        row.addStretch(1)
        return row
