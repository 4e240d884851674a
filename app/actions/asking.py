"""Asks a model about all scans of the queue that it has not seen, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer

from app.actions import labelling_queue
from app.actions.keeping import keep
from app.early import first_index
from app.jobs import Error, Jobs
from app.messages import trouble
from app.places import scratch_path
from app.session import Session
from inference.cards import ModelCard, differences
from inference.errors import UserError
from inference.records import Frame, Opened, Prediction, Source
from inference.requests import OpenRequest, PredictRequest, read_request

SLOT = "ask-all"
LAST = 9
"""Priority in the lanes: after all that a person asks for meanwhile."""
REFRESH_S = 2.0
"""How often the queue is read again while answers come."""


def ask_all(session: Session, jobs: Jobs) -> None:
    """Ask the model of the active viewport about each scan in the queue that it has not seen.

    Raises UserError where there is no model or no scan, or where this is done already.
    """
    card = session.card_of(session.active)
    if card is None:
        raise UserError("No model is chosen.", "Choose one in Review; it is asked about all scans.")
    if jobs.is_running(SLOT):
        raise UserError("A model is being asked about all scans.", "Cancel that, or wait for it.")
    ids = tuple(dict.fromkeys(row.source_id for row in session.queue.queue.rows))
    if not ids:
        raise UserError("There are no scans in the list.", "Open some, or show all of them.")

    def take(seen: frozenset[str]) -> None:
        rest = tuple(one for one in ids if one not in seen)
        if rest:
            _Asking(session, jobs, card, rest).begin()
        else:
            session.say(f"{card.title} has seen all scans in the list.", "", "plain")

    jobs.start(
        SLOT,
        "store",
        "find_predicted",
        (card.model_id, card.sha256),
        take,
        failed=session.say_error,
    )


class _Asking:
    """The scans that are left; what goes wrong with one is said at the end."""

    def __init__(self, session: Session, jobs: Jobs, card: ModelCard, ids: tuple[str, ...]) -> None:
        self._session, self._jobs = session, jobs
        self._card, self._ids = card, ids
        self._number = 0
        self._unfit = 0
        self._failed: list[str] = []
        """Sentences."""
        self._since_s = self._told_s = time.monotonic()

    def begin(self) -> None:
        """Open the scan at hand, if it is not open."""
        source_id = self._ids[self._number]
        source = self._session.sources.get(source_id)
        entry = self._session.project.entries.get(source_id)
        if source is not None:
            self._read(source)
        elif entry is None or source_id in self._session.project.missing:
            title = entry.title if entry is not None else source_id
            self._next(f"“{title}” is not where it was.")
        else:
            request = OpenRequest(entry.paths, str(scratch_path()))
            self._start("decode", "open_sources", request, self._take_opened)

    def _take_opened(self, opened: Opened) -> None:
        source_id = self._ids[self._number]
        source = next((one for one in opened.sources if one.source_id == source_id), None)
        if source is not None:
            self._read(source)
        else:
            title = self._session.project.entries[source_id].title
            self._next(f"“{title}” is not what it was: its files were changed or replaced.")

    def _read(self, source: Source) -> None:
        if differences(source, self._card):
            self._unfit += 1
            self._next()
            return
        every = self._card.accepts.dimensions == 3 or self._session.queue.wish.slices
        seen = tuple(range(source.frames)) if every else (first_index(source),)
        at_hand = [self._session.frames.get(source.key(one)) for one in seen]
        frames = tuple(one for one in at_hand if one is not None)
        if len(frames) == len(seen):
            self._predict(frames)
        else:
            self._start("decode", "read_frames", read_request(source, seen), self._predict)

    def _predict(self, frames: tuple[Frame, ...]) -> None:
        request = PredictRequest(frames, self._card, self._session.device)
        self._start("engine", "predict", request, self._keep)

    def _keep(self, found: tuple[Prediction, ...]) -> None:
        keep(self._session, self._jobs, "save", found)
        if self._ids[self._number] in self._session.sources:
            self._session.add_predictions(found)
        self._next()

    def _next(self, failed: str = "") -> None:
        if failed:
            self._failed.append(failed)
        self._number += 1
        now = time.monotonic()
        done = self._number >= len(self._ids)
        if done or now - self._told_s >= REFRESH_S:
            self._told_s = now
            labelling_queue.refresh(self._session, self._jobs)
        if done:
            self._tell()
        else:
            QTimer.singleShot(0, self._session, self.begin)  # a call within a call would not end

    def _tell(self) -> None:
        """What came of it, where not all is well."""
        left_out = ""
        if self._unfit:
            what = "1 scan is" if self._unfit == 1 else f"{self._unfit:,} scans are"
            left_out = f"{what} not what the model was made for, and left out."
        if self._failed:
            count, all_of_them = len(self._failed), len(self._ids)
            text = f"{count:,} of {all_of_them:,} scans could not be asked about."
            self._session.say(text, f"{self._failed[0]} {left_out}".strip(), "bad")
        elif left_out:
            self._session.say(left_out, "", "plain")

    def _start(self, lane: str, name: str, request: object, done: Callable[[Any], None]) -> None:
        """Run a piece of the work on the scan at hand; a failure ends this scan alone."""
        self._jobs.start(
            SLOT,
            lane,
            name,
            request,
            done,
            failed=self._fail,
            title=f"Asking about scan {self._number + 1:,} of {len(self._ids):,}"
            f" · {self._card.title}",
            track="predict",
            priority=LAST,
            part=(self._number, len(self._ids)),
            since_s=self._since_s,
        )

    def _fail(self, error: Error) -> None:
        self._next(trouble(error).message)
