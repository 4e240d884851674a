"""The real program on a project: killed and opened again, ended from any state within seconds."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.project_state import STATE_RECORDS, ViewState
from app.store import Store
from inference import wire
from inference.task import Task
from tests.flows.test_marking import scan

ROOT = Path(__file__).resolve().parents[2]
DRIVEN = """
import os, signal, sys, time
from PySide6.QtCore import QTimer
from app import main_window, window
from app.__main__ import end, main
from app.actions import answers, models, moving
from app.panes import Asked
from app.project_acts import open_folder
from pathlib import Path

DO, SAY = sys.argv[1], lambda *words: print(*words, flush=True)

def close(shown):
    SAY("close", time.monotonic())
    shown.close()

def explain(shown):
    session, jobs = shown.session, shown.jobs
    models.choose_model(session, jobs, 0, "phantom-nodule")
    models.ask(session, 0, Asked("occlusion"))
    answers.explain_current(session, jobs, 0)
    until(shown, lambda: any(job.done for job in jobs.running), lambda: close(shown))

def hang(shown):
    lanes = [shown.jobs._lanes[name] for name in ("decode", "engine")]
    for child in [one for lane in lanes for one in lane.process_ids]:
        try:
            os.kill(child, signal.SIGSTOP)
        except ProcessLookupError:
            pass
    close(shown)

def slice_two(shown):
    moving.scroll(shown.session, shown.jobs, 0, 2)
    until(shown, lambda: shown.session.panes[0].frame.key[1] == 2, lambda: SAY("shown"))

def back(shown):
    pane = shown.session.panes[0]
    SAY("back", pane.frame.key[1], shown.session.labels.history.total)

def switch(shown):
    other, book = os.environ["LEPTON_OTHER"], shown.session.project
    if str(book.folder) == other:
        SAY("there", book.name)
        close(shown)
    else:
        open_folder(shown, Path(other))

def until(shown, condition, act):
    if condition():
        act()
    else:
        QTimer.singleShot(20, lambda: until(shown, condition, act))

def pictured(shown):
    until(shown, lambda: shown.session.panes[0].frame is not None, lambda: DOINGS[DO](shown))

def answered(shown):
    ready = lambda: shown.session.cards and shown.session.devices and shown.session.panes[0].frame
    until(shown, ready, lambda: DOINGS[DO](shown))

def begun(shown):
    until(shown, lambda: shown.session.project.ready, lambda: DOINGS[DO](shown))

DOINGS = {"close": close, "explain": explain, "hang": hang, "slice": slice_two, "back": back,
          "switch": switch}
STARTS = {"explain": answered, "hang": answered, "switch": begun}
built = main_window.MainWindow.show

def show(self):
    built(self)
    STARTS.get(DO, pictured)(self)

main_window.MainWindow.show = show
end(main(["--offscreen", *sys.argv[2:]]))
"""


def driven(what: str, *paths: Path) -> subprocess.Popen[str]:
    """The program on some paths, which does this when its picture is there."""
    return subprocess.Popen(
        [sys.executable, "-c", DRIVEN, what, *map(str, paths)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def heard(child: subprocess.Popen[str], word: str) -> list[str]:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(word):
            return line.split()
    raise AssertionError(child.communicate()[1])


def make_project(folder: Path) -> Path:
    store = Store(folder)
    store.open_project(None, Task())
    store.close()
    return folder


def left_at(folder: Path, index: int) -> bool:
    """Whether the view that is kept shows this frame."""
    wire.register(*STATE_RECORDS)
    store = Store(folder)
    try:
        view = store.load_state("view", Task())
        return isinstance(view, ViewState) and view.panes[0].index == index
    finally:
        store.close()


def test_after_a_kill_the_same_view_is_back_within_five_seconds(tmp_path: Path) -> None:
    project, case = make_project(tmp_path / "project"), scan(tmp_path / "case", 5)
    first = driven("slice", project, case)
    heard(first, "shown")
    time.sleep(1.0)  # the view is kept half a second after the last change
    first.kill()
    first.communicate()
    began = time.monotonic()
    again = driven("back", project)
    assert heard(again, "back")[1:] == ["2", "0"]
    assert time.monotonic() - began < 5
    again.terminate()
    _, err = again.communicate(timeout=20)
    assert (again.returncode, err) == (0, "")


@pytest.mark.parametrize("state", ["close", "explain", "hang"])
@pytest.mark.skipif(sys.platform == "win32", reason="children are stopped by signals")
def test_quitting_takes_three_seconds_at_most(tmp_path: Path, state: str) -> None:
    project = make_project(tmp_path / "project")
    child = driven(state, project, scan(tmp_path / "case", 5))
    closed = float(heard(child, "close")[1])
    _, err = child.communicate(timeout=60)
    assert time.monotonic() - closed < 3
    assert (child.returncode, err) == (0, "")
    assert left_at(project, 2)


def test_one_program_goes_from_project_to_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_project(tmp_path / "one"), make_project(tmp_path / "other")
    monkeypatch.setenv("LEPTON_OTHER", str(other))
    child = driven("switch", one)
    assert heard(child, "there")[1] == "other"
    _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (0, "")


@pytest.mark.parametrize("after_s", [0.6, 1.2, 2.5])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking")
def test_the_system_may_end_it_at_any_moment(tmp_path: Path, after_s: float) -> None:
    child = driven("slice", make_project(tmp_path / "project"), scan(tmp_path / "case"))
    time.sleep(after_s)
    before = time.monotonic()
    child.send_signal(signal.SIGTERM)
    _, err = child.communicate(timeout=60)
    assert time.monotonic() - before < 3
    assert child.returncode in (0, -signal.SIGTERM)  # as long as there is no window yet
    assert "Traceback" not in err
