"""The rows of the queue: made when they are seen, so that a project may have ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inference.records import FrameKey
from widgets import theme
from widgets.icons import pixmap
from widgets.images import to_image
from widgets.labels import fair_parts, plain_tip

Index = QModelIndex | QPersistentModelIndex
HEIGHT_PX = 72
_PICTURE_PX = 48
_SIGN_PX = 14


@dataclass(frozen=True, eq=False)
class QueueItem:
    """How a scan or slice stands in the queue: title, what is known of it, and why it is there.

    `said` is short, `spoken` the same in full for tooltips. `differs` says that model and label
    disagree, `done` that it is labelled. `picture` is small, uint8 [rows, columns] or [rows,
    columns, 3].
    """

    title: str
    said: str
    spoken: str
    why: str
    differs: bool = False
    done: bool = False
    picture: np.ndarray | None = None


class QueueRows(QAbstractListModel):
    """Keys in their order; what a row says is asked for when it is drawn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keys: tuple[FrameKey, ...] = ()
        self._item_of: Callable[[int], QueueItem] | None = None

    def set_rows(self, keys: tuple[FrameKey, ...], item_of: Callable[[int], QueueItem]) -> bool:
        """Other rows; `item_of` gives what the row at a place says.

        Whether there are others: where only what they say is new, the view is to draw them again;
        told of changed data it would lay out all of them, which takes 11 ms for 10,000.
        """
        if keys == self.keys:
            self._item_of = item_of
            return False
        self.beginResetModel()
        self.keys, self._item_of = keys, item_of
        self.endResetModel()
        return True

    def item(self, index: Index) -> QueueItem | None:
        """What stands in a row."""
        if not index.isValid() or self._item_of is None or index.row() >= len(self.keys):
            return None
        return self._item_of(index.row())

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.item(index)
        if item is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        words = [item.title, item.spoken, item.why]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip("\n".join(filter(None, words)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            differs = "model and label disagree" if item.differs else ""
            return ", ".join(filter(None, (*words, differs)))
        return item if role == Qt.ItemDataRole.UserRole else None


class QueuePainter(QStyledItemDelegate):
    """A small picture, the title, what model and person say, and why the row stands there."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, HEIGHT_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(item, QueueItem):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        _paint_back(painter, area, option)
        frame = QRect(area.left() + 14, area.top() + 12, _PICTURE_PX, _PICTURE_PX)
        _paint_picture(painter, frame, item.picture)
        _write(painter, area.adjusted(14 + _PICTURE_PX + 12, 8, -16, -8), item)
        painter.restore()


def _paint_back(painter: QPainter, area: QRect, option: QStyleOptionViewItem) -> None:
    colours, state = theme.current(), option.state
    box = area.adjusted(8, 2, -8, -2)
    if state & QStyle.StateFlag.State_Selected:
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(QColor(colours.accent), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.selected))
        painter.drawRoundedRect(box, 6, 6)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hover))
        painter.drawRoundedRect(box, 6, 6)


def _paint_picture(painter: QPainter, frame: QRect, pixels: np.ndarray | None) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("black"))
    painter.drawRoundedRect(frame, 4, 4)
    if pixels is not None:
        image: QImage = to_image(pixels)
        place = QRect(
            frame.topLeft(), image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        )
        place.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)


def _write(painter: QPainter, place: QRect, item: QueueItem) -> None:
    """Three lines, each with its sign at the right end."""
    colours = theme.current()
    height = place.height() // 3
    title, said, why = (
        QRect(place.left(), place.top() + height * line, place.width(), height) for line in range(3)
    )
    if item.done:
        title = _sign(painter, title, "tick", colours.good)
    if item.differs:
        said = _sign(painter, said, "doubtful", colours.doubtful)
    painter.setFont(theme.text_font(theme.TEXT_PX))
    painter.setPen(QColor(colours.text))
    metrics = painter.fontMetrics()
    elide, middle = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignVCenter
    painter.drawText(title, middle, metrics.elidedText(item.title, elide, title.width()))
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.drawText(said, middle, fair_parts(item.said, painter.fontMetrics(), said.width()))
    painter.setPen(QColor(colours.quiet))
    painter.drawText(why, middle, painter.fontMetrics().elidedText(item.why, elide, why.width()))


def _sign(painter: QPainter, line: QRect, name: str, colour: str) -> QRect:
    """Draw a sign at the end of a line; gives the room that is left."""
    top = line.center().y() - _SIGN_PX // 2
    painter.drawPixmap(line.right() - _SIGN_PX, top, pixmap(name, QColor(colour), _SIGN_PX))
    return line.adjusted(0, 0, -_SIGN_PX - 6, 0)
