"""A list of things to tick, with signs, and reasons for those that cannot be ticked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from widgets.icons import icon
from widgets.labels import plain_tip
from widgets.signs import ICONS, ROLES, WORDS, State


@dataclass(frozen=True)
class CheckRow:
    """One thing: its key, its name, how well it does, why, and whether it can be ticked."""

    key: str
    text: str
    state: State = "plain"
    reason: str = ""
    enabled: bool = True


class CheckList(QTreeWidget):
    """The arrow keys go through it, Space ticks; names that do not fit are shortened."""

    ticked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[CheckRow, ...] = ()
        self._items: list[QTreeWidgetItem] = []
        self.setAccessibleName(name)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(14, 14))
        self.setProperty("kind", "table")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemChanged.connect(self.ticked)

    def set_rows(self, rows: tuple[CheckRow, ...], keys: frozenset[str]) -> None:
        """What can be ticked, and what is; the same rows once more keep their place."""
        with QSignalBlocker(self):
            changed = rows != self._rows
            if changed:
                self._rows = rows
                self._fill()
            for item, row in zip(self._items, rows, strict=True):
                on = row.enabled and row.key in keys
                item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            if changed:
                self._go_to_first()

    @property
    def rows(self) -> tuple[CheckRow, ...]:
        """What can be ticked, or could be if it fitted."""
        return self._rows

    def ticked_keys(self) -> tuple[str, ...]:
        """What is ticked, in the order of the list."""
        both = zip(self._items, self._rows, strict=True)
        return tuple(row.key for item, row in both if item.checkState(0) == Qt.CheckState.Checked)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_rows"):
            with QSignalBlocker(self):
                for item, row in zip(self._items, self._rows, strict=True):
                    _colour(item, row.state)

    def _fill(self) -> None:
        self.clear()
        self._items = [QTreeWidgetItem(self, [row.text]) for row in self._rows]
        for item, row in zip(self._items, self._rows, strict=True):
            item.setToolTip(0, plain_tip(f"{row.text}. {row.reason}" if row.reason else row.text))
            spoken = row.text if row.state == "plain" else f"{row.text}, {WORDS[row.state]}"
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{spoken}. {row.reason}".strip())
            flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            item.setFlags(flags | Qt.ItemFlag.ItemIsEnabled if row.enabled else flags)
            _colour(item, row.state)

    def _go_to_first(self) -> None:
        """Have the first tick in sight, and the keyboard there."""
        ticked = (one for one in self._items if one.checkState(0) == Qt.CheckState.Checked)
        first = next(ticked, self._items[0] if self._items else None)
        if first is not None:
            self.setCurrentItem(first)
            self.scrollToItem(first)


def _colour(item: QTreeWidgetItem, state: State) -> None:
    if state != "plain":
        item.setIcon(0, icon(ICONS[state], ROLES[state]))
