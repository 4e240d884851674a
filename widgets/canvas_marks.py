"""What is written and drawn around a scan: corner texts, directions, scale, badges, hatching."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QPixmapCache

from widgets import theme
from widgets.canvas_readout import bar_length_mm, length_words

INK = QColor("#E7E9EC")
QUIET_INK = QColor("#B4BCC5")
SHADOW = QColor(0, 0, 0, 220)
CHIP = QColor(18, 20, 23, 205)
EDGE_PX = 12
SPARE_PX = 4
"""Rounded widths are not quite enough for a line."""
NARROW_PX = 280
"""With less room beside each other, the words of two corners meet."""
LONGEST_BAR_PX = 120.0
"""Scans are black in both themes, so what is written over them has one colour in both."""


@dataclass(frozen=True)
class Corners:
    """Lines for three corners; the fourth belongs to the overlay."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()


class Marks:
    """Draws marks with one font; made once, because metrics are costly to look up."""

    def __init__(self) -> None:
        self.font: QFont = theme.text_font(12)
        self.small: QFont = theme.text_font(theme.CAPTION_PX)
        self.strong: QFont = theme.text_font(theme.TEXT_PX, strong=True)
        self.metrics = QFontMetrics(self.font)
        self.line_px = self.metrics.height() + 1

    def draw_lines(
        self, painter: QPainter, lines: tuple[str, ...], corner: QRect, flags: Qt.AlignmentFlag
    ) -> None:
        """Lines from the top of `corner` down, each shortened to its width."""
        for number, line in enumerate(lines):
            place = corner.translated(0, number * self.line_px)
            self.draw_line(painter, line, place, flags, INK if number == 0 else QUIET_INK)

    def draw_line(
        self, painter: QPainter, line: str, place: QRect, flags: Qt.AlignmentFlag, ink: QColor
    ) -> None:
        """One line from the top of `place` down, shortened to its width."""
        painter.setFont(self.font)
        text = self.metrics.elidedText(line, Qt.TextElideMode.ElideRight, place.width())
        line_place = QRect(place.left(), place.top(), place.width(), self.line_px)
        self._write(painter, line_place, text, flags, ink)

    def draw_orientation(
        self, painter: QPainter, letters: tuple[str, str, str, str], area: QRect, top: int
    ) -> None:
        """The patient's directions at the middle of the left, right, top and bottom edge.

        That of the top edge stands below `top`.
        """
        painter.setFont(self.strong)
        center = area.center()
        box = QRect(0, 0, 40, 20)
        edges = (
            (QPointF(area.left() + EDGE_PX + 20, center.y()), Qt.AlignmentFlag.AlignLeft),
            (QPointF(area.right() - EDGE_PX - 20, center.y()), Qt.AlignmentFlag.AlignRight),
            (QPointF(center.x(), top + 10), Qt.AlignmentFlag.AlignHCenter),
            (QPointF(center.x(), area.bottom() - EDGE_PX - 8), Qt.AlignmentFlag.AlignHCenter),
        )
        for letter, (middle, flag) in zip(letters, edges, strict=True):
            box.moveCenter(middle.toPoint())
            self._write(painter, box, letter, flag, INK)

    def draw_scale_bar(
        self, painter: QPainter, left: int, bottom: int, mm_per_px: float, longest_px: float
    ) -> None:
        """A bar of a round length, its length beside it."""
        length = bar_length_mm(mm_per_px, longest_px)
        width = round(length / mm_per_px)
        for colour, shift in ((SHADOW, 1), (INK, 0)):
            painter.setPen(QPen(colour, 1.5))
            y = bottom + shift
            painter.drawLine(left, y, left + width, y)
            painter.drawLine(left, y - 4, left, y)
            painter.drawLine(left + width, y - 4, left + width, y)
        painter.setFont(self.small)
        place = QRect(left + width + 8, bottom - 12, 90, 16)
        self._write(painter, place, length_words(length), Qt.AlignmentFlag.AlignLeft, INK)

    def draw_badges(
        self,
        painter: QPainter,
        badges: tuple[tuple[str, QColor], ...],
        left: int,
        top: int,
        width: int,
    ) -> None:
        """Small worded chips with their colours in rows, the first at (left, top)."""
        painter.setFont(self.small)
        metrics = QFontMetrics(self.small)
        x, y = left, top
        for badge, colour in badges:
            text = metrics.elidedText(badge, Qt.TextElideMode.ElideRight, width - 16)
            chip = QRectF(x, y, metrics.horizontalAdvance(text) + 14, metrics.height() + 5)
            if x > left and chip.right() > left + width:
                chip.moveTo(left, y + chip.height() + 4)
            painter.setPen(QPen(colour, 1))
            painter.setBrush(CHIP)
            painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
            x, y = round(chip.right()) + 6, round(chip.top())
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def draw_reading(self, painter: QPainter, strip: QRect, text: str) -> None:
        """The line about the pixel under the pointer, on a dark strip along the bottom."""
        painter.fillRect(strip, QColor(0, 0, 0, 190))
        painter.setFont(self.font)
        place = strip.adjusted(EDGE_PX, 0, -EDGE_PX, 0)
        painter.setPen(INK)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(place, int(flags), text)

    def draw_number(self, painter: QPainter, right: int, middle: int, text: str) -> None:
        """A number beside the colour bar, on a dark plate, since it stands on the scan itself."""
        painter.setFont(self.font)
        width = self.metrics.horizontalAdvance(text) + 8
        plate = QRect(right - width, middle - 9, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(plate, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(INK)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def draw_probe(self, painter: QPainter, x: float, y: float) -> None:
        """A small open cross at the pixel that is being read in a linked viewport."""
        for colour, width in ((SHADOW, 3.0), (QColor(theme.DARK.accent), 1.5)):
            painter.setPen(QPen(colour, width))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(QPointF(x + 4 * dx, y + 4 * dy), QPointF(x + 11 * dx, y + 11 * dy))

    def draw_placeholder(self, painter: QPainter, area: QRect, sentence: str) -> None:
        """What stands where no picture is yet."""
        painter.setFont(theme.text_font(theme.TEXT_PX))
        painter.setPen(QUIET_INK)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area.adjusted(48, 0, -48, 0), int(flags), sentence)

    def _write(
        self, painter: QPainter, place: QRect, text: str, flags: Qt.AlignmentFlag, ink: QColor
    ) -> None:
        """Shadowed words, drawn once: five strokes of text for each line add up while scrolling."""
        ratio = painter.device().devicePixelRatioF()
        font = painter.font()
        around = place.adjusted(-1, -1, 1, 1)
        key = (
            f"lepton {text} {font.pixelSize()} {font.weight()} {ink.name()} {flags.value} "
            f"{around.width()} {around.height()} {ratio}"
        )
        drawn = QPixmap()
        if not QPixmapCache.find(key, drawn):
            drawn = QPixmap(around.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            inner = QRect(1, 1, place.width(), place.height())
            aligned = flags | Qt.AlignmentFlag.AlignVCenter
            pen = QPainter(drawn)
            pen.setFont(font)
            pen.setPen(SHADOW)
            for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
                pen.drawText(inner.translated(dx, dy), aligned, text)
            pen.setPen(ink)
            pen.drawText(inner, aligned, text)
            pen.end()
            QPixmapCache.insert(key, drawn)
        painter.drawPixmap(around.topLeft(), drawn)


def draw_hatched_frame(painter: QPainter, area: QRect) -> None:
    """A hatched border: the map on this picture failed its checks."""
    width = 10
    brush = QBrush(QColor(theme.DARK.bad), Qt.BrushStyle.BDiagPattern)
    for side in (
        QRect(area.left(), area.top(), area.width(), width),
        QRect(area.left(), area.bottom() - width + 1, area.width(), width),
        QRect(area.left(), area.top() + width, width, area.height() - 2 * width),
        QRect(area.right() - width + 1, area.top() + width, width, area.height() - 2 * width),
    ):
        painter.fillRect(side, brush)


def draw_selected_frame(painter: QPainter, area: QRect) -> None:
    """The line around the viewport that keys act upon."""
    painter.setPen(QPen(QColor(theme.current().accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(1, 1, -1, -1))
