"""The folder of unpacked archives between processes: swept by the first, left alone by others."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.places import scratch_path
from app.unpacked import held_unpacked
from inference.sources.scratch import Contents, fill
from tests.inference.sources.dicom_writer import write_slice

ROOT = Path(__file__).resolve().parents[2]

HOLDER = """
import sys, pathlib
from app.unpacked import held_unpacked
print("here", flush=True)
with held_unpacked(pathlib.Path(sys.argv[1]), 10**9):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_window(place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the folder; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"here"
        assert process.stdout.readline().strip() == b"held"
        try:
            yield process
        finally:
            process.kill()


def unpacked(place: Path, name: str = "a") -> Path:
    def work(beside: Path) -> Contents:
        (beside / "x").write_bytes(b"\0" * 1000)
        return Contents((("x", 1000),), ())

    fill(place / name, work)
    return place / name


def test_what_another_window_may_show_stays(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    with another_window(tmp_path), held_unpacked(tmp_path, 0):
        assert folder.exists()
    # It was killed, and its lock with it.
    assert [path.name for path in tmp_path.glob("window-*")] != []
    with held_unpacked(tmp_path, 0):
        assert not folder.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["gate.lock"]


def test_a_window_that_came_later_protects_as_well(tmp_path: Path) -> None:
    """The first one sweeps at its own start alone; the third finds the second."""
    with held_unpacked(tmp_path, 0), another_window(tmp_path):
        folder = unpacked(tmp_path)
        with held_unpacked(tmp_path, 0):
            assert folder.exists()


def test_a_start_waits_for_the_one_that_sweeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child begins to hold the folder while we sweep: it comes in once we are through."""
    order = []

    def sweep(place: str, keep_bytes: int) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", HOLDER, place], cwd=ROOT, stdin=-1, stdout=-1
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"here"
            time.sleep(0.3)
            os.set_blocking(process.stdout.fileno(), False)
            order.append(process.stdout.read())
            process.kill()

    monkeypatch.setattr("app.unpacked.sweep", sweep)
    with held_unpacked(tmp_path, 0):
        assert order == [None]


def test_little_is_kept_for_the_next_time(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    with held_unpacked(tmp_path):
        assert folder.exists()


def test_a_place_that_cannot_be_made_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with held_unpacked(tmp_path / "file" / "below", 0):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="rights are told otherwise there")
def test_others_do_not_read_it(own_data_folder: Path) -> None:
    with held_unpacked(scratch_path()):
        assert scratch_path().parent == own_data_folder
        assert scratch_path().stat().st_mode & 0o077 == 0


def test_the_program_on_an_archive_holds_the_folder_as_long_as_it_runs(
    tmp_path: Path, own_data_folder: Path
) -> None:
    """The real start, from the call to the first painted picture and the end."""
    old = unpacked(scratch_path())
    os.utime(old, (1, 1))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(write_slice(tmp_path / "x.dcm"), "x.dcm")
    done = subprocess.run(
        [sys.executable, "-m", "app", "--offscreen", str(tmp_path / "x.zip")],
        cwd=ROOT,
        env={**os.environ, "LEPTON_QUIT_WHEN_PAINTED": "1"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b".")
    left = sorted(path.name for path in scratch_path().iterdir())
    assert "gate.lock" in left
    assert not [name for name in left if name.startswith("window-")]
    assert [path.name for path in scratch_path().rglob("x.dcm")] == ["x.dcm"]
    assert old.exists()  # far below what may be kept
