"""What is open: studies with their series as small pictures, and what could not be opened."""

from __future__ import annotations

from pathlib import PurePath

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inference.records import Refused, Source
from widgets.buttons import IconButton, PrimaryButton, TextButton
from widgets.icons import pixmap
from widgets.labels import ShortLabel, SignLine, text_label
from widgets.scroll_column import WrappedPage
from widgets.study_rows import SourceDelegate, SourceRows
from widgets.theme import MARGIN_PX


class StudyList(QWidget):
    """Choosing a series sends `source_chosen`; the list itself opens nothing."""

    source_chosen = Signal(str)
    open_requested = Signal()
    open_folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._sources: tuple[Source, ...] = ()
        self._refusals: tuple[Refused, ...] = ()
        self._rows = SourceRows(self)
        self._list = QListView()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(SourceDelegate(self._list))
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setAccessibleName("Studies")
        self._list.selectionModel().currentChanged.connect(self._choose)
        self._arrange()
        self.set_loading(None)

    def set_sources(self, sources: tuple[Source, ...]) -> None:
        """All open sources, grouped by study in the order given; what is selected stays so."""
        if sources == self._sources:
            return
        self._sources = sources
        kept = self._rows.source_id(self._list.currentIndex())
        with _Quiet(self):
            self._rows.set_sources(sources)
        self.set_selected(kept)
        self._stack.setCurrentIndex(1 if sources else 0)

    def set_thumbnail(self, source_id: str, pixels: np.ndarray) -> None:
        """A small picture for one source: uint8 [rows, columns] or [rows, columns, 3]."""
        self._rows.set_thumbnail(source_id, pixels)

    def set_selected(self, source_id: str | None) -> None:
        """Mark a source as the one shown, without sending `source_chosen`."""
        index = self._rows.index_of(source_id)
        with _Quiet(self):
            self._list.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def set_refused(self, refused: tuple[Refused, ...]) -> None:
        """Files that could not be opened, folded behind one line."""
        count = len(refused)
        if refused == self._refusals:
            return
        self._refusals = refused
        self._refused.setVisible(count > 0)
        self._fold.setText(f"{count} {'file' if count == 1 else 'files'} not opened")
        while (item := self._reasons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for one in refused:
            self._reasons.addWidget(_reason(one))
        self._reasons.addStretch(1)

    def set_loading(self, sentence: str | None) -> None:
        """What is being read just now; None when nothing is."""
        self._loading.setText(sentence or "")
        self._loading.setVisible(sentence is not None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_empty_icon"):
            self._colour()

    def _choose(self, current: QModelIndex) -> None:
        source_id = self._rows.source_id(current)
        if source_id is not None:
            self.source_chosen.emit(source_id)

    def _unfold(self) -> None:
        shown = self._scroll.isHidden()
        self._scroll.setVisible(shown)
        self._fold.set_icon("chevron_down" if shown else "chevron_right", "quiet")

    def _colour(self) -> None:
        quiet = self.palette().placeholderText().color()
        self._empty_icon.setPixmap(pixmap("drop", quiet, 32))

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 8, 8, 8)
        head.addWidget(text_label("Studies", "heading"), 1)
        folder = IconButton("folder", "Open a folder", "Ctrl+Shift+O")
        folder.clicked.connect(self.open_folder_requested)
        add = IconButton("open", "Open files", "Ctrl+O")
        add.clicked.connect(self.open_requested)
        head.addWidget(folder)
        head.addWidget(add)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._list)
        self._loading = ShortLabel("", "caption")
        self._loading.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self._loading)
        column.addWidget(self._refused_part())

    def _empty_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 48)
        column.setSpacing(12)
        self._empty_icon = text_label()
        self._empty_icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words = text_label("Nothing is open yet.\nDrop scans here.", "quiet", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = PrimaryButton("Open files", "open")
        button.clicked.connect(self.open_requested)
        column.addStretch(1)
        column.addWidget(self._empty_icon)
        column.addWidget(words)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._colour()
        return page

    def _refused_part(self) -> QWidget:
        self._refused = QFrame()
        self._refused.setVisible(False)
        self._refused.setProperty("kind", "foot")
        self._fold = TextButton("", "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(self._unfold)
        inside = WrappedPage()
        self._reasons = QVBoxLayout(inside)
        self._reasons.setContentsMargins(MARGIN_PX, 0, 8, 8)
        self._reasons.setSpacing(8)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setMaximumHeight(180)
        self._scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._scroll.setVisible(False)
        column = QVBoxLayout(self._refused)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self._fold)
        column.addWidget(self._scroll)
        return self._refused


class _Quiet:
    """While it lasts, a change of the selection is the program's, not the person's."""

    def __init__(self, owner: StudyList) -> None:
        self._owner = owner

    def __enter__(self) -> None:
        self._owner.blockSignals(True)

    def __exit__(self, *_: object) -> None:
        self._owner.blockSignals(False)


def _reason(refused: Refused) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    name = ShortLabel(PurePath(refused.path).name, mode=Qt.TextElideMode.ElideMiddle)
    column.addWidget(name)
    column.addWidget(SignLine("bad", refused.reason, "caption"))
    return part
