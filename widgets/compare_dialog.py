"""What is to stand side by side: models, methods, targets and layers to tick."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton, TextButton
from widgets.check_list import CheckList, CheckRow
from widgets.labels import SignLabel, bound, text_label

_WIDTH_PX, _HEIGHT_PX = 720, 520
_NO_LAYERS = "None of these methods looks at a layer."


class CompareDialog(QDialog):
    """Nothing changes until `accepted`; what is ticked is asked of the lists."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare side by side")
        self.models = CheckList("Models")
        self.methods = CheckList("Methods")
        self.targets = CheckList("Targets")
        self.layers = CheckList("Layers")
        self._no_layers = text_label(_NO_LAYERS, "caption", wrap=True)
        for tree in (self.models, self.methods, self.targets, self.layers):
            tree.ticked.connect(self.changed)
        self._sign = SignLabel("plain", 14)
        self._words = text_label("", wrap=True)
        self._hint = text_label("", "caption", wrap=True)
        self._take, close = PrimaryButton("Compare"), TextButton("Cancel")
        self._take.setDefault(True)
        close.setAutoDefault(False)
        self._take.clicked.connect(self.accept)
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self._sign)
        foot.addWidget(self._words, 1)
        foot.addWidget(close)
        foot.addWidget(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(self._lists(), 1)
        column.addWidget(self._hint)
        column.addLayout(foot)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self.set_layers((), frozenset())
        self.set_count("", possible=False)

    def set_layers(self, rows: tuple[CheckRow, ...], keys: frozenset[str]) -> None:
        """The layers that can be ticked; none where no ticked method takes one."""
        self.layers.set_rows(rows, keys)
        self.layers.setVisible(bool(rows))
        self._no_layers.setVisible(not rows)

    def set_count(self, words: str, *, possible: bool, hint: str = "") -> None:
        """How many maps are ticked, whether they can be compared, and what is left out."""
        self._sign.set_state("good" if possible else "doubtful")
        self._words.setText(bound(words))
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._take.setEnabled(possible)
        self._take.setToolTip("" if possible else words)

    def count_words(self) -> str:
        """What is said of the count now."""
        return self._words.text()

    def _lists(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.addWidget(text_label("Methods", "quiet"), 0, 0)
        grid.addWidget(self.methods, 1, 0, 5, 1)
        parts = (("Models", self.models), ("Targets", self.targets), ("Layers", self.layers))
        for place, (words, tree) in enumerate(parts):
            grid.addWidget(text_label(words, "quiet"), 2 * place, 1)
            grid.addWidget(tree, 2 * place + 1, 1)
            grid.setRowStretch(2 * place + 1, 1)
        grid.addWidget(self._no_layers, 5, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid
