"""The labels of a set as a tree, in the order of a draft, one of which is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from widgets.label_draft import DraftRow
from widgets.label_rows import draw_swatch
from widgets.labels import plain_tip
from widgets.theme import RGB

COLUMNS = ("Label", "Key", "Used")
_SWATCH_PX = 12


class LabelTree(QTreeWidget):
    """Rows are known by their place in the draft, counted from the top."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QTreeWidgetItem] = []
        self.setHeaderLabels(COLUMNS)
        self.setProperty("kind", "table")
        self.setAccessibleName("Labels")
        self.setIndentation(14)
        self.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            head.resizeSection(column, 48)
        self.currentItemChanged.connect(lambda *_: self.chosen.emit())

    def set_rows(self, rows: Sequence[DraftRow], counts: Mapping[str, int]) -> None:
        """Build the tree anew; nothing is chosen then."""
        with QSignalBlocker(self):
            self.clear()
            self._items = []
            above: list[QTreeWidgetItem] = []
            for row in rows:
                del above[row.level :]
                item = QTreeWidgetItem(above[-1] if above else self.invisibleRootItem())
                above.append(item)
                self._items.append(item)
            self.expandAll()
        self.write(rows, counts)

    def write(self, rows: Sequence[DraftRow], counts: Mapping[str, int]) -> None:
        """Draw what the rows say; they are the same ones in the same order."""
        for item, row in zip(self._items, rows, strict=True):
            count = counts.get(row.origin, 0) if row.origin else 0
            texts = (row.title, row.label.key, f"{count:,}" if count else "")
            for column, text in enumerate(texts):
                item.setText(column, text)
                item.setToolTip(column, plain_tip(text))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setIcon(0, _swatch(row.label.colour))

    def choose(self, place: int) -> None:
        """Choose a row, without sending `chosen`."""
        with QSignalBlocker(self):
            if 0 <= place < len(self._items):
                self.setCurrentItem(self._items[place])
                self.scrollToItem(self._items[place])
            else:
                self.setCurrentIndex(QModelIndex())

    def place(self) -> int:
        """The place of the row that is chosen; -1 for none."""
        item = self.currentItem()
        return next((at for at, one in enumerate(self._items) if one is item), -1)


def _swatch(colour: RGB) -> QIcon:
    drawn = QPixmap(_SWATCH_PX, _SWATCH_PX)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_swatch(painter, QRectF(drawn.rect()), QColor(*colour))
    painter.end()
    icon = QIcon(drawn)
    icon.addPixmap(drawn, QIcon.Mode.Selected)  # Qt would tint it
    return icon
