"""What the program did with a scan and what is off about it, in sentences beside the picture."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.labels import Notices, text_label
from widgets.theme import MARGIN_PX


class ScanNotes(QWidget):
    """How the slices are ordered, and every warning there is; hidden while no scan is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._lines = text_label("", "quiet", wrap=True)
        self._warnings = Notices()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        column.setSpacing(10)
        column.addWidget(text_label("This scan", "heading"))
        column.addWidget(self._lines)
        column.addLayout(self._warnings)
        self.setVisible(False)

    def set_notes(self, lines: tuple[str, ...], warnings: tuple[str, ...]) -> None:
        """Plain lines, and sentences that are boxed with a sign."""
        self.setVisible(bool(lines or warnings))
        if (lines, warnings) == self._shown:
            return
        self._shown = (lines, warnings)
        self._lines.setText("\n".join(lines))
        self._lines.setVisible(bool(lines))
        self._warnings.set_sentences(warnings)

    def text(self) -> str:
        """All that is said, line by line."""
        return "\n".join((*self._shown[0], *self._shown[1]))
