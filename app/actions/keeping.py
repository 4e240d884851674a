"""Keeping results and marks: handed to the store at once, and said when they are on the disk."""

from __future__ import annotations

import datetime
import itertools

from app.jobs import Jobs
from app.session import Session

_numbers = itertools.count()


def keep(session: Session, jobs: Jobs, name: str, what: object) -> None:
    """Have the store do `name` ("save", "save_mark") with `what`; no later call cancels it."""
    jobs.start(
        f"keep-{next(_numbers)}",
        "store",
        name,
        what,
        done=lambda _count: session.set_saved(
            datetime.datetime.now().astimezone().strftime("%H:%M")
        ),
        failed=session.say_error,
    )
