"""The program as it is started: the demo, its words, its exit codes, and Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO_FILES = {
    "window.png",
    "overlay-nodule.png",
    "overlay-shortcut.png",
    "result-nodule.json",
    "result-shortcut.json",
    "report.html",
}


def start(*words: str, screen: str | None = "offscreen") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        environment.pop(name, None)
    if screen is not None:
        environment["QT_QPA_PLATFORM"] = screen
    return subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(*words: str, screen: str | None = "offscreen") -> tuple[int, str, str]:
    child = start(*words, screen=screen)
    out, err = child.communicate(timeout=300)
    return child.returncode, out, err


def test_the_demo_leaves_what_the_contract_names(tmp_path: Path) -> None:
    code, _, err = run("demo", "--out", str(tmp_path), screen=None)
    assert code == 0, err
    assert {path.name for path in tmp_path.iterdir()} == DEMO_FILES
    for name in ("overlay-nodule.png", "overlay-shortcut.png"):
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None
        assert picture.shape == (512, 512, 3)
    for name, verdict in (("nodule", "nodule"), ("shortcut", "marker")):
        result = json.loads((tmp_path / f"result-{name}.json").read_text())
        assert result["schema"] == "lepton.explain/1"
        assert result["model"]["id"] == f"phantom-{name}"
        fall = result["evidence"]["whole"] - result["evidence"][f"without_{verdict}"]
        assert fall > 0.5
    report = (tmp_path / "report.html").read_text()
    assert "Not a medical device" in report
    assert "answers from the marker" in report


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one child")
@pytest.mark.parametrize("after_s", [1.0, 2.5])
def test_ctrl_c_ends_the_demo_in_good_order(tmp_path: Path, after_s: float) -> None:
    child = start("demo", "--out", str(tmp_path / "out"))
    time.sleep(after_s)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, (out, err)
    assert "Traceback" not in err
    assert "fault of" not in err


IN_THE_MIDDLE = """
import os, signal, sys
from app import main_window
from app.__main__ import main
built = main_window.MainWindow.__init__

def interrupted(self, *given):
    os.kill(os.getpid(), signal.SIGINT)
    built(self, *given)

main_window.MainWindow.__init__ = interrupted
sys.exit(main(["--in-process", "--offscreen"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one child")
def test_ctrl_c_while_the_window_is_built_is_heard() -> None:
    told = [sys.executable, "-c", IN_THE_MIDDLE]
    done = subprocess.run(told, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (130, "")


def test_help_is_no_fault() -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert "lepton demo" in out
    assert "not a medical device" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--bogus",), 2, "Unknown option --bogus"),
        (("no-such-thing",), 2, "There is no file and no command named no-such-thing"),
        (("bench", "no-such-figure"), 2, "No benchmark is called no-such-figure"),
        (("evaluate",), 2, "evaluate"),
        (("runs",), 2, "runs"),
    ],
)
def test_wrong_words_are_answered(words: tuple[str, ...], code: int, said: str) -> None:
    found, _, err = run(*words)
    assert found == code
    assert said in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="only there a display may be missing")
def test_no_display_is_said() -> None:
    code, _, err = run(screen=None)
    assert code == 4
    assert "no display" in err


def test_a_demo_that_cannot_leave_its_files_is_not_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    code, _, err = run("demo", "--offscreen", "--out", str(tmp_path / "file"))
    assert code == 4
    assert "Traceback" not in err
    assert (tmp_path / "file").read_text() == "mine"
