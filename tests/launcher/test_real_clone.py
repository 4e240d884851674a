"""The launcher in an empty clone with the real locks: killed on the way, then whole; minutes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.launcher.conftest import ROOT

ROOM_BYTES = 9 * 10**9


@pytest.fixture
def clone() -> Iterator[Path]:
    """What git would clone, the changes of the working tree included; removed afterwards."""
    if shutil.disk_usage(tempfile.gettempdir()).free < ROOM_BYTES:
        pytest.skip("an environment of its own takes 6.6 GB")
    with tempfile.TemporaryDirectory() as folder:
        names = subprocess.run(
            [
                "git",
                "-c",
                "safe.directory=*",
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(None, names.split("\0")):
            target = Path(folder) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy(ROOT / name, target)
        yield Path(folder)


def run(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The launcher, started by the Python that made our own environment."""
    return subprocess.run(
        [os.path.realpath(sys.executable), str(clone / "lepton"), "--no-system", *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_empty_clone_killed_on_the_way(clone: Path) -> None:
    scan = str(get_testdata_file("CT_small.dcm"))
    first = subprocess.Popen(
        [os.path.realpath(sys.executable), str(clone / "lepton"), "--no-system", "info", scan],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 600
    while not any((clone / ".venv").glob("**/site-packages/*.dist-info")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not (clone / ".venv" / "lepton-stamp").exists()

    second = run(clone, "info", scan, "--json")
    assert second.returncode == 0, second.stderr
    assert json.loads(second.stdout)["sources"][0]["shape"] == [128, 128]
    assert "is not whole and is made anew" in second.stderr

    third = run(clone, "info", scan, "--json")
    assert third.stdout == second.stdout
    assert "sets itself up" not in third.stderr
    check = "import torch, torchvision, captum, cv2, SimpleITK, PySide6.QtCore, sklearn"
    python = clone / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([str(python), "-W", "ignore", "-c", check], check=True)
