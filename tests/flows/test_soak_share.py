"""A small share of the soak campaign: a second lap in a window leaves as much as the first."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from PySide6.QtWidgets import QApplication

from tests.campaigns import soak


@pytest.mark.skipif(sys.platform != "linux", reason="memory and files are told by Linux alone")
def test_laps_in_a_window_leave_it_as_it_was(
    shared_data: Path, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What outlives the window is looked for by tests/leaks.py, as after every test."""
    monkeypatch.setattr(soak, "STEPS", 4)
    folder = str(shared_data / "dicom" / "okieraised+sample-dicom")
    levels = soak.work_in_window(tmp_path, [folder], Random(0), lambda laps: laps < 3)
    assert levels[2].threads == levels[1].threads
    assert levels[2].files <= levels[1].files
    assert levels[2].widgets <= levels[1].widgets
    assert levels[2].objects <= levels[1].objects
    assert levels[2].memory_mb < levels[1].memory_mb + soak.MUCH["memory_mb"]
