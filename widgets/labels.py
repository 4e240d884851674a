"""Pieces of text: headings, quiet lines, sentences that wrap, names that are shortened, notices."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from widgets import theme
from widgets.icons import pixmap
from widgets.signs import ICONS, ROLES, WORDS, State


def text_label(text: str = "", kind: str = "", *, wrap: bool = False) -> QLabel:
    """Plain text dressed by its kind: title, heading, quiet, caption, chip, key."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if wrap:
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if kind:
        label.setProperty("kind", kind)
    return label


def bound(text: str) -> str:
    """The sentence with each number held to its unit when it wraps."""
    return re.sub(r"(?<=\d) (?=%|mm|cm|HU|s\b|slices?\b)", "\N{NO-BREAK SPACE}", text)


def set_kind(widget: QWidget, kind: str) -> None:
    """Change a widget's dress."""
    if widget.property("kind") != kind:
        widget.setProperty("kind", kind)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def rule() -> QFrame:
    """A thin line between two parts of a panel."""
    line = QFrame()
    line.setProperty("kind", "rule")
    line.setFixedHeight(1)
    return line


class ShortLabel(QLabel):
    """One line that is shortened where it does not fit; the whole is its tooltip."""

    def __init__(
        self,
        text: str = "",
        kind: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__()
        self._mode = mode
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if kind:
            self.setProperty("kind", kind)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        super().setText(text)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self.contentsRect()
        shown = self.fontMetrics().elidedText(self._whole, self._mode, place.width())
        self.setToolTip(self._whole if shown != self._whole else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, int(self.alignment()), shown)
        painter.end()


class SignLabel(QLabel):
    """The sign of a state, ● ▲ ✕, drawn rather than typed so that every machine shows it."""

    def __init__(self, state: State = "plain", size_px: int = 16) -> None:
        super().__init__()
        self._state: State = state
        self._size_px = size_px
        self.setFixedSize(size_px, size_px)
        self.set_state(state)

    def set_state(self, state: State) -> None:
        self._state = state
        colour = QColor(getattr(theme.current(), ROLES[state]))
        self.setPixmap(pixmap(ICONS[state], colour, self._size_px))
        self.setAccessibleName(WORDS[state])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.set_state(self._state)


class SignLine(QWidget):
    """A sign and a sentence that wraps beside it."""

    def __init__(self, state: State, text: str, kind: str = "") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        self.sign = SignLabel(state, 14)
        self.sign.setFixedHeight(14 if kind == "caption" else 17)
        self.words = text_label(bound(text), kind, wrap=True)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)


class Notice(QFrame):
    """A boxed sentence with a sign: what differs, or what failed."""

    def __init__(self, state: State, text: str, hint: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "notice-bad" if state == "bad" else "notice-doubtful")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.addWidget(SignLine(state, f"{text} {hint}".strip()))


class Notices(QVBoxLayout):
    """Doubtful sentences one below the other, each in its box."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(6)

    def set_sentences(self, sentences: tuple[str, ...]) -> None:
        while (item := self.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for sentence in sentences:
            self.addWidget(Notice("doubtful", sentence))
