"""Keeping what was made: handed to the store at once and in order, and again until it is kept."""

from __future__ import annotations

import datetime

from PySide6.QtCore import QTimer

from app.calls import BugError
from app.jobs import Jobs
from app.session import Session
from app.store.records import Kept, Result
from app.waiting import STATE, Pending
from inference.errors import UserError

AGAIN_MS = 2000
"""How long a disk is given to get better before it is tried again."""

_SLOT = "keep"
SAVE = "save"
"""What keeps the results of models."""


def keep(session: Session, jobs: Jobs, name: str, what: object) -> None:
    """Have the store do `name` with `what`: "save", "act", "sources" and so on (Store).

    Nothing is handed over where it is known that the project cannot be changed; that is said.
    """
    if session.labels.read_only:
        return
    if name == SAVE and isinstance(what, tuple):
        _note_models(session, what)
    session.waiting.things.append(Pending(name, what))
    if name != STATE:
        session.saved_at = None  # drawn with what comes next: the commit, or why there is none
    if not session.waiting.trouble:
        send(session, jobs)


def _note_models(session: Session, results: tuple[Result, ...]) -> None:
    """Let the project remember the cards of the models that said this, once for each."""
    said_by = {(one.provenance.model_id, one.provenance.sha256) for one in results}
    new = said_by - session.project.models
    cards = tuple(one for one in session.cards if (one.model_id, one.sha256) in new)
    session.project.models |= new
    if cards:
        session.waiting.things.append(Pending("models", cards))


def send(session: Session, jobs: Jobs) -> None:
    """Hand over what waits, unless the store is at it."""
    waiting = session.waiting
    things = waiting.next()
    if jobs.is_running(_SLOT) or not things:
        return
    waiting.under_way = len(things)
    jobs.start(
        _SLOT,
        "store",
        "keep",
        things,
        done=lambda kept: _kept(session, jobs, kept),
        failed=lambda error: _failed(session, jobs, error),
    )


def send_rest(session: Session, jobs: Jobs) -> None:
    """At the end: hand over what the store has not got yet, for it to finish with."""
    waiting = session.waiting
    rest = tuple(waiting.things)[waiting.under_way :]
    if rest:
        jobs.start("keep-rest", "store", "keep", rest, done=lambda _kept: None)


def _kept(session: Session, jobs: Jobs, kept: Kept) -> None:
    had_work = session.waiting.has_work
    session.waiting.done()
    if kept.trouble is not None:
        session.say_error(kept.trouble)
    if had_work and not session.waiting.has_work:
        session.set_saved(datetime.datetime.now().astimezone().strftime("%H:%M"))
    send(session, jobs)


def _failed(session: Session, jobs: Jobs, error: UserError | BugError) -> None:
    waiting = session.waiting
    count, waiting.under_way = waiting.under_way, 0
    if isinstance(error, BugError):
        _drop_faulty(session, jobs, error, count)
        return
    if waiting.trouble != error.message and waiting.has_work:
        waiting.trouble = error.message
        session.say_error(error)
    if not waiting.again:
        waiting.again = True
        QTimer.singleShot(AGAIN_MS, session, lambda: _send_again(session, jobs))


def _send_again(session: Session, jobs: Jobs) -> None:
    session.waiting.again = False
    send(session, jobs)


def _drop_faulty(session: Session, jobs: Jobs, error: BugError, count: int) -> None:
    """Our own fault: find the thing that cannot be kept, so that it holds up nothing else."""
    session.waiting.alone = True
    if count == 1:
        session.waiting.things.popleft()
        session.say_error(error)
    send(session, jobs)
