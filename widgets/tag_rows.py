"""The elements of a data set as a tree, and the part of it in which given words occur."""

from __future__ import annotations

from typing import overload

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase

from inference.records import TagRow, Tags
from widgets import theme
from widgets.labels import plain_tip
from widgets.study_rows import Index

COLUMNS = ("Tag", "Name", "VR", "Value")
TAG, NAME, VR, VALUE = range(4)
_TOP = -1


class TagRows(QAbstractItemModel):
    """Rows are known by their number in the file; a parent is the sequence that holds them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[TagRow, ...] = ()
        self._texts: list[str] = []
        self._parents: list[int] = []
        self._children: dict[int, list[int]] = {}
        self._places: dict[int, int] = {}
        self._found: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._mono = _mono_font()

    def set_tags(self, tags: Tags | None) -> None:
        """All elements of a file; None for none. The words searched for stay."""
        rows = tags.rows if tags is not None else ()
        self.beginResetModel()
        self._rows = rows
        self._texts = [f"{row.tag} {row.name} {row.value}".casefold() for row in rows]
        self._parents = _parents_of(rows)
        self._keep()
        self.endResetModel()

    def set_search(self, typed: str) -> None:
        """Show only elements that have all of these words, with the sequences they stand in."""
        self.beginResetModel()
        self._words = tuple(typed.casefold().split())
        self._keep()
        self.endResetModel()

    @property
    def found(self) -> tuple[int, ...]:
        """The numbers of the elements that have the words; all where nothing is searched for."""
        return self._found

    def row(self, index: Index) -> TagRow:
        """The element at a place of the tree."""
        return self._rows[index.internalId()]

    def place_of(self, number: int) -> QModelIndex:
        """Where the element of this number stands."""
        return self.createIndex(self._places[number], TAG, number)

    def text_of(self, numbers: tuple[int, ...]) -> str:
        """Elements as lines to be pasted: depth by spaces, columns by tabs."""
        return "\n".join(_line(self._rows[number]) for number in numbers)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        children = self._children.get(_number(parent), [])
        if not 0 <= row < len(children) or not 0 <= column < len(COLUMNS):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    @overload
    def parent(self) -> QObject | None: ...
    @overload
    def parent(self, index: Index) -> QModelIndex: ...
    def parent(self, index: Index | None = None) -> QObject | QModelIndex | None:
        """The model's owner, or the place of the sequence that holds an element, as Qt has it."""
        if index is None:
            return super().parent()
        above = self._parents[index.internalId()] if index.isValid() else _TOP
        return QModelIndex() if above == _TOP else self.place_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        if parent.isValid() and parent.column() != TAG:
            return 0
        return len(self._children.get(_number(parent), ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        return COLUMNS[section] if across and role == Qt.ItemDataRole.DisplayRole else None

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
        return bool(self._words) and not self._has_words(number)

    def _has_words(self, number: int) -> bool:
        return all(word in self._texts[number] for word in self._words)

    def _keep(self) -> None:
        numbers = range(len(self._rows))
        self._found = tuple(number for number in numbers if self._has_words(number))
        kept = set(self._found)
        for number in self._found:
            above = self._parents[number]
            while above != _TOP and above not in kept:
                kept.add(above)
                above = self._parents[above]
        self._children, self._places = {}, {}
        for number in sorted(kept):
            siblings = self._children.setdefault(self._parents[number], [])
            self._places[number] = len(siblings)
            siblings.append(number)


def is_private(tag: str) -> bool:
    """Whether a tag such as "(0029,1010)" has an odd group number (PS3.5 7.8)."""
    try:
        return int(tag[1:5], 16) % 2 == 1
    except ValueError:
        return False


def _number(index: Index) -> int:
    return index.internalId() if index.isValid() else _TOP


def _parents_of(rows: tuple[TagRow, ...]) -> list[int]:
    """The number of the element one level up before each, -1 at the top."""
    parents: list[int] = []
    open_at: list[int] = []
    for number, row in enumerate(rows):
        del open_at[max(row.depth, 0) :]
        parents.append(open_at[-1] if open_at else _TOP)
        open_at.append(number)
    return parents


def _line(row: TagRow) -> str:
    return "  " * row.depth + "\t".join((row.tag, row.vr, row.name, row.value))


def _mono_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(theme.TEXT_PX - 1)
    return font
