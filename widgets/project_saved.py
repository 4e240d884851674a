"""What was saved and when, and what was not: the right end of the window's foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from widgets.buttons import TextButton
from widgets.labels import ShortLabel, SignLabel, text_label

TROUBLE_PX = 460
"""How wide the words may be that say why something is not saved."""


class SavedSign(QWidget):
    """Quiet while all is kept; else a sign, the reason and a way to try again."""

    again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = SignLabel("doubtful", 14)
        self._saved = text_label("", "caption")
        self._trouble = ShortLabel("", "caption-doubtful")
        self._trouble.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._trouble.setMaximumWidth(TROUBLE_PX)
        self._again = TextButton("Try again", None, "flat")
        self._again.setStyleSheet("min-height: 20px; font-size: 11px;")
        self._again.clicked.connect(self.again_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self._saved, self._sign, self._trouble, self._again):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self.set_trouble("")

    def set_saved(self, words: str) -> None:
        """When work was last kept, such as "saved 14:02"."""
        self._saved.setText(words)

    def set_trouble(self, words: str) -> None:
        """Why something is not kept yet; "" where all is."""
        self._trouble.setText(words)
        self._saved.setVisible(not words)
        for widget in (self._sign, self._trouble, self._again):
            widget.setVisible(bool(words))
