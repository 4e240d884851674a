"""The loop of a child process: takes jobs by name from its input, answers on its output.

Messages to the child: {"run": job, "name", "track", "request"}, {"cancel": job}, and {"stop": job}
for what is known so far. From it:
{"hello": protocol}, {"progress" | "partial" | "note" | "result": job, "value"},
{"failed": job, …}, {"cancelled": job}. One thread always drains the input, so that a cancel is
heard at once and the child ends with its parent; one thread a track does the work.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from inference.errors import UserError
from inference.task import Cancelled, ReportKind, Task
from inference.wire import WireError, enlarge_pipe, read_message, write_message

PROTOCOL = 1
Work = Callable[[Any, Task], Any]


class Child:
    """What a child holds while it lives: its pipes, its tracks and the tasks under way."""

    def __init__(self, table: Mapping[str, str], inbound: int, outbound: int) -> None:
        self._table = table
        self._inbound = open(inbound, "rb", buffering=0)  # noqa: SIM115 - open as long as the child
        self._outbound = open(outbound, "wb", buffering=0)  # noqa: SIM115
        self._writing = threading.Lock()
        self._tracks: dict[str, queue.SimpleQueue[tuple[int, str, Any, Task]]] = {}
        self._tasks: dict[int, Task] = {}

    def serve(self) -> None:
        """Read and hand out jobs until the input ends."""
        self._send({"hello": PROTOCOL})
        while True:
            try:
                message = read_message(self._inbound)
            except (EOFError, WireError, OSError):
                return
            if "run" in message:
                self._accept(message)
                continue
            task = self._tasks.get(message.get("cancel", message.get("stop")))
            if task is not None:
                (task.cancel if "cancel" in message else task.stop)()

    def _accept(self, message: Mapping[str, Any]) -> None:
        job = message["run"]
        task = Task(lambda kind, value: self._report(job, kind, value))
        self._tasks[job] = task
        track = message["track"]
        if track not in self._tracks:
            self._tracks[track] = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(track,), name=track, daemon=True).start()
        self._tracks[track].put((job, message["name"], message["request"], task))

    def _work(self, track: str) -> None:
        while True:
            job, name, request, task = self._tracks[track].get()
            answer = self._answer(job, name, request, task)
            self._tasks.pop(job, None)
            self._send(answer)
            del request, answer  # not held until the next job comes

    def _answer(self, job: int, name: str, request: Any, task: Task) -> Mapping[str, Any]:
        try:
            task.check()
            return {"result": job, "value": resolve(self._table, name)(request, task)}
        except Cancelled:
            return {"cancelled": job}
        except UserError as error:
            return failure(job, error)
        except MemoryError:
            return failure(
                job,
                UserError(
                    "There is not enough memory for this.",
                    "Close other programs or choose a smaller file.",
                    fault="surroundings",
                ),
            )
        except Exception as error:  # noqa: BLE001 - the child's end of Jobs: every fault is told
            return {"failed": job, "bug": outline(error)}

    def _report(self, job: int, kind: ReportKind, value: object) -> None:
        self._send({kind: job, "value": value})

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            with self._writing:
                write_message(self._outbound, message)
        except OSError:
            os._exit(0)  # nobody reads any more


def serve(table: Mapping[str, str], modules: tuple[str, ...] = ()) -> NoReturn:
    """Be a child on standard input and output until the input ends; does not return.

    `modules` are imported beside it from the start, so that the first job finds them ready.
    """
    threading.Thread(target=_import_all, args=(modules,), name="imports", daemon=True).start()
    # Ctrl+C in a terminal reaches the whole group; the parent alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    # The protocol takes standard output for itself; what libraries print goes to standard error.
    outbound = os.dup(1)
    os.dup2(2, 1)
    enlarge_pipe(0)
    enlarge_pipe(outbound)
    Child(table, os.dup(0), outbound).serve()
    os._exit(0)  # a decoder deep in C would hold an orderly exit up


_IMPORTING = threading.Lock()
"""Packages that import each other in a circle fail where two threads begin at two ends."""


def _import_all(modules: tuple[str, ...]) -> None:
    with _IMPORTING:
        for module in modules:
            importlib.import_module(module)


def resolve(table: Mapping[str, str], name: str) -> Work:
    """The function behind a name of the table, imported when it is first asked for."""
    module, _, function = table[name].partition(":")
    with _IMPORTING:
        found: Work = getattr(importlib.import_module(module), function)
    return found


def failure(job: int, error: UserError) -> Mapping[str, Any]:
    """The message for a fault of the world."""
    return {
        "failed": job,
        "message": error.message,
        "hint": error.hint,
        "fault": error.fault,
        "path": error.path,
    }


def outline(error: BaseException) -> str:
    """Where our bug lies, without its words: they may hold a patient's data."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(
        f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in reversed(frames)
    )
    return f"{type(error).__name__} at {places}"
