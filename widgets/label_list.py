"""Annotations as a list: what each is, whose word it is, and which are selected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.buttons import TextButton
from widgets.icons import pixmap
from widgets.labels import plain_tip
from widgets.theme import CAPTION_PX, MARGIN_PX, RGB

MOST_ROWS = 7
"""Rows that are seen at once; with more of them the list scrolls."""

_ROW_PX = 44
_ICON_PX = 16
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class AnnotationRow:
    """An annotation: its icon in its colour, its label, and a quiet line about it.

    `lacks` names what is required of it and was not said.
    """

    icon: str
    colour: RGB
    title: str
    detail: str
    lacks: str = ""


class LabelList(QWidget):
    """A heading that folds and a list; selecting sends ids, a click or Enter goes there."""

    selected = Signal(object)
    """The ids of all that is selected here, as a tuple."""
    chosen = Signal(str)
    delete_requested = Signal()
    menu_requested = Signal(object)
    """Where on the screen the menu of what is selected is wanted."""

    def __init__(self, heading: str, *, unfolded: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = heading
        self._unfolded = unfolded
        self._rows = _Rows(self)
        self._list = _View()
        self._list.setModel(self._rows)
        self._list.setAccessibleName(heading)
        self._list.selectionModel().selectionChanged.connect(self._select)
        self._list.clicked.connect(self._choose)
        self._list.activated.connect(self._choose)
        self._list.delete_pressed.connect(self.delete_requested)
        self._list.customContextMenuRequested.connect(self._open_menu)
        self._fold = TextButton(heading, "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(lambda: self.unfold(not self._unfolded))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        top.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(top)
        column.addWidget(self._list)
        self.unfold(unfolded)

    def set_heading(self, heading: str) -> None:
        """What is listed here, such as "On this slice"."""
        self._heading = heading
        self._show_heading()

    def set_rows(self, ids: tuple[str, ...], row_of: Callable[[str], AnnotationRow]) -> None:
        """Show the annotations of these ids; `row_of` is asked for those in sight alone.

        What is selected stays so.
        """
        if ids == self._rows.ids:
            self._rows.row_of = row_of
            self._list.viewport().update()
            return
        kept = self.selection()
        bar = self._list.verticalScrollBar()
        place = bar.value()
        with QSignalBlocker(self._list.selectionModel()):
            self._rows.set_rows(ids, row_of)
        self.set_selected(kept)
        self._list.setFixedHeight(min(len(ids), MOST_ROWS) * _ROW_PX)
        bar.setValue(place)
        self._show_heading()
        self._list.setVisible(self._unfolded and bool(ids))

    def set_selected(self, ids: tuple[str, ...]) -> None:
        """Mark these, without sending `selected`; the first of them comes into sight."""
        model, wanted = self._list.selectionModel(), set(ids)
        places = [at for at, one in enumerate(self._rows.ids) if one in wanted] if wanted else []
        if places == sorted(one.row() for one in model.selectedIndexes()):
            return
        marked = QItemSelection()
        for at in places:
            index = self._rows.index(at)
            marked.select(index, index)
        with QSignalBlocker(model):
            model.select(marked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if places:
            self._list.scrollTo(self._rows.index(places[0]))
        self._list.viewport().update()

    def selection(self) -> tuple[str, ...]:
        """The ids of what is selected, in the order of the list."""
        places = sorted(one.row() for one in self._list.selectionModel().selectedIndexes())
        return tuple(self._rows.ids[at] for at in places)

    def unfold(self, unfolded: bool) -> None:
        """Show the list, or its heading alone."""
        self._unfolded = unfolded
        self._fold.set_icon("chevron_down" if unfolded else "chevron_right", "quiet")
        self._list.setVisible(unfolded and bool(self._rows.ids))

    def _show_heading(self) -> None:
        count = len(self._rows.ids)
        self._fold.setText(f"{self._heading} · {count}" if count else self._heading)

    def _select(self) -> None:
        self.selected.emit(self.selection())

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._rows.ids[index.row()])

    def _open_menu(self, place: QPoint) -> None:
        if self._list.indexAt(place).isValid():
            self.menu_requested.emit(self._list.viewport().mapToGlobal(place))


class _View(QListView):
    """A list of equally high rows, of which several can be marked."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()


class _Rows(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.ids: tuple[str, ...] = ()
        self.row_of: Callable[[str], AnnotationRow] = _no_row

    def set_rows(self, ids: tuple[str, ...], row_of: Callable[[str], AnnotationRow]) -> None:
        self.beginResetModel()
        self.ids, self.row_of = ids, row_of
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_of(self.ids[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{row.title} · {row.detail}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.detail, row.lacks) if part)
        return row if role == Qt.ItemDataRole.UserRole else None


def _no_row(annotation_id: str) -> AnnotationRow:
    raise KeyError(annotation_id)


class _Painter(QStyledItemDelegate):
    """Icon, label and the quiet line; a sign where something is lacking."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect
        state = option.state
        colours = theme.current()
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(colours.selected))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, QColor(colours.hover))
        left = place.left() + MARGIN_PX
        chip = QRect(left, place.top() + 10, 24, 24)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("black"))  # its colour is made for black
        painter.drawRoundedRect(chip, 4, 4)
        painter.drawPixmap(
            chip.left() + 4, chip.top() + 4, pixmap(row.icon, QColor(*row.colour), _ICON_PX)
        )
        text = place.adjusted(MARGIN_PX + 32, 5, -MARGIN_PX, -5)
        if row.lacks:
            sign = pixmap("doubtful", QColor(colours.doubtful), 14)
            painter.drawPixmap(text.right() - 13, place.top() + 7, sign)
        _write(painter, text, row, option)
        painter.restore()


def _write(
    painter: QPainter, place: QRect, row: AnnotationRow, option: QStyleOptionViewItem
) -> None:
    colours = theme.current()
    font = QFont(option.font)
    painter.setFont(font)
    painter.setPen(QColor(colours.text))
    elide = Qt.TextElideMode.ElideRight
    room = place.width() - (20 if row.lacks else 0)
    title = painter.fontMetrics().elidedText(row.title, elide, room)
    painter.drawText(place, int(Qt.AlignmentFlag.AlignTop), title)
    font.setPixelSize(CAPTION_PX)
    painter.setFont(font)
    painter.setPen(QColor(colours.quiet))
    said = f"Lacks {row.lacks} · {row.detail}" if row.lacks else row.detail
    detail = painter.fontMetrics().elidedText(said, elide, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignBottom), detail)
