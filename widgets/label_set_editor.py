"""The dialog in which a label set is made: names, places, colours, keys, grades, attributes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from inference.records import Label, LabelSet
from widgets.buttons import IconButton, PrimaryButton, TextButton
from widgets.choosers import Chooser
from widgets.label_draft import LabelDraft
from widgets.label_fields import PICK_WORDS, TOP, LabelFields
from widgets.label_tree import LabelTree
from widgets.labels import SignLabel, plain_tip, set_kind, text_label
from widgets.question_form import named_row
from widgets.theme import RGB

KEEP = "Leave them as they are"
_HINT = "Alt+Up and Alt+Down change the order. Nothing changes until you apply it."


class LabelSetEditor(QDialog):
    """Nothing changes until `applied` sends what became of the label set."""

    applied = Signal(object)
    """LabelEdit"""
    import_requested = Signal()
    export_requested = Signal(object)
    """The LabelSet as it stands here."""

    def __init__(
        self,
        label_set: LabelSet,
        palette: tuple[RGB, ...],
        model: tuple[str, tuple[Label, ...]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Labels")
        self.resize(860, 620)
        self._draft = LabelDraft(label_set)
        self._palette = palette
        self._model = model
        self.counts: Mapping[str, int] = {}
        """How many annotations each label has, by its name before."""
        self._refusal = ""
        self._name = QLineEdit(label_set.name)
        self._pick = Chooser("At the top a slice has")
        self.tree = LabelTree()
        self.fields = LabelFields(palette)
        self._sign = SignLabel("doubtful", 14)
        self._said = text_label("", "caption", wrap=True)
        self._make_buttons()
        self._arrange()
        self._connect()
        self._show(0)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """How many annotations each label has, by its name before."""
        self.counts = dict(counts)
        self._show(self.tree.place())

    def take(self, label_set: LabelSet) -> None:
        """Add the labels that are not here; an empty set takes over name and choice too."""
        if not self._draft.rows:
            self._draft.name, self._draft.pick = label_set.name, label_set.pick
            self._name.setText(label_set.name)
        before = len(self._draft.rows)
        self._draft.take(label_set.labels)
        self._recolour()
        self._show(min(before, len(self._draft.rows) - 1))

    def say(self, sentence: str) -> None:
        """Say what went wrong, until something is changed."""
        self._refusal = sentence
        self._judge()

    # What the person does

    def add(self) -> None:
        """A new label after the one that is chosen, with the cursor in its name."""
        rows = self._draft.rows
        taken = {name.rpartition("/")[2] for name in self._draft.names()}
        numbers = range(1, len(rows) + 2)
        title = next(f"Label {at}" for at in numbers if f"Label {at}" not in taken)
        place = self._draft.add(title, self._free_colour(), self._free_key(), self.tree.place())
        self._show(place)
        self.fields.title.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fields.title.selectAll()

    def remove(self) -> None:
        """Take the chosen label away; of one in use it is asked what its annotations get."""
        place = self.tree.place()
        row = self._draft.rows[place]
        count, names = self.counts.get(row.origin, 0), self._draft.names()
        to: int | None = None
        if row.origin and count:
            others = [name for at, name in enumerate(names) if at != place]
            noun = "annotation has" if count == 1 else "annotations have"
            chosen, given = QInputDialog.getItem(
                self,
                "Remove a label",
                f"{count} {noun} “{row.origin}”. Give them another label?",
                [KEEP, *others],
                0,
                False,
            )
            if not given:
                return
            to = names.index(chosen) if chosen in others else None
        self._draft.remove(place, to)
        self._show(min(place, len(self._draft.rows) - 1))

    def _move(self, by: int) -> None:
        self._show(self._draft.move(self.tree.place(), by))

    def _put_within(self, key: str) -> None:
        parent = None if key == TOP else int(key)
        self._show(self._draft.put_within(self.tree.place(), parent))

    def _rename(self, title: str) -> None:
        self._refusal = ""
        self._draft.rename(self.tree.place(), title)
        self._refresh()

    def _type_key(self, key: str) -> None:
        place = self.tree.place()
        self._refusal = self._draft.key_refusal(place, key)
        if not self._refusal:
            self._draft.edit(place, key=key)
        self._refresh()

    def _edit(self, name: str, value: object) -> None:
        self._refusal = ""
        self._draft.edit(self.tree.place(), **{name: value})
        self._refresh()

    def _take_from_model(self) -> None:
        if self._model is not None:
            self.take(LabelSet(self._draft.name, self._model[1], self._draft.pick))

    def _set_name(self, name: str) -> None:
        self._draft.name = name
        self._judge()

    def _set_pick(self, key: str) -> None:
        self._draft.pick = "multi" if key == "multi" else "single"

    def accept_changes(self) -> None:
        """Send what became of the label set, unless something is wrong with it."""
        if not self._draft.trouble:
            self.applied.emit(self._draft.result())
            self.accept()

    # What is shown

    def _show(self, place: int) -> None:
        """All labels, with the one at `place` chosen."""
        self.tree.set_rows(self._draft.rows, self.counts)
        self.tree.choose(place)
        self._choose()

    def _choose(self) -> None:
        """The fields have what the chosen label has."""
        place, rows = self.tree.place(), self._draft.rows
        self._refusal = ""
        some = 0 <= place < len(rows)
        for button in (self._delete, self._up, self._down):
            button.setEnabled(some)
        self._refresh()

    def _refresh(self) -> None:
        place, rows = self.tree.place(), self._draft.rows
        if 0 <= place < len(rows):
            names, own = self._draft.names(), self._draft.within(place)
            parents = tuple((str(at), name) for at, name in enumerate(names) if at not in own)
            parent = self._draft.parent_of(place)
            row = rows[place]
            above = TOP if parent is None else str(parent)
            self.fields.show_label(row.label, row.title, parents, above)
        else:
            self.fields.show_label(None, "", (), TOP)
        self.tree.write(rows, self.counts)
        self._pick.choose(self._draft.pick)
        self._judge()

    def _judge(self) -> None:
        trouble = self._refusal or self._draft.trouble
        self._sign.setVisible(bool(trouble))
        self._said.setText(trouble or _HINT)
        set_kind(self._said, "" if trouble else "caption")
        self._take_button.setEnabled(not self._draft.trouble)

    def _free_colour(self) -> RGB:
        used = [row.label.colour for row in self._draft.rows]
        return min(self._palette, key=used.count)

    def _free_key(self) -> str:
        used = {row.label.key for row in self._draft.rows}
        return next((digit for digit in "123456789" if digit not in used), "")

    def _recolour(self) -> None:
        """Labels that came get a colour and a key of their own."""
        colours: list[RGB] = []
        keys: set[str] = set()
        for place, row in enumerate(self._draft.rows):
            if row.label.colour in colours:
                self._draft.edit(place, colour=self._free_colour())
            if row.label.key in keys or (not row.label.key and not row.origin):
                self._draft.edit(place, key=self._free_key())
            colours.append(self._draft.rows[place].label.colour)
            keys |= {self._draft.rows[place].label.key} - {""}

    # How it is put together

    def _make_buttons(self) -> None:
        self._new = IconButton("add", "Add a label")
        self._delete = IconButton("delete", "Remove this label")
        self._up = IconButton("chevron_up", "Further up", "Alt+Up")
        self._down = IconButton("chevron_down", "Further down", "Alt+Down")
        title = self._model[0] if self._model is not None else ""
        self._from_model = TextButton("Take the labels of the model")
        self._from_model.setEnabled(self._model is not None)
        why = f"Those of {title}" if title else "No model is chosen for the scan in sight."
        self._from_model.setToolTip(plain_tip(why))
        self._import, self._export = TextButton("Import …"), TextButton("Export …")
        self._close = TextButton("Cancel")
        self._take_button = PrimaryButton("Apply")
        self._take_button.setDefault(True)
        for button in (self._from_model, self._import, self._export, self._close):
            button.setAutoDefault(False)

    def _arrange(self) -> None:
        self._name.setAccessibleName("Name of the label set")
        for key, words in PICK_WORDS.items():
            self._pick.add_entry(key, words)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(named_row("Label set", self._name), 1)
        top.addWidget(named_row("A slice has", self._pick), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._new, self._delete, self._up, self._down):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.tree, 1)
        left.addLayout(buttons)
        right = QScrollArea()
        right.setWidgetResizable(True)
        right.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        right.setWidget(self.fields)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addLayout(left, 2)
        middle.addWidget(right, 3)
        said = QHBoxLayout()
        said.addWidget(self._sign)
        said.addWidget(self._said, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for other in (self._from_model, self._import, self._export):
            foot.addWidget(other)
        foot.addStretch(1)
        foot.addWidget(self._close)
        foot.addWidget(self._take_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        for part in (top, middle, said, foot):
            column.addLayout(part, 1 if part is middle else 0)

    def _connect(self) -> None:
        self._name.textEdited.connect(self._set_name)
        self._pick.chosen.connect(self._set_pick)
        self.tree.chosen.connect(self._choose)
        fields = self.fields
        fields.renamed.connect(self._rename)
        fields.moved_within.connect(self._put_within)
        fields.key_typed.connect(self._type_key)
        fields.edited.connect(self._edit)
        self._new.clicked.connect(self.add)
        self._delete.clicked.connect(self.remove)
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._up.setShortcut("Alt+Up")
        self._down.setShortcut("Alt+Down")
        self._from_model.clicked.connect(self._take_from_model)
        self._import.clicked.connect(self.import_requested)
        self._export.clicked.connect(
            lambda: self.export_requested.emit(self._draft.result().label_set)
        )
        self._take_button.clicked.connect(self.accept_changes)
        self._close.clicked.connect(self.reject)
