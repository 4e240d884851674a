"""Measures on the screen: lines with dark rims, handles, and what they say on plates beside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from inference.records import Measure
from widgets.canvas_marks import CHIP, INK, QUIET_INK, SHADOW, Marks
from widgets.canvas_shapes import handles, outline
from widgets.canvas_transform import Placement
from widgets.theme import DARK

REACH_PX = 6.0
"""A measure is hit by a click so near."""

LINE = QColor("#FFD84D")
HANDLE_PX = 3.5
_PLATE_GAP_PX = 10.0

MeasureState = Literal["plain", "selected", "draft"]
_COLOURS: dict[MeasureState, QColor] = {
    "plain": LINE,
    "selected": QColor(DARK.accent),
    "draft": QColor("#FFF1B0"),
}


@dataclass(frozen=True)
class ShownMeasure:
    """A measure and the lines that say what it gives; the first is the most important."""

    measure: Measure
    lines: tuple[str, ...]


@dataclass(frozen=True)
class DrawnMeasure:
    """A measure as it is to be painted; `handle` is the one that keys move."""

    measure: Measure
    lines: tuple[str, ...]
    state: MeasureState = "plain"
    handle: int | None = None


def draw_measures(
    painter: QPainter,
    marks: Marks,
    page: QRect,
    placement: Placement,
    measures: tuple[DrawnMeasure, ...],
) -> list[QRectF]:
    """All measures, then their plates, so that no line runs over words; where the plates are."""
    if not measures:
        return []
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paths = [shape_path(drawn.measure, placement) for drawn in measures]
    for drawn, path in zip(measures, paths, strict=True):
        _draw_shape(painter, drawn, path, placement)
    taken: list[QRectF] = []
    painter.setFont(marks.font)
    for drawn, path in zip(measures, paths, strict=True):
        if drawn.lines and _near(path, page):
            plate = plate_rect(plate_size(marks, drawn.lines), path, QRectF(page), taken)
            taken.append(plate)
            draw_plate(painter, marks, plate, drawn.lines)
    painter.restore()
    return taken


def shape_path(measure: Measure, placement: Placement) -> QPainterPath:
    """The measure's line in the viewport."""
    points, closed = outline(measure)
    path = QPainterPath()
    for number, point in enumerate(points):
        place = QPointF(*placement.to_widget(*point))
        if number:
            path.lineTo(place)
        else:
            path.moveTo(place)
    if closed:
        path.closeSubpath()
    return path


def plate_rect(size: QSizeF, path: QPainterPath, page: QRectF, taken: list[QRectF]) -> QRectF:
    """Where the words about a shape stand: beside it, in the page, on no other plate.

    Where there is no such place, what covers the shape is taken before what leaves the page.
    """
    found = [
        _kept_in(QRectF(place, size), page) for place in _beside(path.boundingRect(), size, page)
    ]
    apart = [plate for plate in found if not any(plate.intersects(other) for other in taken)]
    free = [plate for plate in apart if not path.intersects(plate)]
    return (free or apart or found)[0]


def hit(
    measures: tuple[Measure, ...], placement: Placement, x: float, y: float
) -> tuple[Measure, int | None] | None:
    """The measure within six pixels of (x, y), the uppermost, and its handle if that is near."""
    for measure in reversed(measures):
        for number, place in enumerate(handles(measure)):
            if math.dist(placement.to_widget(*place), (x, y)) <= REACH_PX:
                return measure, number
    for measure in reversed(measures):
        points, closed = outline(measure)
        line = [placement.to_widget(*point) for point in (*points, *points[: int(closed)])]
        if any(stretch_distance((x, y), start, end) <= REACH_PX for start, end in pairwise(line)):
            return measure, None
    return None


def stretch_distance(
    point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]
) -> float:
    """From a point to a stretch of line."""
    along = (end[0] - start[0], end[1] - start[1])
    way = (point[0] - start[0], point[1] - start[1])
    squared = along[0] ** 2 + along[1] ** 2
    share = (way[0] * along[0] + way[1] * along[1]) / squared if squared else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.dist(way, (along[0] * share, along[1] * share))


def _beside(shape: QRectF, size: QSizeF, page: QRectF) -> Iterator[QPointF]:
    """Places for a plate in the order of liking: right, left, below, above, then the corners."""
    right, left = shape.right() + _PLATE_GAP_PX, shape.left() - _PLATE_GAP_PX - size.width()
    below, above = shape.bottom() + _PLATE_GAP_PX, shape.top() - _PLATE_GAP_PX - size.height()
    middle = shape.center() - QPointF(size.width() / 2, size.height() / 2)
    yield from (QPointF(right, middle.y()), QPointF(left, middle.y()))
    yield from (QPointF(middle.x(), below), QPointF(middle.x(), above))
    yield from (QPointF(right, below), QPointF(right, above))
    yield from (QPointF(left, below), QPointF(left, above))
    yield from (shape.topRight(), shape.bottomLeft())
    yield from (page.topLeft(), page.bottomRight())


def _near(path: QPainterPath, page: QRect) -> bool:
    """Whether any of a shape is seen; a straight line has no area, hence the margin."""
    return path.boundingRect().adjusted(-1, -1, 1, 1).intersects(QRectF(page))


def _kept_in(plate: QRectF, page: QRectF) -> QRectF:
    x = max(min(plate.left(), page.right() - plate.width() - 4), page.left() + 4)
    y = max(min(plate.top(), page.bottom() - plate.height() - 4), page.top() + 4)
    return QRectF(QPointF(x, y), plate.size())


def _draw_shape(
    painter: QPainter, drawn: DrawnMeasure, path: QPainterPath, placement: Placement
) -> None:
    colour = _COLOURS[drawn.state]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((SHADOW, 3.5), (colour, 1.5)):
        painter.setPen(QPen(ink, width, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)
    if drawn.measure.kind == "ellipse" and drawn.state == "selected":
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
        painter.drawRect(path.boundingRect())  # its handles are the corners of this box
    for number, place in enumerate(handles(drawn.measure)):
        held = number == drawn.handle
        reach = HANDLE_PX + (2.0 if held else 0.0)
        painter.setPen(QPen(SHADOW if held else colour, 1.5))
        painter.setBrush(colour if held else SHADOW)
        painter.drawEllipse(QPointF(*placement.to_widget(*place)), reach, reach)


def plate_size(marks: Marks, lines: tuple[str, ...]) -> QSizeF:
    """How large a plate with these lines is."""
    metrics = QFontMetrics(marks.font)
    widest = max(metrics.horizontalAdvance(line) for line in lines)
    return QSizeF(widest + 14, len(lines) * marks.line_px + 8)


def draw_plate(painter: QPainter, marks: Marks, plate: QRectF, lines: tuple[str, ...]) -> None:
    """Words on a dark plate, the first line the strongest."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(CHIP)
    painter.drawRoundedRect(plate, 4, 4)
    for number, line in enumerate(lines):
        painter.setPen(QUIET_INK if number else INK)
        top = plate.top() + 4 + number * marks.line_px
        place = QRectF(plate.left() + 7, top, plate.width() - 7, marks.line_px)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
