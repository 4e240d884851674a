"""F1: every key and every act of the mouse, and the place where keys are changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.fuzzy import fit
from widgets.key_row import KeyRow, ShortcutRow
from widgets.labels import SignLabel, text_label
from widgets.signs import State


class ShortcutsPage(QDialog):
    """All keys by group; typing narrows them down, a click on one changes it.

    It decides nothing: a wish goes out, and `set_rows`, `say` or `ask` is the answer.
    """

    key_pressed = Signal(str, str)
    """A command's name, and the key that it is to have, as Qt writes it on every system."""
    swap_confirmed = Signal()
    reset_requested = Signal(str)
    reset_all_requested = Signal()

    def __init__(self, rows: tuple[ShortcutRow, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and mouse")
        self.resize(600, 680)
        self._lines: list[KeyRow] = []
        self._headings: list[tuple[QLabel, str]] = []
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a key")
        self._field.setAccessibleName("Find a key")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._filter)
        self._nothing = text_label("No key fits these letters.", "quiet")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._answer = self._answer_part()
        self._reset = TextButton("Reset all keys", "reset")
        self._reset.clicked.connect(self.reset_all_requested)
        self._arrange()
        self.set_rows(rows)
        self.say("")

    def set_rows(self, rows: tuple[ShortcutRow, ...]) -> None:
        """All rows, in the order of their groups; the place that is looked at stays."""
        names = [(row.group, row.text, row.name) for row in rows]
        if names == [(one.row.group, one.row.text, one.row.name) for one in self._lines]:
            for line, row in zip(self._lines, rows, strict=True):
                line.set_row(row)
        else:
            self._make(rows)
        self._reset.setEnabled(any(row.changed for row in rows))
        self._filter(self._field.text())

    def shown(self) -> tuple[ShortcutRow, ...]:
        """The rows that fit what is typed."""
        return tuple(line.row for line in self._lines if self._fits(line.row))

    def say(self, sentence: str, state: State = "plain") -> None:
        """What came of a wish; "" for nothing to say."""
        self._sign.set_state(state)
        self._said.setText(sentence)
        for button in (self._swap, self._leave):
            button.setVisible(False)
        self._answer.setVisible(bool(sentence))

    def ask(self, sentence: str) -> None:
        """Whether two commands are to swap keys; the answer comes by `swap_confirmed`, or never."""
        self.say(sentence, "doubtful")
        for button in (self._swap, self._leave):
            button.setVisible(True)
        self._swap.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fits(self, row: ShortcutRow) -> bool:
        return fit(self._field.text(), f"{row.text} {row.keys} {row.group}") is not None

    def _filter(self, _typed: str) -> None:
        groups = set()
        for line in self._lines:
            fits = self._fits(line.row)
            line.setVisible(fits)
            if fits:
                groups.add(line.row.group)
        for heading, group in self._headings:
            heading.setVisible(group in groups)
        self._nothing.setVisible(not groups)

    def _make(self, rows: tuple[ShortcutRow, ...]) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        self._lines, self._headings = [], []
        group = None
        for row in rows:
            if row.group != group:
                group = row.group
                heading = text_label(group, "heading")
                heading.setContentsMargins(8, 12 if self._lines else 0, 0, 4)
                self._headings.append((heading, group))
                column.addWidget(heading)
            line = KeyRow(row)
            line.listening.connect(lambda: self.say(""))
            line.pressed.connect(self.key_pressed)
            line.reset_requested.connect(self.reset_requested)
            self._lines.append(line)
            column.addWidget(line)
        self._nothing.setParent(page)
        column.addWidget(self._nothing)
        column.addStretch(1)
        self._scroll.setWidget(page)

    def _answer_part(self) -> QFrame:
        part = QFrame()
        part.setProperty("kind", "notice-plain")
        self._sign = SignLabel()
        self._said = text_label("", wrap=True)
        self._swap = PrimaryButton("Swap")
        self._swap.clicked.connect(self.swap_confirmed)
        self._leave = TextButton("Leave both")
        self._leave.clicked.connect(lambda: self.say(""))
        row = QHBoxLayout(part)
        row.setContentsMargins(10, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._sign)
        row.addWidget(self._said, 1)
        row.addWidget(self._swap)
        row.addWidget(self._leave)
        return part

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        hint = text_label("Click a line, or press Enter on it, to change its keys.", "caption")
        close = TextButton("Close")
        close.clicked.connect(self.accept)
        foot.addWidget(hint, 1)
        foot.addWidget(self._reset)
        foot.addWidget(close)
        for button in (self._reset, close, self._swap, self._leave):
            button.setAutoDefault(False)  # Enter belongs to the line that has the focus
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self._field)
        column.addWidget(self._scroll, 1)
        column.addWidget(self._answer)
        column.addLayout(foot)
