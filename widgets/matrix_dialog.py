"""How alike maps are, each with each: a table a figure, to be read, copied, and gone on from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.buttons import TextButton
from widgets.icons import pixmap
from widgets.labels import SignLine, plain_tip, text_label
from widgets.signs import ICONS, ROLES, WORDS, State
from widgets.study_rows import Index

NAME_PX, CELL_PX, ROW_PX = 200, 68, 28
ITSELF = "–"
_TOP = QModelIndex()


@dataclass(frozen=True)
class Cell:
    """One figure of two maps, as it is read, and how it is to be taken; plain has no sign."""

    text: str
    state: State = "plain"


@dataclass(frozen=True)
class Table:
    """What is compared, and the figure of each pair, in rows as in columns."""

    title: str
    words: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Compared:
    """Names of the maps, in short and in full, and what was found in sentences and tables."""

    names: tuple[str, ...]
    full: tuple[str, ...]
    state: State
    sentence: str
    tables: tuple[Table, ...]


class MatrixDialog(QDialog):
    """Closes with Escape. `difference_requested` carries the places of two maps."""

    difference_requested = Signal(int, int)

    def __init__(self, compared: Compared, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._compared = compared
        self.setWindowTitle("How alike the maps are")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(text_label(self.windowTitle(), "heading"))
        column.addWidget(SignLine(compared.state, compared.sentence))
        self.views = tuple(_PairView(compared, table) for table in compared.tables)
        for table, view in zip(compared.tables, self.views, strict=True):
            column.addSpacing(8)
            column.addWidget(text_label(table.title))
            column.addWidget(text_label(table.words, "caption", wrap=True))
            column.addWidget(view)
            view.activated.connect(self._show_difference)
            for signal in (view.selectionModel().currentChanged, view.focused):
                signal.connect(partial(self._take, view))
        column.addSpacing(4)
        column.addLayout(self._buttons())
        self.setMinimumWidth(max(480, max(view.width() for view in self.views) + 40))
        self.views[0].setFocus()
        self._take(self.views[0])

    def copy(self) -> None:
        """Put both tables on the clipboard, as tab-separated values."""
        QGuiApplication.clipboard().setText(tsv_of(self._compared))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def _buttons(self) -> QHBoxLayout:
        copy = TextButton("Copy as TSV", "copy")
        copy.setToolTip(plain_tip("Put the tables on the clipboard, for a spreadsheet"))
        copy.clicked.connect(self.copy)
        self._difference = TextButton("Show the difference", "contrast")
        self._difference.clicked.connect(self._show_difference)
        close = TextButton("Close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        for button in (copy, self._difference):
            button.setAutoDefault(False)  # Enter belongs to the cell
            row.addWidget(button)
        row.addStretch(1)
        close.setAutoDefault(False)
        row.addWidget(close)
        return row

    def _pair(self) -> tuple[int, int] | None:
        """The two maps of the cell at hand, if there are two."""
        index = self._at.currentIndex()
        if not index.isValid() or index.row() == index.column():
            return None
        return index.row(), index.column()

    def _take(self, view: _PairView, *_where: object) -> None:
        """The cell at hand is that of the table that one was in last."""
        self._at = view
        pair = self._pair()
        self._difference.setEnabled(pair is not None)
        names = self._compared.names
        what = f"{names[pair[0]]} − {names[pair[1]]}" if pair else "Choose a cell of two maps first"
        self._difference.setToolTip(plain_tip(what))

    def _show_difference(self, *_where: object) -> None:
        pair = self._pair()
        if pair is not None:
            self.difference_requested.emit(*pair)
            self.accept()


class _PairView(QTableView):
    """One table, as large as what it shows."""

    focused = Signal()

    def __init__(self, compared: Compared, table: Table) -> None:
        super().__init__()
        self.setModel(_Pairs(compared, table, self))
        self.setProperty("kind", "table")
        self.setAccessibleName(table.title)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        count = len(compared.names)
        across, down = self.horizontalHeader(), self.verticalHeader()
        for header, size in ((across, CELL_PX), (down, ROW_PX)):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
            header.setTextElideMode(Qt.TextElideMode.ElideRight)
            header.setHighlightSections(False)
        down.setFixedWidth(NAME_PX)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setFixedHeight(ROW_PX)
        self.setFixedSize(NAME_PX + count * CELL_PX + 2, ROW_PX * (count + 1) + 2)
        self.setCurrentIndex(self.model().index(0, 1))

    def event(self, event: QEvent) -> bool:
        found = super().event(event)
        if event.type() == QEvent.Type.FocusIn:
            self.focused.emit()
        return found


class _Pairs(QAbstractTableModel):
    """The figures of each map with each other one."""

    def __init__(self, compared: Compared, table: Table, parent: QObject) -> None:
        super().__init__(parent)
        self._compared = compared
        self._table = table

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._compared.names)

    def columnCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._compared.names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        cell = self._table.cells[index.row()][index.column()]
        itself = index.row() == index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return ITSELF if itself else cell.text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.DecorationRole and not itself and cell.state != "plain":
            return _sign(cell.state)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return plain_tip(self._said(index.row(), index.column(), cell))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._compared.full[section])
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        down = orientation == Qt.Orientation.Vertical
        return f"{section + 1}  {self._compared.names[section]}" if down else str(section + 1)

    def _said(self, row: int, column: int, cell: Cell) -> str:
        names = self._compared.full
        if row == column:
            return names[row]
        verdict = f", {WORDS[cell.state]}" if cell.state != "plain" else ""
        return f"{names[row]} and {names[column]}: {cell.text}{verdict}"


def tsv_of(compared: Compared) -> str:
    """The tables one below the other, each under a line with its title and the names."""
    rows = []
    for table in compared.tables:
        rows.append([table.title, *compared.full])
        for name, cells in zip(compared.full, table.cells, strict=True):
            rows.append([name, *(cell.text for cell in cells)])
        rows.append([])
    return "".join("\t".join(_plain(cell) for cell in row) + "\n" for row in rows[:-1])


def _plain(text: str) -> str:
    return " ".join(text.split())


def _sign(state: State) -> QIcon:
    drawn = pixmap(ICONS[state], QColor(getattr(theme.current(), ROLES[state])), 14)
    found = QIcon(drawn)
    found.addPixmap(drawn, QIcon.Mode.Selected)  # Qt's own would be tinted, and say less
    return found
