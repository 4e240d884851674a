"""What a batch is to do, asked before it starts: which cases, by what method, at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, plain_tip, text_label
from widgets.spin_boxes import WholeSpin

SERIES = "series"
"""The key of the cases that are counted by steps."""
WIDTH_PX = 460
HEIGHT_PX = 28
MOST_STEP = 500
STEP = 5


@dataclass(frozen=True)
class BatchChoice:
    """What a person chose: keys of the rows offered; "" is each case's own answer, or no truth."""

    which: str
    step: int
    way: str
    target: str
    label: str
    all_checks: bool


class BatchDialog(QDialog):
    """`changed` asks for the count and the cost; `started` begins the batch."""

    changed = Signal(object)
    started = Signal(object)

    def __init__(self, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Explain a selection")
        self.setMinimumWidth(WIDTH_PX)
        self._which = Chooser("Cases")
        self._step = WholeSpin()
        self._way = Chooser("Method")
        self._target = Chooser("Explain")
        self._label = Chooser("Truth")
        self._checks = QCheckBox("Every check of belief")
        self._cost = text_label("", "quiet", wrap=True)
        self._start = PrimaryButton("Explain", "why")
        self._dress()
        self._arrange(model)
        self._connect()

    def set_choices(
        self,
        which: Sequence[tuple[str, str, bool]],
        ways: Sequence[tuple[str, str, str]],
        labels: Sequence[str],
    ) -> None:
        """Cases as (key, words, whether there are any), ways as (key, words, reason), and labels.

        The first of each that can be chosen is.
        """
        for key, words, there in which:
            self._which.add_entry(key, words, enabled=there)
        self._which.choose(next((key for key, _, there in which if there), None))
        for key, words, reason in ways:
            self._way.add_entry(key, words, reason=reason)
        self._way.choose(ways[0][0] if ways else None)
        self._target.add_entry("", "What the model answers for each case")
        self._label.add_entry("", "Not known, or from a list beside the files")
        for label in labels:
            self._target.add_entry(label, label)
            self._label.add_entry(label, f"All of them are {label}")
        self._target.choose("")
        self._label.choose("")
        self._change()

    def set_cost(self, words: str, *, ready: bool) -> None:
        """How many maps there will be and how long they take, or why nothing can be started."""
        self._cost.setText(words)
        self._start.setEnabled(ready)

    def choice(self) -> BatchChoice:
        return BatchChoice(
            self._which.chosen_key() or "",
            self._step.value(),
            self._way.chosen_key() or "",
            self._target.chosen_key() or "",
            self._label.chosen_key() or "",
            self._checks.isChecked(),
        )

    def _change(self) -> None:
        self._step.setVisible(self._which.chosen_key() == SERIES)
        self.changed.emit(self.choice())

    def _begin(self) -> None:
        self._step.interpretText()
        self.started.emit(self.choice())
        self.accept()

    def _dress(self) -> None:
        self._step.setRange(1, MOST_STEP)
        self._step.setValue(STEP)
        self._step.setPrefix("every ")
        self._step.setSuffix(" frames")
        self._step.setSpecialValueText("every frame")
        self._step.setAccessibleName("Every how manyth frame of the series")
        self._checks.setToolTip(plain_tip("The cheap ones run with each map anyway."))
        self._start.setDefault(True)

    def _arrange(self, model: str) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        cases = QHBoxLayout()
        cases.setSpacing(8)
        cases.addWidget(self._which, 1)
        cases.addWidget(self._step)
        form.addRow("Model", ShortLabel(model))
        form.addRow("Cases", cases)
        form.addRow("Method", self._way)
        form.addRow("Explain", self._target)
        form.addRow("Truth", self._label)
        form.addRow("", self._checks)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._cost)
        column.addStretch(1)
        column.addLayout(_foot(self, self._start))

    def _connect(self) -> None:
        for chooser in (self._which, self._way, self._target, self._label):
            chooser.chosen.connect(self._change)
        self._step.valueChanged.connect(self._change)
        self._checks.toggled.connect(self._change)
        self._start.clicked.connect(self._begin)


class JudgeDialog(QDialog):
    """By which methods a labelled set is to be judged; `started` sends their names."""

    started = Signal(object)

    def __init__(self, set_name: str, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Judge a labelled set")
        self.setMinimumWidth(WIDTH_PX)
        self._methods = QTreeWidget()
        self._methods.setHeaderHidden(True)
        self._methods.setRootIsDecorated(False)
        self._methods.setProperty("kind", "table")
        self._methods.setAccessibleName("Methods")
        self._methods.setMinimumHeight(8 * HEIGHT_PX)
        self._methods.itemChanged.connect(self._show_ready)
        self._start = PrimaryButton("Judge", "target")
        self._start.setDefault(True)
        self._start.clicked.connect(self._begin)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.addRow("Set", ShortLabel(set_name))
        form.addRow("Model", ShortLabel(model))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(form)
        words = "Each case is answered, and explained by each method that is ticked."
        column.addWidget(text_label(words, "quiet", wrap=True))
        column.addWidget(self._methods, 1)
        column.addLayout(_foot(self, self._start))

    def set_methods(self, methods: Sequence[tuple[str, str]], chosen: str) -> None:
        """Names and titles of the methods that fit the model, one of them ticked."""
        for name, title in methods:
            item = QTreeWidgetItem(self._methods, [title])
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            ticked = Qt.CheckState.Checked if name == chosen else Qt.CheckState.Unchecked
            item.setCheckState(0, ticked)
        self._show_ready()

    def ticked(self) -> tuple[str, ...]:
        """The names of the methods that are ticked."""
        found = (self._methods.topLevelItem(at) for at in range(self._methods.topLevelItemCount()))
        return tuple(
            str(item.data(0, Qt.ItemDataRole.UserRole))
            for item in found
            if item is not None and item.checkState(0) == Qt.CheckState.Checked
        )

    def _show_ready(self) -> None:
        self._start.setEnabled(bool(self.ticked()))

    def _begin(self) -> None:
        self.started.emit(self.ticked())
        self.accept()


def _foot(dialog: QDialog, start: PrimaryButton) -> QHBoxLayout:
    close = TextButton("Cancel")
    close.setAutoDefault(False)
    close.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(close)
    row.addWidget(start)
    return row
