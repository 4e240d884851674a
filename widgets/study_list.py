"""What is open: patients, studies, series as small pictures, objects, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from inference.records import DicomObject, Refused, Source
from widgets.buttons import IconButton, PrimaryButton
from widgets.icons import pixmap
from widgets.labels import ShortLabel, text_label
from widgets.refused_part import RefusedPart
from widgets.signs import State
from widgets.study_menu import StudyMenu
from widgets.study_rows import SourceRows
from widgets.study_view import StudyView
from widgets.theme import MARGIN_PX

FILTER_FROM = 9
"""A field to filter by appears with so many series."""


class StudyList(QWidget):
    """Choosing a series sends `source_chosen`; the list itself opens nothing."""

    source_chosen = Signal(str)
    open_requested = Signal()
    open_folder_requested = Signal()
    object_toggled = Signal(str, bool)
    """An object's id, and whether it is to be laid over its scan."""
    object_opened = Signal(str)
    """The id of an object that is to be read: a report, or one known by its tags alone."""
    key_images_requested = Signal(str)
    """The id of a selection of key images, whose frames are to be found."""
    tags_requested = Signal(str)
    """The id of a source or an object."""
    order_chosen = Signal(str, str)
    """A source's id, and the rule of one of its other orders."""
    explain_requested = Signal(object)
    """The ids of the sources whose maps are wanted, in the order of the list."""
    viewport_chosen = Signal(str, int)
    """A source's id, and the viewport that is to show it, counted from 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._sources: tuple[Source, ...] = ()
        self._objects: tuple[DicomObject, ...] = ()
        self._marked: str | None = None
        self._viewports = 1
        self._rows = SourceRows(self)
        self._list = StudyView(self._rows)
        self._list.chosen.connect(self._choose)
        self._list.activated_row.connect(self._activate)
        self._list.let_go.connect(lambda: self._mark(self._marked))
        self._list.customContextMenuRequested.connect(self._open_menu)
        self._refused = RefusedPart()
        self._arrange()
        self.set_loading(None)

    def set_sources(self, sources: tuple[Source, ...]) -> None:
        """All open sources, grouped by patient and study; what is selected stays so."""
        if sources != self._sources:
            self._sources = sources
            self._show_open()

    def set_objects(self, objects: tuple[DicomObject, ...]) -> None:
        """All open objects, each under its study; what is selected stays so."""
        if objects != self._objects:
            self._objects = objects
            self._show_open()

    def set_objects_on(self, object_ids: frozenset[str]) -> None:
        """Which objects are laid over their scans."""
        self._rows.set_on(object_ids)

    def set_shown(self, shown: dict[str, tuple[int, ...]]) -> None:
        """In which viewports, counted from 1, each source is seen."""
        self._rows.set_shown(shown)

    def set_viewports(self, count: int) -> None:
        """How many viewports a series can be opened in."""
        self._viewports = count

    def set_thumbnail(self, source_id: str, pixels: np.ndarray) -> None:
        """A small picture for one source: uint8 [rows, columns] or [rows, columns, 3]."""
        self._rows.set_thumbnail(source_id, pixels)

    def set_sign(self, source_id: str, state: State | None, words: str = "") -> None:
        """How far to believe the newest map of a source, and why; None for nothing known."""
        self._rows.set_sign(source_id, state, words)

    def selected(self) -> tuple[str, ...]:
        """The ids of the sources that are marked, in the order of the list."""
        indexes = sorted(self._list.selectionModel().selectedIndexes(), key=QModelIndex.row)
        found = (self._rows.source_id(index) for index in indexes)
        return tuple(source_id for source_id in found if source_id is not None)

    def set_selected(self, source_id: str | None) -> None:
        """Mark a source as the one shown, without sending `source_chosen`.

        Who stands on an object stays there while the source shown is still the same.
        """
        row = self._rows.row(self._list.currentIndex())
        if source_id != self._marked or row is None or row.found is None:
            self._mark(source_id)

    def set_refused(self, refused: tuple[Refused, ...]) -> None:
        """Files that could not be opened, folded behind one line."""
        self._refused.set_refused(refused)

    def set_loading(self, sentence: str | None) -> None:
        """What is being read just now; None when nothing is."""
        self._loading.setText(sentence or "")
        self._loading.setVisible(sentence is not None)

    def menu_of(self, index: QModelIndex) -> QMenu | None:
        """What can be done with a series or an object; None on a heading."""
        row = self._rows.row(index)
        if row is None or (row.source is None and row.found is None):
            return None
        menu = StudyMenu(row, self._viewports, self)
        for signal, wish in (
            (menu.tags, self.tags_requested),
            (menu.order, self.order_chosen),
            (menu.viewport, self.viewport_chosen),
            (menu.toggled, self.object_toggled),
            (menu.opened, self.object_opened),
            (menu.images, self.key_images_requested),
        ):
            signal.connect(wish)
        menu.explained.connect(self._explain)
        return menu

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of "open_files" and "open_folder", for their buttons."""
        self._add.set_tooltip("Open files", keys.get("open_files", ""))
        self._folder.set_tooltip("Open a folder", keys.get("open_folder", ""))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_empty_icon"):
            self._colour()

    # What the person does

    def _choose(self, index: QModelIndex) -> None:
        source_id = self._rows.source_id(index)
        if source_id is not None and source_id != self._marked:
            self._marked = source_id
            self.source_chosen.emit(source_id)

    def _activate(self, index: QModelIndex) -> None:
        row = self._rows.row(index)
        if row is None or row.found is None:
            return
        if row.switch:
            self.object_toggled.emit(row.found.object_id, not row.on)
        elif row.selects:
            self.key_images_requested.emit(row.found.object_id)
        else:
            self.object_opened.emit(row.found.object_id)

    def _explain(self, source_id: str) -> None:
        """One of several that are marked stands for all of them."""
        marked = self.selected()
        self.explain_requested.emit(marked if source_id in marked else (source_id,))

    def _open_menu(self, place: QPoint) -> None:
        menu = self.menu_of(self._list.indexAt(place))
        if menu is not None:
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self._list.viewport().mapToGlobal(place))

    # What is shown

    def _show_open(self) -> None:
        current = self._rows.row(self._list.currentIndex())
        kept = current.found.object_id if current is not None and current.found else None
        with QSignalBlocker(self._list):
            self._rows.set_open(self._sources, self._objects)
        self._mark(self._marked, kept)
        self._stack.setCurrentIndex(1 if self._sources or self._objects else 0)
        many = len(self._sources) >= FILTER_FROM
        if not many:
            self._field.clear()
        self._field.setVisible(many)

    def _filter(self, typed: str) -> None:
        with QSignalBlocker(self._list):
            self._rows.set_filter(typed)
        self._mark(self._marked)
        self._nothing.setVisible(self._rows.rowCount() == 0)

    def _mark(self, source_id: str | None, object_id: str | None = None) -> None:
        self._marked = source_id
        index = self._rows.index_of_object(object_id) if object_id else QModelIndex()
        if not index.isValid():
            index = self._rows.index_of(source_id)
        flag = QItemSelectionModel.SelectionFlag
        model = self._list.selectionModel()
        with QSignalBlocker(self._list):  # one of several that are marked leaves the others so
            among = model.isSelected(index)
            model.setCurrentIndex(index, flag.NoUpdate if among else flag.ClearAndSelect)

    def _colour(self) -> None:
        quiet = self.palette().placeholderText().color()
        self._empty_icon.setPixmap(pixmap("drop", quiet, 32))

    # How it is put together

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 8, 8, 8)
        head.addWidget(text_label("Studies", "heading"), 1)
        self._folder = IconButton("folder", "Open a folder", "Ctrl+Shift+O")
        self._folder.clicked.connect(self.open_folder_requested)
        self._add = IconButton("open", "Open files", "Ctrl+O")
        self._add.clicked.connect(self.open_requested)
        head.addWidget(self._folder)
        head.addWidget(self._add)
        self._loading = ShortLabel("", "caption")
        self._loading.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._open_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(self._loading)
        column.addWidget(self._refused)

    def _open_page(self) -> QWidget:
        page = QWidget()
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a series")
        self._field.setAccessibleName("Find a series")
        self._field.setClearButtonEnabled(True)
        self._field.setVisible(False)
        self._field.textChanged.connect(self._filter)
        down = QShortcut(QKeySequence("Down"), self._field)
        down.setContext(Qt.ShortcutContext.WidgetShortcut)
        down.activated.connect(self._list.setFocus)
        self._nothing = text_label("No series has these words.", "quiet", wrap=True)
        self._nothing.setVisible(False)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 4)
        top.setSpacing(8)
        top.addWidget(self._field)
        top.addWidget(self._nothing)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._list, 1)
        return page

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
