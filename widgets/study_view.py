"""The list itself: a press may begin a drag, so only a click or a key chooses."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from widgets.study_row_painter import StudyRowDelegate
from widgets.study_rows import SourceRows


class StudyView(QListView):
    """`chosen` is a row that was clicked or reached by keys, `activated_row` one to be opened.

    Pressing the button on a series and moving away drags it; then nothing is chosen, and `let_go`
    asks for the mark to go back. The right button only opens the menu of what it points at.
    """

    chosen = Signal(QModelIndex)
    activated_row = Signal(QModelIndex)
    let_go = Signal()

    def __init__(self, rows: SourceRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressing = False
        self.setModel(rows)
        self.setItemDelegate(StudyRowDelegate(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Studies")
        self.selectionModel().currentChanged.connect(self._moved)
        self.clicked.connect(self._click)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressing = True
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._pressing:  # no click came of it
            self._pressing = False
            self.let_go.emit()

    def startDrag(self, supported: Qt.DropAction) -> None:
        super().startDrag(supported)
        self._pressing = False
        self.let_go.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            if self.currentIndex().isValid():
                self.activated_row.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _moved(self, current: QModelIndex) -> None:
        if not self._pressing:
            self.chosen.emit(current)

    def _click(self, index: QModelIndex) -> None:
        self._pressing = False
        self.chosen.emit(index)
        self.activated_row.emit(index)
