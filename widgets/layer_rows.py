"""The parts of a network as a tree, and those of them whose names have given words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import overload

import numpy as np
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from widgets import theme
from widgets.images import to_image
from widgets.labels import plain_tip
from widgets.study_rows import Index

HEADINGS = ("Part", "Class", "Output", "Parameters")
NAME, CLASS, OUTPUT, PARAMETERS = range(4)
PREVIEW_PX = 22
_TOP = -1


@dataclass(frozen=True)
class LayerRow:
    """One part: its dotted name ("" for the whole), class, output in words, parameters, depth.

    `why_not` says why it cannot be looked at as a layer; "" where it can. `takes_part` is False
    where no pass comes through it.
    """

    name: str
    kind: str
    shape: str
    parameters: int
    depth: int
    takes_part: bool
    why_not: str = ""


class LayerRows(QAbstractItemModel):
    """Rows are known by their number; a parent is the part that holds them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerRow, ...] = ()
        self._texts: list[str] = []
        self._parents: list[int] = []
        self._children: dict[int, list[int]] = {}
        self._places: dict[int, int] = {}
        self._found: tuple[int, ...] = ()
        self._words: tuple[str, ...] = ()
        self._path: frozenset[int] = frozenset()
        self._previews: dict[str, np.ndarray] = {}
        self._icons: dict[str, QIcon] = {}
        """Those that were seen so far."""

    def set_rows(self, rows: tuple[LayerRow, ...]) -> None:
        """All parts of a network, each before what is in it. The words searched for stay."""
        self.beginResetModel()
        self._rows = rows
        self._texts = [f"{row.name} {row.kind}".casefold() for row in rows]
        self._parents = _parents_of(rows)
        self._previews, self._icons, self._path = {}, {}, frozenset()
        self._keep()
        self.endResetModel()

    def set_search(self, typed: str) -> None:
        """Show only parts that have all of these words, with those that they are in."""
        self.beginResetModel()
        self._words = tuple(typed.casefold().split())
        self._keep()
        self.endResetModel()

    def set_chosen(self, name: str | None) -> None:
        """Mark the way from the whole to the part of this name."""
        path, number = set(), self.number_of(name)
        while number is not None and number != _TOP:
            path.add(number)
            number = self._parents[number]
        self._path = frozenset(path)

    def set_previews(self, previews: Mapping[str, np.ndarray]) -> None:
        """Small pictures uint8 [rows, columns] by the names of their parts."""
        self._previews, self._icons = dict(previews), {}

    @property
    def found(self) -> tuple[int, ...]:
        """The numbers of the parts that have the words; all where nothing is searched for."""
        return self._found

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self._rows)

    def row(self, index: Index) -> LayerRow:
        return self._rows[index.internalId()]

    def number_of(self, name: str | None) -> int | None:
        """The number of the part of this name."""
        return next((at for at, row in enumerate(self._rows) if row.name == name), None)

    def place_of(self, number: int) -> QModelIndex:
        """Where a part stands; no place while it is not among what was found."""
        if number not in self._places:
            return QModelIndex()
        return self.createIndex(self._places[number], NAME, number)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        children = self._children.get(_number(parent), [])
        if not 0 <= row < len(children) or not 0 <= column < len(HEADINGS):
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    @overload
    def parent(self) -> QObject | None: ...
    @overload
    def parent(self, index: Index) -> QModelIndex: ...
    def parent(self, index: Index | None = None) -> QObject | QModelIndex | None:
        """The model's owner, or the place of the part that holds one, as Qt has it."""
        if index is None:
            return super().parent()
        above = self._parents[index.internalId()] if index.isValid() else _TOP
        return QModelIndex() if above == _TOP else self.place_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        if parent.isValid() and parent.column() != NAME:
            return 0
        return len(self._children.get(_number(parent), ()))

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return HEADINGS[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    def data(  # noqa: PLR0911 - one answer for each role
        self, index: Index, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if not index.isValid():
            return None
        number, column = index.internalId(), index.column()
        row = self._rows[number]
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(row)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(row))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(number, column)
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return self._icon(row.name)
        return None

    # Within

    def _icon(self, name: str) -> QIcon | None:
        """Made when it is first seen: a large network has thousands of them."""
        levels = self._previews.get(name)
        if levels is None:
            return None
        if name not in self._icons:
            self._icons[name] = _icon(levels)
        return self._icons[name]

    def _ink(self, number: int, column: int) -> QColor | None:
        """The way to the chosen part in the accent; quiet what takes no part or was not sought."""
        colours, row = theme.current(), self._rows[number]
        if number in self._path and column == NAME:
            return QColor(colours.accent)
        away = bool(self._words) and not self._has_words(number)
        return QColor(colours.quiet) if away or not row.takes_part or column == CLASS else None

    def _has_words(self, number: int) -> bool:
        return all(word in self._texts[number] for word in self._words)

    def _keep(self) -> None:
        self._found = tuple(at for at in range(len(self._rows)) if self._has_words(at))
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


def _number(index: Index) -> int:
    return index.internalId() if index.isValid() else _TOP


def _parents_of(rows: tuple[LayerRow, ...]) -> list[int]:
    """The number of the part that holds each, -1 for the whole."""
    parents: list[int] = []
    open_at: list[int] = []
    for number, row in enumerate(rows):
        del open_at[row.depth :]
        parents.append(open_at[-1] if open_at else _TOP)
        open_at.append(number)
    return parents


def _texts(row: LayerRow) -> tuple[str, str, str, str]:
    name = row.name.rpartition(".")[2] or "The whole network"
    return name, row.kind, row.shape, f"{row.parameters:,}" if row.parameters else ""


def _tip(row: LayerRow) -> str:
    return f"{row.name or 'The whole network'}. {row.why_not}".strip()


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == PARAMETERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _icon(levels: np.ndarray) -> QIcon:
    """Small levels unblurred, the same in a row that is chosen: Qt would tint them."""
    picture = QPixmap.fromImage(to_image(levels).convertToFormat(QImage.Format.Format_RGB32))
    size = QSize(PREVIEW_PX, PREVIEW_PX)
    found = QIcon(picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
    found.addPixmap(found.pixmap(size), QIcon.Mode.Selected)
    return found
