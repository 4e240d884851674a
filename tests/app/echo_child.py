"""A child for tests of lanes: its table holds jobs that answer, sleep, crash and lie."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from inference.errors import UserError
from inference.task import Task


def echo(request: Any, task: Task) -> Any:
    return request


def count(request: int, task: Task) -> int:
    for number in range(request):
        task.progress(number + 1, request)
        task.partial(number)
    task.note("Counted.")
    return request


def refuse(request: Any, task: Task) -> Any:
    raise UserError("This will not do.", "Bring another.", path="x.dcm")


def fail(request: Any, task: Task) -> Any:
    raise ValueError("a patient's name")


def starve(request: Any, task: Task) -> Any:
    raise MemoryError


def obey(request: float, task: Task) -> str:
    until = time.monotonic() + request
    while time.monotonic() < until:
        task.check()
        time.sleep(0.005)
    return "slept"


def count_until_stopped(request: float, task: Task) -> int:
    until = time.monotonic() + request
    number = 0
    while time.monotonic() < until and not task.stopped:
        number += 1
        task.progress(number, 1_000_000)
        time.sleep(0.005)
    return number


def sleep_deaf(request: float, task: Task) -> str:
    time.sleep(request)
    return "slept"


def hold_the_interpreter(request: float, task: Task) -> str:
    ctypes.PyDLL(None).usleep(int(request * 1e6))  # PyDLL keeps the GIL, as a bad decoder does
    return "held"


def die(request: int, task: Task) -> None:
    os.kill(os.getpid(), request)
    time.sleep(5)


def leave(request: int, task: Task) -> None:
    os._exit(request)


def chatter(request: Any, task: Task) -> str:
    sys.stdout.write("a library prints this\n")
    os.write(1, b"and this\n")
    return "done"


def speak_nonsense(request: Any, task: Task) -> None:
    for descriptor in range(3, 30):
        try:
            os.write(descriptor, b"nonsense" * 100)
        except OSError:
            continue
    time.sleep(5)


def pid(request: Any, task: Task) -> int:
    return os.getpid()


TABLE = {
    name: f"__main__:{name}"
    for name in (
        "echo", "count", "refuse", "fail", "starve", "obey", "sleep_deaf", "die", "leave",
        "count_until_stopped", "hold_the_interpreter", "chatter", "speak_nonsense", "pid",
    )
}  # fmt: skip

if __name__ == "__main__":
    if sys.argv[1:] == ["--dead"]:
        sys.exit(3)
    from inference.worker import serve

    serve(TABLE)
