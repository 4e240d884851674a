"""A map on the canvas by its style: scale, lines and cells, read off the screen's pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inference.display_overlay import colour_table
from inference.records import Cells
from tests.widgets.scans import a_frame, an_attribution
from widgets.canvas import Canvas
from widgets.canvas_overlay import MapStyle

SIDE = 512
BLOCKS = Cells(np.array([[0.0, 1.0], [-1.0, 0.0]], np.float32), (0.0, 0.0, 64.0, 64.0))


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """64 × 64 black pixels, each 8 × 8 on the screen, with a map that rises to the right."""
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    made.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None, spacing_mm=(1.0, 1.0)))
    slope = np.tile(np.linspace(-1, 1, 64, dtype=np.float32), (64, 1))
    made.set_attribution(replace(an_attribution(slope), cells=BLOCKS))
    made.set_opacity(1.0)
    return made


def colours(canvas: Canvas, row: float, columns: tuple[float, ...]) -> list[list[int]]:
    image = canvas.grab().toImage()
    found = []
    for column in columns:
        place = canvas.image_to_widget(column, row).toPoint()
        pixel = image.pixelColor(place)
        found.append([pixel.red(), pixel.green(), pixel.blue()])
    return found


def test_the_limit_sets_the_full_colour(canvas: Canvas) -> None:
    canvas.set_map_style(MapStyle(limit=4.0))
    (weak,) = colours(canvas, 22.5, (60.5,))
    canvas.set_map_style(MapStyle(limit=0.5))
    (full,) = colours(canvas, 22.5, (60.5,))
    wanted = colour_table(True)[255] * 0.85
    assert np.abs(np.array(full) - wanted).max() < 4
    assert sum(weak) < sum(full) / 3


def test_no_evidence_leaves_the_anatomy_untouched(qtbot: QtBot, canvas: Canvas) -> None:
    bright = a_frame(np.full((64, 64), 200, np.int16), affine=None, spacing_mm=(1.0, 1.0))
    canvas.set_frame(bright)
    values = np.zeros((64, 64))
    values[:, 40:] = 1.0
    canvas.set_attribution(an_attribution(values))
    without, with_some = colours(canvas, 22.5, (20.5, 50.5))
    assert without == [200, 200, 200]
    assert with_some != [200, 200, 200]


def test_lines_stay_when_the_tint_is_taken_away(canvas: Canvas) -> None:
    canvas.set_opacity(0.0)
    canvas.set_map_style(MapStyle(level=0.5))
    # The slope reaches 0.5 at the middle of column 47.25, and −0.5 at that of column 15.75.
    right, left, away = colours(canvas, 22.5, (47.75, 16.25, 32.0))
    assert right[0] > 200 > right[2]
    assert left[2] > 150 > left[0]
    assert away == [0, 0, 0]
    canvas.set_map_style(MapStyle())
    assert colours(canvas, 22.5, (47.75,)) == [[0, 0, 0]]


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_cells_lie_where_they_were_made(canvas: Canvas, turns: int) -> None:
    canvas.turn(turns)
    canvas.set_map_style(MapStyle(limit=1.0, cells=True))
    table = colour_table(True) * 0.85
    upper = colours(canvas, 20.5, (24.5, 40.5))
    lower = colours(canvas, 43.5, (24.5, 40.5))
    assert upper[0] == lower[1] == [0, 0, 0]
    assert np.abs(np.array(upper[1]) - table[255]).max() < 4
    assert np.abs(np.array(lower[0]) - table[1]).max() < 4
    # A thin line between two cells that are both empty of colour on one side.
    (line,) = colours(canvas, 10.5, (32.1,))
    assert line != [0, 0, 0]


def test_cells_outside_the_box_are_not_drawn(canvas: Canvas) -> None:
    part = Cells(np.ones((2, 2), np.float32), (0.0, 0.0, 64.0, 32.0))
    shown = an_attribution(np.ones((64, 64)))
    canvas.set_attribution(replace(shown, cells=part))
    canvas.set_map_style(MapStyle(limit=1.0, cells=True))
    inside, outside = colours(canvas, 22.5, (24.5, 44.5))
    assert sum(inside) > 200
    assert outside == [0, 0, 0]
