"""A viewport: title, slices, caption."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame
from widgets.labels import SignLabel
from widgets.slice_slider import SliceSlider
from widgets.study_rows import SOURCE_MIME
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


def signs(viewport: Viewport) -> list[str]:
    found = viewport.findChildren(SignLabel)
    return [sign.accessibleName() for sign in found if sign.isVisibleTo(viewport)]


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
    viewport.set_caption("61 % lies inside the marker.")
    assert signs(viewport) == []
    viewport.set_failed_checks("The sum is 38 % off.")
    assert signs(viewport) == ["do not rely on it"]
    assert "The sum is 38 % off." in words(viewport)
    assert "61 % lies inside the marker." not in words(viewport)
    viewport.set_failed_checks(None)
    assert "61 % lies inside the marker." in words(viewport)
    assert signs(viewport) == []


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


def test_a_patient_is_named_above_until_there_is_none(viewport: Viewport) -> None:
    viewport.set_patient("A patient · 1961")
    assert "A patient · 1961" in words(viewport)
    viewport.set_title("")
    viewport.canvas.set_corner_texts_visible(False)
    shown = [label for label in viewport.findChildren(QLabel) if "1961" in label.text()]
    assert shown[0].isVisibleTo(viewport)
    viewport.set_patient(None)
    assert not shown[0].isVisibleTo(viewport)


def test_marks_and_cached_slices_reach_the_slider(viewport: Viewport) -> None:
    slider = viewport.findChildren(SliceSlider)[0]
    before = slider.grab().toImage()
    viewport.set_cached_ranges(((0, 7),))  # of 28
    after = slider.grab().toImage()
    lit = [y for y in range(after.height()) if after.pixelColor(8, y) != before.pixelColor(8, y)]
    track = slider.height() - 20
    assert (lit[0], lit[-1] + 1) == pytest.approx((10, 10 + track / 4), abs=1.5)
    viewport.set_marks((5,), "key")
    assert slider.accessibleDescription() == "Slice 14 of 28, 1 key image"


def test_the_saved_picture_is_the_canvas_alone(viewport: Viewport) -> None:
    viewport.set_patient("A patient")
    viewport.canvas.resize(300, 280)
    viewport.canvas.set_frame(a_frame())
    picture = viewport.grab_picture(False)
    assert picture.format() == QImage.Format.Format_RGB32
    ratio = viewport.devicePixelRatioF()
    assert (picture.width(), picture.height()) == (300 * ratio, 280 * ratio)


@pytest.mark.parametrize(("kind", "taken"), [(SOURCE_MIME, ["0123456789ab"]), ("text/plain", [])])
def test_a_series_is_dropped_onto_the_viewport(
    viewport: Viewport, kind: str, taken: list[str]
) -> None:
    dropped: list[str] = []
    viewport.source_dropped.connect(dropped.append)
    carried = QMimeData()
    carried.setData(kind, b"0123456789ab")
    rest = (Qt.DropAction.CopyAction, carried, Qt.MouseButton.LeftButton)
    enter = QDragEnterEvent(QPoint(50, 50), *rest, Qt.KeyboardModifier.NoModifier)
    enter.ignore()
    QApplication.sendEvent(viewport, enter)
    assert enter.isAccepted() == bool(taken)
    if enter.isAccepted():
        drop = QDropEvent(QPointF(50, 50), *rest, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(viewport, drop)
    assert dropped == taken
