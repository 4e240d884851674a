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
from app.__main__ import begin
decoder = begin(in_process=True)
tasks = "/proc/self/task"
print(json.dumps([
    decoder, "numpy" in sys.modules, os.environ.get({ONE_THREAD!r}),
    len(os.listdir(tasks)) if os.path.isdir(tasks) else 1,
]))
"""


def began(**own: str) -> list[object]:
    """What a process sees after `begin`: decoder, NumPy there, the variable left, its threads."""
    given = {name: value for name, value in os.environ.items() if name != ONE_THREAD}
    told = subprocess.check_output([sys.executable, "-c", BEGINNING], env=given | own, cwd=ROOT)
    found: list[object] = json.loads(told)
    return found


def test_numpy_comes_without_threads_and_leaves_no_word_to_the_engine() -> None:
    assert began() == [None, True, None, 1]


def test_a_number_of_threads_that_a_person_has_set_stands() -> None:
    assert began(**{ONE_THREAD: "2"})[2] == "2"


def test_only_the_decoder_is_kept_to_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ONE_THREAD, raising=False)
    assert environment("decode")[ONE_THREAD] == "1"
    assert ONE_THREAD not in environment("engine")
    monkeypatch.setenv(ONE_THREAD, "4")
    assert environment("decode")[ONE_THREAD] == environment("engine")[ONE_THREAD] == "4"


def test_a_lane_takes_the_process_that_runs_already() -> None:
    process = start_child("decode")
    lane = child_lane("decode", 2, process)
    try:
        lane.start()
        assert lane.process_ids == (process.pid,)
    finally:
        lane.close()
    assert process.returncode is not None
