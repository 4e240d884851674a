"""How labels are to be exported: of which scans, and in which format, with what that leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, SignLabel, text_label
from widgets.signs import State

_WIDTH_PX = 620
_IDENTIFIED = "Name scans by their files, and in DICOM the patient"


@dataclass(frozen=True)
class FormatRow:
    """A format, and how much of the labels it holds; what holds nothing cannot be chosen."""

    name: str
    title: str
    state: State
    words: str


class LabelExportDialog(QDialog):
    """`export_requested` asks for a place; the dialog stays until it is accepted."""

    scope_chosen = Signal(str)
    export_requested = Signal()

    def __init__(self, scopes: tuple[tuple[str, str], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export labels")
        self._rows: dict[str, tuple[QRadioButton, SignLabel, ShortLabel]] = {}
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(lambda _button, _on: self._look())
        self.scope = Chooser("Labels of")
        for key, words in scopes:
            self.scope.add_entry(key, words)
        self.scope.choose(scopes[0][0])
        self.scope.chosen.connect(self.scope_chosen)
        self.identified = QCheckBox(_IDENTIFIED)
        self.take, close = PrimaryButton("Export …"), TextButton("Cancel")
        self.take.setDefault(True)
        self.take.setEnabled(False)
        close.setAutoDefault(False)
        self.take.clicked.connect(self.export_requested)
        close.clicked.connect(self.reject)
        self._formats = QGridLayout()
        self._formats.setHorizontalSpacing(12)
        self._formats.setVerticalSpacing(2)
        self._formats.setColumnStretch(2, 1)
        of = QHBoxLayout()
        of.addWidget(text_label("Labels of", "quiet"))
        of.addWidget(self.scope, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(of)
        column.addLayout(self._formats)
        column.addWidget(self.identified)
        column.addStretch(1)
        column.addLayout(foot)
        self.setMinimumWidth(_WIDTH_PX)

    def set_formats(self, rows: tuple[FormatRow, ...]) -> None:
        """What each format would hold now; the choice stays if it still holds anything."""
        for place, row in enumerate(rows):
            if row.name not in self._rows:
                self._add(place, row)
            choice, sign, words = self._rows[row.name]
            choice.setEnabled(row.state != "bad")
            choice.setAccessibleDescription(row.words)
            sign.set_state("plain" if row.state == "bad" else row.state)
            words.setText(row.words)
        able = sorted(
            (row for row in rows if row.state != "bad"), key=lambda row: row.state != "good"
        )
        if able and not any(self._rows[row.name][0].isChecked() for row in able):
            self._rows[able[0].name][0].setChecked(True)  # the first that holds all, else any
        self._look()

    @property
    def chosen_format(self) -> str | None:
        """The name of the chosen format; None where none holds anything."""
        found = (name for name, (choice, *_) in self._rows.items() if choice.isChecked())
        name = next(found, None)
        return name if name is not None and self._rows[name][0].isEnabled() else None

    def choose_format(self, name: str) -> None:
        """Choose a format, as a click does."""
        self._rows[name][0].click()

    def _add(self, place: int, row: FormatRow) -> None:
        choice, sign, words = (
            QRadioButton(row.title),
            SignLabel("plain", 14),
            ShortLabel("", "quiet"),
        )
        self._group.addButton(choice)
        self._rows[row.name] = (choice, sign, words)
        for across, widget in enumerate((choice, sign, words)):
            self._formats.addWidget(widget, place, across)

    def _look(self) -> None:
        self.take.setEnabled(self.chosen_format is not None)
