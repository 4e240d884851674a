"""From an empty clone to a whole environment, however often it is interrupted on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.launcher.conftest import Checkout

CHECKS = "--require-hashes --compile-bytecode --python .venv/bin/python"
MAKE = "uv venv --quiet --python PYTHON .venv"
SYNC = f"uv pip sync requirements.lock {CHECKS}"
SYNC_DEVELOPER = f"uv pip sync requirements-dev.lock {CHECKS}"


def test_first_and_second_start(checkout: Checkout) -> None:
    first = checkout.start("info")
    assert checkout.calls() == [MAKE, SYNC]
    assert json.loads(first.stdout)["words"] == ["info"]  # uv's words went to standard error
    assert "words of uv" in first.stderr
    second = checkout.start("info")
    assert second.returncode == 0
    assert second.stderr == ""
    assert checkout.calls() == [MAKE, SYNC]


def test_what_how_much_and_where_is_said_first(checkout: Checkout) -> None:
    before, _, _ = checkout.start("info").stderr.partition("words of uv")
    assert f"{checkout.root}/.venv" in before
    assert "GB to download" in before
    assert "GB on disk" in before


def test_new_lock_updates_in_place(checkout: Checkout) -> None:
    checkout.start("info")
    (checkout.root / "requirements.lock").write_text("alpha==2.0 --hash=sha256:00\n")
    ended = checkout.start("info")
    assert checkout.calls() == [MAKE, SYNC, SYNC]
    assert "0.4 GB to download, 1.3 GB on disk" in ended.stderr


def test_developer_tools_come_with_test_and_stay(checkout: Checkout) -> None:
    checkout.start("info")
    checkout.start("--no-system", "bench")
    checkout.start("info")
    assert checkout.calls() == [MAKE, SYNC, SYNC_DEVELOPER]
    (checkout.root / "requirements.lock").write_text("alpha==2.0 --hash=sha256:00\n")
    checkout.start("info")
    assert checkout.calls()[3:] == [SYNC_DEVELOPER]


def test_environment_made_by_hand_loses_nothing(checkout: Checkout) -> None:
    """One that somebody made is filled up, not emptied: `install`, not `sync`."""
    programs = checkout.root / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(checkout.variables["FAKE_PYTHON"])
    checkout.start("info")
    assert checkout.calls() == [f"uv pip install -r requirements.lock {CHECKS}"]


@pytest.mark.parametrize("broken", ["no python", "another python", "half made", "not a folder"])
def test_broken_environment_is_made_anew(checkout: Checkout, broken: str, tmp_path: Path) -> None:
    checkout.start("info")
    python = checkout.root / ".venv" / "bin" / "python"
    if broken == "no python":
        python.unlink()
    elif broken == "another python":
        checkout.stamp.write_text(checkout.stamp.read_text().replace("python /", "python /old/"))
    elif broken == "half made":
        (checkout.root / ".lepton-making").touch()
    else:
        (checkout.root / ".venv").rename(tmp_path / "away")
        (checkout.root / ".venv").symlink_to(tmp_path / "nowhere")
    ended = checkout.start("info")
    assert ended.returncode == 0
    assert checkout.calls()[2:] == [MAKE, SYNC]


def test_failure_of_uv_is_a_sentence(checkout: Checkout) -> None:
    ended = checkout.start("info", FAKE_UV_CODE="2")
    assert ended.returncode == 4
    assert ended.stdout == ""
    assert "The packages were not installed: uv ended with code 2" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not checkout.stamp.exists()
    assert checkout.start("info").returncode == 0
    assert checkout.calls()[-2:] == [MAKE, SYNC]


def test_killed_in_the_middle(checkout: Checkout, tmp_path: Path) -> None:
    pid = begin_and_hang(checkout, tmp_path, kill_launcher=True)
    os.kill(pid, signal.SIGKILL)
    assert not checkout.stamp.exists()
    ended = checkout.start("info")
    assert "is not whole and is made anew" in ended.stderr
    assert ended.returncode == 0
    assert checkout.calls() == [MAKE, SYNC, MAKE, SYNC]


def test_killed_alone_it_leaves_the_lock_to_its_uv(checkout: Checkout, tmp_path: Path) -> None:
    """The next start must not work beside the uv that the killed one left."""
    pid = begin_and_hang(checkout, tmp_path, kill_launcher=True)
    second = checkout.begin("info")
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    assert checkout.calls() == [MAKE, SYNC]
    os.kill(pid, signal.SIGKILL)
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert checkout.calls() == [MAKE, SYNC, MAKE, SYNC]


def test_interrupted_at_the_keyboard(checkout: Checkout, tmp_path: Path) -> None:
    launcher, pid = hang(checkout, tmp_path)
    launcher.send_signal(signal.SIGINT)
    os.kill(pid, signal.SIGINT)
    _, said = launcher.communicate(timeout=30)
    assert launcher.returncode == 130
    assert "The next start goes on from here." in said


def test_two_at_once(checkout: Checkout) -> None:
    starts = [checkout.begin("info", FAKE_UV_SECONDS="0.3") for _ in range(2)]
    said = [start.communicate(timeout=30)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0]
    assert sum("waiting" in words for words in said) == 1
    assert checkout.calls() == [MAKE, SYNC]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_folder_of_somebody_else(checkout: Checkout) -> None:
    checkout.root.chmod(0o555)
    ended = checkout.start("info")
    checkout.root.chmod(0o755)
    assert ended.returncode == 4
    assert "Clone it to a folder that is yours" in ended.stderr


def hang(checkout: Checkout, tmp_path: Path) -> tuple[subprocess.Popen[str], int]:
    """A launcher whose uv hangs in the middle of installing; and that uv's process id."""
    mark = tmp_path / "uv-hangs"
    launcher = checkout.begin("info", FAKE_UV_HANGS=str(mark))
    deadline = time.monotonic() + 30
    while not (mark.exists() and mark.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return launcher, int(mark.read_text())


def begin_and_hang(checkout: Checkout, tmp_path: Path, *, kill_launcher: bool) -> int:
    launcher, pid = hang(checkout, tmp_path)
    if kill_launcher:
        launcher.kill()
    assert launcher.stderr is not None
    launcher.wait()
    launcher.stderr.close()
    return pid
