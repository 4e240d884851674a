"""Further VOI LUTs and windows of a file, chosen in the real window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of
from tests.inference.sources.dicom_writer import write_slice

VALUES = (0, 10, 20, 31)
"""Stored values, each in a band of 16 rows."""

SOFT = [8 * value for value in range(32)]
HARD = [255 - value * value // 4 for value in range(32)]
"""Grey levels of two tables from the value 0 on; the second falls, as no window does."""


def table(said: str, entries: list[int]) -> Dataset:
    found = Dataset()
    found.add_new(0x00283002, "US", [len(entries), 0, 8])
    found.add_new(0x00283006, "US", entries)
    found.LUTExplanation = said
    return found


def scan(folder: Path, **changes: object) -> Path:
    stored = np.repeat(np.array(VALUES, np.uint16), 16)[:, None] * np.ones((1, 64), np.uint16)
    tables = [table("SOFT", SOFT), table("HARD", HARD)]
    return write_slice(folder / "0.dcm", stored, VOILUTSequence=tables, **changes)


def greys_seen(flow: Flow) -> list[int]:
    """The grey in the middle of each band."""
    canvas = canvas_of(flow)
    picture = canvas.grab().toImage()
    places = (canvas.image_to_widget(20.0, row).toPoint() for row in (8.0, 24.0, 40.0, 56.0))
    return [picture.pixelColor(place).red() for place in places]


def choose_by_name(flow: Flow, words: str) -> None:
    """Find it in the palette, as a person does."""
    flow.qtbot.keySequence(flow.window, "Ctrl+K")
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, words)
    QTest.keyClick(focus, Qt.Key.Key_Return)


def of(entries: list[int]) -> list[int]:
    return [entries[value] for value in VALUES]


@pytest.mark.parametrize(
    ("modality", "key"), [("CT", "8"), ("DX", "2")], ids=["after six presets", "without presets"]
)
def test_the_second_table_stands_on_the_first_free_key(
    flow: Flow, tmp_path: Path, modality: str, key: str
) -> None:
    flow.open(scan(tmp_path, Modality=modality, RescaleSlope="1", RescaleIntercept="0"))
    assert greys_seen(flow) == of(SOFT)
    flow.press(key)
    assert greys_seen(flow) == of(HARD)
    flow.press("1")
    assert greys_seen(flow) == of(SOFT)


def test_each_is_found_by_its_explanation(flow: Flow, tmp_path: Path) -> None:
    """Also where presets have all keys but one."""
    path = scan(
        tmp_path,
        RescaleSlope="1",
        RescaleIntercept="0",
        WindowCenter=["16", "10"],
        WindowWidth=["32", "5"],
        WindowCenterWidthExplanation=["WIDE", "NARROW"],
    )
    flow.open(path)
    choose_by_name(flow, "hard")
    assert greys_seen(flow) == of(HARD)
    choose_by_name(flow, "narrow")
    # PS3.3 C.11.2.1.2.1: (10 - 9.5) / 4 + 0.5 = 0.625 of 255
    assert greys_seen(flow) == [0, 159, 255, 255]
