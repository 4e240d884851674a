"""Why the model said so: method, target and layer, how far to believe the map, how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inference.records import Options
from widgets.buttons import PrimaryButton, TextButton, with_key
from widgets.choosers import Chooser
from widgets.labels import Notice, SignLine, plain_tip, rule, text_label
from widgets.layouts import empty
from widgets.option_form import OptionForm, OptionRow
from widgets.overlay_controls import OverlayControls
from widgets.signs import State
from widgets.theme import MARGIN_PX
from widgets.work_state import WorkState


@dataclass(frozen=True)
class MethodRow:
    """A method with how well it suits the model, why, and what to take instead."""

    name: str
    title: str
    state: State
    reason: str = ""
    instead: str = ""
    has_layer: bool = False
    options: tuple[OptionRow, ...] = ()


@dataclass(frozen=True)
class Belief:
    """One finding about how far to trust the map, such as ("good", "Complete to 0.4 %")."""

    state: State
    text: str


@dataclass(frozen=True)
class Choice:
    """All that a person chose for an explanation; `target` is an index into the targets."""

    method: str
    target: int
    layer: str | None
    options: Options


class ExplainPanel(QWidget):
    """States: not possible yet, ready, working with the old map kept, done, failed."""

    explain_requested = Signal(object)
    choice_changed = Signal(object)
    threshold_changed = Signal(float)
    opacity_changed = Signal(float)
    overlay_toggled = Signal(bool)
    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._methods: dict[str, MethodRow] = {}
        self._target_names: tuple[str, ...] = ()
        self._layer_names: tuple[str, ...] = ()
        self._believed: tuple[Belief, ...] = ()
        self._ready = False
        self._why_not = ""
        self._key = ""
        self._unfolded = False
        self._make()
        self._arrange()
        self._take_method()
        for chooser in (self._method, self._target):
            chooser.setEnabled(False)
        self.set_cost("")
        self.set_map_title("")
        self.set_ready(False, "Predict first, then ask why.")

    # What can be chosen

    def set_methods(
        self, methods: tuple[MethodRow, ...], selected: str | None, options: Options = ()
    ) -> None:
        """All methods with their signs; one that cannot be used stands there with its reason.

        `options` are what was asked for with the selected one, by default its own. The same once
        more changes nothing, so that a number being typed is not lost.
        """
        if tuple(self._methods.values()) != methods or self._method.chosen_key() != selected:
            self._list_methods(methods, selected)
        self._options.set_values(options)

    def _list_methods(self, methods: tuple[MethodRow, ...], selected: str | None) -> None:
        self._methods = {method.name: method for method in methods}
        self._method.clear_entries()
        for method in methods:
            instead = f"Take {method.instead} instead." if method.instead else ""
            reason = f"{method.reason} {instead}".strip()
            usable = method.state != "bad"
            self._method.add_entry(method.name, method.title, method.state, reason, enabled=usable)
        self._method.setEnabled(bool(methods))
        self._method.choose(selected)
        self._take_method()

    def set_targets(self, targets: tuple[str, ...], selected: int) -> None:
        """The classes or regions that can be asked about."""
        chosen = str(selected) if targets else None
        if targets == self._target_names and self._target.chosen_key() == chosen:
            return
        self._target_names = targets
        self._target.clear_entries()
        for index, target in enumerate(targets):
            self._target.add_entry(str(index), target)
        self._target.setEnabled(bool(targets))
        self._target.choose(chosen)
        self._allow()

    def set_layers(self, layers: tuple[str, ...], selected: str | None) -> None:
        """The layers of the model's own tree that a method of layers can take."""
        if layers == self._layer_names and self._layer.chosen_key() == selected:
            return
        self._layer_names = layers
        self._layer.clear_entries()
        for layer in layers:
            self._layer.add_entry(layer, layer)
        self._layer.choose(selected)
        self._take_layers()

    def choice(self) -> Choice | None:
        """What is chosen; None if a method or a target is missing."""
        method, target = self._method.chosen_key(), self._target.chosen_key()
        if method is None or target is None:
            return None
        layer = self._layer.chosen_key() if self._methods[method].has_layer else None
        return Choice(method, int(target), layer, self._options.values())

    # How it stands

    def set_cost(self, sentence: str) -> None:
        """What it will take, such as "about 40 s, 1,024 passes"."""
        self._cost.setText(sentence)
        self._cost.setVisible(bool(sentence))

    def set_ready(self, ready: bool, why: str = "") -> None:
        """Whether an explanation can be asked for; `why` says what is missing."""
        self._ready = ready
        self._why_not = "" if ready else why
        self._note.setText(self._why_not)
        self._note.setVisible(bool(self._why_not))
        self._allow()

    def set_working(self, sentence: str | None, fraction: float | None = None) -> None:
        """The map is being computed; an older one stays and is marked old; None when not."""
        self._state.set_working(sentence, fraction)
        self._overlay.set_old(sentence is not None)

    def set_failure(self, message: str | None, hint: str = "") -> None:
        """What went wrong and what to do; None clears it."""
        self._state.set_failure(message, hint)

    def set_beliefs(self, beliefs: tuple[Belief, ...]) -> None:
        """How far to trust the map, a line each."""
        if beliefs == self._believed:
            return
        self._believed = beliefs
        empty(self._beliefs)
        for belief in beliefs:
            self._beliefs.addWidget(SignLine(belief.state, belief.text))

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._key = keys.get("explain", "")
        self._state.set_key(keys.get("cancel", ""))
        self._overlay.set_keys(keys)
        self._allow()

    # How the map is drawn

    def set_map_title(self, title: str, *, coarse: bool = False) -> None:
        """Which map is seen; "" if there is none, and then nothing can be drawn otherwise."""
        self._overlay.set_map_title(title, coarse=coarse)

    def set_threshold(self, threshold: float) -> None:
        self._overlay.set_threshold(threshold)

    def set_opacity(self, opacity: float) -> None:
        self._overlay.set_opacity(opacity)

    def set_overlay_visible(self, visible: bool) -> None:
        self._overlay.set_overlay_visible(visible)

    # Within

    def _take_method(self) -> None:
        key = self._method.chosen_key()
        method = self._methods.get(key) if key is not None else None
        self._options.set_options(method.options if method is not None else ())
        self._more.setVisible(method is not None and bool(method.options))
        self._options.setVisible(self._unfolded and not self._more.isHidden())
        empty(self._reason)
        if method is not None and method.state != "good" and method.reason:
            self._reason.addWidget(Notice(method.state, method.reason))
        self._take_layers()
        self._allow()

    def _take_layers(self) -> None:
        key = self._method.chosen_key()
        takes = key is not None and self._methods[key].has_layer
        self._layer_row.setVisible(takes)
        self._layer.setEnabled(self._layer.count() > 0)

    def _allow(self) -> None:
        self._explain.setEnabled(self._ready and self.choice() is not None)
        tip = with_key("Show why the model answers so", self._key)
        self._explain.setToolTip(tip if self._explain.isEnabled() else plain_tip(self._why_not))

    def _changed(self) -> None:
        self._allow()
        choice = self.choice()
        if choice is not None:
            self.choice_changed.emit(choice)

    def _method_chosen(self) -> None:
        self._take_method()
        self._changed()

    def _ask(self) -> None:
        self._options.take_typed()  # a click on Explain does not take the focus
        choice = self.choice()
        if choice is not None:
            self.explain_requested.emit(choice)

    def _unfold(self) -> None:
        self._unfolded = not self._unfolded
        self._more.set_icon("chevron_down" if self._unfolded else "chevron_right", "quiet")
        self._options.setVisible(self._unfolded)

    def _make(self) -> None:
        self._explain = PrimaryButton("Explain", "why")
        self._explain.clicked.connect(self._ask)
        self._method = Chooser("Method")
        self._method.setPlaceholderText("No method")
        self._method.chosen.connect(self._method_chosen)
        self._target = Chooser("Target")
        self._target.setPlaceholderText("No target")
        self._target.chosen.connect(self._changed)
        self._layer = Chooser("Layer")
        self._layer.setPlaceholderText("No layer")
        self._layer.chosen.connect(self._changed)
        self._options = OptionForm()
        self._options.changed.connect(self._changed)
        self._more = TextButton("Options", "chevron_right", "fold", role="quiet")
        self._more.clicked.connect(self._unfold)
        self._state = WorkState()
        self._state.cancelled.connect(self.cancel_requested)
        self._state.retried.connect(self.retry_requested)
        self._overlay = OverlayControls()
        self._overlay.threshold_changed.connect(self.threshold_changed)
        self._overlay.opacity_changed.connect(self.opacity_changed)
        self._overlay.overlay_toggled.connect(self.overlay_toggled)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(text_label("Why", "heading"), 1)
        head.addWidget(self._explain)
        self._cost = text_label("", "caption", wrap=True)
        self._note = text_label("", "quiet", wrap=True)
        self._reason = QVBoxLayout()
        self._beliefs = QVBoxLayout()
        self._beliefs.setSpacing(2)
        self._layer_row = _row("Layer", self._layer)
        fold = QHBoxLayout()
        fold.addWidget(self._more)
        fold.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(_row("Method", self._method))
        column.addLayout(self._reason)
        column.addWidget(_row("Target", self._target))
        column.addWidget(self._layer_row)
        column.addLayout(fold)
        column.addWidget(self._options)
        column.addWidget(self._cost)
        column.addWidget(self._state)
        column.addWidget(rule())
        column.addWidget(self._overlay)
        column.addLayout(self._beliefs)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)


def _row(name: str, control: QWidget) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(12)
    label = text_label(name, "quiet")
    label.setFixedWidth(label.fontMetrics().horizontalAdvance("Method") + 8)
    line.addWidget(label)
    line.addWidget(control, 1)
    return row
