"""What outlives a test fails it, with the line that started it; a pytest plugin.

Looked for: threads, child processes, open files and pipes, blocks of shared memory, running
QTimers, top-level widgets, torch hooks, and log records of WARNING or above that the test did not
declare with `@pytest.mark.logs("pattern")`. Descriptors, children and shared memory are looked
for on Linux, where the system tells.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.witness import Witness, line_here

GRACE_SECONDS = 2.0
"""How long an orderly end may take after the test's last line."""

LIBRARY_THREADS = ("TMonitor",)
"""Thread classes that a library keeps for the life of the process (tqdm)."""

LIBRARY_WIDGETS = ("QTipLabel",)
"""Widgets that Qt keeps for the life of the process."""

witness = Witness()
_watched: set[str] = set()
_timers: list[tuple[weakref.ref[Any], str]] = []
_hooks: list[tuple[weakref.ref[Any], int, str]] = []


@dataclass(frozen=True)
class Thing:
    """Something that is there: in words, and what the witness may know of its beginning."""

    words: str
    kind: str = ""
    about: object = None

    def sentence(self) -> str:
        """The words, with the line that started it where the witness can tell."""
        if not self.kind:
            return self.words
        return f"{self.words}, started at {witness.line_of(self.kind, self.about)}"


Things = dict[object, Thing]


def threads() -> Things:
    """Python threads by identity."""
    return {
        thread: Thing(f"thread {thread.name}", "thread", thread)
        for thread in threading.enumerate()
        if type(thread).__name__ not in LIBRARY_THREADS
    }


def children() -> Things:
    """Child processes that run; those that ended and were not asked for are none."""
    found: Things = {}
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in _read(task).split():
            state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
            if state and state[0] != "Z":
                command = _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ")[:80]
                found[int(pid)] = Thing(f"child process {pid} ({command.strip()})", "process")
    return found


def descriptors() -> Things:
    """Open regular files and pipes; sockets and event descriptors belong to Qt and X for good."""
    found: Things = {}
    for entry in Path("/proc/self/fd").glob("*"):
        try:
            target = os.readlink(entry)
        except FileNotFoundError:  # the descriptor of this very listing
            continue
        words = f"descriptor {entry.name} of {target}"
        is_file = target.startswith("/") and not target.startswith(("/dev/", "/proc/", "/sys/"))
        if is_file and "site-packages" not in target:
            found[(entry.name, target)] = Thing(words, "file", target)
        elif target.startswith("pipe:"):
            found[(entry.name, target)] = Thing(words, "process")
    return found


def shared_memory() -> Things:
    """Blocks of shared memory; of the new ones those that no other program holds."""
    return {
        path.name: Thing(f"shared memory {path}")
        for path in Path("/dev/shm").glob("*")
        if _changed_at(path) < witness.started_at or not _is_held_elsewhere(path)
    }


def timers() -> Things:
    """QTimers that run and were started in this test."""
    found: Things = {}
    for reference, line in _timers:
        timer = reference()
        if timer is not None and _is_valid(timer) and timer.isActive():
            found[id(timer)] = Thing(f"QTimer of {timer.interval()} ms, started at {line}")
    return found


def widgets() -> Things:
    """Top-level widgets without a parent."""
    qt = sys.modules.get("PySide6.QtWidgets")
    if qt is None or qt.QApplication.instance() is None:
        return {}
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    return {
        widget: Thing(
            f"widget {type(widget).__name__} “{widget.windowTitle() or widget.objectName()}”"
        )
        for widget in qt.QApplication.topLevelWidgets()
        if widget.parent() is None and type(widget).__name__ not in LIBRARY_WIDGETS
    }


def torch_hooks() -> Things:
    """Hooks put on modules in this test that are still on them."""
    return {
        (id(hooks), number): Thing(f"torch hook, put on at {line}")
        for reference, number, line in _hooks
        if (hooks := reference()) is not None and number in hooks
    }


CHECKS: tuple[Callable[[], Things], ...] = (
    threads, children, descriptors, shared_memory, timers, widgets, torch_hooks,
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the surroundings before and after the test and everything it set up."""
    _watch_timers()
    _watch_hooks()
    _timers.clear()
    _hooks.clear()
    before = {check: set(check()) for check in CHECKS}
    witness.start()
    records = _Records()
    logging.getLogger().addHandler(records)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(records)
        left = _left_after_grace(before)
        witness.stop()
    loud = _undeclared(records.seen, request.node)
    if left or loud:
        pytest.fail("\n".join(["left behind by this test:", *left, *loud]), pytrace=False)


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record)


def _undeclared(records: list[logging.LogRecord], node: pytest.Item) -> list[str]:
    patterns = [str(mark.args[0]) for mark in node.iter_markers("logs")]
    return [
        f"log record of {record.name} at {record.levelname}: {record.getMessage()}"
        for record in records
        if not any(re.search(pattern, record.getMessage()) for pattern in patterns)
    ]


def _left_after_grace(before: dict[Callable[[], Things], set[object]]) -> list[str]:
    """What is there now and was not before, once it had the time to end and was collected."""
    deadline = time.monotonic() + GRACE_SECONDS
    collected = False
    while True:
        left = [
            thing.sentence()
            for check, known in before.items()
            for key, thing in check().items()
            if key not in known
        ]
        if not left or time.monotonic() > deadline:
            return left
        if not collected:
            gc.collect()
            collected = True
        time.sleep(0.02)


def _watch_timers() -> None:
    """From now on note each QTimer that is started; once, and only where Qt is there."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None or "QTimer" in _watched:
        return
    start = core.QTimer.start

    def watched(timer: Any, *arguments: Any) -> None:
        _timers.append((weakref.ref(timer), line_here()))
        start(timer, *arguments)

    _watched.add("QTimer")
    core.QTimer.start = watched


def _watch_hooks() -> None:
    """From now on note each hook that is put on a torch module; once, and only with torch."""
    hooks = sys.modules.get("torch.utils.hooks")
    if hooks is None or "hooks" in _watched:
        return
    make = hooks.RemovableHandle.__init__

    def watched(handle: Any, *arguments: Any, **named: Any) -> None:
        make(handle, *arguments, **named)
        _hooks.append((handle.hooks_dict_ref, handle.id, line_here()))

    _watched.add("hooks")
    hooks.RemovableHandle.__init__ = watched


def _is_valid(thing: object) -> bool:
    """Whether the C++ object behind a Qt wrapper still exists."""
    return bool(sys.modules["shiboken6"].isValid(thing))


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_ctime
    except FileNotFoundError:
        return 0.0


def _is_held_elsewhere(path: Path) -> bool:
    """Whether a process that is neither this one nor a child of it maps a file."""
    own = {str(os.getpid()), *(str(pid) for pid in children())}
    return any(
        str(path) in _read(maps)
        for maps in Path("/proc").glob("[0-9]*/maps")
        if maps.parent.name not in own
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
