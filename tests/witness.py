"""Who opened a file, started a thread or a process: noted as it happens, by Python's audit events.

An audit hook (PEP 578) sees these acts wherever they are done, in libraries too, and cannot be
taken away again; it only takes notes while a test runs. Threads have no such event before
Python 3.13, so `Thread.start` itself is watched.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import pytest

ROOT = Path(__file__).resolve().parent.parent
STANDARD_LIBRARY = sysconfig.get_path("stdlib")
OWN_FILES = {__file__, str(Path(__file__).with_name("leaks.py"))}

EVENTS: Mapping[str, str] = {
    "open": "file",
    "sqlite3.connect": "file",
    "subprocess.Popen": "process",
    "os.fork": "process",
    "os.posix_spawn": "process",
}
"""Audit event → what came of it."""


@dataclass(frozen=True)
class Note:
    """One act: what it was about (a path, a thread, a command) and the line that did it."""

    about: object
    line: str


class Witness:
    """Takes notes by kind from `start` to `stop`."""

    def __init__(self) -> None:
        self.notes: dict[str, list[Note]] = {}
        self.started_at = 0.0
        """When it began, in seconds since the epoch."""
        self._awake = False
        sys.addaudithook(self._see)
        start = threading.Thread.start

        def watched(thread: threading.Thread) -> None:
            if self._awake:
                self.notes["thread"].append(Note(thread, line_here()))
            start(thread)

        pytest.MonkeyPatch().setattr(threading.Thread, "start", watched)

    def start(self) -> None:
        self.notes = {kind: [] for kind in ("thread", *EVENTS.values())}
        self.started_at = time.time()
        self._awake = True

    def stop(self) -> None:
        self._awake = False

    def line_of(self, kind: str, about: object) -> str:
        """The line that did it; or the lines that did anything of the kind; or a plain word."""
        exact = [note.line for note in self.notes[kind] if note.about == about]
        lines = exact or [note.line for note in self.notes[kind]]
        return " or ".join(dict.fromkeys(lines)) or "an unknown place"

    def _see(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._awake and event in EVENTS:
            about = _subject(arguments[0]) if arguments else None
            self.notes[EVENTS[event]].append(Note(about, line_here()))


def line_here() -> str:
    """The innermost line on the stack that is neither Python's nor a library's.

    Where there is none, the innermost line of a library.
    """
    frame: FrameType | None = sys._getframe(1)
    library = "Python itself"
    while frame is not None:
        name = frame.f_code.co_filename
        if "site-packages" in name:
            if library == "Python itself":
                library = f"{name.rpartition('site-packages')[2][1:]}:{frame.f_lineno}"
        elif name not in OWN_FILES and not name.startswith((STANDARD_LIBRARY, "<")):
            return f"{os.path.relpath(name, ROOT)}:{frame.f_lineno}"
        frame = frame.f_back
    return library


def _subject(first: object) -> object:
    """The text of a path; anything else as it is."""
    return os.fspath(first) if isinstance(first, (bytes, os.PathLike)) else first
