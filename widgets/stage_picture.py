"""One picture of a stage, each of its values a square of one colour, read under the pointer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inference.display_overlay import colour_table, largest, overlay_levels
from widgets.images import to_image

Colours = Literal["grey", "positive", "signed"]

LEAST_PX = 48
MOST_PX = 1024
"""A picture on the screen is hardly larger."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A picture at its own size: float32 [rows, columns], or uint8 [rows, columns, 3] in colour.

    `low` and `high` are black and white. Grey is for what was measured, the other two are those
    of maps, as over the scan. value × `scale` + `mean` undoes a normalisation.
    """

    title: str
    values: np.ndarray
    low: float
    high: float
    mean: float = 0.0
    scale: float = 1.0
    colours: Colours = "grey"


class StagePicture(QWidget):
    """Draws a plane as large as it can, unblurred; `pointed` sends a row and a column, or -1."""

    pointed = Signal(int, int)

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane: Plane | None = None
        self._image = to_image(np.zeros((1, 1), np.uint8))
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setMinimumSize(LEAST_PX, LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_plane(self, plane: Plane | None) -> None:
        """Show this picture, or nothing."""
        self._plane = plane
        if plane is not None:
            self._image = to_image(levels(thinned(plane)))
            rows, columns = plane.values.shape[:2]
            self.setAccessibleDescription(f"{plane.title}, {rows} rows, {columns} columns")
        self.update()

    @property
    def plane(self) -> Plane | None:
        return self._plane

    def sizeHint(self) -> QSize:
        return QSize(320, 320)

    def place(self) -> QRect:
        """Where the picture lies in the widget: whole squares where it is enlarged."""
        if self._plane is None:
            return QRect()
        rows, columns = self._plane.values.shape[:2]
        share = min(self.width() / columns, self.height() / rows)
        share = float(int(share)) if share >= 1 else share
        size = QSize(max(1, round(columns * share)), max(1, round(rows * share)))
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        return QRect(left, top, size.width(), size.height())

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """The row and column of the value under a point of the widget."""
        place = self.place()
        if self._plane is None or not place.contains(point.toPoint()):
            return None
        rows, columns = self._plane.values.shape[:2]
        row = int((point.y() - place.top()) * rows / place.height())
        column = int((point.x() - place.left()) * columns / place.width())
        return min(row, rows - 1), min(column, columns - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(*(self.at(event.position()) or (-1, -1)))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1, -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._plane is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
            painter.drawImage(self.place(), self._image)
        painter.end()


def thinned(plane: Plane, most: int = MOST_PX) -> Plane:
    """The plane with at most about so many rows and columns: none is seen of the others."""
    step = max(1, -(-max(plane.values.shape[:2]) // most))
    return plane if step == 1 else replace(plane, values=plane.values[::step, ::step])


def levels(plane: Plane) -> np.ndarray:
    """A plane as it is drawn: uint8 [rows, columns], or RGB [rows, columns, 3]."""
    values = plane.values
    if values.ndim == 3:
        return np.ascontiguousarray(values)
    values = np.ascontiguousarray(values, dtype=np.float32)
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, nan=plane.low, posinf=plane.high, neginf=plane.low)
    if plane.colours == "grey":
        factor = 255.0 / ((plane.high - plane.low) or 1.0)
        clipped = np.clip(values, plane.low, plane.high)
        return np.asarray(cv2.convertScaleAbs(clipped, alpha=factor, beta=-plane.low * factor))
    signed = plane.colours == "signed"
    found = overlay_levels(values, signed, largest(values) or 1.0)
    table = np.ascontiguousarray(colour_table(signed))
    return np.asarray(cv2.LUT(cv2.merge([found] * 3), table[None]))
