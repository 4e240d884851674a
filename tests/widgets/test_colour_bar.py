"""The colour bar: its numbers, its words, its colours on the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from inference.display_overlay import colour_table
from tests.widgets.scans import a_frame, an_attribution
from widgets.canvas import Canvas
from widgets.canvas_colour_bar import bar_numbers, map_words
from widgets.canvas_overlay import MapStyle


@pytest.mark.parametrize(
    ("limit", "signed", "numbers"),
    [(0.0142, True, ("+0.014", "0", "−0.014")), (3.0, False, ("+3", "0"))],
)
def test_numbers(limit: float, signed: bool, numbers: tuple[str, ...]) -> None:
    assert bar_numbers(limit, signed=signed) == numbers


def test_words_name_method_target_layer_and_native_resolution() -> None:
    plain = an_attribution(np.ones((4, 4)), layer="layer4")
    assert map_words(plain, MapStyle()) == (
        "Grad-CAM",
        "for nodule",
        "logit",
        "layer layer4",
        "8 × 8 cells",
    )
    whole = replace(plain, unit="activation", target_words="nodule against normal", native=(7, 9))
    style = MapStyle("Grad-CAM++", 2.0, "kept scale, ±2", 1.0, "lines hold 50 % of it")
    assert map_words(whole, style) == (
        "Grad-CAM++",
        "for nodule against normal",
        "activation",
        "layer layer4",
        "9 × 7 cells",
        "kept scale, ±2",
        "lines hold 50 % of it",
    )


@pytest.mark.parametrize("signed", [True, False])
def test_the_bar_stands_at_the_right_edge_with_the_strongest_on_top(
    qtbot: QtBot, signed: bool
) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 500)
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None))
    values = np.zeros((64, 64))
    values[0, 0] = 1.0
    canvas.set_attribution(an_attribution(values, signed=signed))
    image = canvas.grab().toImage()
    column = [image.pixelColor(500 - 12 - 5, y) for y in range(500)]
    drawn = [y for y in range(250, 440) if column[y] != QColor("black")]
    top = QColor(*(int(part) for part in colour_table(signed)[255]))
    highest = column[drawn[0] + 2]
    assert abs(highest.red() - top.red()) < 12
    assert abs(highest.blue() - top.blue()) < 12
    canvas.set_overlay_visible(False)
    assert canvas.grab().toImage().pixelColor(500 - 12 - 5, drawn[0] + 2) == QColor("black")
