"""Lines across a picture: the crosshair, and where other viewports cut this one."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRect
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.canvas_marks import SHADOW
from widgets.canvas_transform import Placement

GAP_PX = 14.0
"""Half of the opening in the middle, so that the place itself is seen."""

CROSSHAIR = QColor("#5FE0B7")
REFERENCE = QColor("#C79BFF")
Line = tuple[float, float, float, float]
"""From (column, row) to (column, row), in pixel edges."""


def draw_crosshair(
    painter: QPainter, area: QRect, placement: Placement, point: tuple[float, float]
) -> None:
    """Thin lines over the whole viewport that leave the middle open."""
    x, y = placement.to_widget(*point)
    left, right = area.left(), area.right() + 1
    top, bottom = area.top(), area.bottom() + 1
    _draw(
        painter,
        [
            QLineF(left, y, x - GAP_PX, y),
            QLineF(x + GAP_PX, y, right, y),
            QLineF(x, top, x, y - GAP_PX),
            QLineF(x, y + GAP_PX, x, bottom),
        ],
        CROSSHAIR,
    )


def draw_reference_lines(painter: QPainter, placement: Placement, lines: tuple[Line, ...]) -> None:
    """Where other viewports cut this one."""
    ends = [
        QLineF(QPointF(*placement.to_widget(*line[:2])), QPointF(*placement.to_widget(*line[2:])))
        for line in lines
    ]
    if ends:
        _draw(painter, ends, REFERENCE)


def _draw(painter: QPainter, lines: list[QLineF], colour: QColor) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for ink, width in ((SHADOW, 2.6), (colour, 1.0)):
        painter.setPen(QPen(ink, width))
        painter.drawLines(lines)
    painter.restore()
