"""The table of cases: what a batch or a labelled set gave, sorted, filtered, opened, exported."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.case_row import CaseRow
from widgets.case_rows import COLUMNS, CaseRows
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.theme import ROW_PX

EMPTY = "No case was explained yet."
BEGUN = "The first case is being examined."
EMPTY_HINT = (
    "Explain the selection of the study list, judge a labelled set, or open the result of one."
)
NOTHING = "No case fits the filter."


class CaseList(QTreeView):
    """The list itself: a click or Enter opens a case."""

    opened = Signal(QModelIndex)

    def __init__(self, rows: CaseRows) -> None:
        super().__init__()
        self.setModel(rows)
        self.setProperty("kind", "table")
        self.setAccessibleName("Cases")
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.header()
        head.setStretchLastSection(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        for place, column in enumerate(COLUMNS):
            head.setSectionResizeMode(place, QHeaderView.ResizeMode.Interactive)
            if column is not COLUMNS[-1]:  # which takes what is left
                head.resizeSection(place, column.width_px)
        self.setSortingEnabled(True)
        self.clicked.connect(self.opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class CaseTable(QDialog):
    """Stands beside the main window; it opens, writes and cancels nothing itself."""

    row_opened = Signal(object)
    """The CaseRow whose map is to be shown."""
    cancel_requested = Signal()
    explain_requested = Signal()
    judge_requested = Signal()
    open_requested = Signal()
    export_requested = Signal(object, bool)
    """The rows in sight, in their order, and whether patients may be named."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Cases")
        self.setModal(False)
        self.resize(1200, 600)
        self._rows = CaseRows(self)
        self._list = CaseList(self._rows)
        self._title = ShortLabel("Cases", "heading")
        self._title.setMinimumHeight(ROW_PX)  # as high as Cancel, which comes and goes
        self._field = QLineEdit()
        self._wrong = QCheckBox("Right for a wrong reason")
        self._count = text_label("", "quiet")
        self._bar = QProgressBar()
        self._far = text_label("", "quiet")
        self._cancel = TextButton("Cancel", "cancel")
        self._export = TextButton("Export", "document")
        self._nothing = text_label(NOTHING, "quiet")
        self._empty = text_label(EMPTY)
        self._hint = text_label(EMPTY_HINT, "quiet")
        self._begin = PrimaryButton("Explain a selection", "why")
        self._pages = QStackedWidget()
        self._dress()
        self._arrange()
        self._connect()
        self.set_rows("Cases", ())
        self.set_work(None)

    def set_rows(self, title: str, rows: Sequence[CaseRow]) -> None:
        """Other cases altogether, with what they are of."""
        self._title.setText(title)
        self._rows.set_rows(rows)
        self._show_found()

    def add_rows(self, rows: Sequence[CaseRow]) -> None:
        """Further cases; what is selected and in sight stays."""
        self._rows.add_rows(rows)
        self._show_found()

    def set_work(self, done_of: tuple[int, int] | None) -> None:
        """How many cases of how many are done; None when nothing is under way."""
        for widget in (self._bar, self._far, self._cancel):
            widget.setVisible(done_of is not None)
        for widget in (self._hint, self._begin):
            widget.setVisible(done_of is None)
        self._empty.setText(EMPTY if done_of is None else BEGUN)
        if done_of is not None:
            self._bar.setRange(0, max(done_of[1], 1))
            self._bar.setValue(done_of[0])
            self._far.setText(f"{done_of[0]:,} of {done_of[1]:,}")

    def rows_in_sight(self) -> tuple[CaseRow, ...]:
        """What passes the filters, in the order in which it stands."""
        return self._rows.shown

    # What the person does

    def _filter(self) -> None:
        self._rows.set_filter(self._field.text(), wrong_only=self._wrong.isChecked())
        self._show_found()

    def _open(self, index: QModelIndex) -> None:
        self.row_opened.emit(self._rows.row(index))

    def _fill_export(self, menu: QMenu) -> None:
        for words, identified in (
            ("As CSV, without names", False),
            ("As CSV that names series and patients", True),
        ):
            menu.addAction(words).triggered.connect(
                lambda _checked=False, named=identified: self.export_requested.emit(
                    self._rows.shown, named
                )
            )

    # What is shown

    def _show_found(self) -> None:
        found, every = self._rows.rowCount(), self._rows.everything
        wrong = sum(row.wrong_reason for row in every)
        many = "1 map" if len(every) == 1 else f"{len(every):,} maps"
        words = many if found == len(every) else f"{found:,} of {many}"
        self._count.setText(f"{words} · {wrong:,} right for a wrong reason" if every else "")
        self._pages.setCurrentIndex(0 if found else (2 if every else 1))
        self._export.setEnabled(found > 0)

    # How it is put together

    def _dress(self) -> None:
        self._field.setPlaceholderText("Find a case, a label or words")
        self._field.setAccessibleName("Find a case, a label or words")
        self._field.setClearButtonEnabled(True)
        self._field.setMinimumWidth(220)
        self._wrong.setToolTip(
            plain_tip("The answer is right, and the map lies elsewhere than the marked region.")
        )
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._bar.setAccessibleName("Progress of the batch")
        menu = QMenu(self._export)
        self._fill_export(menu)
        self._export.setMenu(menu)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        for widget, stretch in (
            (self._title, 1),
            (self._bar, 0),
            (self._far, 0),
            (self._cancel, 0),
        ):
            top.addWidget(widget, stretch)
        filters = QHBoxLayout()
        filters.setSpacing(12)
        filters.addWidget(self._field)
        filters.addWidget(self._wrong)
        filters.addStretch(1)
        filters.addWidget(self._count)
        for page in (self._list, self._empty_page(), self._nothing_page()):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(filters)
        column.addWidget(self._pages, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for words, icon_name, wish in (
            ("Explain a selection", "why", self.explain_requested),
            ("Judge a labelled set", "target", self.judge_requested),
            ("Open a belief set", "open", self.open_requested),
        ):
            button = TextButton(words, icon_name)
            button.setAutoDefault(False)  # Enter opens the case
            button.clicked.connect(wish)
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self._cancel, self._export):
            button.setAutoDefault(False)
        foot.addWidget(self._export)
        return foot

    def _empty_page(self) -> QWidget:
        page = QWidget()
        self._begin.setAutoDefault(False)
        self._begin.clicked.connect(self.explain_requested)
        column = QVBoxLayout(page)
        column.setSpacing(12)
        column.addStretch(1)
        for widget in (self._empty, self._hint, self._begin):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _nothing_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self._nothing, 0, Qt.AlignmentFlag.AlignCenter)
        return page

    def _connect(self) -> None:
        self._field.textChanged.connect(self._filter)
        self._wrong.toggled.connect(self._filter)
        self._list.opened.connect(self._open)
        self._cancel.clicked.connect(self.cancel_requested)
        find = QShortcut(QKeySequence("Ctrl+F"), self)
        find.activated.connect(self._field.setFocus)
        down = QShortcut(QKeySequence("Down"), self._field)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self._list.setFocus)
