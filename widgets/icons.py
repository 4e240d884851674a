"""The program's own line icons: drawn as SVG in one colour, coloured by the theme."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

import resources
from widgets import theme

Role = Literal["text", "quiet", "accent", "good", "doubtful", "bad", "on_accent"]

SIZES_PX = (16, 20)


def icon(name: str, role: Role = "text", sizes_px: tuple[int, ...] = SIZES_PX) -> QIcon:
    """The icon in the colour that `role` has in the present theme, and its dimmed twin."""
    dressed = QIcon()
    colours = theme.current()
    colour = QColor(getattr(colours, role))
    # What lies on the accent lies on a plain ground while it is disabled.
    dim = theme.mixed(colours.panel, colours.text if role == "on_accent" else colour.name(), 0.4)
    for size in sizes_px:
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
    # A copy, as pixmaps of one image count as the same to Qt's caches, whatever is painted on them.
    drawn = QPixmap.fromImage(_shape(name, size_px, ratio).copy())
    painter = QPainter(drawn)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(drawn.rect(), colour)
    painter.end()
    return drawn


@cache
def _shape(name: str, size_px: int, ratio: float) -> QImage:
    """Where its lines are: read once, as reading a drawing takes longer than colouring it."""
    drawn = QImage(QSize(size_px, size_px) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    svg = resources.path("icons", f"{name}.svg").read_bytes()
    renderer = QSvgRenderer(QByteArray(svg.replace(b"currentColor", b"black")))
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return drawn
