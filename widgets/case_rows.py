"""The rows of the table of cases: sorted by any column, filtered by words and by wrong reasons."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from inference.records import Verdict
from widgets import theme
from widgets.case_row import CaseRow
from widgets.icons import icon
from widgets.labels import plain_tip
from widgets.signs import ICONS, ROLES, WORDS, State

Index = QModelIndex | QPersistentModelIndex

STATES: dict[Verdict | None, State] = {
    "green": "good",
    "amber": "doubtful",
    "red": "bad",
    None: "plain",
}
_GRAVITY: dict[Verdict | None, int] = {"red": 0, "amber": 1, "green": 2, None: 3}


@dataclass(frozen=True)
class Column:
    """One column: what is written, what it is sorted by (None last), and whose sign stands there.

    `words` say in a tooltip what the column means.
    """

    title: str
    width_px: int
    text: Callable[[CaseRow], str]
    order: Callable[[CaseRow], str | float | None]
    words: str
    sign: Callable[[CaseRow], Verdict | None] | None = None
    number: bool = False


def _case(row: CaseRow) -> str:
    """Series of one protocol have one title, so the patient's name stands before it."""
    return " · ".join(words for words in (row.who.partition(" · ")[0], row.title) if words)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.0f} %"


def _truth(row: CaseRow) -> str:
    return row.label if row.right is not False else f"{row.label} (missed)"


def _method(row: CaseRow) -> str:
    return row.method.replace("_", " ").capitalize()


def _said(row: CaseRow) -> str:
    return f"Right for a wrong reason. {row.sentence}" if row.wrong_reason else row.sentence


COLUMNS: tuple[Column, ...] = (
    Column("Case", 190, _case, lambda row: _case(row).casefold(), "Series or case."),
    Column(
        "Frame",
        52,
        lambda row: f"{row.frame + 1:,}" if row.source_id else "",
        lambda row: row.frame,
        "Which slice or frame of it, from 1.",
        number=True,
    ),
    Column(
        "Answer",
        92,
        lambda row: row.answer,
        lambda row: row.answer or None,
        "The label that leads.",
    ),
    Column(
        "Score",
        56,
        lambda row: "" if row.score is None else f"{row.score:.2f}",
        lambda row: row.score,
        "What the model gives the label that leads.",
        number=True,
    ),
    Column(
        "Truth",
        104,
        _truth,
        lambda row: row.label or None,
        "What the case is, where that is known.",
    ),
    Column("Method", 150, _method, lambda row: row.method or None, "How the map was made."),
    Column(
        "Inside",
        76,
        lambda row: "" if row.ratio is None else f"{row.ratio:.1f} ×",
        lambda row: row.ratio,
        "How many times more of the map lies in the marked region than chance would put there.",
        lambda row: row.reason,
        number=True,
    ),
    Column(
        "Outside",
        64,
        lambda row: _share(row.outside),
        lambda row: row.outside,
        "How much of what speaks for the label lies outside the body.",
        number=True,
    ),
    Column(
        "Belief",
        160,
        lambda row: "" if row.worst is None else WORDS[STATES[row.worst]].capitalize(),
        lambda row: None if row.worst is None else _GRAVITY[row.worst],
        "The worst verdict on how far to believe the map.",
        lambda row: row.worst,
    ),
    Column("What is said", 260, _said, lambda row: row.sentence or None, "The gravest finding."),
)


class CaseRows(QAbstractTableModel):
    """What is shown is what passes the filters, in the order of a column, else as it came."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CaseRow] = []
        self._shown: list[int] = []
        self._words: list[str] = []
        self._wrong_only = False
        self._column = -1
        self._descending = False

    def set_rows(self, rows: Sequence[CaseRow]) -> None:
        """Other rows altogether."""
        self.beginResetModel()
        self._rows = list(rows)
        self._keep()
        self.endResetModel()

    def add_rows(self, rows: Sequence[CaseRow]) -> None:
        """Further rows, each where it belongs; what is selected and in sight stays."""
        for row in rows:
            number = len(self._rows)
            self._rows.append(row)
            if self._passes(row):
                place = bisect.bisect_right(self._shown, self._key(number), key=self._key)
                self.beginInsertRows(QModelIndex(), place, place)
                self._shown.insert(place, number)
                self.endInsertRows()

    def set_filter(self, typed: str, *, wrong_only: bool) -> None:
        """Only rows with all of these words somewhere, or right for a wrong reason."""
        self.beginResetModel()
        self._words, self._wrong_only = typed.casefold().split(), wrong_only
        self._keep()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self._shown[index.row()] for index in before]
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._shown.sort(key=self._key)
        places = {number: place for place, number in enumerate(self._shown)}
        for index, number in zip(before, numbers, strict=True):
            self.changePersistentIndex(index, self.index(places[number], index.column()))
        self.layoutChanged.emit()

    def row(self, index: Index) -> CaseRow:
        return self._rows[self._shown[index.row()]]

    @property
    def shown(self) -> tuple[CaseRow, ...]:
        """What is in sight, in its order."""
        return tuple(self._rows[number] for number in self._shown)

    @property
    def everything(self) -> tuple[CaseRow, ...]:
        return tuple(self._rows)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.words
        return int(_side(column)) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.row(index), COLUMNS[index.column()]
        text = column.text(row)
        if role == Qt.ItemDataRole.DecorationRole:
            return _sign(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and row.failed:
            return QColor(theme.current().quiet)
        return {
            Qt.ItemDataRole.DisplayRole: text,
            Qt.ItemDataRole.ToolTipRole: plain_tip(text),
            Qt.ItemDataRole.TextAlignmentRole: int(_side(column)),
            Qt.ItemDataRole.AccessibleTextRole: f"{column.title}: {text or 'not known'}",
        }.get(Qt.ItemDataRole(role))

    def _keep(self) -> None:
        passing = (number for number, row in enumerate(self._rows) if self._passes(row))
        self._shown = sorted(passing, key=self._key)

    def _passes(self, row: CaseRow) -> bool:
        if self._wrong_only and not row.wrong_reason:
            return False
        if not self._words:
            return True
        text = " ".join((_case(row), row.answer, _truth(row), _method(row), _said(row))).casefold()
        return all(word in text for word in self._words)

    def _key(self, number: int) -> tuple[bool, _Turned | str | float, int]:
        """Unknown values come last whichever way it is sorted; equals stay as they came."""
        if self._column < 0:
            return False, 0.0, number
        value = COLUMNS[self._column].order(self._rows[number])
        if value is None:
            return True, 0.0, number
        return False, _Turned(value) if self._descending else value, number


class _Turned:
    """A value that sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Turned) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Turned) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _sign(row: CaseRow, column: Column) -> object:
    if row.failed and column is COLUMNS[-1]:
        return icon(ICONS["bad"], ROLES["bad"])
    if column.sign is None:
        return None
    verdict = column.sign(row)
    return None if verdict is None else icon(ICONS[STATES[verdict]], ROLES[STATES[verdict]])
