"""How long work reports and stops; free of Qt, so that tests and scripts use it as it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

ReportKind = Literal["progress", "partial", "note"]
Report = Callable[[ReportKind, object], None]


class Cancelled(BaseException):
    """Raised inside work whose task was cancelled; no `except Exception` may swallow it."""


class Task:
    """A worker's only link to the outside; the default one reports to nobody."""

    def __init__(self, report: Report | None = None) -> None:
        self._report: Report = report or (lambda kind, value: None)
        self._cancel = threading.Event()
        self._enough = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """Say how many of `total` steps are done."""
        self.check()
        self._report("progress", (int(done), int(total)))

    def partial(self, value: object) -> None:
        """Hand over an unfinished result: a coarse map, one source of many."""
        self.check()
        self._report("partial", value)

    def note(self, sentence: str) -> None:
        """Say in one sentence what was done otherwise than asked, such as a smaller batch."""
        self.check()
        self._report("note", sentence)

    def check(self) -> None:
        """Raise `Cancelled` if nobody waits for the result any more."""
        if self._cancel.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Ask the work to end at its next `check`; may be called from any thread."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def stop(self) -> None:
        """Ask for what is known so far, as the result; may be called from any thread.

        Work that samples looks at `stopped` between two passes. Other work goes on to its end.
        """
        self._enough.set()

    @property
    def stopped(self) -> bool:
        return self._enough.is_set()
