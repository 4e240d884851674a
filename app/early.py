"""Work that begins before Qt is imported: the first source and its first picture; free of Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from app.calls import BugError, Call, Lane
from app.places import scratch_path
from inference.errors import UserError
from inference.records import Opened, Preview, Source
from inference.requests import OpenRequest, read_request
from inference.task import ReportKind

Heard = Callable[[ReportKind, Any], None]
Done = Callable[[Any], None]
Failed = Callable[[UserError | BugError], None]


class EarlyCall:
    """A call made before there is a window; what it brings is kept until somebody listens."""

    def __init__(self, name: str, request: object, also: Heard | None = None) -> None:
        self._lock = threading.Lock()
        self._kept: list[Callable[[], None]] = []
        self._listeners: tuple[Heard, Done, Failed] | None = None
        self._also = also
        self.call = Call(name, request, heard=self._hear, done=self._finish, failed=self._fail)

    def attach(self, heard: Heard, done: Done, failed: Failed) -> None:
        """From now on these listen; what was kept comes to them first."""
        with self._lock:
            self._listeners = (heard, done, failed)
            for again in self._kept:
                again()
            self._kept.clear()

    def _hear(self, kind: ReportKind, value: Any) -> None:
        if self._also is not None:
            self._also(kind, value)
        self._tell(lambda: self._listening[0](kind, value))

    def _finish(self, result: Any) -> None:
        if self._also is not None:
            self._also("partial", result)
        self._tell(lambda: self._listening[1](result))

    def _fail(self, error: UserError | BugError) -> None:
        self._tell(lambda: self._listening[2](error))

    def _tell(self, tell: Callable[[], None]) -> None:
        with self._lock:
            if self._listeners is None:
                self._kept.append(tell)
            else:
                tell()

    @property
    def _listening(self) -> tuple[Heard, Done, Failed]:
        assert self._listeners is not None
        return self._listeners


class EarlyOpening:
    """Opens paths, and reads the first picture as soon as its source is known."""

    def __init__(self, lane: Lane, paths: tuple[str, ...]) -> None:
        self._lane = lane
        self._first: EarlyCall | None = None
        self._previewed = False
        self.opening = EarlyCall("open_sources", opening_of(paths), self._on_report)
        lane.submit(self.opening.call)

    @property
    def first_picture(self) -> EarlyCall | None:
        """The call that reads it, once the first source is known; None if a preview came."""
        return self._first

    def _on_report(self, kind: ReportKind, value: Any) -> None:
        if kind != "partial" or self._first is not None or self._previewed:
            return
        self._previewed = isinstance(value, Preview)
        if isinstance(value, Opened) and value.sources:
            source = value.sources[0]
            self._first = EarlyCall("read_frames", read_request(source, (first_index(source),)))
            # The lane's second child would have to start for it; the first is free in a moment.
            self._lane.submit(self._first.call)


def opening_of(paths: tuple[str, ...]) -> OpenRequest:
    """How the window opens what a person names: piece by piece, archives into a folder that stays.

    A folder of the child's own would go with the child, and with it what the window shows.
    """
    return OpenRequest(paths, str(scratch_path()), piecewise=True)


def first_index(source: Source) -> int:
    """The frame that shows first: the middle of a stack in space, else the beginning."""
    return source.frames // 2 if source.order_rule == "position" else 0
