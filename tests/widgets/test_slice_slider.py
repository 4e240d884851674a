"""The bar beside a picture: what is cached and what is marked stands at its place."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from widgets.slice_slider import SliceSlider

BLACK = QColor("black")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot: QtBot) -> SliceSlider:
    """Its track runs from 10 to 210."""
    made = SliceSlider()
    qtbot.addWidget(made)
    made.resize(16, 220)
    return made


def column_of(slider: SliceSlider, x: int) -> list[QColor]:
    image = slider.grab().toImage()
    return [image.pixelColor(x, y) for y in range(image.height())]


def test_cached_slices_are_seen_at_their_places(slider: SliceSlider) -> None:
    slider.set_position(99, 100)
    before = column_of(slider, 8)
    slider.set_cached(((0.0, 0.1), (0.5, 0.75), (0.9, 1.0)))
    after = column_of(slider, 8)
    changed = [y for y in range(15, 192) if before[y] != after[y]]
    assert changed == [*range(15, 30), *range(110, 160), 190, 191]


def test_marks_stand_beside_the_track_and_are_counted_in_words(slider: SliceSlider) -> None:
    slider.set_position(0, 101)
    slider.set_marks((50,), "key")
    slider.set_marks((25, 75), "damaged")
    left = [y for y, colour in enumerate(column_of(slider, 2)) if colour != BLACK]
    right = [y for y, colour in enumerate(column_of(slider, 13)) if colour != BLACK]
    assert np.mean(left) == pytest.approx(110, abs=1)
    upper, lower = [y for y in right if y < 110], [y for y in right if y > 110]
    assert np.mean(upper) == pytest.approx(64.5, abs=1)  # a handle of 18 px leaves 182 of travel
    assert np.mean(lower) == pytest.approx(155.5, abs=1)
    assert slider.accessibleDescription() == "Slice 1 of 101, 1 key image, 2 damaged slices"
    slider.set_marks((), "damaged")
    assert slider.toolTip() == "Slice 1 of 101, 1 key image"


@pytest.mark.parametrize("count", [2, 3, 28, 101])
def test_a_click_goes_to_the_slice_whose_handle_would_be_there(
    slider: SliceSlider, count: int
) -> None:
    asked: list[int] = []
    slider.chosen.connect(asked.append)
    for index in range(count):
        slider.set_position(index, count)
        lit = [y for y, colour in enumerate(column_of(slider, 5)) if colour != BLACK]
        QTest.mouseClick(slider, LEFT, pos=QPoint(8, round(float(np.mean(lit)) + 0.5)))
    assert asked == list(range(count))


@pytest.mark.parametrize(("index", "middle"), [(0, 19), (50, 110), (100, 201)])
def test_the_handle_stands_where_marks_of_its_slice_would(
    slider: SliceSlider, index: int, middle: float
) -> None:
    slider.set_position(index, 101)
    lit = [y for y, colour in enumerate(column_of(slider, 5)) if colour != BLACK]
    assert np.mean(lit) == pytest.approx(middle, abs=1)
