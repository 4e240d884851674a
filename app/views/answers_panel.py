"""The panel beside the picture: what the model says and why, joined with the session."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Signal

from app.actions import answers, models
from app.jobs import Jobs
from app.panes import Asked, Pane
from app.session import Session
from app.views import wording
from inference.cards import ModelCard, differences, fitting_first
from widgets.explain_panel import Choice, ExplainPanel, MethodRow
from widgets.findings import Findings, ModelRow
from widgets.option_form import OptionRow
from widgets.scroll_column import ScrollColumn
from widgets.signs import State

STATUS_STATES: dict[str, State] = {"green": "good", "amber": "doubtful", "red": "bad"}


class AnswersPanel(ScrollColumn):
    """Draws findings and explanation of the active viewport; holds no state."""

    overlay_edited = Signal(str, object)
    """(threshold, opacity or overlay_visible; its new value)"""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self.findings = Findings()
        self.explaining = ExplainPanel()
        self.add(self.findings)
        self.add(self.explaining)
        self._connect()
        jobs.changed.connect(self.show_work)
        self.show_all()

    def show_all(self) -> None:
        """Draw what the session says of the active viewport."""
        self._show_models()
        self._show_answer()
        self._show_explaining()
        self.show_work()

    def show_work(self) -> None:
        number = self._session.active
        for what, panel in (("predict", self.findings), ("explain", self.explaining)):
            job = self._jobs.running_in(f"{what}-{number}")
            if job is None:
                panel.set_working(None)
            else:
                panel.set_working(job.title, job.done / job.total if job.total else None)

    def _connect(self) -> None:
        session, jobs = self._session, self._jobs
        self.findings.model_chosen.connect(
            lambda model_id: models.choose_model(session, jobs, session.active, model_id)
        )
        self.findings.predict_requested.connect(lambda: answers.predict_current(session, jobs))
        self.findings.retry_requested.connect(lambda: answers.predict_current(session, jobs))
        self.findings.cancel_requested.connect(
            lambda: answers.cancel(session, jobs, session.active, "predict")
        )
        self.explaining.choice_changed.connect(self._ask)
        self.explaining.explain_requested.connect(self._explain)
        self.explaining.retry_requested.connect(lambda: answers.explain_current(session, jobs))
        self.explaining.cancel_requested.connect(
            lambda: answers.cancel(session, jobs, session.active, "explain")
        )
        for signal, name in (
            (self.explaining.threshold_changed, "threshold"),
            (self.explaining.opacity_changed, "opacity"),
            (self.explaining.overlay_toggled, "overlay_visible"),
        ):
            signal.connect(partial(self.overlay_edited.emit, name))

    def _ask(self, choice: Choice) -> None:
        asked = Asked(choice.method, choice.target, choice.layer, choice.options)
        models.ask(self._session, self._session.active, asked)

    def _explain(self, choice: Choice) -> None:
        self._ask(choice)
        answers.explain_current(self._session, self._jobs)

    def _show_models(self) -> None:
        session = self._session
        source = session.source_of(session.active)
        if source is None:
            self.findings.set_models((), None)
            self.findings.set_ready(False, "Open a scan first.")
            return
        rows = tuple(
            ModelRow(card.model_id, card.title, differences(source, card))
            for card in fitting_first(source, session.cards)
        )
        pane = session.panes[session.active]
        self.findings.set_models(rows, pane.model_id)
        ready = pane.frame is not None and pane.model_id is not None
        self.findings.set_ready(ready, "" if ready else "The picture is still being read.")

    def _show_answer(self) -> None:
        session = self._session
        pane, source = session.panes[session.active], session.source_of(session.active)
        card = session.card_of(session.active)
        if pane.prediction is not None and source is not None:
            self.findings.set_answer(wording.answer_of(pane.prediction, card, source))
        else:
            self.findings.set_answer(None)
        found = pane.predict_trouble
        self.findings.set_failure(found.message if found else None, found.hint if found else "")

    def _show_explaining(self) -> None:
        session, panel = self._session, self.explaining
        pane, card = session.panes[session.active], session.card_of(session.active)
        rows = tuple(
            MethodRow(
                method.name,
                method.title,
                STATUS_STATES[method.status],
                method.reason,
                method.instead or "",
                method.takes_layer,
                tuple(
                    OptionRow(
                        option.name,
                        option.type,
                        option.default,
                        option.low,
                        option.high,
                        title=option.words,
                    )
                    for option in method.options
                ),
            )
            for method in pane.methods
        )
        panel.set_methods(rows, pane.asked.method)
        labels = card.labels if card is not None else ()
        panel.set_targets(labels, _target(pane, card))
        default = next((layer.name for layer in pane.layers if layer.default), None)
        panel.set_layers(tuple(layer.name for layer in pane.layers), pane.asked.layer or default)
        current = next((one for one in pane.methods if one.name == pane.asked.method), None)
        # The estimate is for the method's own options.
        own = current is not None and not pane.asked.options
        passes = current.passes if own and current is not None else None
        panel.set_cost("1 pass" if passes == 1 else f"{passes:,} passes" if passes else "")
        if pane.attribution is not None:
            title = current.title if current is not None else ""
            source = session.source_of(session.active)
            said = differences(source, card) if source is not None and card is not None else ()
            panel.set_beliefs(wording.beliefs_of(pane.attribution, said))
            words = wording.map_title(pane.attribution, title)
            panel.set_map_title(words, coarse=pane.attribution.coarse)
        else:
            panel.set_beliefs(())
            panel.set_map_title("")
        panel.set_threshold(pane.threshold)
        panel.set_opacity(pane.opacity)
        panel.set_overlay_visible(pane.overlay_visible)
        found = pane.explain_trouble
        panel.set_failure(found.message if found else None, found.hint if found else "")
        panel.set_ready(bool(pane.frame is not None and pane.methods), "")


def _target(pane: Pane, card: ModelCard | None) -> int:
    """What is, or would be, explained: what was asked for, else what leads."""
    if pane.asked.target is not None:
        return pane.asked.target
    if pane.attribution is not None:
        return pane.attribution.target
    if pane.prediction is None or card is None:
        return 0
    if card.task == "segment":  # the background is no finding
        return 1 + int(np.argmax(pane.prediction.scores[1:]))
    return pane.prediction.top
