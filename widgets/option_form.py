"""A form made of the options that a method declares: one labelled control an option."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QFormLayout, QVBoxLayout, QWidget

from inference.records import Options, Scalar
from widgets.choosers import Chooser
from widgets.labels import plain_tip, text_label
from widgets.spin_boxes import RealSpin, WholeSpin

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


@dataclass(frozen=True)
class _Control:
    """A widget for one option, and how its value is read and shown."""

    widget: QWidget
    read: Callable[[], Scalar]
    write: Callable[[Scalar], None]


class OptionForm(QWidget):
    """Sends `changed` only when a person changes a value; `values` are in the order declared."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: tuple[OptionRow, ...] = ()
        self._controls: list[_Control] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._form: QWidget | None = None

    def set_options(self, options: tuple[OptionRow, ...]) -> None:
        """Make the controls anew, each at its default."""
        if self._form is not None:
            self._form.hide()
            self._column.removeWidget(self._form)
            self._form.deleteLater()
        self._options = options
        self._controls = [_MAKERS[option.kind](option, self.changed.emit) for option in options]
        self._form = QWidget()
        lines = QFormLayout(self._form)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(12)
        lines.setVerticalSpacing(6)
        lines.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        for option, control in zip(options, self._controls, strict=True):
            control.widget.setAccessibleName(option.words)
            control.widget.setToolTip(plain_tip(_bounds(option)))
            if option.kind == "bool":
                lines.addRow(control.widget)
            else:
                label = text_label(option.words, "quiet")
                label.setMinimumHeight(28)
                lines.addRow(label, control.widget)
        self._column.addWidget(self._form)
        self.setVisible(bool(options))

    def values(self) -> Options:
        """The options as they stand."""
        pairs = zip(self._options, self._controls, strict=True)
        return tuple((option.name, control.read()) for option, control in pairs)

    def take_typed(self) -> None:
        """Take numbers that are still being typed, as leaving their fields would."""
        for box in self.findChildren(QAbstractSpinBox):
            box.interpretText()

    def set_values(self, values: Options) -> None:
        """Show these, and the default of each option that they do not name."""
        given = dict(values)
        for option, control in zip(self._options, self._controls, strict=True):
            wanted = given.get(option.name, option.default)
            if control.read() != wanted:  # a number that is being typed stays
                with QSignalBlocker(control.widget):
                    control.write(wanted)


def _whole(option: OptionRow, changed: Callable[[], None]) -> _Control:
    box = WholeSpin()
    box.setRange(
        int(-_UNBOUNDED if option.minimum is None else option.minimum),
        int(_UNBOUNDED if option.maximum is None else option.maximum),
    )
    return _number(box, lambda value: box.setValue(int(value or 0)), option, changed)


def _real(option: OptionRow, changed: Callable[[], None]) -> _Control:
    box = RealSpin()
    box.setDecimals(_decimals(option))
    box.setRange(
        -_UNBOUNDED if option.minimum is None else option.minimum,
        _UNBOUNDED if option.maximum is None else option.maximum,
    )
    box.setSingleStep(0.05)
    return _number(box, lambda value: box.setValue(float(value or 0.0)), option, changed)


def _decimals(option: OptionRow) -> int:
    """At least three, and as many as the option's own numbers have: a field rounds to them."""
    given = (option.default, option.minimum, option.maximum)
    exponents = (Decimal(repr(one)).as_tuple().exponent for one in given if isinstance(one, float))
    return max([3, *(-one for one in exponents if isinstance(one, int))])


def _number(
    box: WholeSpin | RealSpin,
    write: Callable[[Scalar], None],
    option: OptionRow,
    changed: Callable[[], None],
) -> _Control:
    write(option.default)
    box.valueChanged.connect(lambda _: changed())
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    return _Control(box, box.value, write)


def _switch(option: OptionRow, changed: Callable[[], None]) -> _Control:
    box = QCheckBox(option.words)
    box.setChecked(bool(option.default))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda _: changed())
    return _Control(box, box.isChecked, lambda value: box.setChecked(bool(value)))


def _choice(option: OptionRow, changed: Callable[[], None]) -> _Control:
    chooser = Chooser(option.words)
    for choice in option.choices:
        chooser.add_entry(choice, choice)
    chooser.choose(str(option.default))
    chooser.chosen.connect(lambda _: changed())
    return _Control(chooser, chooser.chosen_key, lambda value: chooser.choose(str(value)))


def _bounds(option: OptionRow) -> str:
    if option.minimum is None or option.maximum is None:
        return option.words
    return f"{option.words}: {option.minimum:g} to {option.maximum:g}, usually {option.default}"


_MAKERS: dict[str, Callable[[OptionRow, Callable[[], None]], _Control]] = {
    "int": _whole,
    "float": _real,
    "bool": _switch,
    "choice": _choice,
}
