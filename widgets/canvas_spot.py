"""A place that was taken out of a picture, what became of it, and the frame of a changed one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from widgets.canvas_marks import CHIP, SHADOW, Marks
from widgets.canvas_measures import draw_plate, plate_rect, plate_size
from widgets.canvas_transform import Placement
from widgets.theme import DARK

CHANGED = QColor(DARK.doubtful)
CHANGED_WORDS = "Changed picture"
FRAME_PX = 4


@dataclass(frozen=True)
class Spot:
    """What was taken out, (x0, y0, x1, y1) in pixel edges, and lines that say what came of it.

    With `waiting` the answer to this place is not there yet.
    """

    box: tuple[float, float, float, float]
    lines: tuple[str, ...]
    waiting: bool = False


def draw_spot(
    painter: QPainter,
    marks: Marks,
    page: QRect,
    placement: Placement,
    what: tuple[Spot, list[QRectF]],
) -> None:
    """The outline of what was taken out, dashed while an answer is awaited, and a plate beside.

    `what` is the spot, and the plates that there are already.
    """
    spot, taken = what
    x0, y0, x1, y1 = spot.box
    path = QPainterPath(QPointF(*placement.to_widget(x0, y0)))
    for column, row in ((x1, y0), (x1, y1), (x0, y1)):
        path.lineTo(QPointF(*placement.to_widget(column, row)))
    path.closeSubpath()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    style = Qt.PenStyle.DashLine if spot.waiting else Qt.PenStyle.SolidLine
    for ink, width in ((SHADOW, 3.5), (CHANGED, 1.5)):
        painter.setPen(QPen(ink, width, style))
        painter.drawPath(path)
    if spot.lines and path.boundingRect().intersects(QRectF(page)):
        painter.setFont(marks.font)
        size = plate_size(marks, spot.lines)
        draw_plate(painter, marks, plate_rect(size, path, QRectF(page), taken), spot.lines)
    painter.restore()


def draw_changed_frame(painter: QPainter, marks: Marks, area: QRect) -> None:
    """A broad line around a picture that is not the scan's own, and the words for it on top."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(CHANGED, FRAME_PX))
    half = FRAME_PX // 2
    painter.drawRect(area.adjusted(half, half, -half, -half))
    painter.setFont(marks.font)
    metrics = QFontMetrics(marks.font)
    wide, high = metrics.horizontalAdvance(CHANGED_WORDS) + 20, metrics.height() + 8
    plate = QRect(area.center().x() - wide // 2, area.bottom() - 4 * high, wide, high)
    painter.setPen(QPen(CHANGED, 1))
    painter.setBrush(CHIP)
    painter.drawRoundedRect(QRectF(plate), 4, 4)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, CHANGED_WORDS)
    painter.restore()
