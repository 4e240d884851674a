"""What is drawn of labels over their picture: the selected ones, what is drawn, words, a brush."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen

from inference.records import AnnotationKind
from widgets.canvas_draft import Points
from widgets.canvas_label_picture import shapes_in, shown_line
from widgets.canvas_label_shapes import TURNING_HANDLE, handles, outline
from widgets.canvas_labels import LabelSheet, ShownLabel
from widgets.canvas_marks import CHIP, INK, SHADOW, Marks
from widgets.canvas_measures import HANDLE_PX
from widgets.canvas_transform import Placement
from widgets.theme import RGB

WORDS_MOST = 60
"""With more shapes in sight words would cover the scan."""

WORDS_FROM_PX = 20.0
"""A smaller shape has no words; one that is a line or point has."""

WORDS_PX = 120.0
"""Words are shortened to this, or to the width of a wider label."""

Circle = tuple[float, float, float]
"""The middle and the radius, in pixels of the screen."""


@dataclass(frozen=True)
class DrawnLabel:
    """A shape with its handles; `handle` is the one that keys move."""

    kind: AnnotationKind
    points: Points
    colour: RGB
    proposed: bool = False
    locked: bool = False
    handle: int | None = None
    selected: bool = True


@dataclass(frozen=True)
class LabelScene:
    """What is drawn over the picture of all labels."""

    shapes: tuple[DrawnLabel, ...] = ()
    worded: tuple[ShownLabel, ...] = ()
    brush: Circle | None = None
    box: tuple[DrawnLabel, ...] = field(default=())
    """What a click-to-segment tool is dragging."""


def draw_label_marks(
    painter: QPainter, marks: Marks, page: QRect, placement: Placement, scene: LabelScene
) -> None:
    """Selected and unfinished shapes, words, and the circle of a brush."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(marks.small)
    taken: list[QRectF] = []
    for shown in scene.worded:
        plate = _words_plate(marks, page, placement, shown)
        free = not any(plate.intersects(other) for other in taken)
        if free and plate.intersects(QRectF(page)):
            taken.append(plate)
            _draw_words(painter, marks, plate, shown)
    for drawn in scene.shapes:
        _draw_shape(painter, placement, drawn)
        if not drawn.locked:
            _draw_handles(painter, placement, drawn)
    for drawn in scene.box:
        _draw_shape(painter, placement, drawn)
    if scene.brush is not None:
        x, y, radius = scene.brush
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((SHADOW, 2.5), (INK, 1.0)):
            painter.setPen(QPen(ink, width))
            painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.restore()


def worded_labels(sheet: LabelSheet, placement: Placement) -> tuple[ShownLabel, ...]:
    """The labels whose words have room: few enough, and large enough on the screen."""
    seen = shapes_in(sheet, placement, (0, 0, placement.width, placement.height))
    if len(seen) + len(sheet.masks) > WORDS_MOST:
        return ()
    found = [*sheet.masks, *(sheet.shapes[number] for number in seen.tolist())]
    return tuple(one for one in found if one.words and _has_room(one, placement))


def _has_room(shown: ShownLabel, placement: Placement) -> bool:
    line = shown_line(shown, placement)
    room = float(np.ptp(line, axis=0).min()) >= WORDS_FROM_PX
    return room or shown.annotation.kind in {"point", "line"}


def _draw_shape(painter: QPainter, placement: Placement, drawn: DrawnLabel) -> None:
    points, closed = outline(drawn.kind, drawn.points)
    places = [QPointF(*placement.to_widget(*point)) for point in points]
    style = Qt.PenStyle.DashLine if drawn.proposed else Qt.PenStyle.SolidLine
    path = QPainterPath(places[0])
    for place in places[1:]:
        path.lineTo(place)
    if closed:
        path.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = 2.5 if drawn.selected else 1.5
    for ink, wide in ((SHADOW, width + 2.0), (QColor(*drawn.colour), width)):
        painter.setPen(QPen(ink, wide, style, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)


def _draw_handles(painter: QPainter, placement: Placement, drawn: DrawnLabel) -> None:
    """Light points with a rim of the colour; the one that turns a box is filled with it."""
    colour = QColor(*drawn.colour)
    for number, place in enumerate(handles(drawn.kind, drawn.points)):
        held = number == drawn.handle
        turning = drawn.kind == "rotated_box" and number == TURNING_HANDLE
        reach = HANDLE_PX + (2.0 if held else 0.0)
        middle = QPointF(*placement.to_widget(*place))
        painter.setPen(QPen(SHADOW, 3.0))
        painter.drawEllipse(middle, reach, reach)
        painter.setPen(QPen(INK if turning else colour, 1.5))
        painter.setBrush(colour if turning else INK)
        painter.drawEllipse(middle, reach, reach)


def _words_plate(marks: Marks, page: QRect, placement: Placement, shown: ShownLabel) -> QRectF:
    """Above the upper left of a label, beside a point; on the page if the label is."""
    line = shown_line(shown, placement)
    (left, top), (right, bottom) = line.min(axis=0).tolist(), line.max(axis=0).tolist()
    metrics = QFontMetrics(marks.small)
    room = max(right - left, WORDS_PX)
    wide = min(metrics.horizontalAdvance(shown.words), room) + 14
    plate = QRectF(left, top - metrics.height() - 5, wide, metrics.height() + 2)
    if shown.annotation.kind == "point":
        plate.moveTo(left + 8, top - plate.height() / 2)
    elif QRectF(left, top, right - left, bottom - top).intersects(QRectF(page)):
        plate.moveLeft(max(min(plate.left(), page.right() - plate.width()), page.left()))
        plate.moveTop(max(plate.top(), page.top()))
    return plate


def _draw_words(painter: QPainter, marks: Marks, plate: QRectF, shown: ShownLabel) -> None:
    """On a dark plate with a stroke of the label's colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(CHIP)
    painter.drawRoundedRect(plate, 3, 3)
    painter.fillRect(QRectF(plate.left(), plate.top(), 3, plate.height()), QColor(*shown.colour))
    painter.setPen(INK)
    place = plate.adjusted(7, 0, 0, 0)
    room = round(place.width()) - 4
    text = QFontMetrics(marks.small).elidedText(
        shown.words, Qt.TextElideMode.ElideRight, max(room, 0)
    )
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
