"""The steps of a walk through the program as a list that ticks itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets import theme
from widgets.buttons import IconButton
from widgets.icons import pixmap
from widgets.labels import ShortLabel, text_label
from widgets.layouts import empty

MARGIN_PX = 16
TICK_PX = 16


class WalkList(QFrame):
    """Hidden while there is no walk; the first step that is not done stands out."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps: tuple[tuple[str, bool], ...] = ()
        self._name = ""
        self._title = ShortLabel("", "heading")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        close = IconButton("close", "End the walk", role="quiet")
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 8, 8, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self._rows)
        self.hide()

    def set_steps(self, title: str, steps: tuple[tuple[str, bool], ...]) -> None:
        """Steps in words, and whether each is done; () ends the walk."""
        if (title, steps) == (self._name, self.steps):
            return
        self._name, self.steps = title, steps
        self._title.setText(title)
        empty(self._rows)
        following = next((place for place, (_, done) in enumerate(steps) if not done), None)
        for place, (words, done) in enumerate(steps):
            self._rows.addWidget(_row(place + 1, words, done=done, following=place == following))
        self.setVisible(bool(steps))


class _Tick(QLabel):
    """Stands at what is done, in the colour of the theme."""

    def __init__(self) -> None:
        super().__init__()
        self._draw()

    def _draw(self) -> None:
        self.setPixmap(pixmap("tick", QColor(theme.current().good), TICK_PX))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()


def _row(number: int, words: str, *, done: bool, following: bool) -> QWidget:
    """One step; what is done has a tick in place of its number, and is said to have been done."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    sign = _Tick() if done else text_label(f"{number}", "" if following else "quiet")
    sign.setFixedWidth(TICK_PX)
    sign.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    text = text_label(words, "" if following else "quiet", wrap=True)
    text.setAccessibleName(f"{words}: done" if done else words)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    return line
