"""The tree of a network's layers: searched as one types, one of them looked at or asked about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.layer_rows import CLASS, NAME, OUTPUT, PARAMETERS, PREVIEW_PX, LayerRow, LayerRows
from widgets.stage_picture import Plane, StagePicture

WIDTHS_PX = {CLASS: 150, OUTPUT: 140, PARAMETERS: 96}
LARGER_PX = 72


class _Tree(QTreeView):
    """Enter is a wish; the columns of figures keep their widths, the names take the rest."""

    entered_row = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnWidth(NAME, max(self.viewport().width() - sum(WIDTHS_PX.values()), 120))


class LayerTree(QWidget):
    """`look_requested` asks to see what a layer gives, `ask_requested` to explain at it."""

    look_requested = Signal(str)
    ask_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = LayerRows(self)
        self._previews: dict[str, np.ndarray] = {}
        self._chosen: str | None = None
        self._no_asking = ""
        self._said = ShortLabel("", "caption")
        self._field = QLineEdit()
        self._field.setPlaceholderText("Search parts and classes")
        self._field.setAccessibleName("Search the layers")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._search)
        self._tree = _tree(self._rows)
        self._tree.entered_row.connect(self._look)
        self._tree.doubleClicked.connect(self._look)
        self._tree.selectionModel().currentChanged.connect(self._show_current)
        self._name = ShortLabel("", mode=Qt.TextElideMode.ElideMiddle)
        self._reason = text_label("", "caption", wrap=True)
        self._preview = StagePicture("What this layer gives, in small")
        self._preview.setFixedSize(LARGER_PX, LARGER_PX)
        self._show = TextButton("Show what it gives")
        self._show.clicked.connect(self._look)
        self._ask = PrimaryButton("Ask at this layer")
        self._ask.clicked.connect(lambda: self.ask_requested.emit(self._current()))
        self._arrange()
        self._show_current()

    def set_rows(self, rows: tuple[LayerRow, ...], chosen: str | None) -> None:
        """The parts of a network, and the layer that is asked about; none while they are read."""
        self._rows.set_rows(rows)
        self.set_chosen(chosen)
        self.set_previews({})
        self._show_found()

    def set_trouble(self, sentence: str) -> None:
        """Why there is no tree."""
        self.set_rows((), None)
        self._said.setText(sentence)

    @property
    def has_previews(self) -> bool:
        """Whether the small pictures of its layers are there."""
        return bool(self._previews)

    @property
    def chosen(self) -> str | None:
        """The layer that is asked about."""
        return self._chosen

    def set_chosen(self, chosen: str | None) -> None:
        """The layer that is asked about: the way to it is marked and unfolded."""
        self._chosen = chosen
        self._rows.set_chosen(chosen)
        self._go_to(chosen)
        self._show_current()
        self._tree.viewport().update()

    def set_previews(self, previews: Mapping[str, np.ndarray]) -> None:
        """What layers give in small, uint8 [rows, columns], by name."""
        self._previews = dict(previews)
        self._rows.set_previews(previews)
        self._tree.viewport().update()
        self._show_current()

    def set_asking(self, no_asking: str) -> None:
        """Why no layer can be asked about at all, such as the method taking none; "" if one can."""
        self._no_asking = no_asking
        self._show_current()

    def go_to(self, name: str) -> bool:
        """Put the cursor on a part; False where it is not among those shown."""
        return self._go_to(name)

    # Within

    def _search(self, typed: str) -> None:
        self._rows.set_search(typed)
        if typed.strip():
            self._tree.expandAll()
            found = self._rows.found
            if found:
                self._tree.setCurrentIndex(self._rows.place_of(found[0]))
                self._tree.scrollToTop()  # with the parts that it is in
        else:
            self._go_to(self._chosen)
        self._show_found()
        self._show_current()

    def _go_to(self, name: str | None) -> bool:
        number = self._rows.number_of("" if name is None else name)
        place = QModelIndex() if number is None else self._rows.place_of(number)
        if not place.isValid():
            return False
        self._tree.expand(self._rows.index(0, NAME))
        above = place.parent()
        while above.isValid():
            self._tree.expand(above)
            above = above.parent()
        self._tree.setCurrentIndex(place)
        self._tree.scrollTo(place, QAbstractItemView.ScrollHint.PositionAtCenter)
        return True

    def _show_found(self) -> None:
        count, whole = len(self._rows.found), self._rows.count
        if not whole:
            self._said.setText("")
        elif self._field.text().strip():
            self._said.setText(f"{count:,} of {whole:,} parts" if count else "No part is named so.")
        else:
            self._said.setText(f"{whole:,} parts")

    def _row(self) -> LayerRow | None:
        place = self._tree.currentIndex()
        return self._rows.row(place) if place.isValid() else None

    def _current(self) -> str:
        row = self._row()
        return "" if row is None else row.name

    def _look(self) -> None:
        row = self._row()
        if row is not None and not row.why_not:
            self.look_requested.emit(row.name)

    def _show_current(self) -> None:
        row = self._row()
        name = "" if row is None else row.name
        why_not = "" if row is None else row.why_not
        asked = bool(name) and name == self._chosen
        self._name.setText(name or ("" if row is None else "The whole network"))
        self._reason.setText("The layer that is asked about." if asked else why_not)
        self._show.setEnabled(row is not None and not why_not)
        reason = why_not or self._no_asking
        self._ask.setEnabled(row is not None and not reason and not asked)
        self._ask.setToolTip(plain_tip(reason or "Explain what this layer passes on"))
        if not self._reason.text() and self._no_asking:
            self._reason.setText(self._no_asking)
        levels = self._previews.get(name)
        self._preview.set_plane(None if levels is None else _plane(name, levels))
        self._preview.setVisible(levels is not None)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._reason)
        words.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self._preview)
        foot.addLayout(words, 1)
        for button in (self._show, self._ask):
            foot.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(text_label("Layers", "heading"))
        head.addWidget(self._said, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._field)
        column.addWidget(self._tree, 1)
        column.addLayout(foot)


def _tree(rows: LayerRows) -> _Tree:
    tree = _Tree()
    tree.setModel(rows)
    tree.setProperty("kind", "table")
    tree.setAccessibleName("Layers of the network")
    tree.setUniformRowHeights(True)
    tree.setIconSize(QSize(PREVIEW_PX, PREVIEW_PX))
    tree.setIndentation(16)
    tree.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    for column, width in WIDTHS_PX.items():
        tree.setColumnWidth(column, width)
    return tree


def _plane(name: str, levels: np.ndarray) -> Plane:
    return Plane(name, levels.astype(np.float32), 0.0, 255.0)
