"""The rows of the study list: patients, studies, and under these their series and objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QImage

from inference.records import DicomObject, OrderRule, Source
from widgets.images import to_image
from widgets.labels import plain_tip
from widgets.signs import State

Index = QModelIndex | QPersistentModelIndex
RowKind = Literal["patient", "study", "source", "object"]

SOURCE_MIME = "application/x-lepton-source"
"""What a series carries when it is dragged: its source id, UTF-8."""

ROW_ROLE = Qt.ItemDataRole.UserRole
RULES: dict[OrderRule, str] = {
    "position": "position",
    "temporal": "time",
    "instance_number": "instance number",
    "file_name": "file name",
    "none": "their place in the file",
}
"""What slices can be ordered by, in words."""
OVERLAYS = frozenset({"segmentation", "structure_set", "parametric_map"})
"""Kinds of objects that are laid over a scan, on or off; the others are opened and read."""


class Row(NamedTuple):
    """A heading, a series with its picture and where it is shown, or an object, on or off."""

    kind: RowKind
    title: str
    source: Source | None = None
    found: DicomObject | None = None
    thumbnail: QImage | None = None
    shown: tuple[int, ...] = ()
    on: bool = False
    state: State | None = None
    """How far to believe the newest map of a series; None where there is none that was judged."""
    state_words: str = ""

    @property
    def switch(self) -> bool:
        """Whether it is an object that can be laid over a scan."""
        return self.found is not None and self.found.kind in OVERLAYS

    @property
    def selects(self) -> bool:
        """Whether it is a selection of key images (Modality KO, PS3.3 C.7.3.1.1.1)."""
        return self.found is not None and self.found.modality == "KO"


class SourceRows(QAbstractListModel):
    """Rows in the order given; headings can neither be selected nor reached by keys."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources: tuple[Source, ...] = ()
        self._objects: tuple[DicomObject, ...] = ()
        self._rows: list[Row] = []
        self._words: list[str] = []
        self._thumbnails: dict[str, QImage] = {}
        self._shown: dict[str, tuple[int, ...]] = {}
        self._on: frozenset[str] = frozenset()
        self._signs: dict[str, tuple[State | None, str]] = {}

    def set_open(self, sources: tuple[Source, ...], objects: tuple[DicomObject, ...]) -> None:
        """All that is open; thumbnails of what no longer is are dropped."""
        self._sources, self._objects = sources, objects
        known = {source.source_id for source in sources}
        self._thumbnails = {key: it for key, it in self._thumbnails.items() if key in known}
        self._arrange()

    def set_filter(self, typed: str) -> None:
        """Only rows that have all of these words somewhere, with their headings."""
        self._words = typed.casefold().split()
        self._arrange()

    def set_thumbnail(self, source_id: str, pixels: np.ndarray) -> None:
        self._thumbnails[source_id] = to_image(pixels)
        self._changed(self.index_of(source_id))

    def set_shown(self, shown: dict[str, tuple[int, ...]]) -> None:
        """In which viewports, counted from 1, each source is seen."""
        before, self._shown = self._shown, shown
        for source_id in before.keys() | shown.keys():
            if before.get(source_id) != shown.get(source_id):
                self._changed(self.index_of(source_id))

    def set_sign(self, source_id: str, state: State | None, words: str) -> None:
        """How far to believe the newest map of a source, and why."""
        if self._signs.get(source_id, (None, "")) != (state, words):
            self._signs[source_id] = (state, words)
            self._changed(self.index_of(source_id))

    def set_on(self, on: frozenset[str]) -> None:
        """Which objects are laid over their scans, by id."""
        before, self._on = self._on, on
        for object_id in before ^ on:
            self._changed(self.index_of_object(object_id))

    def index_of(self, source_id: str | None) -> QModelIndex:
        """The row of a source; an invalid index if it is not there."""
        for number, row in enumerate(self._rows):
            if row.source is not None and row.source.source_id == source_id:
                return self.index(number, 0)
        return QModelIndex()

    def index_of_object(self, object_id: str | None) -> QModelIndex:
        """The row of an object; an invalid index if it is not there."""
        for number, row in enumerate(self._rows):
            if row.found is not None and row.found.object_id == object_id:
                return self.index(number, 0)
        return QModelIndex()

    def row(self, index: Index) -> Row | None:
        """What stands in a row, with picture and marks."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if row.source is not None:
            key = row.source.source_id
            state, words = self._signs.get(key, (None, ""))
            row = row._replace(state=state, state_words=words)
            return row._replace(thumbnail=self._thumbnails.get(key), shown=self._shown.get(key, ()))
        if row.found is not None:
            return row._replace(on=row.found.object_id in self._on)
        return row

    def source_id(self, index: Index) -> str | None:
        row = self.row(index)
        return row.source.source_id if row is not None and row.source is not None else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row(index)
        if row is None or row.kind in {"patient", "study"}:
            return Qt.ItemFlag.NoItemFlags
        there = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return there | Qt.ItemFlag.ItemIsDragEnabled if row.source is not None else there

    def mimeTypes(self) -> list[str]:
        return [SOURCE_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        carried = QMimeData()
        for index in indexes:
            source_id = self.source_id(index)
            if source_id is not None:
                carried.setData(SOURCE_MIME, QByteArray(source_id.encode()))
        return carried

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(said(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row)
        return row if role == ROW_ROLE else None

    def _changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.dataChanged.emit(index, index)

    def _arrange(self) -> None:
        self.beginResetModel()
        self._rows = list(_rows(self._sources, self._objects, self._words))
        self.endResetModel()


def source_line(source: Source) -> str:
    """Such as "CT · 28 slices · 512 × 512", columns first as everywhere in the window."""
    rows, columns = source.shape
    noun = "slice" if source.frame_time_ms is None else "frame"
    count = f"{source.frames:,} {noun}{'' if source.frames == 1 else 's'}"
    if source.kind == "image":
        count = ""
    size = f"{columns} × {rows}"
    return " · ".join(part for part in (source.modality or source.kind, count, size) if part)


def said(row: Row) -> str:
    """The whole of a row for its tooltip: name, line, warnings."""
    if row.source is not None:
        source = row.source
        order = (f"Ordered by {RULES[source.order_rule]}",) if source.frames > 1 else ()
        map_words = (f"Newest map: {row.state_words}",) if row.state_words else ()
        return "\n".join((row.title, source_line(source), *order, *source.warnings, *map_words))
    if row.found is not None:
        return "\n".join((row.title, *row.found.details))
    return row.title


def spoken(row: Row) -> str:
    """What a screen reader says of a row."""
    words = said(row)
    if row.shown:
        words += f"\nIn viewport {', '.join(str(number) for number in row.shown)}"
    if row.switch:
        words += "\nShown" if row.on else "\nHidden"
    return words


def _rows(
    sources: tuple[Source, ...], objects: tuple[DicomObject, ...], words: list[str]
) -> Iterator[Row]:
    everything: tuple[Source | DicomObject, ...] = (*sources, *objects)
    several = len({one.who for one in everything}) > 1
    patients: dict[str, dict[str, list[Row]]] = {}
    for row in (*(_of_source(one) for one in sources), *(_of_object(one) for one in objects)):
        owner = row.source or row.found
        if owner is not None and _fits(words, owner, row.title):
            patients.setdefault(owner.who, {}).setdefault(owner.study_id, []).append(row)
    for who, studies in patients.items():
        if several:
            yield Row("patient", who or "No patient is named")
        for members in studies.values():
            owner = members[0].source or members[0].found
            title = owner.study_title if owner is not None else ""
            yield Row("study", title or "Study without a name")
            yield from members


def _of_source(source: Source) -> Row:
    return Row("source", source.title, source)


def _of_object(found: DicomObject) -> Row:
    return Row("object", found.title, None, found)


def _fits(words: list[str], owner: Source | DicomObject, title: str) -> bool:
    if not words:
        return True
    text = f"{title} {owner.modality or ''} {owner.study_title} {owner.who}".casefold()
    return all(word in text for word in words)
