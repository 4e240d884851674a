"""F1: every key and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.fuzzy import fit
from widgets.labels import text_label


@dataclass(frozen=True)
class ShortcutRow:
    """Keys such as "Ctrl+K", what they do, and the heading they stand under."""

    group: str
    keys: str
    text: str


class ShortcutsPage(QDialog):
    """All keys by group; typing narrows them down."""

    def __init__(self, rows: tuple[ShortcutRow, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setWindowTitle("Keys and mouse")
        self.resize(560, 600)
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a key")
        self._field.setAccessibleName("Find a key")
        self._field.textChanged.connect(self._show)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._field)
        column.addWidget(self._scroll, 1)
        self._show("")

    def shown(self) -> tuple[ShortcutRow, ...]:
        """The rows that fit what is typed."""
        typed = self._field.text()
        return tuple(row for row in self._rows if fit(typed, f"{row.text} {row.keys}") is not None)

    def _show(self, _typed: str) -> None:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        group = None
        line = 0
        for row in self.shown():
            if row.group != group:
                group = row.group
                heading = text_label(group, "heading")
                heading.setContentsMargins(0, 12 if line else 0, 0, 2)
                grid.addWidget(heading, line, 0, 1, 2)
                line += 1
            grid.addWidget(text_label(row.text), line, 0)
            grid.addWidget(_keys(row.keys), line, 1, Qt.AlignmentFlag.AlignRight)
            line += 1
        if line == 0:
            grid.addWidget(text_label("No key fits these letters.", "quiet"), 0, 0)
        grid.setRowStretch(line + 1, 1)
        self._scroll.setWidget(page)


def _keys(keys: str) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(4)
    for key in keys.split(" "):
        line.addWidget(text_label(key, "key"))
    return row
