"""What to label next, as a list: which scans, in which order, how many are done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from inference.records import FrameKey
from widgets.buttons import IconButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.queue_rows import QueueItem, QueuePainter, QueueRows
from widgets.theme import MARGIN_PX

ORDERS: tuple[tuple[str, str, str], ...] = (
    ("uncertain", "Least certain first", "What the model is least sure of stands first"),
    ("disagreement", "Disagreement first", "Where the model says otherwise than the label"),
    ("reason", "Wrong reason first", "Where least of the map lies on the marked region"),
    ("unlabelled", "Unlabelled first", "What has no label yet stands first"),
    ("name", "By name", ""),
)
"""Keys, words and what they mean."""


class QueueList(QWidget):
    """States: no scans, none that fits, rows; with and without a model to be asked about all."""

    chosen = Signal(object)
    """The key of the row that is to be shown."""
    text_changed = Signal(str)
    order_chosen = Signal(str)
    show_chosen = Signal(str)
    slices_toggled = Signal(bool)
    ask_requested = Signal()
    next_requested = Signal()
    previous_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = QueueRows(self)
        self._view = _View(self.rows)
        self._view.chosen.connect(self._choose)
        self._shows: tuple[tuple[str, str], ...] = ()
        self._arrange()
        self.set_count(0, 0)
        self.set_model("", "")

    def set_rows(
        self, keys: tuple[FrameKey, ...], item_of: Callable[[int], QueueItem], current: int | None
    ) -> None:
        """The rows, and which of them is in sight; where the list stands it stays."""
        bar, view = self._view.verticalScrollBar(), self._view
        before, index = bar.value(), view.currentIndex().row()
        with QSignalBlocker(view):
            if self.rows.set_rows(keys, item_of):
                view.doItemsLayout()  # else the scroll bar has no range to go back in
            else:
                view.viewport().update()
            view.setCurrentIndex(self.rows.index(-1 if current is None else current))
            bar.setValue(before)
        if current is not None and current != index:
            view.scrollTo(self.rows.index(current))
        self._show_state()

    def set_shows(self, shows: tuple[tuple[str, str], ...]) -> None:
        """What can be shown, as keys and words; a key of "" is a heading."""
        if shows != self._shows:
            self._shows = shows
            self._show.clear_entries()
            for key, words in shows:
                if key:
                    self._show.add_entry(key, words)
                else:
                    self._show.add_heading(words)

    def set_wish(self, text: str, order: str, show: str, *, slices: bool) -> None:
        """How the queue is wanted."""
        self._order.choose(order)
        self._show.choose(show)
        with QSignalBlocker(self._slices), QSignalBlocker(self._field):
            self._slices.setChecked(slices)
            if self._field.text() != text:
                self._field.setText(text)

    def set_count(self, labelled: int, total: int, noun: str = "scan") -> None:
        """How many of all are labelled."""
        self._labelled, self._total = labelled, total
        self._count.setText(f"{labelled:,} of {total:,} labelled" if total else "")
        self._slices.setToolTip(f"Otherwise a {noun} is listed once")
        self._show_state()

    def set_model(self, title: str, why_not: str) -> None:
        """The model that can be asked about all scans; `why_not` says why it cannot."""
        self._ask.setEnabled(bool(title) and not why_not)
        words = f"Ask {title} about every scan that it has not seen" if title else ""
        self._ask.setToolTip(plain_tip(why_not or words))

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of "queue_next" and "queue_previous", for their buttons."""
        self._next.set_tooltip("Next one to label", keys.get("queue_next", ""))
        self._previous.set_tooltip("The one to label before", keys.get("queue_previous", ""))

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.rows.keys[index.row()])

    def _show_state(self) -> None:
        there = self.rows.rowCount() > 0
        self._view.setVisible(there)
        words = "No scan fits this." if self._total else "The project has no scans yet."
        self._nothing.setText("" if there else words)
        self._nothing.setVisible(not there)

    # How it is put together

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addLayout(self._wishes())
        self._nothing = text_label("", "quiet", wrap=True)
        self._nothing.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._view, 1)
        column.addWidget(self._nothing, 1)
        self._ask = TextButton("Ask the model about all", "ask")
        self._ask.clicked.connect(self.ask_requested)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.addWidget(self._ask, 1)
        column.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        self._previous = IconButton("chevron_up", "The one to label before")
        self._next = IconButton("chevron_down", "Next one to label")
        self._previous.clicked.connect(self.previous_requested)
        self._next.clicked.connect(self.next_requested)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._count = ShortLabel("", "caption")
        words.addWidget(text_label("To label", "heading"))
        words.addWidget(self._count)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 8, 8, 8)
        head.addLayout(words, 1)
        head.addWidget(self._previous)
        head.addWidget(self._next)
        return head

    def _wishes(self) -> QVBoxLayout:
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a scan")
        self._field.setAccessibleName("Find a scan")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self.text_changed)
        self._order, self._show = Chooser("Order of the queue"), Chooser("What the queue shows")
        for key, words, meaning in ORDERS:
            self._order.add_entry(key, words, reason=meaning)
        self._order.chosen.connect(self.order_chosen)
        self._show.chosen.connect(self.show_chosen)
        self._slices = QCheckBox("Slice by slice")
        self._slices.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slices.toggled.connect(self.slices_toggled)
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(8)
        for widget in (self._field, self._order, self._show, self._slices):
            column.addWidget(widget)
        return column


class _View(QListView):
    """A click, an arrow key or Enter chooses the row."""

    chosen = Signal(QModelIndex)

    def __init__(self, rows: QueueRows) -> None:
        super().__init__()
        self.setModel(rows)
        self.setItemDelegate(QueuePainter(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("To label")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.clicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex()
        super().keyPressEvent(event)
        opens = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if opens or self.currentIndex() != before:
            self.chosen.emit(self.currentIndex())
