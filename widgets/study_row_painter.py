"""How a row of the study list is painted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inference.records import Source
from widgets import theme
from widgets.icons import pixmap
from widgets.labels import whole_parts
from widgets.signs import ICONS, ROLES
from widgets.study_rows import ROW_ROLE, Index, Row, RowKind, source_line

THUMBNAIL_PX = 52
SIGN_PX = 14
LINE_PX = 18
HEIGHTS_PX: dict[RowKind, int] = {"patient": 54, "study": 30, "source": 68, "object": 32}
OBJECT_ICONS = {
    "segmentation": "segments",
    "structure_set": "contours",
    "parametric_map": "value_map",
    "report": "document",
    "other": "object",
}
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class StudyRowDelegate(QStyledItemDelegate):
    """Patients and studies as headings; a series with small picture, title and a quiet line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return QSize(120, 0)
        spare = LINE_PX if row.kind == "patient" and not _patient_words(row.title)[1] else 0
        return QSize(120, HEIGHTS_PX[row.kind] - spare)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        if row.kind == "patient":
            _paint_patient(painter, area, row.title, first=index.row() == 0)
        elif row.kind == "study":
            _paint_study(painter, area, row.title)
        else:
            _paint_back(painter, area, option)
            if row.source is not None:
                _paint_source(painter, area, row, row.source)
            else:
                _paint_object(painter, area, row)
        painter.restore()


def _patient_words(title: str) -> tuple[str, str]:
    """The name, and the rest, which a file may not say."""
    name, _, more = title.partition(" · ")
    return name, more


def _paint_patient(painter: QPainter, area: QRect, title: str, *, first: bool) -> None:
    """The name, and below it what tells two people of one name apart."""
    colours = theme.current()
    if not first:
        painter.fillRect(area.left(), area.top() + 4, area.width(), 1, QColor(colours.edge))
    name, more = _patient_words(title)
    place = QRect(area.left() + 40, area.top() + 12, area.width() - 40 - theme.MARGIN_PX, 18)
    sign = pixmap("person", QColor(colours.text), 16)
    painter.drawPixmap(area.left() + theme.MARGIN_PX, place.top() + 1, sign)
    painter.setFont(theme.text_font(theme.TEXT_PX, strong=True))
    painter.setPen(QColor(colours.text))
    _draw(painter, place, name)
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.setPen(QColor(colours.quiet))
    _draw(painter, place.translated(0, 19), more)


def _paint_study(painter: QPainter, area: QRect, title: str) -> None:
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.setPen(QColor(theme.current().quiet))
    _draw(painter, area.adjusted(theme.MARGIN_PX, 6, -theme.MARGIN_PX, 0), title)


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
    text = QRect(frame.right() + 12, middle - 19, right - frame.right() - 12, 18)
    free = _paint_numbers(painter, text, row.shown)
    painter.setFont(theme.text_font(theme.TEXT_PX))
    painter.setPen(QColor(colours.text))
    _draw(painter, free, row.title)
    below = text.translated(0, 20)
    signs = [("doubtful", colours.doubtful)] if source.warnings else []
    if row.state is not None:
        signs.append((ICONS[row.state], getattr(colours, ROLES[row.state])))
    for place, (name, colour) in enumerate(signs):
        left = right - SIGN_PX - 20 * place
        painter.drawPixmap(left, middle + 4, pixmap(name, QColor(colour), SIGN_PX))
        below.adjust(0, 0, -20, 0)
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    painter.setPen(QColor(colours.quiet))
    line = whole_parts(source_line(source), painter.fontMetrics(), below.width())
    painter.drawText(below, _MIDDLE, line)


def _paint_numbers(painter: QPainter, text: QRect, numbers: tuple[int, ...]) -> QRect:
    """The viewports that show the series, at the right end; gives the room that is left."""
    colours = theme.current()
    painter.setFont(theme.text_font(theme.CAPTION_PX))
    free = QRect(text)
    for number in reversed(numbers):
        box = QRect(free.right() - 14, free.top() + 2, 15, 15)
        painter.setPen(QPen(QColor(colours.accent), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
        free.setRight(box.left() - 4)
    return free.adjusted(0, 0, -2 if numbers else 0, 0)


def _paint_object(painter: QPainter, area: QRect, row: Row) -> None:
    colours = theme.current()
    middle = area.center().y()
    kind = row.found.kind if row.found is not None else "other"
    colour = QColor(colours.text if row.on or not row.switch else colours.quiet)
    painter.drawPixmap(area.left() + 18, middle - 8, pixmap(OBJECT_ICONS[kind], colour, 16))
    box = QRect(area.right() - 32, middle - 8, 16, 16)
    if row.switch:
        _paint_check(painter, box, on=row.on)
    else:
        painter.drawPixmap(box, pixmap("chevron_right", QColor(colours.quiet), 16))
    text = QRect(area.left() + 42, area.top(), box.left() - area.left() - 50, area.height())
    painter.setFont(theme.text_font(theme.TEXT_PX))
    painter.setPen(QColor(colours.text))
    _draw(painter, text, row.title)


def _paint_check(painter: QPainter, box: QRect, *, on: bool) -> None:
    colours = theme.current()
    painter.setPen(QPen(QColor(colours.accent if on else colours.quiet), 1))
    painter.setBrush(QColor(colours.accent if on else colours.ground))
    painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 4, 4)
    if on:
        painter.drawPixmap(box, pixmap("tick", QColor(colours.on_accent), box.width()))


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


def _draw(painter: QPainter, place: QRect, text: str) -> None:
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, _MIDDLE, elided)
