"""One label while it is edited: name, place, colour, key, what it is for, grades, attributes."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from inference.records import AnnotationKind, Label
from widgets.choosers import Chooser
from widgets.label_attributes import AttributeRows
from widgets.labels import text_label
from widgets.question_form import named_row
from widgets.scroll_column import WrappedPage
from widgets.spin_boxes import RealSpin
from widgets.swatches import Swatches
from widgets.theme import RGB

TOP = "top"
SHAPES: tuple[AnnotationKind, ...] = ("box", "rotated_box", "polygon", "mask", "point", "line")
FOR_WORDS = {"": "Slices and regions", "class": "Whole slices or scans", "shapes": "Regions"}
PICK_WORDS = {"single": "One of them", "multi": "Several of them"}
_OTHER = "other"


class LabelFields(WrappedPage):
    """Sends each change as the field's name and its value; holds nothing but what it shows."""

    renamed = Signal(str)
    moved_within = Signal(str)
    """The place of the row that it is to lie within, as text, or TOP."""
    key_typed = Signal(str)
    edited = Signal(str, object)
    """Another field of the label, and its value."""

    def __init__(self, palette: tuple[RGB, ...]) -> None:
        super().__init__()
        self._label: Label | None = None
        self.title = QLineEdit()
        self.title.setAccessibleName("Name")
        self.title.textEdited.connect(self.renamed)
        self.within = Chooser("Lies within")
        self.within.chosen.connect(self.moved_within)
        self.key = _KeyField()
        self.key.typed.connect(self.key_typed)
        self.swatches = Swatches(palette)
        self.swatches.chosen.connect(lambda colour: self.edited.emit("colour", colour))
        self.swatches.other_requested.connect(self._choose_colour)
        self.purpose = _chooser("It is for", FOR_WORDS)
        self.purpose.chosen.connect(self._choose_purpose)
        self.pick = _chooser("Of the labels within it a slice has", PICK_WORDS)
        self.pick.chosen.connect(lambda key: self.edited.emit("pick", key))
        self.graded = QCheckBox("It has grades, such as 1 to 5")
        self.graded.toggled.connect(self._grade)
        self.low, self.high = _number("Lowest grade"), _number("Highest grade")
        for box in (self.low, self.high):
            box.valueChanged.connect(lambda _: self._grade(True))
        self.attributes = AttributeRows()
        self.attributes.changed.connect(lambda found: self.edited.emit("attributes", found))
        self._arrange()

    def show_label(
        self, label: Label | None, title: str, parents: tuple[tuple[str, str], ...], parent: str
    ) -> None:
        """Show a label; `parents` are the places, as text, and names that it can lie within."""
        self._label = label
        self.setEnabled(label is not None)
        if label is None:
            return
        if self.title.text() != title:
            self.title.setText(title)
        self.within.clear_entries()
        for key, words in ((TOP, "Nothing: it stands at the top"), *parents):
            self.within.add_entry(key, words)
        self.within.choose(parent)
        self.key.setText(label.key)
        self.swatches.set_colour(label.colour)
        self._show_purpose(label)
        self.pick.choose(label.pick)
        self._show_grades(label)
        self.attributes.set_attributes(label.attributes)

    def _show_purpose(self, label: Label) -> None:
        key = next((one for one, kinds in _KINDS.items() if kinds == label.kinds), _OTHER)
        self.purpose.clear_entries()
        for one, words in FOR_WORDS.items():
            self.purpose.add_entry(one, words)
        if key == _OTHER:
            self.purpose.add_entry(_OTHER, ", ".join(one.replace("_", " ") for one in label.kinds))
        self.purpose.choose(key)

    def _choose_purpose(self, key: str) -> None:
        if key in _KINDS:
            self.edited.emit("kinds", _KINDS[key])

    def _show_grades(self, label: Label) -> None:
        boxes = (self.graded, self.low, self.high)
        blocked = [QSignalBlocker(box) for box in boxes]
        self.graded.setChecked(label.scale is not None)
        if label.scale is not None:
            self.low.setValue(label.scale[0])
            self.high.setValue(label.scale[1])
        for box in (self.low, self.high):
            box.setVisible(label.scale is not None)
        for blocker in blocked:
            blocker.unblock()

    def _grade(self, on: bool) -> None:
        if not on:
            self.edited.emit("scale", None)
        elif self._label is not None and self._label.scale is None:
            self.edited.emit("scale", (1.0, 5.0))
        else:
            self.edited.emit("scale", (self.low.value(), self.high.value()))

    def _choose_colour(self) -> None:
        now = QColor(*self._label.colour) if self._label is not None else QColor("white")
        option = QColorDialog.ColorDialogOption.DontUseNativeDialog
        found = QColorDialog.getColor(now, self, "Colour of the label", option)
        if found.isValid():
            self.edited.emit("colour", (found.red(), found.green(), found.blue()))

    def _arrange(self) -> None:
        grades = QWidget()
        line = QHBoxLayout(grades)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.graded)
        line.addWidget(self.low)
        line.addWidget(self.high)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 12, 8)
        column.setSpacing(8)
        for name, control in (
            ("Name", self.title),
            ("Within", self.within),
            ("Key", self.key),
            ("Colour", self.swatches),
            ("It is for", self.purpose),
            ("Has within", self.pick),
        ):
            column.addWidget(named_row(name, control))
        column.addWidget(grades)
        column.addWidget(text_label("Attributes of its annotations", "quiet"))
        column.addWidget(self.attributes)
        column.addStretch(1)


_KINDS: dict[str, tuple[AnnotationKind, ...]] = {"": (), "class": ("class",), "shapes": SHAPES}


class _KeyField(QLineEdit):
    """Takes one letter or digit as it is pressed; Backspace and Del leave none."""

    typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Key")
        self.setPlaceholderText("Press a letter or a digit")
        self.setReadOnly(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pressed = event.text().upper()
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.typed.emit("")
        elif len(pressed) == 1 and pressed.isascii() and pressed.isalnum():
            self.typed.emit(pressed)
        else:
            super().keyPressEvent(event)


def _chooser(name: str, words: dict[str, str]) -> Chooser:
    chooser = Chooser(name)
    for key, text in words.items():
        chooser.add_entry(key, text)
    return chooser


def _number(name: str) -> RealSpin:
    box = RealSpin()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setDecimals(1)
    box.setRange(-1000, 1000)
    box.setFixedWidth(80)
    return box
