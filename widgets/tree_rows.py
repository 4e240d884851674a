"""Rows with a depth as a tree that can be searched: what such models have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from widgets.study_rows import Index

TOP = -1
"""The number of what holds a row of the first level."""


class TreeRows(QAbstractItemModel):
    """Rows are known by their number; a parent is the row one level up that comes before.

    Whoever derives from it says with `_set` what rows there are, and answers `data`.
    """

    HEADINGS: tuple[str, ...] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts: list[str] = []
        self._parents: list[int] = []
        self._children: dict[int, list[int]] = {}
        self._places: dict[int, int] = {}
        self._found: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()

    def set_search(self, typed: str) -> None:
        """Show only rows that have all of these words, with those that they are in."""
        self.beginResetModel()
        self._words = tuple(typed.casefold().split())
        self._keep()
        self.endResetModel()

    @property
    def found(self) -> tuple[int, ...]:
        """The numbers of the rows that have the words; all where nothing is searched for."""
        return self._found

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._parents)

    def place_of(self, number: int) -> QModelIndex:
        """Where a row stands; no place while it is not among what was found."""
        if number not in self._places:
            return QModelIndex()
        return self.createIndex(self._places[number], 0, number)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        children = self._children.get(_number(parent), [])
        if not 0 <= row < len(children) or not 0 <= column < len(self.HEADINGS):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    @overload
    def parent(self) -> QObject | None: ...
    @overload
    def parent(self, index: Index) -> QModelIndex: ...
    def parent(self, index: Index | None = None) -> QObject | QModelIndex | None:
        """The model's owner, or the place of the row that holds one, as Qt has it."""
        if index is None:
            return super().parent()
        above = self._parents[index.internalId()] if index.isValid() else TOP
        return QModelIndex() if above == TOP else self.place_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._children.get(_number(parent), ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(self.HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        return self.HEADINGS[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    # Within

    def _set(self, texts: Iterable[str], depths: Sequence[int]) -> None:
        """Rows with the text that is searched in each; within a reset of the model."""
        self._texts = [text.casefold() for text in texts]
        self._parents = _parents_of(depths)
        self._keep()

    def _is_beside(self, number: int) -> bool:
        """Whether a row is here only for what is in it."""
        return bool(self._words) and not self._has_words(number)

    def _has_words(self, number: int) -> bool:
        return all(word in self._texts[number] for word in self._words)

    def _keep(self) -> None:
        self._found = tuple(at for at in range(len(self._texts)) if self._has_words(at))
        kept = set(self._found)
        for number in self._found:
            above = self._parents[number]
            while above != TOP and above not in kept:
                kept.add(above)
                above = self._parents[above]
        self._children, self._places = {}, {}
        for number in sorted(kept):
            siblings = self._children.setdefault(self._parents[number], [])
            self._places[number] = len(siblings)
            siblings.append(number)


def _number(index: Index) -> int:
    return index.internalId() if index.isValid() else TOP


def _parents_of(depths: Sequence[int]) -> list[int]:
    """The number of the row one level up before each, TOP on the first level."""
    parents: list[int] = []
    open_at: list[int] = []
    for number, depth in enumerate(depths):
        del open_at[max(depth, 0) :]
        parents.append(open_at[-1] if open_at else TOP)
        open_at.append(number)
    return parents
