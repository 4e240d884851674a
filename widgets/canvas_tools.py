"""The tools that the left button can hold, and how the pointer shows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPixmap

from inference.records import AnnotationKind, MeasureKind
from widgets.icons import pixmap

ToolName = Literal[
    "window",
    "zoom",
    "pan",
    "scroll",
    "crosshair",
    "ask",
    "length",
    "angle",
    "rectangle",
    "ellipse",
    "polygon",
    "select",
    "label_box",
    "label_rotated",
    "label_polygon",
    "label_point",
    "label_line",
    "brush",
    "eraser",
    "grow",
    "wand",
]


@dataclass(frozen=True)
class Tool:
    """A tool's icon, what it measures if it does, and the shape of label that it draws if any."""

    icon: str
    measure: MeasureKind | None = None
    label: AnnotationKind | None = None


TOOLS: dict[ToolName, Tool] = {
    "window": Tool("contrast"),
    "zoom": Tool("zoom"),
    "pan": Tool("hand"),
    "scroll": Tool("scroll"),
    "crosshair": Tool("crosshair"),
    "ask": Tool("ask"),
    "length": Tool("length", "length"),
    "angle": Tool("angle", "angle"),
    "rectangle": Tool("rectangle", "rectangle"),
    "ellipse": Tool("ellipse", "ellipse"),
    "polygon": Tool("polygon", "polygon"),
    "select": Tool("select"),
    "label_box": Tool("box", label="box"),
    "label_rotated": Tool("rotated_box", label="rotated_box"),
    "label_polygon": Tool("label_polygon", label="polygon"),
    "label_point": Tool("point", label="point"),
    "label_line": Tool("label_line", label="line"),
    "brush": Tool("brush"),
    "eraser": Tool("eraser"),
    "grow": Tool("grow"),
    "wand": Tool("wand"),
}

_SIDE_PX = 32
_HOT = QPoint(9, 9)
_ICON_PX = 16


@cache
def tool_cursor(name: ToolName) -> QCursor:
    """A small open cross at the point itself and the tool's icon beside it.

    Light with a dark rim, to be seen on any scan.
    """
    light, dark = (pixmap(TOOLS[name].icon, QColor(ink), _ICON_PX) for ink in ("white", "black"))
    ratio = light.devicePixelRatio()
    whole = QPixmap(round(_SIDE_PX * ratio), round(_SIDE_PX * ratio))
    whole.setDevicePixelRatio(ratio)
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    corner = QPoint(_SIDE_PX - _ICON_PX - 1, _SIDE_PX - _ICON_PX - 1)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawPixmap(corner + QPoint(dx, dy), dark)
    for rim, colour in ((1, "black"), (0, "white")):
        for arm in _arms():
            painter.fillRect(arm.adjusted(-rim, -rim, rim, rim), QColor(colour))
    painter.drawPixmap(corner, light)
    painter.end()
    return QCursor(whole, _HOT.x(), _HOT.y())


def _arms() -> tuple[QRect, ...]:
    """The cross around the hot spot, open in the middle."""
    x, y = _HOT.x(), _HOT.y()
    return (
        QRect(x - 7, y, 5, 1),
        QRect(x + 3, y, 5, 1),
        QRect(x, y - 7, 1, 5),
        QRect(x, y + 3, 1, 5),
    )
