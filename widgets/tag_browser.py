"""All that a file says of itself: its elements as a tree, searched as one types, and copied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from inference.records import Tags
from widgets.buttons import IconButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import ShortLabel
from widgets.tag_rows import NAME, TAG, VR, TagRows

COPY_VALUE = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_C
)
WIDTHS_PX = {TAG: 190, NAME: 240, VR: 44}


class TagTree(QTreeView):
    """Ctrl+C and Ctrl+Shift+C are wishes; Qt's own list would copy the cell under the cursor."""

    copy_requested = Signal()
    copy_value_requested = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.keyCombination() == COPY_VALUE:
            self.copy_value_requested.emit()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
            return
        super().keyPressEvent(event)


class TagBrowser(QDialog):
    """A window beside the main one; `file_chosen` asks for another file's tags by its place."""

    file_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Tags")
        self.setModal(False)
        self.resize(860, 640)
        self._model = TagRows(self)
        self._tree = TagTree()
        self._field = QLineEdit()
        self._files = Chooser("File of the series")
        self._count = QLabel()
        self._said = ShortLabel("", "caption")
        self._reading = True
        self._cut = False
        self._at = -1
        self._dress()
        self._arrange()
        self._connect()
        self.set_files(())
        self.set_tags(None)
        self._field.setFocus()

    def set_title(self, title: str) -> None:
        """What the tags belong to, in the window's frame."""
        self.setWindowTitle(f"Tags of {title}")

    def set_files(self, names: tuple[str, ...], current: int = 0) -> None:
        """The files of a series; with fewer than two there is nothing to choose."""
        self._files.clear_entries()
        for number, name in enumerate(names):
            self._files.add_entry(str(number), f"{number + 1:,} of {len(names):,}   {name}")
        self._files.choose(str(current) if names else None)
        for widget in (self._files, self._before, self._after):
            widget.setVisible(len(names) > 1)
        self._allow_steps()

    def set_tags(self, tags: Tags | None) -> None:
        """The elements of a file, searched as before; None while they are being read."""
        self._reading = tags is None
        self._cut = tags is not None and tags.cut
        self._model.set_tags(tags)
        self._tree.setEnabled(tags is not None)
        self._show_found()

    def set_trouble(self, sentence: str) -> None:
        """Why there are no tags."""
        self.set_tags(Tags("", ()))
        self._said.setText(sentence)

    # What the person does

    def _search(self, typed: str) -> None:
        self._model.set_search(typed)
        self._show_found()

    def _step(self, by: int) -> None:
        """Go to the next or previous element that was found, round from the end."""
        found = self._model.found
        if not found or not self._field.text().strip():
            return
        self._at = (self._at + by) % len(found) if self._at >= 0 else (0 if by > 0 else -1)
        self._at %= len(found)
        place = self._model.place_of(found[self._at])
        self._tree.setCurrentIndex(place)
        self._tree.scrollTo(place)
        self._count.setText(f"{self._at + 1:,} of {len(found):,}")

    def _step_file(self, by: int) -> None:
        now = int(self._files.chosen_key() or 0) + by
        if 0 <= now < self._files.count():
            self._files.choose(str(now))
            self._choose_file(str(now))

    def _choose_file(self, key: str) -> None:
        self._allow_steps()
        self.file_chosen.emit(int(key))

    def _copy_value(self) -> None:
        index = self._tree.currentIndex()
        if index.isValid():
            self._put(self._model.row(index).value, "the value")

    def _copy_rows(self) -> None:
        indexes = self._tree.selectionModel().selectedRows()
        numbers = tuple(sorted(index.internalId() for index in indexes))
        if numbers:
            self._put_rows(numbers)

    def _copy_found(self) -> None:
        self._put_rows(self._model.found)

    def _put_rows(self, numbers: tuple[int, ...]) -> None:
        self._put(self._model.text_of(numbers), _elements(len(numbers)))

    def _put(self, text: str, what: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._said.setText(f"Copied {what}.")

    def _open_menu(self, place: QPoint) -> None:
        if not self._tree.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.addAction("Copy the value\tCtrl+Shift+C").triggered.connect(self._copy_value)
        menu.addAction("Copy the element\tCtrl+C").triggered.connect(self._copy_rows)
        menu.addAction("Copy all found").triggered.connect(self._copy_found)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._tree.viewport().mapToGlobal(place))

    # What is shown

    def _show_found(self) -> None:
        self._at = -1
        searched = bool(self._field.text().strip())
        found = len(self._model.found)
        if searched:
            self._tree.expandAll()
            words = "1 found" if found == 1 else f"{found:,} found"
            self._count.setText(words if found else "None found")
            self._step(1)
        else:
            self._count.setText(_elements(found))
        for button in (self._previous, self._next):
            button.setEnabled(searched and found > 0)
        self._copy.setText("Copy all found" if searched else "Copy all")
        self._copy.setEnabled(found > 0)
        self._said.setText("The file has more elements than are shown." if self._cut else "")
        if self._reading:  # nothing was found yet, and nothing is missing
            self._count.setText("")
            self._said.setText("Reading the tags")

    def _allow_steps(self) -> None:
        now = int(self._files.chosen_key() or 0)
        self._before.setEnabled(now > 0)
        self._after.setEnabled(now < self._files.count() - 1)

    # How it is put together

    def _dress(self) -> None:
        tree = self._tree
        tree.setModel(self._model)
        tree.setProperty("kind", "table")
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("Tags")
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        tree.setIndentation(16)
        head = tree.header()
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in WIDTHS_PX.items():
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            head.resizeSection(column, width)
        self._field.setPlaceholderText("Find a tag, a name or a value")
        self._field.setAccessibleName("Find a tag, a name or a value")
        self._field.setClearButtonEnabled(True)
        self._count.setProperty("kind", "quiet")
        self._previous = IconButton("chevron_up", "Previous", "Shift+F3")
        self._next = IconButton("chevron_down", "Next", "F3 or Enter")
        self._before = IconButton("chevron_left", "File before", "Ctrl+PgUp")
        self._after = IconButton("chevron_right", "File after", "Ctrl+PgDown")
        self._copy = TextButton("Copy all", "copy")
        self._copy.setAutoDefault(False)  # Enter goes to the next one found

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._field, 1)
        for widget in (self._count, self._previous, self._next):
            top.addWidget(widget)
        files = QHBoxLayout()
        files.setSpacing(4)
        files.addWidget(self._before)
        files.addWidget(self._files, 1)
        files.addWidget(self._after)
        foot = QHBoxLayout()
        foot.addWidget(self._said, 1)
        foot.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        column.addLayout(files)
        column.addLayout(top)
        column.addWidget(self._tree, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._field.textChanged.connect(self._search)
        self._field.returnPressed.connect(lambda: self._step(1))
        self._previous.clicked.connect(lambda: self._step(-1))
        self._next.clicked.connect(lambda: self._step(1))
        self._before.clicked.connect(lambda: self._step_file(-1))
        self._after.clicked.connect(lambda: self._step_file(1))
        self._copy.clicked.connect(self._copy_found)
        self._files.chosen.connect(self._choose_file)
        self._tree.copy_value_requested.connect(self._copy_value)
        self._tree.copy_requested.connect(self._copy_rows)
        self._tree.customContextMenuRequested.connect(self._open_menu)
        acts: tuple[tuple[str, QWidget, Callable[[], None]], ...] = (
            ("Ctrl+F", self, self._go_to_field),
            ("F3", self, lambda: self._step(1)),
            ("Shift+F3", self, lambda: self._step(-1)),
            ("Down", self._field, self._tree.setFocus),
            ("Ctrl+PgUp", self, lambda: self._step_file(-1)),
            ("Ctrl+PgDown", self, lambda: self._step_file(1)),
        )
        for keys, place, act in acts:
            shortcut = QShortcut(QKeySequence(keys), place)
            if place is not self:
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def _go_to_field(self) -> None:
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()


def _elements(count: int) -> str:
    return "1 element" if count == 1 else f"{count:,} elements"
