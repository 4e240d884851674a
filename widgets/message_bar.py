"""What the program has to say: one line with what to do, and all that was said before."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from widgets.buttons import IconButton
from widgets.labels import SignLabel, SignLine, rule, text_label
from widgets.scroll_column import WrappedPage
from widgets.signs import State


@dataclass(frozen=True)
class Message:
    """`text` says what happened, `hint` what to do now; `at` is the time of day, in words."""

    message_id: int
    state: State
    text: str
    hint: str = ""
    at: str = ""
    dismissed: bool = False


class MessageBar(QFrame):
    """Shows the newest message that was not dismissed, and is hidden without one."""

    dismissed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self._messages: tuple[Message, ...] = ()
        self._sign = SignLabel("plain", 16)
        self._text = text_label(wrap=True)
        self._hint = text_label("", "quiet", wrap=True)
        self._history = IconButton("history", "All messages", role="quiet")
        self._history.clicked.connect(self.show_history)
        self._close = IconButton("close", "Dismiss", role="quiet")
        self._close.clicked.connect(self._dismiss)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._text)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._sign)
        row.addLayout(words, 1)
        row.addWidget(self._history)
        row.addWidget(self._close)
        self.set_messages(())

    def set_messages(self, messages: tuple[Message, ...]) -> None:
        """All messages of this session, oldest first; dismissed ones stay in the history."""
        self._messages = messages
        self._show()

    def shown(self) -> Message | None:
        """The message in the bar."""
        waiting = [one for one in self._messages if not one.dismissed]
        return waiting[-1] if waiting else None

    def show_history(self) -> None:
        """All messages in a dialog, newest first."""
        dialog = MessageHistory(self._messages, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _show(self) -> None:
        message = self.shown()
        self.setVisible(message is not None)
        if message is not None:
            self._sign.set_state(message.state)
            self._text.setText(message.text)
            self._hint.setText(message.hint)
            self._hint.setVisible(bool(message.hint))
            self._history.setVisible(len(self._messages) > 1)

    def _dismiss(self) -> None:
        message = self.shown()
        if message is not None:
            self.dismissed.emit(message.message_id)


class MessageHistory(QDialog):
    """Every message of this session with its time, newest first."""

    def __init__(self, messages: tuple[Message, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Messages")
        self.resize(520, 400)
        inside = WrappedPage()
        lines = QVBoxLayout(inside)
        lines.setSpacing(10)
        for message in reversed(messages):
            lines.addWidget(_entry(message))
            lines.addWidget(rule())
        if not messages:
            lines.addWidget(text_label("Nothing was said yet.", "quiet"))
        lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 12)
        column.addWidget(scroll)


def _entry(message: Message) -> QWidget:
    entry = QWidget()
    row = QHBoxLayout(entry)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(12)
    row.addWidget(SignLine(message.state, f"{message.text} {message.hint}".strip()), 1)
    row.addWidget(text_label(message.at, "caption"), 0, Qt.AlignmentFlag.AlignTop)
    return entry
