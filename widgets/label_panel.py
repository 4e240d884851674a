"""The panel of the work place Label: the labels, what is said, and the annotations there are."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton, TextButton, with_key
from widgets.label_form import LabelForm
from widgets.label_history import LabelHistory
from widgets.label_list import LabelList
from widgets.label_rows import LabelRows
from widgets.labels import Notices, ShortLabel, SignLine, rule, text_label
from widgets.layouts import empty
from widgets.scroll_column import ScrollColumn
from widgets.theme import MARGIN_PX
from widgets.walk_list import WalkList

NO_LABELS = "There are no labels yet. They are the words that slices and regions get."


class LabelPanel(ScrollColumn):
    """States: no labels, no scan, read-only, labels with and without annotations."""

    edit_requested = Signal()
    new_requested = Signal()
    model_requested = Signal()
    """To take the labels of the model in the active viewport."""
    whole_toggled = Signal(bool)
    moves_on_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.walk = WalkList()
        self.rows = LabelRows()
        self.here = LabelList("On this slice", unfolded=True)
        self.there = LabelList("On the whole scan", unfolded=False)
        self.form = LabelForm()
        self.history = LabelHistory()
        self.remarks = ("", "")
        """Where model and label disagree, and how many annotations are unfinished."""
        self._name = ShortLabel("", "heading")
        self._head, self._empty, self._labels = QWidget(), QWidget(), QWidget()
        self._make_head()
        self._make_empty()
        self._make_labels()
        for part in (self.walk, self._head, self._empty, self._labels, self.here):
            self.add(part)
        for part in (self.form, self.history, self.there):
            self.add(part)
        self.set_labels("Labels", some=False)
        self.set_model("", "")

    def set_labels(self, name: str, *, some: bool) -> None:
        """The name of the label set, and whether it has any labels."""
        self._name.setText(name)
        self._empty.setVisible(not some)
        for part in (self._labels, self.here, self.there):
            part.setVisible(some)

    def set_model(self, title: str, why_not: str) -> None:
        """The model whose labels can be taken; `why_not` says why none can."""
        self._take.setEnabled(not why_not)
        self._take.setToolTip(why_not or f"The labels of {title}")

    def set_ready(self, enabled: bool, why: str) -> None:
        """Whether anything can be said here; `why` not."""
        self.rows.set_enabled(enabled, why)
        self._notices.set_sentences((why,) if why else ())

    def set_whole(self, whole: bool, *, several: bool) -> None:
        """Whether classes are of the scan or the slice in sight; one slice leaves no choice."""
        self._whole.setVisible(several)
        with QSignalBlocker(self._whole):
            self._whole.setChecked(whole)

    def set_moves_on(self, on: bool, *, seen: bool) -> None:
        """Whether the next one is shown once a class was said; `seen` where there are classes."""
        self._on.setVisible(seen)
        with QSignalBlocker(self._on):
            self._on.setChecked(on)

    def set_remark(self, disagrees: str, lacks: str) -> None:
        """Where model and label disagree, and how many annotations are unfinished."""
        if (disagrees, lacks) == self.remarks:
            return
        self.remarks = (disagrees, lacks)
        empty(self._said)
        for sentence in (disagrees, lacks):
            if sentence:
                self._said.addWidget(SignLine("doubtful", sentence))

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._edit.setToolTip(with_key("Names, colours and keys", keys.get("edit_labels", "")))

    def _make_head(self) -> None:
        self._edit = TextButton("Edit labels …")
        self._edit.clicked.connect(self.edit_requested)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(MARGIN_PX, 8, 8, 8)
        head.addWidget(self._name, 1)
        head.addWidget(self._edit)

    def _make_empty(self) -> None:
        self._new = PrimaryButton("New label", "add")
        self._new.clicked.connect(self.new_requested)
        self._take = TextButton("Take those of the model")
        self._take.clicked.connect(self.model_requested)
        column = QVBoxLayout(self._empty)
        column.setContentsMargins(MARGIN_PX, 8, MARGIN_PX, MARGIN_PX)
        column.setSpacing(12)
        column.addWidget(text_label(NO_LABELS, "quiet", wrap=True))
        for button in (self._new, self._take):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _make_labels(self) -> None:
        self._whole = _box("Classes are of the whole scan", self.whole_toggled)
        self._whole.setToolTip("Otherwise a class is said of the slice in sight")
        self._on = _box("Move on when a class is said", self.moves_on_toggled)
        self._on.setToolTip("The next slice, or where classes are of the whole scan the next scan")
        self._notices = Notices()
        self._said = QVBoxLayout()
        self._said.setSpacing(0)
        column = QVBoxLayout(self._labels)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(4)
        column.addWidget(self.rows)
        under = QVBoxLayout()
        under.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        under.setSpacing(0)
        for box in (self._whole, self._on):
            under.addWidget(box)
        under.addLayout(self._said)
        under.addLayout(self._notices)
        column.addLayout(under)
        column.addWidget(rule())


def _box(words: str, signal: SignalInstance) -> QCheckBox:
    box = QCheckBox(words)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(signal)
    return box
