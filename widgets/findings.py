"""What the model says about the frame: the model's choice, its scores, and how they came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton, with_key
from widgets.choosers import Chooser
from widgets.labels import Notices, plain_tip, text_label
from widgets.score_bars import ScoreBars, ScoreRow
from widgets.signs import State
from widgets.theme import MARGIN_PX
from widgets.work_state import WorkState


@dataclass(frozen=True)
class ModelRow:
    """A model to choose; `differences` are sentences, none where the source fits it."""

    model_id: str
    title: str
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One prediction as it is shown.

    `top` is the index of the leading row, `line` says device, time and when. With `shares` the
    scores are shares of the picture and are written in per cent.
    """

    rows: tuple[ScoreRow, ...]
    top: int
    line: str
    warnings: tuple[str, ...] = ()
    shares: bool = False


class Findings(QWidget):
    """Model chooser, Predict, scores; states: empty, working, done, failed."""

    model_chosen = Signal(str)
    predict_requested = Signal()
    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self._working = False
        self._why_not = ""
        self._key = ""
        self._models: dict[str, ModelRow] = {}
        self._arrange()
        self._chooser.setEnabled(False)
        self.set_ready(False, "Open a scan to run a model on it.")

    def set_models(self, models: tuple[ModelRow, ...], selected: str | None) -> None:
        """All models: those that the source fits first, the others with what differs."""
        if tuple(self._models.values()) == models and self._chooser.chosen_key() == selected:
            return  # an open list must not be made anew under the hand
        self._models = {model.model_id: model for model in models}
        fitting = [model for model in models if not model.differences]
        others = [model for model in models if model.differences]
        self._chooser.clear_entries()
        for title, group in (("Fit this scan", fitting), ("Made for something else", others)):
            if group and fitting and others:
                self._chooser.add_heading(title)
            for model in group:
                state: State = "doubtful" if model.differences else "plain"
                reason = " ".join(model.differences)
                self._chooser.add_entry(model.model_id, model.title, state, reason)
        self._chooser.setEnabled(bool(models))
        self._chooser.choose(selected)
        self._show_differences()

    def set_answer(self, answer: Answer | None) -> None:
        """What the model said; None if it has not been asked."""
        if answer == self._answer:
            return
        self._answer = answer
        self._show()

    def set_working(self, sentence: str | None, fraction: float | None = None) -> None:
        """The model is at work (an older answer stays and is marked old); None when it is not."""
        self._working = sentence is not None
        self._state.set_working(sentence, fraction)
        self._show()

    def set_failure(self, message: str | None, hint: str = "") -> None:
        """What went wrong and what to do; None clears it."""
        self._state.set_failure(message, hint)
        self._show()

    def set_ready(self, ready: bool, why: str = "") -> None:
        """Whether Predict can be asked for; `why` says what is missing."""
        self._why_not = "" if ready else why
        self._predict.setEnabled(ready)
        self._tell_key()
        self._show()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._key = keys.get("predict", "")
        self._state.set_key(keys.get("cancel", ""))
        self._tell_key()

    def _tell_key(self) -> None:
        tip = with_key("Run the model on this frame", self._key)
        self._predict.setToolTip(plain_tip(self._why_not) or tip)

    def _show(self) -> None:
        answer = self._answer
        self._bars.setVisible(answer is not None)
        self._line.setVisible(answer is not None)
        if answer is not None:
            self._bars.set_rows(answer.rows, answer.top, shares=answer.shares)
            self._bars.set_old(self._working)
            self._line.setText("Old answer · " + answer.line if self._working else answer.line)
        asked = self._working or self._state.failed
        self._empty.setVisible(answer is None and not asked)
        self._empty.setText(self._why_not or "Predict asks the model about this frame.")
        self._warnings.set_sentences(answer.warnings if answer is not None else ())

    def _show_differences(self) -> None:
        key = self._chooser.chosen_key()
        model = self._models.get(key) if key is not None else None
        found = model.differences if model is not None else ()
        self._differences.set_sentences(found)
        self._predict.setText("Predict anyway" if found else "Predict")

    def _choose(self, model_id: str) -> None:
        self._show_differences()
        self.model_chosen.emit(model_id)

    def _arrange(self) -> None:
        self._chooser = Chooser("Model")
        self._chooser.setPlaceholderText("No model")
        self._chooser.chosen.connect(self._choose)
        self._predict = PrimaryButton("Predict", "play")
        self._predict.clicked.connect(self.predict_requested)
        head = QHBoxLayout()
        head.addWidget(text_label("Findings", "heading"), 1)
        head.addWidget(self._predict)
        self._differences, self._warnings = Notices(), Notices()
        self._state = WorkState()
        self._state.cancelled.connect(self.cancel_requested)
        self._state.retried.connect(self.retry_requested)
        self._bars = ScoreBars()
        self._empty = text_label("", "quiet", wrap=True)
        self._line = text_label("", "caption", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self._chooser)
        column.addLayout(self._differences)
        column.addWidget(self._state)
        column.addWidget(self._empty)
        column.addWidget(self._bars)
        column.addWidget(self._line)
        column.addLayout(self._warnings)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
