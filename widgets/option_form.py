"""A form made of the options that a method declares: one labelled control an option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from inference.records import Options, Scalar
from widgets.choosers import Chooser
from widgets.labels import text_label

_UNBOUNDED = 1_000_000


@dataclass(frozen=True)
class OptionRow:
    """One declared option; `title` is its name for people, made of the name if empty."""

    name: str
    kind: Literal["int", "float", "bool", "choice"]
    default: Scalar
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    title: str = ""

    @property
    def words(self) -> str:
        return self.title or self.name.replace("_", " ").capitalize()


Read = Callable[[], Scalar]
Made = tuple[QWidget, Read]


class OptionForm(QWidget):
    """Sends `changed` when a person changes a value; `values` are in the order declared."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reads: list[tuple[str, Read]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._form: QWidget | None = None

    def set_options(self, options: tuple[OptionRow, ...]) -> None:
        """Make the controls anew, each at its default."""
        if self._form is not None:
            self._form.hide()
            self._column.removeWidget(self._form)
            self._form.deleteLater()
        self._reads = []
        self._form = QWidget()
        lines = QFormLayout(self._form)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(12)
        lines.setVerticalSpacing(6)
        lines.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        for option in options:
            control, read = _MAKERS[option.kind](option, self.changed.emit)
            control.setAccessibleName(option.words)
            control.setToolTip(_bounds(option))
            self._reads.append((option.name, read))
            if option.kind == "bool":
                lines.addRow(control)
            else:
                label = text_label(option.words, "quiet")
                label.setMinimumHeight(28)
                lines.addRow(label, control)
        self._column.addWidget(self._form)
        self.setVisible(bool(options))

    def values(self) -> Options:
        """The options as they stand."""
        return tuple((name, read()) for name, read in self._reads)


def _whole(option: OptionRow, changed: Callable[[], None]) -> Made:
    box = QSpinBox()
    box.setRange(
        int(-_UNBOUNDED if option.minimum is None else option.minimum),
        int(_UNBOUNDED if option.maximum is None else option.maximum),
    )
    box.setValue(int(option.default or 0))
    box.valueChanged.connect(lambda _: changed())
    _calm(box)
    return box, box.value


def _real(option: OptionRow, changed: Callable[[], None]) -> Made:
    box = QDoubleSpinBox()
    box.setDecimals(3)
    box.setRange(
        -_UNBOUNDED if option.minimum is None else option.minimum,
        _UNBOUNDED if option.maximum is None else option.maximum,
    )
    box.setSingleStep(0.05)
    box.setValue(float(option.default or 0.0))
    box.valueChanged.connect(lambda _: changed())
    _calm(box)
    return box, box.value


def _switch(option: OptionRow, changed: Callable[[], None]) -> Made:
    box = QCheckBox(option.words)
    box.setChecked(bool(option.default))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda _: changed())
    return box, box.isChecked


def _choice(option: OptionRow, changed: Callable[[], None]) -> Made:
    chooser = Chooser(option.words)
    for choice in option.choices:
        chooser.add_entry(choice, choice)
    chooser.choose(str(option.default))
    chooser.chosen.connect(lambda _: changed())
    return chooser, chooser.chosen_key


def _calm(box: QAbstractSpinBox) -> None:
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)


def _bounds(option: OptionRow) -> str:
    if option.minimum is None or option.maximum is None:
        return option.words
    return f"{option.words}: {option.minimum:g} to {option.maximum:g}, usually {option.default}"


_MAKERS: dict[str, Callable[[OptionRow, Callable[[], None]], Made]] = {
    "int": _whole,
    "float": _real,
    "bool": _switch,
    "choice": _choice,
}
