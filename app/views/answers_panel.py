"""The panel beside the picture: what the model says and why, and what is said of the scan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal

from app.actions import answers, models, objects
from app.jobs import Jobs
from app.panes import Pane
from app.session import Session
from app.views import scan_words, why_words, wording
from app.views.experiments_view import FILLS
from app.views.overlay_view import OverlayView
from app.views.why_view import WhyView
from inference.cards import differences, fitting_first
from widgets.experiment_list import ExperimentList
from widgets.explain_panel import ExplainPanel
from widgets.findings import Findings, ModelRow
from widgets.scan_notes import ScanNotes
from widgets.scroll_column import ScrollColumn
from widgets.segment_list import SegmentList


class AnswersPanel(ScrollColumn):
    """Draws findings, explanation, segments and notes of the active viewport; holds no state."""

    overlay_edited = Signal(str, object)
    """(threshold, opacity, scale or another field of how a map is drawn; its new value)"""
    keep_scale_requested = Signal()
    figure_opened = Signal(str)
    """The name of a figure of the map in sight."""
    unfolded = Signal(bool)
    """Whether a person looks at all that can be asked."""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self._drawn: tuple[object, ...] = ()
        self.findings = Findings()
        self.explaining = ExplainPanel()
        self._overlay = OverlayView(session, self.explaining.overlay)
        self._why = WhyView(session, jobs, self.explaining, self._overlay)
        self.experiments = ExperimentList(FILLS)
        self.segments = SegmentList()
        self.notes = ScanNotes()
        for part in (self.segments, self.findings, self.explaining, self.experiments, self.notes):
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
        self._why.show()
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
            (pane.compared, session.comparison.shared),
            pane.model_id,
            pane.prediction,
            pane.attribution,
            pane.predict_trouble,
            pane.explain_trouble,
            pane.methods,
            pane.layers,
            pane.asked,
            (pane.threshold, pane.opacity, pane.overlay_visible),
            (pane.scale, pane.percent, pane.limit, pane.contours, pane.cells),
            (session.scales.kept, session.results.version),
            (session.marks.of_source(pane.source_id or ""), tuple(session.overlays)),
            why_words.baseline_key(session, session.active),
            tuple(one.frame is not None and not one.is_cut for one in session.panes),
        )

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self.findings.set_keys(keys)
        self.explaining.set_keys(keys)
        self.experiments.set_keys(keys)

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
        job = self._jobs.running_in(f"predict-{number}")
        if job is None:
            self.findings.set_working(None)
        else:
            self.findings.set_working(job.title, job.done / job.total if job.total else None)
        self._why.show_work()

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
        self._why.figure_opened.connect(self.figure_opened)
        self._why.unfolded.connect(self.unfolded)
        self._overlay.edited.connect(self.overlay_edited)
        self._overlay.keep_requested.connect(self.keep_scale_requested)

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
        card = session.card_of(session.active)
        self.findings.set_models(rows, card.model_id if card is not None else None)
        ready = pane.frame is not None and card is not None
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


def _lack(pane: Pane) -> str:
    """Why the model cannot be asked yet."""
    if pane.frame_trouble is not None:
        return "This picture cannot be read."
    return "No model is chosen." if pane.frame is not None else "The picture is not here yet."
