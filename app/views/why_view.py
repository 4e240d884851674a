"""Joins the session with the panel that asks why, and with what it says of a map's belief."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.actions import answers, models
from app.explain_presets import PRESETS, planned
from app.jobs import Jobs
from app.panes import Asked, Pane
from app.session import Session
from app.views import why_words, wording
from app.views.map_words import method_title
from app.views.overlay_view import OverlayView
from explain.records import MethodStatus
from inference.cards import ModelCard, differences
from inference.errors import UserError
from widgets.explain_panel import Choice, ExplainPanel, MethodRow
from widgets.option_form import OptionRow
from widgets.signs import State

STATUS_STATES: dict[str, State] = {"green": "good", "amber": "doubtful", "red": "bad"}


class WhyView(QObject):
    """Draws what the session says, and calls one action for each wish; holds no state."""

    figure_opened = Signal(str)
    """The name of a figure of the map in sight."""
    unfolded = Signal(bool)

    def __init__(
        self, session: Session, jobs: Jobs, panel: ExplainPanel, overlay: OverlayView
    ) -> None:
        super().__init__(panel)
        self._session = session
        self._jobs = jobs
        self._panel = panel
        self._overlay = overlay
        panel.choice_changed.connect(self._ask)
        panel.explain_requested.connect(self._explain)
        panel.preset_requested.connect(self._take_preset)
        panel.retry_requested.connect(lambda: self._try(answers.explain_current))
        panel.cancel_requested.connect(
            lambda: answers.cancel(session, jobs, session.active, "explain")
        )
        panel.enough_requested.connect(lambda: answers.stop(session, jobs, session.active))
        panel.beliefs.check_requested.connect(
            lambda names: self._try(partial(answers.check, checks=names))
        )
        panel.beliefs.figure_opened.connect(self.figure_opened)
        panel.unfolded.connect(self.unfolded)

    def show(self) -> None:
        """All of the panel but the work under way."""
        session, panel = self._session, self._panel
        pane, card = session.panes[session.active], session.card_of(session.active)
        self._show_question(pane, card)
        self._show_map(pane, card)
        self._overlay.show()
        found = pane.explain_trouble
        panel.set_failure(found.message if found else None, found.hint if found else "")
        refused = answers.refusal(pane, card) if card is not None else None
        ready = pane.frame is not None and bool(pane.methods) and refused is None
        panel.set_ready(ready, "" if refused is None else refused.hint)

    def show_work(self) -> None:
        """How far the explanation of the active viewport is."""
        session = self._session
        job = self._jobs.running_in(f"explain-{session.active}")
        if job is None:
            self._panel.set_working(None)
            return
        pane = session.panes[session.active]
        asked = getattr(job.call.request, "method", pane.asked.method)
        method = next((one for one in pane.methods if one.name == asked), None)
        self._panel.set_working(
            f"{job.title}, waiting for others" if self._jobs.waits(job) else job.title,
            job.done / job.total if job.total else None,
            can_stop=method is not None and method.can_stop,
        )

    def _show_question(self, pane: Pane, card: ModelCard | None) -> None:
        session, panel, asked = self._session, self._panel, pane.asked
        panel.set_presets(why_words.preset_rows(pane.methods))
        rows = tuple(_method_row(method) for method in pane.methods)
        panel.set_trying(card is not None and not rows)
        panel.set_methods(rows, asked.method, asked.options)
        labels = card.labels if card is not None else ()
        panel.set_targets(labels, _target(pane, card), asked.against)
        default = next((layer.name for layer in pane.layers if layer.default), None)
        panel.set_layers(tuple(layer.name for layer in pane.layers), asked.layer or default)
        panel.set_baselines(
            why_words.baseline_rows(session, session.active),
            why_words.baseline_key(session, session.active),
        )
        panel.set_truths(why_words.truth_rows(session, session.active), asked.truth)
        panel.set_cost(why_words.cost_here(pane))

    def _show_map(self, pane: Pane, card: ModelCard | None) -> None:
        panel, made = self._panel, pane.attribution
        if made is None:
            panel.set_beliefs(())
            panel.set_map_title("")
            panel.beliefs.set_figures((), ())
            return
        name = made.provenance.method or ""
        title = method_title(pane) or name
        source = self._session.source_of(self._session.active)
        said = differences(source, card) if source is not None and card is not None else ()
        panel.set_beliefs(wording.beliefs_of(made, said, pane.made))
        panel.set_map_title(wording.map_title(made, title), coarse=made.coarse)
        if made.coarse or pane.is_cut or pane.made is not None:
            panel.beliefs.set_figures((), ())
        else:
            checks, cost = why_words.open_checks(made, pane)
            panel.beliefs.set_figures(why_words.figure_rows(made), checks, cost)

    def _ask(self, choice: Choice) -> None:
        session = self._session
        baseline, reference = choice.baseline, None
        if baseline == why_words.KEPT:
            baseline, reference = "picture", session.panes[session.active].asked.reference
        elif baseline.startswith("picture "):
            frame = session.panes[int(baseline.removeprefix("picture "))].frame
            baseline, reference = "picture", frame.key if frame is not None else None
        asked = Asked(
            choice.method,
            choice.target,
            choice.layer,
            choice.options,
            choice.against,
            baseline,
            reference=reference,
            truth=choice.truth,
        )
        models.ask(session, session.active, asked)

    def _explain(self, choice: Choice) -> None:
        self._ask(choice)
        self._try(answers.explain_current)

    def _take_preset(self, name: str) -> None:
        """Ask as a preset says, with the target that is chosen, and explain."""
        session = self._session
        pane = session.panes[session.active]
        preset = next(one for one in PRESETS if one.name == name)
        plan = planned(preset, pane.methods)
        if plan is None:
            return
        choice = self._panel.choice()
        asked = replace(
            pane.asked,
            method=plan.method.name,
            target=choice.target if choice is not None else pane.asked.target,
            layer=None,
            options=plan.options,
            checks=preset.checks,
        )
        models.ask(session, session.active, asked)
        self._try(answers.explain_current)

    def _try(self, act: Callable[[Session, Jobs], None]) -> None:
        """Do what may stumble over something that is gone, and say so."""
        try:
            act(self._session, self._jobs)
        except UserError as error:
            self._session.say_error(error)


def _method_row(method: MethodStatus) -> MethodRow:
    options = tuple(
        OptionRow(
            option.name,
            option.type,
            option.default,
            option.low,
            option.high,
            option.choices,
            option.words,
        )
        for option in method.options
    )
    return MethodRow(
        method.name,
        method.title,
        STATUS_STATES[method.status],
        method.reason,
        method.instead or "",
        method.takes_layer,
        options,
        method.takes_baseline,
    )


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
