"""The attributes of a label while it is edited: name, kind, words to choose from, required."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from inference.records import Attribute
from widgets.buttons import IconButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import text_label
from widgets.layouts import empty

KIND_WORDS = {"choice": "Choice", "number": "Number", "text": "Text", "switch": "Yes or no"}


class AttributeRows(QWidget):
    """One block for each attribute; sends `changed` with all of them."""

    changed = Signal(object)
    """tuple[Attribute, ...]"""

    def __init__(self) -> None:
        super().__init__()
        self._attributes: tuple[Attribute, ...] = ()
        self._blocks = QVBoxLayout()
        self._blocks.setSpacing(8)
        self._add = TextButton("Add an attribute", "add")
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self._append)
        self._none = text_label("Nothing else is asked of its annotations.", "caption", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._none)
        column.addLayout(self._blocks)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)

    def set_attributes(self, attributes: tuple[Attribute, ...]) -> None:
        """Show these; those that are shown already are left alone, with the cursor in them."""
        self._none.setVisible(not attributes)
        if attributes == self._attributes:
            return
        self._attributes = attributes
        empty(self._blocks)
        for place, one in enumerate(attributes):
            self._blocks.addWidget(self._block(place, one))

    def _block(self, place: int, one: Attribute) -> QWidget:
        name = QLineEdit(one.name)
        name.setPlaceholderText("Name")
        name.setAccessibleName(f"Name of attribute {place + 1}")
        name.textEdited.connect(lambda text: self._edit(place, name=text))
        kind = Chooser(f"Kind of attribute {place + 1}")
        for key, words in KIND_WORDS.items():
            kind.add_entry(key, words)
        kind.choose(one.kind)
        required = QCheckBox("Required")
        required.setChecked(one.required)
        required.toggled.connect(lambda on: self._edit(place, required=on))
        away = IconButton("delete", "Remove this attribute", role="quiet")
        away.clicked.connect(lambda: self._remove(place))
        choices = QLineEdit(", ".join(one.choices))
        choices.setPlaceholderText("Words to choose from, with commas between them")
        choices.setAccessibleName(f"Words of attribute {place + 1}")
        choices.textEdited.connect(lambda text: self._edit(place, choices=_words(text)))
        kind.chosen.connect(lambda key: choices.setVisible(key == "choice"))
        kind.chosen.connect(lambda key: self._edit(place, kind=key))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(name, 1)
        line.addWidget(kind, 1)
        line.addWidget(required)
        line.addWidget(away)
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(choices)
        choices.setVisible(one.kind == "choice")
        return block

    def _edit(self, place: int, **changes: Any) -> None:
        found = list(self._attributes)
        found[place] = replace(found[place], **changes)
        self._attributes = tuple(found)
        self.changed.emit(self._attributes)

    def _append(self) -> None:
        self.set_attributes((*self._attributes, Attribute("")))
        self.changed.emit(self._attributes)
        item = self._blocks.itemAt(self._blocks.count() - 1)
        block = item.widget() if item is not None else None
        name = block.findChild(QLineEdit) if block is not None else None
        if isinstance(name, QLineEdit):
            name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove(self, place: int) -> None:
        left = tuple(one for at, one in enumerate(self._attributes) if at != place)
        self.set_attributes(left)
        self.changed.emit(left)


def _words(typed: str) -> tuple[str, ...]:
    words = (word.strip() for word in typed.split(","))
    return tuple(dict.fromkeys(word for word in words if word))
