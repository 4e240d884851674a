"""Points at what is to be segmented: seeds inside and outside of it, or a box around it."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QPointF, Qt, Signal

from widgets.canvas_draft import CLICK_PX
from widgets.canvas_shapes import Place
from widgets.canvas_tools import ToolName
from widgets.canvas_transform import Placement

_OUTSIDE = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


class SeedHand(QObject):
    """The tools "grow" and "wand"; a drag with "wand" is a box, one with "grow" many seeds."""

    placed = Signal(float, float, bool, bool)
    """(column, row) in pixel edges, whether it is inside, and whether the hand let go."""
    boxed = Signal(object)
    redraw = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tool: ToolName | None = None
        self._pressed: tuple[QPointF, Place] | None = None
        self._inside = True
        self._box: tuple[Place, Place] | None = None

    @property
    def active(self) -> bool:
        return self._tool is not None

    @property
    def box(self) -> tuple[Place, Place] | None:
        """Two corners of the box that is being dragged."""
        return self._box

    def take(self, tool: ToolName | None) -> None:
        """One of the two tools, or neither; what was begun is dropped."""
        self._tool = tool
        self.drop()

    def drop(self) -> None:
        self._pressed = self._box = None
        self.redraw.emit()

    def press(self, placement: Placement, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        place = placement.to_image(point.x(), point.y())
        if self._tool is None or not _holds(placement, place):
            return False
        self._pressed, self._inside = (point, place), not modifiers & _OUTSIDE
        if self._tool == "grow":
            self.placed.emit(*place, self._inside, False)
        return True

    def move(self, placement: Placement, point: QPointF) -> None:
        if self._pressed is None:
            return
        place = _kept(placement, placement.to_image(point.x(), point.y()))
        start, first = self._pressed
        way = point - start
        if self._tool == "grow":
            self.placed.emit(*place, self._inside, False)
        elif self._box is not None or math.hypot(way.x(), way.y()) >= CLICK_PX:
            self._box = (first, place)
            self.redraw.emit()

    def release(self, placement: Placement, point: QPointF) -> None:
        if self._pressed is None:
            return
        place = _kept(placement, placement.to_image(point.x(), point.y()))
        box, self._pressed, self._box = self._box, None, None
        self.redraw.emit()
        if box is None:
            self.placed.emit(*place, self._inside, True)
            return
        (x0, y0), (x1, y1) = box
        if x0 != x1 and y0 != y1:
            self.boxed.emit((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def _holds(placement: Placement, place: Place) -> bool:
    rows, columns = placement.shape
    return 0 <= place[0] < columns and 0 <= place[1] < rows


def _kept(placement: Placement, place: Place) -> Place:
    """The nearest place on the frame; its last pixel holds what lies beyond."""
    rows, columns = placement.shape
    column = min(max(place[0], 0.0), math.nextafter(columns, 0))
    return (column, min(max(place[1], 0.0), math.nextafter(rows, 0)))
