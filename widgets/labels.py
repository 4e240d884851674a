"""Pieces of text: headings, quiet lines, sentences that wrap, names that are shortened, notices."""

from __future__ import annotations

import re

from PySide6 import QtGui
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from widgets import theme
from widgets.icons import pixmap
from widgets.layouts import empty
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
    """The sentence with each number held to its unit, and "512 × 512" together, when it wraps."""
    held = r"(?<=\d) (?=%|mm|cm|HU|s\b|slices?\b)|(?<=\d) (?=× \d)|(?<=\d ×) (?=\d)"
    return re.sub(held, "\N{NO-BREAK SPACE}", text)


def plain_tip(text: str) -> str:
    """A tooltip that shows the text as it is, whatever signs it has.

    Qt takes a tooltip with known tags in it for markup: words from a file would vanish, and an
    image that they name would be fetched.
    """
    might_be_markup = QtGui.Qt.mightBeRichText(text)
    return QtGui.Qt.convertFromPlainText(text) if might_be_markup else text


def whole_parts(text: str, metrics: QFontMetrics, width_px: int) -> str:
    """As many parts of "a · b · c" as have room, if any: no figure is cut in the middle."""
    parts = text.split(" · ")
    for count in range(len(parts), 0, -1):
        kept = " · ".join(parts[:count])
        if metrics.horizontalAdvance(kept) <= width_px:
            return kept
    return ""


def fair_parts(text: str, metrics: QFontMetrics, width_px: int) -> str:
    """ "a · b · c" with each part as long as there is room for, the longest shortened first."""
    parts = text.split(" · ")
    widths = [metrics.horizontalAdvance(part) for part in parts]
    room = width_px - (len(parts) - 1) * metrics.horizontalAdvance(" · ")
    if sum(widths) <= room:
        return text
    share = room // len(parts)
    for left, width in zip(range(len(widths), 0, -1), sorted(widths), strict=True):
        share = room // left
        if width > share:
            break
        room -= width
    mode = Qt.TextElideMode.ElideRight
    return " · ".join(metrics.elidedText(part, mode, max(share, 0)) for part in parts)


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
        self._whole = self._full = ""
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

    def set_full(self, full: str) -> None:
        """What the tooltip says, also of a text that fits; "" for the text alone.

        With it the parts of "a · b · c" are shortened one by one, so that none of them is lost.
        """
        self._full = full
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self.contentsRect()
        if self._full:
            shown = fair_parts(self._whole, self.fontMetrics(), place.width())
        else:
            shown = self.fontMetrics().elidedText(self._whole, self._mode, place.width())
        cut = self._whole if shown != self._whole else ""
        self.setToolTip(plain_tip(self._full or cut))
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, int(self.alignment()), shown)
        painter.end()


class ShortSentence(QLabel):
    """A sentence on so many lines at most; where it needs more, the whole is its tooltip."""

    def __init__(self, most_lines: int) -> None:
        super().__init__()
        self._most_lines = most_lines
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def heightForWidth(self, width: int) -> int:
        line_px = self.fontMetrics().lineSpacing() + 1  # an arrow of another face is higher
        return min(super().heightForWidth(width), self._most_lines * line_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        place, shown = self.contentsRect(), self.text()
        words = shown.split(" ")
        while len(words) > 1 and not self._fits(shown, place):
            words.pop()
            shown = f"{' '.join(words)} …"
        self.setToolTip(plain_tip(self.text()) if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, self._flags(), shown)
        painter.end()

    def _fits(self, text: str, place: QRect) -> bool:
        needed = self.fontMetrics().boundingRect(place, self._flags(), text)
        return needed.height() <= place.height()

    def _flags(self) -> int:
        return int(self.alignment()) | int(Qt.TextFlag.TextWordWrap)


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
        self._sentences: tuple[str, ...] = ()
        self.setSpacing(6)

    def set_sentences(self, sentences: tuple[str, ...]) -> None:
        """Show these; the same once more are left alone, as progress comes many times a second."""
        if sentences == self._sentences:
            return
        self._sentences = sentences
        empty(self)
        for sentence in sentences:
            self.addWidget(Notice("doubtful", sentence))
