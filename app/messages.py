"""Errors to people: the sentence and the hint for whatever went wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from app.calls import BugError
from inference.errors import UserError

log = logging.getLogger("lepton")


@dataclass(frozen=True)
class Trouble:
    """Why something failed, in words, and what to do now."""

    message: str
    hint: str


def trouble(error: UserError | BugError) -> Trouble:
    """What to show for an error. Our own bugs are logged, without any words of the data."""
    if isinstance(error, UserError):
        return Trouble(error.message, error.hint)
    log.error("fault in a job: %s", error)
    return Trouble("This is a fault of Lepton, and this piece of work was given up.", str(error))
