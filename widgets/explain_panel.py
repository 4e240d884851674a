"""Why the model said so: method, target and layer, how far to believe the map, how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inference.records import Options
from widgets.belief_list import BeliefList
from widgets.buttons import IconButton, PrimaryButton, TextButton, with_key
from widgets.choosers import Chooser
from widgets.compare_buttons import CompareButtons
from widgets.labels import Notice, SignLine, plain_tip, rule, text_label
from widgets.layouts import empty
from widgets.option_form import OptionRow
from widgets.overlay_controls import OverlayControls
from widgets.preset_buttons import PresetButtons, PresetRow
from widgets.question_form import QuestionForm, named_row
from widgets.signs import State
from widgets.theme import MARGIN_PX
from widgets.work_state import WorkState


@dataclass(frozen=True)
class MethodRow:
    """A method with how well it suits the model, why, and the name of what to take instead."""

    name: str
    title: str
    state: State
    reason: str = ""
    instead: str = ""
    has_layer: bool = False
    options: tuple[OptionRow, ...] = ()
    has_baseline: bool = False


@dataclass(frozen=True)
class Belief:
    """One finding about how far to trust the map, such as ("good", "Complete to 0.4 %")."""

    state: State
    text: str


@dataclass(frozen=True)
class Choice:
    """All that a person chose; `target` and `against` are indices into the targets.

    `baseline` and `truth` are keys of what was offered; "" is no region to judge by.
    """

    method: str
    target: int
    layer: str | None
    options: Options
    against: int | None = None
    baseline: str = "card"
    truth: str = ""


class ExplainPanel(QWidget):
    """States: not possible yet, ready, working with the old map kept, done, failed."""

    explain_requested = Signal(object)
    choice_changed = Signal(object)
    cancel_requested = Signal()
    enough_requested = Signal()
    retry_requested = Signal()
    preset_requested = Signal(str)
    unfolded = Signal(bool)
    network_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._methods: dict[str, MethodRow] = {}
        self._target_names: tuple[str, ...] = ()
        self._believed: tuple[Belief, ...] = ()
        self._ready = False
        self._why_not = ""
        self._key = ""
        self._unfolded = False
        self._make()
        self._arrange()
        self.unfold(False)
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
        self._form.set_values(options)

    def set_presets(self, presets: tuple[PresetRow, ...]) -> None:
        """What one click takes with this model, and what it costs."""
        self._presets.set_presets(presets)
        self._allow()

    def set_trying(self, on: bool) -> None:
        """Whether methods are still being tried on the model, so that there are none yet."""
        self._method.setPlaceholderText("Being tried …" if on else "No method")

    def _list_methods(self, methods: tuple[MethodRow, ...], selected: str | None) -> None:
        self._methods = {method.name: method for method in methods}
        self._method.clear_entries()
        for method in methods:
            instead = f"Take {self._title(method.instead)} instead." if method.instead else ""
            reason = f"{method.reason} {instead}".strip()
            usable = method.state != "bad"
            self._method.add_entry(method.name, method.title, method.state, reason, enabled=usable)
        self._method.setEnabled(bool(methods))
        self._method.choose(selected)
        self._take_method()

    def set_targets(
        self, targets: tuple[str, ...], selected: int, against: int | None = None
    ) -> None:
        """The classes or regions that can be asked about, and which is set against another."""
        self._form.set_targets(targets, against)
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
        self._form.set_layers(layers, selected)

    def set_baselines(self, baselines: tuple[tuple[str, str], ...], selected: str) -> None:
        """Keys and titles of what the picture can be compared with."""
        self._form.set_baselines(baselines, selected)

    def set_truths(self, truths: tuple[tuple[str, str], ...], selected: str) -> None:
        """Keys and titles of the marked regions that the map can be judged by."""
        self._form.set_truths(truths, selected)

    def unfold(self, unfolded: bool) -> None:
        """Show what else can be set, or fold it away."""
        self._unfolded = unfolded
        self._more.set_icon("chevron_down" if unfolded else "chevron_right", "quiet")
        self._form.setVisible(unfolded)

    def choice(self) -> Choice | None:
        """What is chosen; None if a method or a target is missing."""
        method, target = self._method.chosen_key(), self._target.chosen_key()
        if method is None or target is None:
            return None
        extras = self._form.extras()
        return Choice(
            method,
            int(target),
            extras.layer,
            self._form.options.values(),
            extras.against if extras.against != int(target) else None,
            extras.baseline,
            extras.truth,
        )

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

    def set_working(
        self, sentence: str | None, fraction: float | None = None, *, can_stop: bool = False
    ) -> None:
        """The map is being computed; an older one stays and is marked old; None when not.

        `can_stop` offers to take what is known so far.
        """
        self._state.set_working(sentence, fraction)
        self._enough.setVisible(sentence is not None and can_stop)
        self.beliefs.set_ready(sentence is None)
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
        self.compare.set_keys(keys)
        self._network.set_tooltip("What the network saw", keys.get("network", ""))
        self._allow()

    # How the map is drawn

    def set_map_title(self, title: str, *, coarse: bool = False) -> None:
        """Which map is seen; "" if there is none, and then nothing can be drawn otherwise."""
        self._overlay.set_map_title(title, coarse=coarse)

    @property
    def overlay(self) -> OverlayControls:
        """Its controls."""
        return self._overlay

    # Within

    def _take_method(self) -> None:
        key = self._method.chosen_key()
        method = self._methods.get(key) if key is not None else None
        self._form.set_options(method.options if method is not None else ())
        self._form.set_takes(
            layer=method is not None and method.has_layer,
            baseline=method is not None and method.has_baseline,
        )
        empty(self._reason)
        if method is not None and method.state != "good" and method.reason:
            self._reason.addWidget(Notice(method.state, method.reason))
            if method.instead in self._methods:
                self._reason.addWidget(self._other(method.instead))
        self._allow()

    def _other(self, name: str) -> TextButton:
        """A link that takes another method."""
        link = TextButton(f"Take {self._title(name)} instead", None, "link")
        link.clicked.connect(lambda: self._take_other(name))
        return link

    def _take_other(self, name: str) -> None:
        self._method.choose(name)
        self._method_chosen()

    def _title(self, name: str) -> str:
        return self._methods[name].title if name in self._methods else name

    def _allow(self) -> None:
        self._explain.setEnabled(self._ready and self.choice() is not None)
        self._presets.set_ready(self._ready and self._target.chosen_key() is not None)
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
        self._form.options.take_typed()  # a click on Explain does not take the focus
        choice = self.choice()
        if choice is not None:
            self.explain_requested.emit(choice)

    def _fold_or_unfold(self) -> None:
        self.unfold(not self._unfolded)
        self.unfolded.emit(self._unfolded)

    def _make(self) -> None:
        self._explain = PrimaryButton("Explain", "why")
        self._explain.clicked.connect(self._ask)
        self._method = Chooser("Method")
        self._method.setPlaceholderText("No method")
        self._method.chosen.connect(self._method_chosen)
        self._target = Chooser("Target")
        self._target.setPlaceholderText("No target")
        self._target.chosen.connect(self._changed)
        self._form = QuestionForm()
        self._form.changed.connect(self._changed)
        self._more = TextButton("Options", "chevron_right", "fold", role="quiet")
        self._more.clicked.connect(self._fold_or_unfold)
        self.compare = CompareButtons()
        self._network = IconButton("layers", "What the network saw")
        self._network.clicked.connect(self.network_requested)
        self._presets = PresetButtons()
        self._presets.chosen.connect(self.preset_requested)
        self.beliefs = BeliefList()
        """The figures of the map in sight, and the checks that are left."""
        self._enough = TextButton("Enough")
        self._enough.setToolTip("Take the map as far as it is known now")
        self._enough.clicked.connect(self.enough_requested)
        self._enough.setVisible(False)
        self._state = WorkState()
        self._state.cancelled.connect(self.cancel_requested)
        self._state.retried.connect(self.retry_requested)
        self._overlay = OverlayControls()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(text_label("Why", "heading"), 1)
        head.addWidget(self._network)
        head.addWidget(self._explain)
        self._cost = text_label("", "caption", wrap=True)
        self._note = text_label("", "quiet", wrap=True)
        self._reason = QVBoxLayout()
        self._beliefs = QVBoxLayout()
        self._beliefs.setSpacing(2)
        fold = QHBoxLayout()
        fold.addWidget(self._more)
        fold.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._note)
        column.addWidget(self._presets)
        column.addWidget(named_row("Method", self._method))
        column.addLayout(self._reason)
        column.addWidget(named_row("Target", self._target))
        column.addWidget(self.compare)
        column.addLayout(fold)
        column.addWidget(self._form)
        column.addWidget(self._cost)
        column.addWidget(self._state)
        column.addWidget(self._enough, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(rule())
        column.addWidget(self._overlay)
        column.addLayout(self._beliefs)
        column.addWidget(self.beliefs)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
