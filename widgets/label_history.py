"""What became of an annotation: who changed what and when, asked for when it is unfolded."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.buttons import TextButton
from widgets.labels import ShortLabel
from widgets.layouts import empty
from widgets.theme import MARGIN_PX


class LabelHistory(QWidget):
    """A heading that folds; sends `wanted` when lines are to be seen that it does not have."""

    wanted = Signal(str)
    """The id of an annotation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: tuple[str, object] = ("", None)
        self._asked: tuple[str, object] = ("", None)
        self._unfolded = False
        self._fold = TextButton("History", "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(lambda: self.unfold(not self._unfolded))
        self._body = QWidget()
        self._lines = QVBoxLayout(self._body)
        self._lines.setContentsMargins(4, 0, 0, 0)
        self._lines.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 8)
        column.setSpacing(4)
        column.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)
        self._body.setVisible(False)
        self.setVisible(False)

    def set_annotation(self, annotation_id: str, state: object) -> None:
        """Whose history it is, "" for none, and what tells its present state from others."""
        self.setVisible(bool(annotation_id))
        if annotation_id != self._state[0]:
            empty(self._lines)
        self._state = (annotation_id, state)
        self._ask()

    def set_lines(self, annotation_id: str, lines: tuple[str, ...]) -> None:
        """One line for each change, the newest first; those of another one are left out."""
        if annotation_id == self._state[0]:
            empty(self._lines)
            for line in lines:
                self._lines.addWidget(ShortLabel(line, "caption"))

    def unfold(self, unfolded: bool) -> None:
        """Show the lines, or the heading alone."""
        self._unfolded = unfolded
        self._fold.set_icon("chevron_down" if unfolded else "chevron_right", "quiet")
        self._body.setVisible(unfolded)
        self._ask()

    def _ask(self) -> None:
        if self._unfolded and self._state[0] and self._state != self._asked:
            self._asked = self._state
            self.wanted.emit(self._state[0])
