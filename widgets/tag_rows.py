"""The elements of a data set as a tree, and the part of it in which given words occur."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase

from inference.records import TagRow, Tags
from widgets import theme
from widgets.labels import plain_tip
from widgets.study_rows import Index
from widgets.tree_rows import TreeRows

TAG, NAME, VR, VALUE = range(4)


class TagRows(TreeRows):
    """Rows are known by their number in the file; a parent is the sequence that holds them."""

    HEADINGS = ("Tag", "Name", "VR", "Value")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[TagRow, ...] = ()
        self._mono = _mono_font()

    def set_tags(self, tags: Tags | None) -> None:
        """All elements of a file; None for none. The words searched for stay."""
        rows = tags.rows if tags is not None else ()
        self.beginResetModel()
        self._rows = rows
        texts = (f"{row.tag} {row.name} {row.value}" for row in rows)
        self._set(texts, [row.depth for row in rows])
        self.endResetModel()

    def row(self, index: Index) -> TagRow:
        """The element at a place of the tree."""
        return self._rows[index.internalId()]

    def text_of(self, numbers: tuple[int, ...]) -> str:
        """Elements as lines to be pasted: depth by spaces, columns by tabs."""
        return "\n".join(_line(self._rows[number]) for number in numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.internalId()], index.column()
        text = (row.tag, row.name, row.vr, row.value)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text)
        if role == Qt.ItemDataRole.FontRole and column == TAG:
            return self._mono
        if role == Qt.ItemDataRole.ForegroundRole and self._is_quiet(index.internalId(), column):
            return QColor(theme.current().quiet)
        return None

    def _is_quiet(self, number: int, column: int) -> bool:
        """Private elements, and sequences that are here for what stands in them."""
        if column == VR or is_private(self._rows[number].tag):
            return True
        return self._is_beside(number)


def is_private(tag: str) -> bool:
    """Whether a tag such as "(0029,1010)" has an odd group number (PS3.5 7.8)."""
    try:
        return int(tag[1:5], 16) % 2 == 1
    except ValueError:
        return False


def _line(row: TagRow) -> str:
    return "  " * row.depth + "\t".join((row.tag, row.vr, row.name, row.value))


def _mono_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(theme.TEXT_PX - 1)
    return font
