"""Colours to choose from, one square each, and a button for any other."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

from widgets import theme
from widgets.buttons import TextButton
from widgets.label_rows import draw_swatch
from widgets.theme import RGB

_SIDE_PX = 28
_ACROSS = 7


class Swatches(QWidget):
    """The colour in use has a ring; one that is not among them is shown beside the button."""

    chosen = Signal(object)
    """RGB"""
    other_requested = Signal()

    def __init__(self, palette: tuple[RGB, ...]) -> None:
        super().__init__()
        self._swatches = {colour: _Square(colour) for colour in palette}
        self._own = _Square(palette[0])
        self._own.setVisible(False)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for place, (colour, square) in enumerate(self._swatches.items()):
            square.clicked.connect(partial(self.chosen.emit, colour))
            grid.addWidget(square, place // _ACROSS, place % _ACROSS)
        last = len(palette)
        grid.addWidget(self._own, last // _ACROSS, last % _ACROSS)
        self._other = TextButton("Other …", kind="link")
        self._other.setAutoDefault(False)
        self._other.clicked.connect(self.other_requested)
        grid.addWidget(self._other, last // _ACROSS, last % _ACROSS + 1, 1, 2)
        grid.setColumnStretch(_ACROSS + 1, 1)

    def set_colour(self, colour: RGB) -> None:
        """The colour in use."""
        for one, square in self._swatches.items():
            square.set_on(one == colour)
        own = colour not in self._swatches
        self._own.setVisible(own)
        if own:
            self._own.set_colour(colour)
            self._own.set_on(True)


class _Square(QAbstractButton):
    def __init__(self, colour: RGB) -> None:
        super().__init__()
        self._colour = QColor(*colour)
        self._on = False
        self.setFixedSize(_SIDE_PX, _SIDE_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_colour(colour)

    def set_colour(self, colour: RGB) -> None:
        self._colour = QColor(*colour)
        self.setAccessibleName(f"Colour {self._colour.name()}")
        self.update()

    def set_on(self, on: bool) -> None:
        self._on = on
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_SIDE_PX, _SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        draw_swatch(painter, whole.adjusted(5, 5, -5, -5), self._colour)
        if self._on or self.hasFocus():
            ink = QColor(colours.text if self._on else colours.accent)
            painter.setPen(QPen(ink, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole.adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)
        painter.end()
