"""One call to a lane: what is to run, and who hears of it; free of Qt."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.errors import UserError
from inference.task import ReportKind

_numbers = itertools.count(1)


class BugError(Exception):
    """Our own bug in a job, told without its words."""


@dataclass(eq=False)
class Call:
    """A job on its way. The three listeners are called once or never, on the lane's threads."""

    name: str
    request: Any
    heard: Callable[[ReportKind, Any], None]
    done: Callable[[Any], None]
    failed: Callable[[UserError | BugError], None]
    track: str = "main"
    priority: int = 0
    """Lower runs first; equal ones in the order they came."""
    silence_s: float = 120.0
    """How long it may be silent before its child is taken for hung."""
    grace_s: float = 1.0
    """How long it may go on after a cancel while another call waits; then its child is ended."""
    number: int = field(default_factory=lambda: next(_numbers))
    retried: bool = False
    """True once it was sent again because its child was ended for another call's sake."""

    heard_s: float = 0.0
    """When its child last spoke of it, on the monotonic clock."""

    def __post_init__(self) -> None:
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def release(self) -> None:
        """It is over: let go of the arrays that it holds, though others may hold on to it."""
        self.request = None
        self.heard = lambda kind, value: None
        self.done = self.failed = lambda value: None

    def mark_cancelled(self) -> None:
        self._cancelled.set()


class Lane(Protocol):
    """Something that owns calls until they are done, failed or cancelled."""

    def start(self) -> None: ...

    def submit(self, call: Call) -> None: ...

    def cancel(self, call: Call) -> None: ...

    def stop(self, call: Call) -> None:
        """Ask for what is known so far as the result, of work that can give it."""
        ...

    def close(self) -> None: ...
