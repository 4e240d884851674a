"""What can be set of an explanation besides its method and target, for those who want to."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inference.records import Options
from widgets.choosers import Chooser
from widgets.labels import text_label
from widgets.option_form import OptionForm, OptionRow

NAMES_PX = 84
"""Room for the longest name before a chooser."""


@dataclass(frozen=True)
class Extras:
    """What is chosen here; `against` is an index into the targets, the others are keys."""

    layer: str | None
    against: int | None
    baseline: str
    truth: str


class QuestionForm(QWidget):
    """A row each for layer, against, baseline, judge, and the method's own options."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._takes_layer = False
        self._names: dict[Chooser, tuple[tuple[str, str], ...]] = {}
        self.options = OptionForm()
        self.options.changed.connect(self.changed)
        self._layer = self._chooser("Layer", "No layer")
        self._against = self._chooser("Against", "Nothing else")
        self._baseline = self._chooser("Baseline", "As the card says")
        self._truth = self._chooser("Judge by", "No region")
        self._layer_row = named_row("Layer", self._layer)
        self._baseline_row = named_row("Baseline", self._baseline)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for row in (
            self._layer_row,
            named_row("Against", self._against),
            self._baseline_row,
            named_row("Judge by", self._truth),
            self.options,
        ):
            column.addWidget(row)
        self.set_takes(layer=False, baseline=False)

    def set_takes(self, *, layer: bool, baseline: bool) -> None:
        """Whether the chosen method looks at a layer, and whether it compares with a baseline."""
        self._takes_layer = layer
        self._layer_row.setVisible(layer)
        self._layer.setEnabled(self._layer.count() > 0)
        self._baseline_row.setVisible(baseline)

    def set_layers(self, layers: tuple[str, ...], selected: str | None) -> None:
        """The layers of the model's own tree that a method of layers can take."""
        self._fill(self._layer, tuple((layer, layer) for layer in layers), selected)
        self._layer.setEnabled(bool(layers))

    def set_targets(self, targets: tuple[str, ...], selected: int | None) -> None:
        """What the target can be set against: "why the one and not the other"."""
        rows = (("", "Nothing else"), *((str(at), name) for at, name in enumerate(targets)))
        self._fill(self._against, rows, "" if selected is None else str(selected))

    def set_baselines(self, baselines: tuple[tuple[str, str], ...], selected: str) -> None:
        """Keys and titles of what the picture can be compared with."""
        self._fill(self._baseline, baselines, selected)

    def set_truths(self, truths: tuple[tuple[str, str], ...], selected: str) -> None:
        """Keys and titles of the marked regions that the map can be judged by."""
        self._fill(self._truth, (("", "No region"), *truths), selected)

    def set_options(self, options: tuple[OptionRow, ...]) -> None:
        self.options.set_options(options)

    def set_values(self, options: Options) -> None:
        self.options.set_values(options)

    def extras(self) -> Extras:
        """All that is chosen, but for the options."""
        against = self._against.chosen_key()
        return Extras(
            self._layer.chosen_key() if self._takes_layer else None,
            int(against) if against else None,
            self._baseline.chosen_key() or "card",
            self._truth.chosen_key() or "",
        )

    def _chooser(self, name: str, empty: str) -> Chooser:
        chooser = Chooser(name)
        chooser.setPlaceholderText(empty)
        chooser.chosen.connect(lambda _: self.changed.emit())
        return chooser

    def _fill(
        self, chooser: Chooser, rows: tuple[tuple[str, str], ...], selected: str | None
    ) -> None:
        """The same once more changes nothing: a list that is open stays open."""
        if self._names.get(chooser) == rows and chooser.chosen_key() == selected:
            return
        self._names[chooser] = rows
        chooser.clear_entries()
        for key, title in rows:
            chooser.add_entry(key, title)
        chooser.choose(selected)


def named_row(name: str, control: QWidget) -> QWidget:
    """A quiet name and its control beside it."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    label = text_label(name, "quiet")
    label.setFixedWidth(NAMES_PX)
    line.addWidget(label)
    line.addWidget(control, 1)
    return row
