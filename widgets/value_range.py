"""The button for the values that are painted, and the panel that it opens."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from widgets.buttons import TextButton
from widgets.labels import text_label
from widgets.spin_boxes import RealSpin

NO_END = -1e9
"""Below all values that a scan has: stands for an open end."""

WIDTH_PX = 150
_AROUND_PX = 40
"""Padding and the arrow."""


class ValueRange(TextButton):
    """Says which values are painted; its panel sets them. Setters send nothing."""

    chosen = Signal(object, object)
    """The lowest and the highest value, None for an open end."""
    pick_requested = Signal()
    otsu_requested = Signal()
    joined_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__("All values")
        self._panel = QMenu(self)
        self._low, self._high = _spin("Lowest value"), _spin("Highest value")
        self._joined = QCheckBox("Only what hangs together with where the stroke begins")
        self._joined.toggled.connect(self.joined_toggled)
        for spin in (self._low, self._high):
            spin.valueChanged.connect(self._choose)
        action = QWidgetAction(self._panel)
        action.setDefaultWidget(self._make())
        self._panel.addAction(action)
        self.setMenu(self._panel)
        self.setStyleSheet("ValueRange { padding-right: 24px; }")
        self.setFixedWidth(WIDTH_PX)

    def set_range(self, low: float | None, high: float | None, unit: str) -> None:
        """Values from `low` to `high`, None for an open end, in `unit`, "" for none."""
        for spin, value in ((self._low, low), (self._high, high)):
            with QSignalBlocker(spin):
                spin.setSuffix(f" {unit}" if unit else "")
                spin.setValue(NO_END if value is None else value)
        whole = words(low, high, unit)
        room = WIDTH_PX - _AROUND_PX
        self.setText(self.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room))
        self.setAccessibleName(f"Values that are painted: {whole}")
        self.setToolTip(f"The values that are painted: {whole}")

    def set_joined(self, joined: bool) -> None:
        with QSignalBlocker(self._joined):
            self._joined.setChecked(joined)

    def _choose(self) -> None:
        ends = (spin.value() for spin in (self._low, self._high))
        self.chosen.emit(*(None if end <= NO_END else end for end in ends))

    def _clear(self) -> None:
        self.chosen.emit(None, None)

    def _make(self) -> QWidget:
        panel = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for row, (text, spin) in enumerate((("From", self._low), ("To", self._high))):
            grid.addWidget(text_label(text, "quiet"), row, 0)
            grid.addWidget(spin, row, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for text, act in (
            ("Pick from the picture", self._pick),
            ("Otsu", self.otsu_requested.emit),
            ("All values", self._clear),
        ):
            button = TextButton(text)
            button.clicked.connect(act)
            buttons.addWidget(button)
        column = QVBoxLayout(panel)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addLayout(buttons)
        column.addWidget(self._joined)
        return panel

    def _pick(self) -> None:
        self._panel.close()
        self.pick_requested.emit()


def words(low: float | None, high: float | None, unit: str) -> str:
    """The range in words, such as "−50 to 120 HU"."""
    first, last = (
        "" if end is None else f"{end:.4g}".replace("-", "\N{MINUS SIGN}") for end in (low, high)
    )
    after = f" {unit}" if unit else ""
    if first and last:
        return f"{first} to {last}{after}"
    if first or last:
        return f"From {first}{after}" if first else f"Up to {last}{after}"
    return "All values"


def _spin(name: str) -> RealSpin:
    spin = RealSpin()
    spin.setRange(NO_END, -NO_END)
    spin.setSpecialValueText("any")
    spin.setDecimals(2)
    spin.setMinimumWidth(150)
    spin.setAccessibleName(name)
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    return spin
