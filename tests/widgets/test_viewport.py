"""A viewport: title, slices, caption."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame
from widgets.slice_slider import SliceSlider
from widgets.viewport import Viewport


@pytest.fixture
def viewport(qtbot: QtBot) -> Viewport:
    made = Viewport()
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.set_frames(28, 13)
    return made


def words(viewport: Viewport) -> list[str]:
    texts = [label.text() for label in viewport.findChildren(QLabel)]
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts if text]


@pytest.mark.parametrize(("step", "index"), [(1, 14), (-3, 10), (100, 27), (-100, 0)])
def test_the_wheel_asks_for_a_slice_that_exists(viewport: Viewport, step: int, index: int) -> None:
    asked: list[int] = []
    viewport.index_chosen.connect(asked.append)
    viewport.canvas.scrolled.emit(step)
    assert asked == [index]


def test_at_the_end_nothing_more_is_asked(viewport: Viewport, qtbot: QtBot) -> None:
    viewport.set_index(27)
    with qtbot.assertNotEmitted(viewport.index_chosen):
        viewport.canvas.scrolled.emit(1)


def test_setters_ask_for_nothing(viewport: Viewport, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(viewport.index_chosen):
        viewport.set_frames(12, 3)
        viewport.set_index(4)
        viewport.canvas.set_frame(a_frame())


def test_the_slider_goes_by_mouse_and_by_keys(viewport: Viewport, qtbot: QtBot) -> None:
    slider = viewport.findChildren(SliceSlider)[0]
    slider.resize(16, 400)
    asked: list[int] = []
    viewport.index_chosen.connect(asked.append)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(8, 390))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(slider, key)
    assert asked == [27, 14, 3, 0, 27]


def test_one_frame_needs_no_slider(viewport: Viewport) -> None:
    slider = viewport.findChildren(SliceSlider)[0]
    assert not slider.isHidden()
    viewport.set_frames(1, 0)
    assert slider.isHidden()


def test_a_failed_map_is_said_beneath_in_place_of_the_caption(viewport: Viewport) -> None:
    viewport.set_caption("61 % lies inside the marker.", "doubtful")
    assert "61 % lies inside the marker." in words(viewport)
    viewport.set_failed_checks("The sum is 38 % off.")
    assert "The sum is 38 % off." in words(viewport)
    assert "61 % lies inside the marker." not in words(viewport)
    viewport.set_failed_checks(None)
    assert "61 % lies inside the marker." in words(viewport)


def test_the_title_says_whether_the_input_fits(viewport: Viewport) -> None:
    viewport.set_title("phantom-nodule", "doubtful", "Input differs")
    assert "phantom-nodule" in words(viewport)
    assert "Input differs" in words(viewport)


def test_wishes_of_the_canvas_are_passed_on(viewport: Viewport, qtbot: QtBot) -> None:
    canvas = viewport.canvas
    with qtbot.waitSignals(
        [viewport.maximise_requested, viewport.probed, viewport.probe_left, viewport.activated],
        timeout=500,
    ):
        canvas.maximise_requested.emit()
        canvas.probed.emit(1, 2)
        canvas.probe_left.emit()
        canvas.activated.emit()
