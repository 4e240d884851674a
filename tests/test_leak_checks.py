"""The leak checks themselves: a leak of each kind, made on purpose, fails its test by name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

LEAKS = {
    "thread": (
        "import threading\nthreading.Thread(target=stop.wait, name='left', daemon=True).start()",
        "thread left",
    ),
    "process": (
        "import subprocess\nkept.append(subprocess.Popen(['sleep', '30']))",
        "child process",
    ),
    "file": ("kept.append(open(__file__))", "descriptor"),
    "pipe": ("import os\nkept.extend(os.pipe())", "pipe:"),
    "memory": (
        "from multiprocessing.shared_memory import SharedMemory\n"
        "kept.append(SharedMemory(create=True, size=64))",
        "shared memory /dev/shm/psm_",
    ),
    "timer": (
        "kept.append(QtCore.QTimer())\nkept[-1].start(100_000)",
        "QTimer of 100000 ms",
    ),
    "widget": (
        "kept.append(QtWidgets.QWidget())\nkept[-1].setWindowTitle('left')",
        "widget QWidget “left”",
    ),
    "hook": (
        "model.register_forward_hook(lambda *_: None)",
        "torch hook",
    ),
    "warning": ("import logging\nlogging.getLogger('some').warning('odd')", "log record of some"),
}

HEAD = """
import threading
import pytest
import torch
from PySide6 import QtCore, QtWidgets
from tests import leaks

leaks.GRACE_SECONDS = 0.1
kept = []
stop = threading.Event()
app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
model = torch.nn.Linear(1, 1)


@pytest.fixture(scope="session", autouse=True)
def tidy():
    yield
    stop.set()
    for thing in kept:
        for verb in ("kill", "wait", "unlink"):
            getattr(thing, verb, lambda: None)()


def test_clean():
    with open(__file__):
        threading.Thread(target=int).start()
    model.register_forward_hook(lambda *_: None).remove()


@pytest.mark.logs("od.")
def test_declared_warning():
    import logging
    logging.getLogger("some").warning("odd")
"""


@pytest.fixture(scope="module")
def leaking_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with one test for each kind of leak, and two that leave nothing."""
    lines = [HEAD]
    for name, (code, _) in LEAKS.items():
        body = "\n    ".join(code.splitlines())
        lines.append(f"\ndef test_{name}():\n    {body}\n")
    file = tmp_path_factory.mktemp("leaks") / "test_leaking.py"
    file.write_text("".join(lines), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def report(leaking_file: Path) -> str:
    """What pytest says about it, in a process of its own."""
    words = ["-p", "tests.leaks", "-p", "no:cacheprovider", "--rootdir", str(leaking_file.parent)]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, *words, str(leaking_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def source_lines(leaking_file: Path) -> list[str]:
    return leaking_file.read_text(encoding="utf-8").splitlines()


def test_clean_tests_pass(report: str) -> None:
    assert f"{len(LEAKS) + 2} passed" in report
    assert f"{len(LEAKS)} error" in report


@pytest.mark.parametrize("name", LEAKS)
def test_leak_is_named(report: str, name: str) -> None:
    block = report.partition(f"ERROR at teardown of test_{name} ")[2].partition("____ ERROR")[0]
    assert LEAKS[name][1] in block


@pytest.mark.parametrize("name", ["thread", "process", "file", "timer", "hook"])
def test_leak_has_its_line(report: str, source_lines: list[str], name: str) -> None:
    block = report.partition(f"ERROR at teardown of test_{name} ")[2].partition("____ ERROR")[0]
    found = re.search(r"test_leaking\.py:(\d+)", block)
    assert found is not None
    assert LEAKS[name][0].splitlines()[-1] in source_lines[int(found[1]) - 1]
