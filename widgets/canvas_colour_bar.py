"""The colour bar of an overlay with its numbers, and the words that say what the map is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from inference.display_overlay import colour_table
from inference.records import Attribution
from widgets.canvas_marks import EDGE_PX, INK, NARROW_PX, QUIET_INK, SHADOW, SPARE_PX, Marks
from widgets.canvas_overlay import MapStyle
from widgets.canvas_readout import plus_number
from widgets.images import to_image

BAR_PX = 10
LONGEST_BAR_PX = 180
LEAST_PX = 56
"""Nothing is shortened to less: then it is left out."""
WIDEST_PX = 260


def bar_numbers(limit: float, *, signed: bool) -> tuple[str, ...]:
    """The numbers from the top of the bar to its bottom."""
    if signed:
        return (plus_number(limit), "0", plus_number(-limit))
    return (plus_number(limit), "0")


def map_words(attribution: Attribution, style: MapStyle) -> tuple[str, ...]:
    """Method, target, unit, layer, own resolution, scale and lines: a line each."""
    rows, columns = attribution.native
    return tuple(
        line
        for line in (
            style.title or _name(attribution.provenance.method or "attribution"),
            f"for {attribution.target_words or attribution.target_label}",
            attribution.unit or attribution.output,
            f"layer {attribution.layer}" if attribution.layer else "",
            f"{columns} × {rows} cells",
            style.scale,
            style.lines,
        )
        if line
    )


def _name(method: str) -> str:
    return method.replace("_", " ").capitalize().replace("Grad cam", "Grad-CAM")


@dataclass(frozen=True)
class ColourBar:
    """Words about a map, the value at the end of its bar, the share below which it is hidden."""

    words: tuple[str, ...]
    signed: bool
    limit: float
    threshold: float = 0.0


def draw_colour_bar(
    painter: QPainter, marks: Marks, area: QRect, shown: ColourBar, rooms: tuple[int, ...]
) -> None:
    """The lower right corner: words at the bottom, above them the bar at the right edge.

    `rooms` are the widths that the lower left corner leaves, from the last line upwards; a word
    that has too little of it is left out.
    """
    inner_px = area.width() - 2 * EDGE_PX
    widest = min(WIDEST_PX, inner_px)
    words = shown.words
    if inner_px < NARROW_PX and len(words) > 2:
        words = (words[0], words[-1])  # what it is, and on what scale: the rest would cover it
    text_top = area.bottom() - len(words) * marks.line_px
    for row, line in enumerate(words):
        from_below = len(words) - 1 - row
        room = rooms[from_below] if from_below < len(rooms) else widest
        wanted = marks.metrics.horizontalAdvance(line) + SPARE_PX
        width = min(room, wanted, widest)
        if width >= min(LEAST_PX, wanted):
            right = area.right() - EDGE_PX
            place = QRect(right - width, text_top + row * marks.line_px, width, 0)
            ink = INK if row == 0 else QUIET_INK
            marks.draw_line(painter, line, place, Qt.AlignmentFlag.AlignRight, ink)
    height = min(LONGEST_BAR_PX, text_top - area.center().y() - 36)
    if height < 40:
        return
    bar = QRect(area.right() - EDGE_PX - BAR_PX, text_top - height - 14, BAR_PX, height)
    painter.drawImage(bar, _gradient(shown.signed))
    painter.setPen(QPen(SHADOW, 1))
    painter.drawRect(bar.adjusted(-1, -1, 0, 0))
    numbers = bar_numbers(shown.limit, signed=shown.signed)
    for position, number in enumerate(numbers):
        y = bar.top() + round(position * bar.height() / (len(numbers) - 1))
        marks.draw_number(painter, bar.left() - 10, y, number)
    if shown.threshold > 0:
        _draw_threshold(painter, bar, shown.signed, shown.threshold)


def _draw_threshold(painter: QPainter, bar: QRect, signed: bool, threshold: float) -> None:
    span = bar.height() / 2 if signed else bar.height()
    zero = bar.bottom() + 1 - (span if signed else 0)
    places = [zero - threshold * span, *([zero + threshold * span] if signed else [])]
    hidden = QRect(bar.left(), round(places[0]), BAR_PX, round(places[-1] - places[0]))
    if not signed:
        hidden.setBottom(bar.bottom())
    painter.fillRect(hidden, QColor(0, 0, 0, 150))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(INK)
    for y in places:
        tip = QPointF(bar.left() - 1, y)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-6, -4), tip + QPointF(-6, 4)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


@cache
def _gradient(signed: bool) -> QImage:
    table = np.ascontiguousarray(colour_table(signed)[::-1]).reshape(256, 1, 3)
    return to_image(table)
