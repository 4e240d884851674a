"""A guard for each renewal of Qt: PySide6 6.12.0 died after some hundred emits of a bool."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from inference.records import Window
from widgets.canvas import Canvas
from widgets.overlay_controls import OverlayControls

EMITS = 100_000


def test_a_hundred_thousand_emits_of_every_kind(qtbot: QtBot) -> None:
    canvas = Canvas()
    controls = OverlayControls()
    qtbot.addWidget(canvas)
    qtbot.addWidget(controls)
    counts = {"bool": 0, "float": 0, "int": 0, "object": 0}

    def count(kind: str) -> None:
        counts[kind] += 1

    controls.overlay_toggled.connect(lambda _: count("bool"))
    controls.threshold_changed.connect(lambda _: count("float"))
    canvas.probed.connect(lambda _column, _row: count("int"))
    canvas.window_changed.connect(lambda _: count("object"))
    window = Window(40.0, 400.0)
    for number in range(EMITS // 4):
        controls.overlay_toggled.emit(number % 2 == 0)
        controls.threshold_changed.emit(number / EMITS)
        canvas.probed.emit(number, number)
        canvas.window_changed.emit(window)
    assert counts == dict.fromkeys(counts, EMITS // 4)
