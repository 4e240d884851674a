"""What comes before the window: the decoder's process, and NumPy that takes no core from others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.lanes import child_lane
from app.processes import start_child
from app.worker import ONE_THREAD, environment

ROOT = Path(__file__).parents[2]
BEGINNING = f"""
import json, os, sys
from app.__main__ import main
assert "numpy" not in sys.modules
try:
    main(["info", "--help"])
except SystemExit:
    pass
import numpy
tasks = "/proc/self/task"
print(json.dumps([
    os.environ.get({ONE_THREAD!r}), len(os.listdir(tasks)) if os.path.isdir(tasks) else 1,
]))
"""


def began(**own: str) -> list[object]:
    """What a process sees after `main`: the variable, and its threads once NumPy is there."""
    given = {name: value for name, value in os.environ.items() if name != ONE_THREAD}
    told = subprocess.check_output([sys.executable, "-c", BEGINNING], env=given | own, cwd=ROOT)
    found: list[object] = json.loads(told.splitlines()[-1])
    return found


def test_numpy_comes_without_threads_of_its_own() -> None:
    assert began() == ["1", 1]


def test_a_number_of_threads_that_a_person_has_set_stands() -> None:
    assert began(**{ONE_THREAD: "2"})[0] == "2"


def test_children_are_kept_to_one_thread_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ONE_THREAD, raising=False)
    assert environment()[ONE_THREAD] == "1"
    monkeypatch.setenv(ONE_THREAD, "4")
    assert environment()[ONE_THREAD] == "4"


def test_a_lane_takes_the_process_that_runs_already() -> None:
    process = start_child("decode")
    lane = child_lane("decode", 2, process)
    try:
        lane.start()
        assert lane.process_ids == (process.pid,)
    finally:
        lane.close()
    assert process.returncode is not None
