"""One button a preset, with the method that it takes and what it will cost beside it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from widgets.buttons import TextButton
from widgets.labels import ShortLabel, plain_tip
from widgets.layouts import empty


@dataclass(frozen=True)
class PresetRow:
    """A preset: its key, its title, what it does, and what it comes to with this model."""

    name: str
    title: str
    words: str
    plan: str


class PresetButtons(QWidget):
    """Takes no room where no preset fits."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[PresetRow, ...] = ()
        self._buttons: list[TextButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.setVisible(False)

    def set_presets(self, rows: tuple[PresetRow, ...]) -> None:
        """The presets in their order; the same once more keep the focus where it is."""
        if rows == self._rows:
            return
        self._rows = rows
        empty(self._grid)
        self._buttons = []
        for number, row in enumerate(rows):
            button = TextButton(row.title)
            button.setToolTip(plain_tip(row.words))
            button.setAccessibleDescription(f"{row.words} {row.plan}")
            button.clicked.connect(lambda _checked=False, name=row.name: self.chosen.emit(name))
            self._grid.addWidget(button, number, 0)
            self._grid.addWidget(ShortLabel(row.plan, "caption"), number, 1)
            self._buttons.append(button)
        self.setVisible(bool(rows))

    def set_ready(self, ready: bool) -> None:
        """Whether an explanation can be asked for."""
        for button in self._buttons:
            button.setEnabled(ready)
