"""The program's own line icons: drawn as SVG in one colour, coloured by the theme."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

import resources
from widgets import theme

Role = Literal["text", "quiet", "accent", "good", "doubtful", "bad", "on_accent"]

SIZES_PX = (16, 20)


def icon(name: str, role: Role = "text") -> QIcon:
    """The icon in the colour that `role` has in the present theme, and its dimmed twin."""
    dressed = QIcon()
    colours = theme.current()
    colour = QColor(getattr(colours, role))
    dim = theme.mixed(colours.panel, colour.name(), 0.4)
    for size in SIZES_PX:
        dressed.addPixmap(pixmap(name, colour, size))
        dressed.addPixmap(pixmap(name, dim, size), QIcon.Mode.Disabled)
    return dressed


def pixmap(name: str, colour: QColor, size_px: int) -> QPixmap:
    """One picture of the icon, `size_px` wide, as sharp as the finest screen shows it."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    # Drawn once: buttons ask for theirs anew at each change of style, signs at each of state.
    key = f"lepton {name} {colour.name()} {size_px} {ratio}"
    drawn = QPixmap()
    if not QPixmapCache.find(key, drawn):
        drawn = _rendered(name, colour, size_px, ratio)
        QPixmapCache.insert(key, drawn)
    return drawn


def _rendered(name: str, colour: QColor, size_px: int, ratio: float) -> QPixmap:
    drawn = QPixmap(QSize(size_px, size_px) * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(
        QByteArray(_drawing(name).replace("currentColor", colour.name()).encode())
    )
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return drawn


@cache
def _drawing(name: str) -> str:
    return resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
