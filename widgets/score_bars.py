"""Scores as bars with their numbers, the leading one marked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import theme
from widgets.labels import plain_tip
from widgets.theme import RGB

ROW_PX = 38


@dataclass(frozen=True)
class ScoreRow:
    """One label: `score` 0 to 1, the colour of its region if it has one, a quiet remark."""

    label: str
    score: float
    colour: RGB | None = None
    detail: str = ""


class ScoreBars(QWidget):
    """One row a label: name and number above, bar beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ScoreRow, ...] = ()
        self._top = 0
        self._shares = False
        self._old = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Scores")

    def set_rows(self, rows: tuple[ScoreRow, ...], top: int, *, shares: bool = False) -> None:
        """Rows in their order; `top` leads; shares are written as per cent."""
        self._rows, self._top, self._shares = rows, top, shares
        self.setAccessibleDescription("; ".join(f"{row.label} {self.words(row)}" for row in rows))
        tip = "\n".join(f"{row.label}: {self.words(row)}" for row in rows)
        self.setToolTip(plain_tip(tip))
        self.updateGeometry()
        self.update()

    def set_old(self, old: bool) -> None:
        """Dim the rows: a newer answer is on its way."""
        self._old = old
        self.update()

    def words(self, row: ScoreRow) -> str:
        """The number as it is written, such as "0.93" or "12.3 %"."""
        return f"{row.score * 100:.1f} %" if self._shares else f"{row.score:.2f}"

    def sizeHint(self) -> QSize:
        return QSize(200, max(len(self._rows), 1) * ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.5 if self._old else 1.0)
        for number, row in enumerate(self._rows):
            place = QRect(0, number * ROW_PX, self.width(), ROW_PX)
            self._paint_row(painter, place, row, leads=number == self._top)
        painter.end()

    def _paint_row(self, painter: QPainter, place: QRect, row: ScoreRow, *, leads: bool) -> None:
        colours = theme.current()
        text = place.adjusted(0, 2, 0, -14)
        if row.colour is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(*row.colour))
            painter.drawRoundedRect(QRectF(text.left(), text.center().y() - 4, 10, 10), 2, 2)
            text.setLeft(text.left() + 18)
        painter.setFont(theme.text_font(theme.TEXT_PX, strong=leads))
        painter.setPen(QColor(colours.text if leads else colours.quiet))
        number = self.words(row)
        if row.detail:
            number = f"{row.detail} · {number}"
        metrics = painter.fontMetrics()
        space = text.width() - metrics.horizontalAdvance(number) - 12
        label = metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, space)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, centre | Qt.AlignmentFlag.AlignLeft, label)
        painter.drawText(text, centre | Qt.AlignmentFlag.AlignRight, number)
        bar = QRectF(place.left(), place.bottom() - 11, place.width(), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.line))
        painter.drawRoundedRect(bar, 3, 3)
        share = min(max(row.score, 0.0), 1.0)
        if share > 0:
            painter.setBrush(QColor(colours.accent) if leads else QColor(colours.quiet))
            if row.colour is not None:
                painter.setBrush(QColor(*row.colour))
            bar.setWidth(max(bar.width() * share, 6.0))
            painter.drawRoundedRect(bar, 3, 3)
