"""How a piece of work stands in its panel: under way with Cancel, or failed with Retry."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from widgets.buttons import IconButton, TextButton
from widgets.labels import Notice, text_label
from widgets.layouts import empty


class WorkState(QWidget):
    """Takes no room while nothing is under way and nothing failed."""

    cancelled = Signal()
    retried = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failed = False
        self._working = False
        self._sentence = text_label("", "quiet", wrap=True)
        self._cancel = IconButton("close", "Cancel", role="quiet")
        self._cancel.clicked.connect(self.cancelled)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress")
        line = QHBoxLayout()
        line.addWidget(self._sentence, 1)
        line.addWidget(self._cancel)
        self._work = QWidget()
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(4)
        work.addLayout(line)
        work.addWidget(self._bar)
        self._failure = QWidget()
        self._reason = QVBoxLayout()
        retry = TextButton("Retry", "retry")
        retry.clicked.connect(self.retried)
        failure = QVBoxLayout(self._failure)
        failure.setContentsMargins(0, 0, 0, 0)
        failure.setSpacing(8)
        failure.addLayout(self._reason)
        row = QHBoxLayout()
        row.addWidget(retry)
        row.addStretch(1)
        failure.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._work)
        column.addWidget(self._failure)
        self.set_working(None)
        self.set_failure(None)

    @property
    def failed(self) -> bool:
        return self._failed

    def set_key(self, key: str) -> None:
        """The key that cancels what is under way here."""
        self._cancel.set_tooltip("Cancel", key)

    def set_working(self, sentence: str | None, fraction: float | None = None) -> None:
        """What is being done, and how far it is; without a fraction the bar is left out."""
        self._working = sentence is not None
        self._work.setVisible(self._working)
        self._sentence.setText(sentence or "")
        self._bar.setVisible(fraction is not None)
        self._bar.setValue(round((fraction or 0.0) * 1000))
        self._settle()

    def set_failure(self, message: str | None, hint: str = "") -> None:
        """What went wrong, and what to do now; None clears it."""
        self._failed = message is not None
        empty(self._reason)
        if message is not None:
            self._reason.addWidget(Notice("bad", message, hint))
        self._failure.setVisible(self._failed)
        self._settle()

    def _settle(self) -> None:
        self.setVisible(self._working or self._failed)
