"""The labels of a set, one line each: which is in hand, what is said, how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from widgets import theme
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.layouts import empty
from widgets.spin_boxes import RealSpin
from widgets.theme import MARGIN_PX, RGB, ROW_PX

STEP_PX = 16
"""How far a label stands in from the one that it lies within."""

_SWATCH_PX = 12
_MARK_PX = 16

Mark = Literal["", "check", "radio"]
"""How a class is said: not at all, beside others, or in place of others."""


@dataclass(frozen=True)
class LabelRow:
    """A label: `here` counts its annotations on the slice in sight, `total` on the whole scan.

    `value` is what was said of a graded label, whose lowest and highest grade are `scale`.
    """

    name: str
    title: str
    colour: RGB
    level: int = 0
    key: str = ""
    here: int = 0
    total: int = 0
    in_hand: bool = False
    mark: Mark = ""
    said: bool = False
    scale: tuple[float, float] | None = None
    value: float | None = None


class LabelRows(QWidget):
    """A click on a name takes a label in hand, one on its mark says it or takes it back."""

    chosen = Signal(str)
    said = Signal(str)
    graded = Signal(str, object)
    """A label's name, and its grade; None to take it back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def set_rows(self, rows: tuple[LabelRow, ...]) -> None:
        """Show these labels; widgets stay as long as the labels do, so that focus stays."""
        if [_shape(one.row) for one in self._rows] != [_shape(row) for row in rows]:
            empty(self._column)
            self._rows = [self._made(row) for row in rows]
            for made in self._rows:
                self._column.addWidget(made)
        for made, row in zip(self._rows, rows, strict=True):
            made.show_row(row)

    def set_enabled(self, enabled: bool, why: str) -> None:
        """Whether classes can be said here; `why` not."""
        for made in self._rows:
            made.set_enabled(enabled, why)

    def _made(self, row: LabelRow) -> _Row:
        made = _Row(row)
        made.chosen.connect(lambda: self.chosen.emit(row.name))
        made.said.connect(lambda: self.said.emit(row.name))
        made.graded.connect(lambda value: self.graded.emit(row.name, value))
        return made


def _shape(row: LabelRow) -> tuple[object, ...]:
    """What of a row makes other widgets of it."""
    return (row.name, row.mark, row.scale)


class _Row(QWidget):
    """One label, drawn on the ground of what is in hand if it is."""

    chosen = Signal()
    said = Signal()
    graded = Signal(object)

    def __init__(self, row: LabelRow) -> None:
        super().__init__()
        self.row = row
        self.setFixedHeight(ROW_PX + 2)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._inset = QWidget()
        self._mark = _ClassMark(row.mark or "check")
        room = self._mark.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # titles stand beneath each other
        self._mark.setSizePolicy(room)
        self._mark.clicked.connect(self.said)
        self._swatch = _Swatch()
        self._title = ShortLabel()
        self._grade = _Grade(row.scale) if row.scale is not None and row.mark else None
        self._count = text_label("", "caption")
        self._key = text_label("", "key")
        self._arrange()
        self._mark.setVisible(bool(row.mark))

    def show_row(self, row: LabelRow) -> None:
        """Draw a row of the same shape."""
        self.row = row
        self._inset.setFixedWidth(row.level * STEP_PX)
        self._mark.set_said(row.said, f"Say “{row.title}”")
        self._swatch.set_colour(row.colour)
        self._title.setText(row.title)
        self._key.setText(row.key)
        self._key.setVisible(bool(row.key))
        self._count.setText(f"{row.here} / {row.total}" if row.total else "")
        words = f"{row.here} on this slice, {row.total} on the scan" if row.total else ""
        self._count.setToolTip(words)
        if self._grade is not None:
            self._grade.show_value(row.value)
            self._grade.setAccessibleName(f"Grade of “{row.title}”")
        held = ", in hand" if row.in_hand else ""
        self.setAccessibleName(f"{row.title}{held}{', said' if row.said else ''}. {words}".strip())
        self.update()

    def set_enabled(self, enabled: bool, why: str) -> None:
        for widget in (self._mark, self._grade):
            if widget is not None:
                widget.setEnabled(enabled)
                widget.setToolTip(plain_tip("" if enabled else why))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        if self.row.in_hand:
            painter.fillRect(self.rect(), QColor(colours.selected))
            painter.fillRect(0, 0, 3, self.height(), QColor(colours.accent))
        elif self.underMouse():
            painter.fillRect(self.rect(), QColor(colours.hover))
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _arrange(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        line.setSpacing(8)
        for widget in (self._inset, self._mark, self._swatch):
            line.addWidget(widget)
        line.addWidget(self._title, 1)
        if self._grade is not None:
            self._grade.graded.connect(self.graded)
            line.addWidget(self._grade)
        line.addWidget(self._count)
        line.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)


class _Grade(RealSpin):
    """The grade of a label; below the lowest one it is not said."""

    graded = Signal(object)

    def __init__(self, scale: tuple[float, float]) -> None:
        super().__init__()
        low, high = scale
        whole = float(low).is_integer() and float(high).is_integer()
        self._step = 1.0 if whole else (high - low) / 20
        self._low = low
        self.setDecimals(0 if whole else 2)
        self.setSingleStep(self._step)
        self.setRange(low - self._step, high)
        self.setSpecialValueText("–")
        self.setFixedWidth(64)
        self.valueChanged.connect(lambda _: self.graded.emit(self._read()))

    def show_value(self, value: float | None) -> None:
        with QSignalBlocker(self):
            self.setValue(self._low - self._step if value is None else value)

    def _read(self) -> float | None:
        return self.value() if self.value() >= self._low else None


class _ClassMark(QAbstractButton):
    """A tick or a dot that a person sets; it shows what holds, not what was clicked."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self._round = mark == "radio"
        self._said = False
        self.setFixedSize(_MARK_PX + 4, ROW_PX)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_said(self, said: bool, words: str) -> None:
        self._said = said
        self.setAccessibleName(f"{words}, {'said' if said else 'not said'}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_MARK_PX + 4, ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = _MARK_PX - 1
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        on, focus = self._said and self.isEnabled(), self.hasFocus()
        rim = (
            colours.accent if on or focus else (colours.quiet if self.isEnabled() else colours.edge)
        )
        painter.setPen(QPen(QColor(rim), 2 if focus and not on else 1))
        painter.setBrush(QColor(colours.accent if on else colours.ground))
        corner = side / 2 if self._round else 4
        painter.drawRoundedRect(box, corner, corner)
        if self._said:
            ink = QColor(colours.on_accent if self.isEnabled() else colours.quiet)
            self._draw_sign(painter, box, ink)
        painter.end()

    def _draw_sign(self, painter: QPainter, box: QRectF, ink: QColor) -> None:
        if self._round:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(box.center(), 3, 3)
            return
        painter.setPen(QPen(ink, 2))
        middle = box.center()
        painter.drawPolyline([middle + type(middle)(*step) for step in ((-4, 0), (-1, 3), (4, -3))])


class _Swatch(QWidget):
    """The colour of a label."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()
        self.setFixedSize(_SWATCH_PX, _SWATCH_PX)

    def set_colour(self, colour: RGB) -> None:
        self._colour = QColor(*colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_swatch(painter, QRectF(self.rect()), self._colour)
        painter.end()


def draw_swatch(painter: QPainter, place: QRectF, colour: QColor) -> None:
    """A small square of a colour, with a rim that is seen on light panels too."""
    painter.setPen(QPen(colour.darker(150), 1))
    painter.setBrush(colour)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
