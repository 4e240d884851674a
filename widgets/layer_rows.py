"""The parts of a network as a tree, and those of them whose names have given words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap

from widgets import theme
from widgets.images import to_image
from widgets.labels import plain_tip
from widgets.study_rows import Index
from widgets.tree_rows import TOP, TreeRows

NAME, CLASS, OUTPUT, PARAMETERS = range(4)
PREVIEW_PX = 22


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


class LayerRows(TreeRows):
    """Rows are known by their number; a parent is the part that holds them."""

    HEADINGS = ("Part", "Class", "Output", "Parameters")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LayerRow, ...] = ()
        self._path: frozenset[int] = frozenset()
        self._previews: dict[str, np.ndarray] = {}
        self._icons: dict[str, QIcon] = {}
        """Those that were seen so far."""

    def set_rows(self, rows: tuple[LayerRow, ...]) -> None:
        """All parts of a network, each before what is in it. The words searched for stay."""
        self.beginResetModel()
        self._rows = rows
        self._previews, self._icons, self._path = {}, {}, frozenset()
        self._set((f"{row.name} {row.kind}" for row in rows), [row.depth for row in rows])
        self.endResetModel()

    def set_chosen(self, name: str | None) -> None:
        """Mark the way from the whole to the part of this name."""
        path, number = set(), self.number_of(name)
        while number is not None and number != TOP:
            path.add(number)
            number = self._parents[number]
        self._path = frozenset(path)

    def set_previews(self, previews: Mapping[str, np.ndarray]) -> None:
        """Small pictures uint8 [rows, columns] by the names of their parts."""
        self._previews, self._icons = dict(previews), {}

    def row(self, index: Index) -> LayerRow:
        return self._rows[index.internalId()]

    def number_of(self, name: str | None) -> int | None:
        """The number of the part of this name."""
        return next((at for at, row in enumerate(self._rows) if row.name == name), None)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return super().headerData(section, orientation, role)

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
        away = self._is_beside(number)
        return QColor(colours.quiet) if away or not row.takes_part or column == CLASS else None


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
