"""What is said of an annotation besides its label: one field for each attribute of the label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from inference.records import AttributeKind, Scalar
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, SignLine, text_label
from widgets.layouts import empty
from widgets.question_form import named_row
from widgets.theme import MARGIN_PX

NOTHING = ""
"""The value of an attribute that was not said, or is said no longer."""


@dataclass(frozen=True)
class FieldRow:
    """An attribute with what was said of it; None where nothing was."""

    name: str
    kind: AttributeKind
    choices: tuple[str, ...] = ()
    required: bool = False
    value: Scalar = None


class LabelForm(QWidget):
    """Sends `changed` for what a person says; without anything to say it is not seen."""

    changed = Signal(str, object)
    """An attribute's name and its value; NOTHING where it is said no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: tuple[FieldRow, ...] = ()
        self._title = ShortLabel("", "quiet")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self._lack = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 8, MARGIN_PX, 8)
        column.setSpacing(8)
        column.addWidget(text_label("About the annotation", "heading"))
        column.addWidget(self._title)
        column.addLayout(self._lines)
        column.addLayout(self._lack)
        self.setVisible(False)

    def set_fields(self, title: str, fields: tuple[FieldRow, ...], *, enabled: bool = True) -> None:
        """Ask for these of the annotation of this title; () hides the form."""
        self._title.setText(title)
        self.setVisible(bool(fields))
        self.setEnabled(enabled)
        if fields == self._fields:
            return
        self._fields = fields
        held = self.focusWidget()
        name = held.accessibleName() if held is not None and self.isAncestorOf(held) else ""
        empty(self._lines)
        for field in fields:
            made = MAKERS[field.kind](field, self._say)
            made.setAccessibleName(field.name)
            self._lines.addWidget(made if field.kind == "switch" else named_row(field.name, made))
            if field.name == name:
                made.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_lack()

    def _say(self, name: str, value: Scalar) -> None:
        known = next((one.value for one in self._fields if one.name == name), None)
        if value != (NOTHING if known is None else known):
            self.changed.emit(name, value)

    def _show_lack(self) -> None:
        empty(self._lack)
        lack = [one.name for one in self._fields if one.required and one.value in (None, NOTHING)]
        if lack:
            self._lack.addWidget(SignLine("doubtful", f"Required and not said: {', '.join(lack)}"))


Say = Callable[[str, Scalar], None]


def _choice(field: FieldRow, say: Say) -> QWidget:
    chooser = Chooser(field.name)
    chooser.setPlaceholderText("Not said")
    if not field.required:
        chooser.add_entry(NOTHING, "Not said")
    for choice in field.choices:
        chooser.add_entry(choice, choice)
    if isinstance(field.value, str) and field.value not in (*field.choices, NOTHING):
        chooser.add_entry(field.value, field.value)  # said while it was among the choices
    chooser.choose(str(field.value) if field.value is not None else None)
    chooser.chosen.connect(lambda value: say(field.name, value))
    return chooser


def _text(field: FieldRow, say: Say) -> QWidget:
    line = QLineEdit("" if field.value is None else str(field.value))
    line.setPlaceholderText("Not said")
    line.editingFinished.connect(lambda: say(field.name, line.text().strip()))
    return line


def _number(field: FieldRow, say: Say) -> QWidget:
    line = QLineEdit("" if field.value in (None, NOTHING) else f"{field.value:.10g}")
    line.setPlaceholderText("A number")

    def take() -> None:
        typed = line.text().strip().replace(",", ".")
        try:
            value: Scalar = float(typed) if typed else NOTHING
        except ValueError:
            value = field.value if field.value is not None else NOTHING
            line.setText("" if value == NOTHING else f"{value:.10g}")
        say(field.name, value)

    line.editingFinished.connect(take)
    return line


def _switch(field: FieldRow, say: Say) -> QWidget:
    box = QCheckBox(field.name)
    box.setChecked(field.value is True)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda on: say(field.name, on))
    return box


MAKERS: dict[AttributeKind, Callable[[FieldRow, Say], QWidget]] = {
    "choice": _choice,
    "number": _number,
    "text": _text,
    "switch": _switch,
}
