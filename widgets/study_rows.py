"""The rows of the study list: a heading for each study, under it a row for each source."""

from __future__ import annotations

from typing import NamedTuple

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

from inference.records import Source
from widgets import theme
from widgets.icons import pixmap
from widgets.images import to_image

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE = Qt.ItemDataRole.UserRole
THUMBNAIL_PX = 52
SOURCE_ROW_PX = 68
STUDY_ROW_PX = 30


class Row(NamedTuple):
    """A study's heading where `source` is None, else one of its sources."""

    title: str
    source: Source | None
    thumbnail: QImage | None = None


class SourceRows(QAbstractListModel):
    """Rows in the order given; headings can neither be selected nor reached by keys."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._thumbnails: dict[str, QImage] = {}

    def set_sources(self, sources: tuple[Source, ...]) -> None:
        studies: dict[str, list[Source]] = {}
        for source in sources:
            studies.setdefault(source.study_id, []).append(source)
        self.beginResetModel()
        self._rows = []
        for members in studies.values():
            self._rows.append(Row(members[0].study_title or "Study without a name", None))
            self._rows.extend(Row(source.title, source) for source in members)
        known = {source.source_id for source in sources}
        self._thumbnails = {key: it for key, it in self._thumbnails.items() if key in known}
        self.endResetModel()

    def set_thumbnail(self, source_id: str, pixels: np.ndarray) -> None:
        self._thumbnails[source_id] = to_image(pixels)
        index = self.index_of(source_id)
        if index.isValid():
            self.dataChanged.emit(index, index)

    def index_of(self, source_id: str | None) -> QModelIndex:
        """The row of a source; an invalid index if it is not there."""
        for number, row in enumerate(self._rows):
            if row.source is not None and row.source.source_id == source_id:
                return self.index(number, 0)
        return QModelIndex()

    def source_id(self, index: Index) -> str | None:
        if not index.isValid():
            return None
        source = self._rows[index.row()].source
        return source.source_id if source is not None else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self._rows[index.row()].source is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.title if row.source is None else _tooltip(row.source)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.title if row.source is None else _tooltip(row.source)
        if role == ROW_ROLE:
            thumbnail = self._thumbnails.get(row.source.source_id) if row.source else None
            return row._replace(thumbnail=thumbnail)
        return None


class SourceDelegate(QStyledItemDelegate):
    """Paints a row: small picture, title, and a quiet line with modality and frames."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        tall = isinstance(row, Row) and row.source is not None
        return QSize(120, SOURCE_ROW_PX if tall else STUDY_ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = _rect(option)
        if row.source is None:
            _paint_study(painter, area, row.title)
        else:
            _paint_back(painter, area, option)
            _paint_source(painter, area, row, row.source)
        painter.restore()


def source_line(source: Source) -> str:
    """Such as "CT · 28 slices · 512 × 512", columns first as everywhere in the window."""
    rows, columns = source.shape
    noun = "slice" if source.frame_time_ms is None else "frame"
    count = f"{source.frames:,} {noun}{'' if source.frames == 1 else 's'}"
    if source.kind == "image":
        count = ""
    size = f"{columns} × {rows}"
    return " · ".join(part for part in (source.modality or source.kind, count, size) if part)


def _tooltip(source: Source) -> str:
    return "\n".join((source.title, source_line(source), *source.warnings))


def _rect(option: QStyleOptionViewItem) -> QRect:
    area: QRect = option.rect
    return area


def _paint_study(painter: QPainter, area: QRect, title: str) -> None:
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.setPen(QColor(theme.current().quiet))
    place = area.adjusted(theme.MARGIN_PX, 6, -theme.MARGIN_PX, 0)
    text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)


def _paint_back(painter: QPainter, area: QRect, option: QStyleOptionViewItem) -> None:
    colours = theme.current()
    state: QStyle.StateFlag = option.state
    box = area.adjusted(8, 2, -8, -2)
    if state & QStyle.StateFlag.State_Selected:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.selected))
        painter.drawRoundedRect(box, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hover))
        painter.drawRoundedRect(box, 6, 6)


def _paint_source(painter: QPainter, area: QRect, row: Row, source: Source) -> None:
    colours = theme.current()
    middle = area.center().y()
    frame = QRect(area.left() + 14, middle - THUMBNAIL_PX // 2, THUMBNAIL_PX, THUMBNAIL_PX)
    _paint_thumbnail(painter, frame, row.thumbnail)
    right = area.right() - 16
    if source.warnings:
        sign = pixmap("doubtful", QColor(colours.doubtful), 14)
        painter.drawPixmap(right - 14, middle + 4, sign)
    text = QRect(frame.right() + 12, middle - 19, right - frame.right() - 12, 18)
    painter.setFont(theme.text_font(theme.TEXT_PX))
    painter.setPen(QColor(colours.text))
    metrics = painter.fontMetrics()
    elide = Qt.TextElideMode.ElideRight
    painter.drawText(
        text, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(source.title, elide, text.width())
    )
    below = text.translated(0, 20).adjusted(0, 0, -20 if source.warnings else 0, 0)
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.setPen(QColor(colours.quiet))
    line = painter.fontMetrics().elidedText(source_line(source), elide, below.width())
    painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, line)


def _paint_thumbnail(painter: QPainter, frame: QRect, image: QImage | None) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("black"))
    painter.drawRoundedRect(frame, 4, 4)
    if image is not None:
        size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(frame.topLeft(), size)
        place.moveCenter(frame.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image)
