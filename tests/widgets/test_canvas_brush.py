"""Masks painted by hand: what is handed over, when, and that only what changed is drawn anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.records import Frame
from tests.widgets.labelling import (
    RED,
    LabelOwner,
    a_label_owner,
    an_annotation,
    picture,
    press,
    pull,
    send,
    stroke,
)
from tests.widgets.measuring import SHIFT, SIDE, hover, place
from tests.widgets.scans import a_frame
from widgets.canvas_labels import LabelTool, ShownLabel

DOWN, ACROSS = np.mgrid[:64, :64] + 0.5
RADIUS = 4.0


@pytest.fixture
def owner(qtbot: QtBot) -> LabelOwner:
    made = a_label_owner(qtbot)
    made.canvas.set_label_tool(LabelTool(RED, RADIUS))
    made.canvas.set_tool("brush")
    return made


def disc(column: float, row: float, radius: float = RADIUS) -> np.ndarray:
    return np.asarray(np.hypot(ACROSS - column, DOWN - row) <= radius)


def way(start: tuple[float, float], end: tuple[float, float]) -> np.ndarray:
    """All pixels whose centres are within the radius of a level stretch."""
    near = np.clip(ACROSS, start[0], end[0])
    return np.asarray(np.hypot(ACROSS - near, DOWN - start[1]) <= RADIUS)


def test_a_click_paints_a_disc(owner: LabelOwner) -> None:
    stroke(owner.canvas, place(20, 30))
    ((name, mask),) = owner.masks
    assert name == ""
    assert np.array_equal(mask, disc(20, 30))


def test_a_stroke_is_handed_over_once_and_whole(owner: LabelOwner) -> None:
    stroke(owner.canvas, place(20, 30), place(30, 30), place(40, 30))
    assert len(owner.masks) == 1
    assert np.array_equal(owner.masks[0][1], way((20, 30), (40, 30)))


def test_shift_goes_straight_from_the_end_of_the_last_stroke(owner: LabelOwner) -> None:
    stroke(owner.canvas, place(20, 30))
    stroke(owner.canvas, place(40, 30), modifiers=SHIFT)
    assert np.array_equal(owner.masks[-1][1], way((20, 30), (40, 30)))


@pytest.mark.parametrize("tool", ["brush", "eraser"])
def test_it_goes_on_with_the_mask_of_the_tool(owner: LabelOwner, tool: str) -> None:
    old = disc(30, 30, 12)
    owner.keep(ShownLabel(an_annotation("m", "mask", mask=old), RED))
    owner.canvas.set_tool("eraser" if tool == "eraser" else "brush")
    owner.canvas.set_label_tool(LabelTool(RED, RADIUS, annotation_id="m"))
    stroke(owner.canvas, place(40, 30))
    ((name, mask),) = owner.masks
    expected = old & ~disc(40, 30) if tool == "eraser" else old | disc(40, 30)
    assert name == "m"
    assert np.array_equal(mask, expected)


def test_quick_clicks_are_clicks_of_the_brush(owner: LabelOwner, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(owner.canvas.maximise_requested):
        stroke(owner.canvas, place(20, 30))
        send(owner.canvas, QEvent.Type.MouseButtonDblClick, place(20, 30))
        send(owner.canvas, QEvent.Type.MouseButtonRelease, place(20, 30))
    assert len(owner.masks) == 2


def test_erasing_where_nothing_is_says_nothing(owner: LabelOwner) -> None:
    owner.canvas.set_tool("eraser")
    stroke(owner.canvas, place(40, 30))
    assert owner.masks == []


@pytest.mark.parametrize("interruption", ["frame", "tool", "mask", "no frame"])
def test_an_interrupted_stroke_is_not_lost(owner: LabelOwner, interruption: str) -> None:
    canvas = owner.canvas
    assert canvas._frame is not None
    press(canvas, place(20, 30))
    pull(canvas, place(30, 30))
    if interruption == "frame":
        canvas.set_frame(replace(canvas._frame, key=("0" * 12, 1)))
    elif interruption == "no frame":
        canvas.set_frame(None)
    elif interruption == "tool":
        canvas.set_tool("window")
    else:
        canvas.set_label_tool(LabelTool(RED, RADIUS, annotation_id="other"))
    assert np.array_equal(owner.masks[0][1], way((20, 30), (30, 30)))
    assert len(owner.masks) == 1


def with_ramp(padding: tuple[float, float] | None = None) -> Frame:
    """Values are the number of the column less 100, by way of slope and intercept."""
    stored = np.tile(np.arange(64, dtype=np.int16) * 2, (64, 1))
    return a_frame(
        stored, affine=None, spacing_mm=None, slope=0.5, intercept=-100.0, padding=padding
    )


def test_a_threshold_goes_by_rescaled_values_without_padding(owner: LabelOwner) -> None:
    owner.canvas.set_frame(with_ramp(padding=(42, 44)))
    owner.canvas.set_label_tool(LabelTool(RED, RADIUS, low=-81.0, high=-77.0))
    stroke(owner.canvas, place(20, 30))
    expected = disc(20, 30) & np.isin(ACROSS, (19.5, 20.5, 23.5))  # 21 and 22 are padding
    assert np.array_equal(owner.masks[0][1], expected)


def test_it_stays_within_a_region(owner: LabelOwner) -> None:
    owner.canvas.set_label_tool(LabelTool(RED, RADIUS, within=DOWN < 30))
    stroke(owner.canvas, place(20, 30))
    assert np.array_equal(owner.masks[0][1], disc(20, 30) & (DOWN < 30))


def test_a_brush_is_round_in_millimetres(owner: LabelOwner) -> None:
    tall = a_frame(np.zeros((64, 64), np.int16), affine=None, spacing_mm=(2.0, 1.0))
    owner.canvas.set_frame(tall)
    at = owner.canvas.image_to_widget(20, 30)
    stroke(owner.canvas, at.toPoint())
    assert np.array_equal(owner.masks[0][1], np.hypot(ACROSS - 20, (DOWN - 30) * 2) <= RADIUS)


# What is seen


def test_what_is_drawn_step_by_step_is_what_is_drawn_at_once(owner: LabelOwner) -> None:
    canvas = owner.canvas
    canvas.zoom_to(7.3)
    canvas.turn(1)
    canvas.mirror()
    picture(canvas)
    walk = [QPoint(60 + 9 * step, 130 + (step * 37) % 60) for step in range(20)]
    press(canvas, walk[0])
    for at in walk[1:]:
        pull(canvas, at)
    pull(canvas, QPoint(-400, -400))
    steps = picture(canvas)
    canvas._labelling.masks._refresh()
    assert np.array_equal(steps, picture(canvas))
    assert steps.any()


def test_steps_are_the_same_where_the_picture_is_shrunk(qtbot: QtBot) -> None:
    owner = a_label_owner(qtbot)
    canvas = owner.canvas
    big = np.zeros((1100, 900), np.int16)
    canvas.set_frame(a_frame(big, affine=None, spacing_mm=None))
    other = np.zeros(big.shape, bool)
    other[300:320, 100:800] = True
    owner.keep(ShownLabel(an_annotation("o", "mask", mask=other), (60, 200, 60)))
    canvas.set_label_tool(LabelTool(RED, 13.0))
    canvas.set_tool("brush")
    picture(canvas)
    press(canvas, QPoint(80, 80))
    for step in range(1, 24):
        pull(canvas, QPoint(80 + 7 * step, 80 + (step * 31) % 50))
    steps = picture(canvas)
    canvas._labelling.masks._refresh()
    assert np.array_equal(steps, picture(canvas))


def test_the_mask_stays_in_sight_until_it_is_shown_as_an_annotation(owner: LabelOwner) -> None:
    canvas = owner.canvas
    stroke(canvas, place(20, 30))
    hover(canvas, place(60, 60))
    inside = (30 * 5, 20 * 5)
    before = picture(canvas)[inside]
    assert before[0] > 60
    owner.keep(ShownLabel(an_annotation("m", "mask", mask=owner.masks[0][1]), RED))
    assert np.array_equal(picture(canvas)[inside], before)
    canvas.set_labels(())
    assert not picture(canvas)[inside].any()


def test_the_circle_is_the_size_of_the_brush(owner: LabelOwner) -> None:
    hover(owner.canvas, place(32, 32))
    lit = np.flatnonzero(picture(owner.canvas).max(axis=2)[160] > 80)
    assert lit.tolist() == [139, 140, 179, 180]
    QApplication.sendEvent(owner.canvas, QEvent(QEvent.Type.Leave))
    assert not (picture(owner.canvas).max(axis=2)[160] > 80).any()


# Its size


def test_keys_and_the_wheel_change_its_size(owner: LabelOwner) -> None:
    sizes: list[float] = []
    owner.canvas.brush_resized.connect(sizes.append)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Period)
    QTest.keyClick(owner.canvas, Qt.Key.Key_Comma)
    for turned in (120, -120):
        at = QPointF(SIDE / 2, SIDE / 2)
        none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, at, QPoint(), QPoint(0, turned), none, SHIFT, phase, False)
        QApplication.sendEvent(owner.canvas, event)
    assert sizes == pytest.approx([4.8, 4.0, 4.8, 4.0])


def test_the_right_button_still_zooms(owner: LabelOwner) -> None:
    canvas, right = owner.canvas, Qt.MouseButton.RightButton
    send(canvas, QEvent.Type.MouseButtonPress, place(20, 40), right)
    send(canvas, QEvent.Type.MouseMove, place(20, 20), right)
    send(canvas, QEvent.Type.MouseButtonRelease, place(20, 20), right)
    assert canvas.view().zoom > 1.5
    assert owner.masks == []
