"""The panel beside the picture: what the model says and why, and what is said of the scan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import Signal

from app.actions import answers, models, objects
from app.jobs import Jobs
from app.panes import Asked, Pane
from app.session import Session
from app.views import scan_words, wording
from inference.cards import ModelCard, differences, fitting_first
from widgets.explain_panel import Choice, ExplainPanel, MethodRow
from widgets.findings import Findings, ModelRow
from widgets.option_form import OptionRow
from widgets.scan_notes import ScanNotes
from widgets.scroll_column import ScrollColumn
from widgets.segment_list import SegmentList
from widgets.signs import State

STATUS_STATES: dict[str, State] = {"green": "good", "amber": "doubtful", "red": "bad"}


class AnswersPanel(ScrollColumn):
    """Draws findings, explanation, segments and notes of the active viewport; holds no state."""

    overlay_edited = Signal(str, object)
    """(threshold, opacity or overlay_visible; its new value)"""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._drawn: tuple[object, ...] = ()
        self.findings = Findings()
        self.explaining = ExplainPanel()
        self.segments = SegmentList()
        self.notes = ScanNotes()
        for part in (self.segments, self.findings, self.explaining, self.notes):
            self.add(part)
        self._connect()
        jobs.changed.connect(self.show_work)
        self.show_all()

    def show_all(self) -> None:
        """Draw what the session says of the active viewport, unless it is what is drawn."""
        state = self._state()
        if state == self._drawn:
            return  # slices pass by without an answer: nothing here is another
        self._drawn = state
        self._show_models()
        self._show_answer()
        self._show_explaining()
        self.show_work()

    def _state(self) -> tuple[object, ...]:
        """All that is drawn here, but for the work under way."""
        session = self._session
        pane = session.panes[session.active]
        return (
            session.active,
            session.cards,
            pane.source_id,
            pane.frame is not None,
            (pane.plane, pane.is_cut),
            pane.model_id,
            pane.prediction,
            pane.attribution,
            pane.predict_trouble,
            pane.explain_trouble,
            pane.methods,
            pane.layers,
            pane.asked,
            (pane.threshold, pane.opacity, pane.overlay_visible),
        )

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self.findings.set_keys(keys)
        self.explaining.set_keys(keys)

    def show_scan(self) -> None:
        """Draw what lies over the active viewport's scan, and what is said of it."""
        session = self._session
        pane, source = session.panes[session.active], session.source_of(session.active)
        self.segments.set_groups(scan_words.segment_groups(session, session.active))
        if source is None:
            self.notes.set_notes((), ())
            return
        own = session.marks.calibration_on(pane.frame.key) if pane.frame is not None else None
        lines = scan_words.scan_lines(source, pane.frame, own)
        self.notes.set_notes(lines, scan_words.scan_warnings(source, pane))

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
        self.segments.hidden_changed.connect(session.hide_segments)
        self.segments.segment_chosen.connect(partial(objects.go_to_segment, session, jobs))
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
            coming = session.panes[session.active].preview is not None
            lacks = "The series is still being read." if coming else "Open a scan first."
            self.findings.set_ready(False, lacks)
            return
        rows = tuple(
            ModelRow(card.model_id, card.title, differences(source, card))
            for card in fitting_first(source, session.cards)
        )
        pane = session.panes[session.active]
        self.findings.set_models(rows, pane.model_id)
        ready = pane.frame is not None and pane.model_id is not None
        card = session.card_of(session.active)
        refused = answers.refusal(pane, card) if card is not None else None
        if refused is not None:
            self.findings.set_ready(False, f"{refused.message} {refused.hint}")
            return
        self.findings.set_ready(ready, "" if ready else _lack(pane))

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
        panel.set_methods(rows, pane.asked.method, pane.asked.options)
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
            name = pane.attribution.provenance.method or ""
            title = next((one.title for one in pane.methods if one.name == name), name)
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
        refused = answers.refusal(pane, card) if card is not None else None
        ready = pane.frame is not None and bool(pane.methods) and refused is None
        panel.set_ready(ready, "" if refused is None else refused.hint)


def _lack(pane: Pane) -> str:
    """Why the model cannot be asked yet."""
    if pane.frame_trouble is not None:
        return "This picture cannot be read."
    return "No model is chosen." if pane.frame is not None else "The picture is not here yet."


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
