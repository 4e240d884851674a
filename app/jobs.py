"""Starts work on the lanes and hands every result back on the window's thread."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.calls import BugError, Call, Lane
from app.early import EarlyCall
from inference.errors import UserError
from inference.task import ReportKind

Error = UserError | BugError
SLICE_S = 0.006
"""How long results may be handed out in one go before the event loop gets its turn."""
PROGRESS_S = 0.1
"""How often at most the progress of a job is passed on."""
SILENCE_S = {"decode": 60.0, "engine": 600.0}
"""After how long without a word a child is taken for hung: decoders are quick, models are not."""

GRACE_S = {"methods": 10.0, "layers": 10.0}
"""How long work by this name may go on after a cancel, if not the usual second: trials give way
whenever somebody asks for a map, and an engine that had to be started again would cost him more."""


@dataclass
class Job:
    """One piece of work under way, as the window sees it."""

    call: Call
    lane: str
    slot: str
    title: str
    started_s: float
    done: int = 0
    total: int = 0
    note: str = ""
    told_s: float = 0.0
    """When its progress was last passed on."""
    part: tuple[int, int] = (0, 1)
    """Which part of how many of a longer work it is; progress is that of the whole."""

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the share that is done; None as long as it would be a guess."""
        spent = time.monotonic() - self.started_s
        if self.done <= 0 or self.total <= 0 or spent < 0.5:
            return None
        return spent * (self.total - self.done) / self.done


class Jobs(QObject):
    """The one QObject that crosses threads: lanes call in, one queued signal brings it home.

    A newer job in a slot cancels the older one. `changed` says that the list of jobs is another;
    `noted` brings a sentence about how a job was done; `finished` a job that ended well.
    """

    changed = Signal()
    noted = Signal(str)
    failed = Signal(object, object)
    """(Job, Error) for jobs whose caller gave no `failed` of its own."""
    _posted = Signal()

    def __init__(self, lanes: Mapping[str, Lane], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = dict(lanes)
        self._slots: dict[str, Job] = {}
        self._inbox: deque[Callable[[], None]] = deque()
        self._closed = False
        self._posted.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        slot: str,
        lane: str,
        name: str,
        request: object,
        done: Callable[[Any], None],
        *,
        partial: Callable[[Any], None] | None = None,
        failed: Callable[[Error], None] | None = None,
        title: str = "",
        track: str = "main",
        priority: int = 0,
        part: tuple[int, int] = (0, 1),
        since_s: float | None = None,
    ) -> Job:
        """Run `name` of the lane's table; the callbacks come on the window's thread.

        Jobs without a title are not listed: reading a slice is no news. One that is a `part` of a
        longer work, which began at `since_s` of the monotonic clock, tells how far the whole is.
        """
        self.cancel_slot(slot)
        call = Call(
            name,
            request,
            heard=lambda kind, value: self._hear(job, kind, value, partial),
            done=lambda result: self._post(lambda: self._end(job, lambda: done(result))),
            failed=lambda error: self._post(lambda: self._fail(job, error, failed)),
            track=track,
            priority=priority,
            silence_s=SILENCE_S.get(lane, 600.0),
            grace_s=GRACE_S.get(name, 1.0),
        )
        job = Job(call, lane, slot, title, since_s or time.monotonic(), part=part)
        if part != (0, 1):
            job.done, job.total = part
        self._slots[slot] = job
        self._lanes[lane].submit(call)
        if title:
            self.changed.emit()
        return job

    def adopt(
        self,
        slot: str,
        lane: str,
        early: EarlyCall,
        done: Callable[[Any], None],
        partial: Callable[[Any], None],
    ) -> None:
        """Take over a call that was submitted before Qt was there; what it brought comes now."""
        job = Job(early.call, lane, slot, "", time.monotonic())
        self._slots[slot] = job
        early.attach(
            lambda kind, value: self._hear(job, kind, value, partial),
            lambda result: self._post(lambda: self._end(job, lambda: done(result))),
            lambda error: self._post(lambda: self._fail(job, error, None)),
        )

    @property
    def running(self) -> tuple[Job, ...]:
        """The jobs that a person may want to see or cancel."""
        return tuple(job for job in self._slots.values() if job.title)

    def is_running(self, slot: str) -> bool:
        return slot in self._slots

    def running_in(self, slot: str) -> Job | None:
        """The listed job in a slot."""
        job = self._slots.get(slot)
        return job if job is not None and job.title else None

    def waits(self, job: Job) -> bool:
        """Whether a job of the engine, which does one thing a track, waits for an older one."""
        return job.lane == "engine" and any(
            other.lane == job.lane
            and other.call.track == job.call.track
            and other.call.number < job.call.number
            for other in self._slots.values()
        )

    def cancel_slot(self, slot: str) -> None:
        """Cancel what runs in `slot`, if anything; nothing of it is heard any more."""
        job = self._slots.pop(slot, None)
        if job is not None:
            self._lanes[job.lane].cancel(job.call)
            if job.title:
                self.changed.emit()

    def stop_slot(self, slot: str) -> None:
        """Ask what runs in `slot` for what it knows so far, as its result."""
        job = self._slots.get(slot)
        if job is not None:
            self._lanes[job.lane].stop(job.call)

    def cancel_number(self, number: int) -> None:
        """Cancel the job with this call number."""
        for slot, job in list(self._slots.items()):
            if job.call.number == number:
                self.cancel_slot(slot)

    def close(self) -> None:
        """Cancel everything and wait until no thread and no process of the lanes is left."""
        self._closed = True
        self._slots.clear()
        for lane in self._lanes.values():
            lane.close()
        self._inbox.clear()

    # --- called on the lanes' threads --------------------------------------------------------

    def _hear(
        self, job: Job, kind: ReportKind, value: Any, partial: Callable[[Any], None] | None
    ) -> None:
        if kind == "note":
            self._post(lambda: self._note(job, str(value)))
        elif kind == "partial":
            if partial is not None:
                self._post(lambda: partial(value) if self._is_live(job) else None)
        elif isinstance(value, tuple) and len(value) == 2:
            # A fast producer must not flood the event loop; the last step always counts.
            now = time.monotonic()
            if now - job.told_s >= PROGRESS_S or value[0] >= value[1]:
                job.told_s = now
                self._post(lambda: self._progress(job, *value))

    def _post(self, action: Callable[[], None]) -> None:
        self._inbox.append(action)
        if not self._closed:
            self._posted.emit()

    # --- called on the window's thread -------------------------------------------------------

    def _drain(self) -> None:
        until = time.monotonic() + SLICE_S
        while self._inbox and not self._closed:
            self._inbox.popleft()()
            if time.monotonic() > until and self._inbox:
                self._posted.emit()  # the rest after the event loop had its turn
                return

    def _is_live(self, job: Job) -> bool:
        return self._slots.get(job.slot) is job and not job.call.cancelled

    def _progress(self, job: Job, done: int, total: int) -> None:
        if self._is_live(job):
            number, count = job.part
            job.done, job.total = number * total + done, count * total
            if job.title:
                self.changed.emit()

    def _note(self, job: Job, sentence: str) -> None:
        if self._is_live(job):
            job.note = sentence
            self.noted.emit(sentence)

    def _end(self, job: Job, act: Callable[[], None]) -> None:
        if not self._is_live(job):
            return
        del self._slots[job.slot]
        if job.title:
            self.changed.emit()
        act()
        job.call.release()  # job and callbacks hold each other until they are collected

    def _fail(self, job: Job, error: Error, failed: Callable[[Error], None] | None) -> None:
        def act() -> None:
            if failed is not None:
                failed(error)
            else:
                self.failed.emit(job, error)

        self._end(job, act)
