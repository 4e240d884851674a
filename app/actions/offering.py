"""What a viewport offers to ask by: methods and layers, tried when nobody waits for a map."""

from __future__ import annotations

from collections.abc import Callable

from app.jobs import Jobs
from app.messages import trouble
from app.panes import VIEWPORTS
from app.session import Session
from explain.records import MethodsRequest


def load_methods(session: Session, jobs: Jobs, number: int) -> None:
    """Find out which methods of explanation fit the viewport's model."""
    card = session.card_of(number)
    if card is None:
        return
    jobs.start(
        f"methods-{number}",
        "engine",
        "methods",
        MethodsRequest(card, session.device),
        done=lambda methods: session.edit_question(number, methods=methods),
        failed=lambda error: session.set_trouble(number, "explain", trouble(error)),
        track="explain",
    )
    jobs.start(
        f"layers-{number}",
        "engine",
        "layers",
        MethodsRequest(card, session.device),
        done=lambda layers: session.edit_question(number, layers=layers),
        failed=lambda error: None,  # said by the job for the methods
        track="explain",
    )


def ahead_of_trials(session: Session, jobs: Jobs, start: Callable[[], None]) -> None:
    """Let a job of this track start now: trials of methods give way, and go on behind it.

    Trying all methods on a model of volumes takes many seconds; whoever asks in the meantime
    should not wait for them.
    """
    begun = [number for number in range(VIEWPORTS) if _is_finding_out(jobs, number)]
    for number in begun:
        for what in ("methods", "layers"):
            jobs.cancel_slot(f"{what}-{number}")
    start()
    for number in begun:
        load_methods(session, jobs, number)


def _is_finding_out(jobs: Jobs, number: int) -> bool:
    return any(jobs.is_running(f"{what}-{number}") for what in ("methods", "layers"))
