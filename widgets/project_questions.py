"""What is asked of a person about a project: work that is not saved, and a file that is damaged."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.labels import SignLine, text_label

WIDTH_PX = 460


@dataclass(frozen=True)
class BackupRow:
    """A copy that can be taken: where it is, and its time and size in words."""

    path: str
    words: str


class UnsavedDialog(QDialog):
    """Work would be lost by quitting; Escape stays."""

    again_requested = Signal()
    quit_requested = Signal()

    def __init__(self, count: int, reason: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Not everything is saved")
        self.setMinimumWidth(WIDTH_PX)
        things = "1 change" if count == 1 else f"{count:,} changes"
        self.again = PrimaryButton("Try again")
        self.again.setDefault(True)
        self.leave = TextButton(f"Quit without saving {things}")
        self.stay = TextButton("Cancel")
        for button in (self.leave, self.stay):
            button.setAutoDefault(False)
        self.again.clicked.connect(self.again_requested)
        self.leave.clicked.connect(self.quit_requested)
        self.stay.clicked.connect(self.reject)
        lost = "It is lost" if count == 1 else "They are lost"
        column = _column(self)
        column.addWidget(SignLine("doubtful", f"{things} cannot be saved: {reason}"))
        column.addWidget(text_label(f"{lost} if you quit now.", "quiet", wrap=True))
        _end(self, column, self.stay, self.leave, self.again)


class BackupsDialog(QDialog):
    """A project's file is damaged: one of its copies takes its place, or an empty one."""

    backup_chosen = Signal(str)
    """The path of a copy; "" for an empty project."""
    other_requested = Signal()

    def __init__(
        self, reason: str, backups: tuple[BackupRow, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("The project is damaged")
        self.setMinimumWidth(WIDTH_PX)
        self._group = QButtonGroup(self)
        self._paths = [*(one.path for one in backups), ""]
        take = PrimaryButton("Go on with this")
        take.setDefault(True)
        take.clicked.connect(self._take)
        other = TextButton("Open another project …")
        other.setAutoDefault(False)
        other.clicked.connect(self.other_requested)
        column = _column(self)
        column.addWidget(SignLine("bad", reason))
        kept = "The damaged file stays beside it. What is to take its place?"
        column.addWidget(text_label(kept, "quiet", wrap=True))
        words = [*(one.words for one in backups), "An empty project"]
        for number, text in enumerate(words):
            choice = QRadioButton(text)
            choice.setChecked(number == 0)
            self._group.addButton(choice, number)
            column.addWidget(choice)
        _end(self, column, other, take)

    def _take(self) -> None:
        self.backup_chosen.emit(self._paths[self._group.checkedId()])
        self.accept()


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 12)
    column.setSpacing(12)
    return column


def _end(dialog: QDialog, column: QVBoxLayout, *buttons: QWidget) -> None:
    foot = QHBoxLayout()
    foot.setContentsMargins(0, 8, 0, 0)
    foot.addStretch(1)
    for button in buttons:
        foot.addWidget(button)
    column.addStretch(1)
    column.addLayout(foot)
    width = max(WIDTH_PX, column.sizeHint().width())
    dialog.resize(width, column.totalHeightForWidth(width))
