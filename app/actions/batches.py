"""Explaining many cases, or judging a labelled set: one case after the other, each its own job.

So a single explanation goes before the next case, and what was done stays whatever comes.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.actions import models, sources
from app.actions.keeping import keep
from app.actions.returning import leave
from app.batches import Case, failed_row, row_of
from app.case_requests import (
    CaseFile,
    CaseInput,
    CaseRequest,
    Explained,
    Judged,
    JudgeRequest,
)
from app.early import opening_of
from app.jobs import Error, Jobs
from app.known_figures import with_known_figures
from app.label_truths import class_of
from app.messages import trouble
from app.panes import Asked
from app.session import Session
from app.truths import marked_on, reference_of
from inference.cards import ModelCard, differences
from inference.errors import UserError
from inference.records import Annotation, Attribution, Source
from inference.requests import ExplainRequest, OpenRequest
from widgets.case_row import CaseRow

SLOT = "batch"
LAST = 9
"""Priority in the lanes: after all that a person asks for meanwhile."""
KEPT_BYTES = 256 << 20
"""So much of the maps of a labelled set stays at hand; the store has the others."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is asked of each case; `label` is what all of them truly are, "" for nothing known."""

    card: ModelCard
    asked: Asked
    label: str = ""


class _Run(ABC):
    """One batch under way: the case `number` of `count`, and what the whole is called."""

    doing = ""
    """What is done with each case, in a word."""

    def __init__(self, session: Session, jobs: Jobs, title: str, count: int) -> None:
        self.session, self.jobs = session, jobs
        self.title, self.count = title, count
        self.number = 0
        self._since_s = time.monotonic()

    @abstractmethod
    def begin(self) -> None:
        """Start the first job of the case at hand."""

    @abstractmethod
    def failed(self, sentence: str) -> CaseRow:
        """The row of the case at hand, where it gave no map."""

    def go(self) -> None:
        self.session.cases.begin(self.title, self.count)
        self.begin()

    def start(
        self,
        lane: str,
        name: str,
        request: object,
        done: Callable[[Any], None],
        failed: Callable[[Error], None] | None = None,
    ) -> None:
        """Run a piece of the case at hand; a failure ends this case alone, if nothing is said."""
        job = self.jobs.start(
            SLOT,
            lane,
            name,
            request,
            done,
            failed=failed or self._fail,
            title=f"{self.doing} {self.number + 1:,} of {self.count:,} · {self.title}",
            track="explain",
            priority=LAST,
            part=(self.number, self.count),
            since_s=self._since_s,
        )
        self.session.cases.calls.add(job.call.number)

    def take(self, rows: Sequence[CaseRow]) -> None:
        """The case at hand is done: go on with the next one."""
        self.number += 1
        self.session.cases.add(rows)
        if self.number < self.count:
            self.begin()

    def _fail(self, error: Error) -> None:
        self.take((self.failed(trouble(error).message),))


class _Explaining(_Run):
    """Cases among the open sources: read with their truth, predicted and explained."""

    doing = "Explaining"

    def __init__(self, session: Session, jobs: Jobs, cases: tuple[Case, ...], plan: Plan) -> None:
        super().__init__(session, jobs, plan.card.title, len(cases))
        self._cases = cases
        self._plan = plan
        self._reference = reference_of(session, plan.asked)
        self._sources = {case.source_id: session.sources[case.source_id] for case in cases}

    def begin(self) -> None:
        """Read the case, once its annotations are at hand: they may be the truth about it."""
        source_id, book = self._source().source_id, self.session.labels
        if source_id in book.ready:
            self._read()
            return
        book.recalled.add(source_id)

        def take(found: tuple[Annotation, ...]) -> None:
            self.session.edit_labels(lambda book: book.add(source_id, found))
            self._read()

        self.start("store", "load_annotations", source_id, take, lambda error: self._read())

    def _read(self) -> None:
        case, source, card = self._cases[self.number], self._source(), self._plan.card
        target = self._plan.asked.target
        words = card.labels[target] if target is not None else self._truth_of(case)
        volume = len(card.size) == 3
        marked = marked_on(self.session, source, case.frame, whole=volume, label=words)
        light = replace(source, heads=(), native=())
        request = CaseRequest(light, card, case.frame, marked)
        self.start("decode", "read_case", request, self._ask)

    def failed(self, sentence: str) -> CaseRow:
        case, plan = self._cases[self.number], self._plan
        return failed_row(self._source(), case, plan.card.model_id, plan.asked.method, sentence)

    def _source(self) -> Source:
        return self._sources[self._cases[self.number].source_id]

    def _ask(self, found: CaseInput) -> None:
        asked, card = self._plan.asked, self._plan.card
        request = ExplainRequest(
            found.frames,
            found.index,
            card,
            asked.method,
            asked.target,
            layer=asked.layer,
            options=asked.options,
            device=self.session.device,
            warnings=differences(self._source(), card),
            against=asked.against,
            baseline=asked.baseline,
            reference=self._reference,
            checks=asked.checks,
            truth=found.region,
        )
        case = replace(self._cases[self.number], frame=found.frames[found.index].key[1])
        label = self._truth_of(case) or found.label or self._plan.label
        self.start("engine", "explain_case", request, lambda one: self._keep(one, label))

    def _truth_of(self, case: Case) -> str:
        """The class that a person gave a case, in the model's own word; "" for none."""
        return class_of(self.session.labels, self._source(), case.frame, self._plan.card.labels)

    def _keep(self, found: Explained, label: str) -> None:
        session = self.session
        maps = tuple(with_known_figures(session.results, one) for one in found.maps)
        session.add_predictions((found.prediction,))
        session.add_attributions(maps)
        keep(session, self.jobs, "save", (found.prediction, *maps))
        self.take((row_of(self._source(), found.prediction, maps[found.index], label),))


class _Judging(_Run):
    """The cases of a labelled set, whose sources need not be open."""

    doing = "Judging"

    def __init__(
        self, session: Session, jobs: Jobs, folder: Path, names: tuple[str, ...], by: JudgeRequest
    ) -> None:
        super().__init__(session, jobs, f"{by.card.title} · {folder.name}", len(names))
        self._names = names
        self._by = by
        self._held_bytes = 0

    def begin(self) -> None:
        self.start("engine", "judge_case", replace(self._by, number=self.number), self._keep)

    def failed(self, sentence: str) -> CaseRow:
        name, model_id = self._names[self.number], self._by.card.model_id
        return CaseRow(name, model_id=model_id, sentence=sentence, failed=True, listed=True)

    def _keep(self, found: Judged) -> None:
        self._held_bytes += sum(one.map.nbytes for one in found.maps)
        if found.maps and self._held_bytes <= KEPT_BYTES:
            self.session.add_attributions(found.maps)
        if found.maps:
            keep(self.session, self.jobs, "save", found.maps)
        self.take(found.rows)


def explain_cases(session: Session, jobs: Jobs, cases: tuple[Case, ...], plan: Plan) -> None:
    """Predict and explain each case; the results are kept as those of a single one are.

    Raises UserError where there is none, a batch runs already, or the picture that the question
    compares with is gone.
    """
    _refuse_second(session)
    if not cases:
        raise UserError("There is no case to explain.", "Choose others, or open a scan first.")
    _Explaining(session, jobs, cases, plan).go()


def judge_set(
    session: Session, jobs: Jobs, folder: Path, card: ModelCard, methods: tuple[str, ...]
) -> None:
    """Judge the labelled set in a folder; raises UserError where a batch runs already."""
    _refuse_second(session)
    by = JudgeRequest(str(folder), 0, card, methods, session.device)
    jobs.start(
        SLOT,
        "decode",
        "list_cases",
        OpenRequest((str(folder),)),
        done=lambda names: _Judging(session, jobs, folder, names, by).go(),
        failed=session.say_error,
        title=f"Reading the list of {folder.name}",
    )


def open_set(session: Session, jobs: Jobs, path: Path) -> None:
    """Show the cases of a result.json that `lepton belief set` wrote."""
    _refuse_second(session)

    def done(found: CaseFile) -> None:
        session.cases.put(found.title, found.rows)

    jobs.start(
        SLOT,
        "decode",
        "read_belief_set",
        OpenRequest((str(path),)),
        done,
        failed=session.say_error,
        title=f"Opening {path.name}",
    )


def cancel(session: Session, jobs: Jobs) -> None:
    """Stop the batch; what is done stays."""
    jobs.cancel_slot(SLOT)
    session.cases.end()


def export(
    session: Session, jobs: Jobs, path: Path, rows: tuple[CaseRow, ...], *, identified: bool
) -> None:
    """Write rows as CSV; patients are named only where they are `identified`."""
    hint = "It names the patients." if identified else ""
    jobs.start(
        "export-cases",
        "io",
        "write_cases",
        (path, rows, identified),
        done=lambda count: session.say(
            f"{'1 row is' if count == 1 else f'{count:,} rows are'} in {path.name}.", hint, "good"
        ),
        failed=session.say_error,
        title=f"Writing {path.name}",
    )


def show_case(session: Session, jobs: Jobs, row: CaseRow) -> None:
    """Open a case in the active viewport with its map; one that is not open yet is opened first.

    Raises UserError where nobody knows where it lies.
    """
    if row.source_id in session.sources:
        _turn_to(session, jobs, row)
        return
    if not row.path:
        raise UserError(
            f"{row.title} is not open, and the table does not say where it lies.",
            "Open the folder of the set, then choose the case again.",
        )
    intake = sources.Intake(session, jobs, sources.choose_source)

    def done(found: Any) -> None:
        intake.finish(found)
        if row.source_id in session.sources:
            _turn_to(session, jobs, row)

    jobs.start(
        "open",
        "decode",
        "open_sources",
        opening_of((row.path,)),
        done=done,
        partial=intake.take,
        failed=session.say_error,
        title=f"Opening {row.title}",
    )


def _turn_to(session: Session, jobs: Jobs, row: CaseRow) -> None:
    number = session.active
    if session.panes[number].source_id != row.source_id:
        leave(session, jobs)
    number = session.active
    pane = session.panes[number]
    made = _map_of(session, row)
    if made is not None:
        session.add_attributions((made,))  # the newest is the one that is seen
    if pane.source_id != row.source_id or pane.is_cut:
        sources.turn_to(session, jobs, number, row.source_id, row.frame)
    if session.card(row.model_id) is not None and session.panes[number].model_id != row.model_id:
        models.choose_model(session, jobs, number, row.model_id)
    sources.show_frame(session, jobs, number, row.frame)
    session.edit_view(number, overlay_visible=True)


def _map_of(session: Session, row: CaseRow) -> Attribution | None:
    """The map that a row tells of, if it is at hand."""
    place = ((row.source_id, row.frame), row.model_id)
    for one in reversed(session.results.attributions.get(place, ())):
        if (one.provenance.method, one.target_label) == (row.method, row.target):
            return one
    return None


def _refuse_second(session: Session) -> None:
    if session.cases.running:
        raise UserError(
            "Cases are being examined already.",
            "Wait until they are done, or cancel them in their table.",
        )
