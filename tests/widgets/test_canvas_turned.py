"""Turned and mirrored views: every layer lies where numpy says, and a badge says how."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from inference.records import ObjectOverlay, OverlayPlane, Segment, SegmentPiece
from tests.widgets.scans import GREY_IS_VALUE, a_frame
from widgets.canvas import Canvas
from widgets.canvas_transform import View
from widgets.canvas_writing import view_badges

SIDE = 320
ROWS, COLUMNS = 40, 64
ASYMMETRIC = np.random.default_rng(0).integers(1, 255, (ROWS, COLUMNS)).astype(np.uint8)
ALL_WAYS = [(turns, mirrored) for turns in range(4) for mirrored in (False, True)]


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    return made


def as_numpy_turns(array: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    return np.rot90(np.fliplr(array) if mirrored else array, -turns)


def pixels(canvas: Canvas) -> np.ndarray:
    """The middle of the canvas, [96, 96, 3]: clear of all that is written."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    found = np.frombuffer(image.constBits(), np.uint8).reshape(SIDE, image.bytesPerLine())
    return found[:, : SIDE * 3].reshape(SIDE, SIDE, 3)[112:208, 112:208].copy()


def in_the_middle(picture: np.ndarray) -> np.ndarray:
    """`picture` where a 1:1 view draws it, on 96 × 96 black pixels."""
    ground = np.zeros((96, 96), picture.dtype)
    top, left = ((96 - size) // 2 for size in picture.shape)
    ground[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return ground


def look(canvas: Canvas, turns: int, mirrored: bool) -> None:
    if mirrored:
        canvas.mirror()
    canvas.turn(turns)
    canvas.actual_size()


@pytest.mark.parametrize(("turns", "mirrored"), ALL_WAYS)
def test_the_picture_lies_as_numpy_turns_it(canvas: Canvas, turns: int, mirrored: bool) -> None:
    canvas.set_frame(a_frame(ASYMMETRIC, affine=None, spacing_mm=None))
    canvas.set_window(GREY_IS_VALUE)
    look(canvas, turns, mirrored)
    wanted = in_the_middle(as_numpy_turns(ASYMMETRIC, turns, mirrored))
    np.testing.assert_array_equal(pixels(canvas)[..., 0], wanted)


@pytest.mark.parametrize(("turns", "mirrored"), ALL_WAYS)
def test_masks_planes_shutters_and_segments_turn_with_it(
    canvas: Canvas, turns: int, mirrored: bool
) -> None:
    """Each in a corner of its own, recognised by its colour."""
    plane, shutter = np.zeros((2, ROWS, COLUMNS), np.uint8)
    plane[2:9, 3:20] = 1
    shutter[:, :50] = 1
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[30:38, 2:9] = 1
    black = np.zeros((ROWS, COLUMNS), np.uint8)
    black[:] = 100
    frame = a_frame(black, affine=None, spacing_mm=None)
    canvas.set_frame(replace(frame, planes=(OverlayPlane(plane, "Marks"),), shutter=shutter))
    canvas.set_window(GREY_IS_VALUE)
    canvas.set_mask(mask, ("", "one"), ((0, 0, 0), (255, 0, 0)))
    piece = SegmentPiece(0, 0, 14, 30, np.full((9, 11), 255, np.uint8))
    overlay = ObjectOverlay("o", frame.key[0], (Segment(1, "S", (0, 0, 255)),), (piece,))
    canvas.set_objects((overlay,), 0, frozenset())
    look(canvas, turns, mirrored)
    found = pixels(canvas).astype(int)
    segment = np.zeros((ROWS, COLUMNS), np.uint8)
    segment[14:23, 30:41] = 1

    def lies(array: np.ndarray) -> np.ndarray:
        return in_the_middle(as_numpy_turns(array, turns, mirrored)) > 0

    np.testing.assert_array_equal((found[..., 0] > 200) & (found[..., 1] > 200), lies(plane))
    np.testing.assert_array_equal(found[..., 2] > 150, lies(segment))
    red = found[..., 0] - found[..., 1] > 60
    np.testing.assert_array_equal(red, lies(mask))
    np.testing.assert_array_equal(found.sum(axis=2) > 0, lies(np.maximum(shutter, plane)))


@pytest.mark.parametrize(("turns", "mirrored"), ALL_WAYS)
def test_the_pointer_reads_the_pixel_that_it_points_at(
    canvas: Canvas, turns: int, mirrored: bool
) -> None:
    canvas.set_frame(a_frame(ASYMMETRIC, affine=None, spacing_mm=(2.0, 1.0)))
    look(canvas, turns, mirrored)
    read: list[tuple[int, int]] = []
    canvas.probed.connect(lambda column, row: read.append((column, row)))
    canvas.probe_at(canvas.image_to_widget(50.5, 7.5))
    assert read == [(50, 7)]
    assert canvas.widget_to_image(canvas.image_to_widget(50.5, 7.5)) == pytest.approx((50.5, 7.5))


def test_a_flip_is_left_to_right_however_the_picture_is_turned(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(ASYMMETRIC, affine=None, spacing_mm=None))
    canvas.set_window(GREY_IS_VALUE)
    look(canvas, 1, False)
    before = pixels(canvas)
    canvas.mirror()
    np.testing.assert_array_equal(pixels(canvas), before[:, ::-1])
    canvas.turn(-1)
    np.testing.assert_array_equal(pixels(canvas), np.rot90(before[:, ::-1]))


@pytest.mark.parametrize(
    ("view", "badges"),
    [
        (View((0, 0)), ()),
        (View((0, 0), mirrored=True), ("Mirrored",)),
        (View((0, 0), turns=3), ("Rotated 270°",)),
        (View((0, 0), turns=1, mirrored=True), ("Mirrored", "Rotated 90°")),
    ],
)
def test_badges_say_how_the_view_differs(view: View, badges: tuple[str, ...]) -> None:
    assert view_badges(view) == badges


def test_a_turned_view_shows_its_badge(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16), affine=None))
    before = canvas.grab().toImage().copy(0, 0, 160, 30)
    canvas.turn(4)
    assert canvas.grab().toImage().copy(0, 0, 160, 30) == before
    canvas.turn(2)
    assert canvas.grab().toImage().copy(0, 0, 160, 30) != before


def test_linked_views_share_centre_and_zoom_and_keep_their_turn(canvas: Canvas) -> None:
    canvas.set_frame(a_frame())
    canvas.turn(1)
    canvas.set_view(View((10.0, 20.0), 3.0, turns=2, mirrored=True))
    assert canvas.view() == View((10.0, 20.0), 3.0, turns=1)


def test_fit_keeps_the_turn_and_reset_takes_it_back(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame())
    canvas.mirror()
    canvas.turn(1)
    canvas.zoom_to(20.0, QPointF(10, 10))
    canvas.fit()
    assert canvas.view() == View((32.0, 32.0), 1.0, turns=1, mirrored=True)
    with qtbot.waitSignal(canvas.view_changed, timeout=500):
        canvas.reset_view()
    assert canvas.view() == View((32.0, 32.0))


def test_another_source_is_never_turned_by_the_one_before(canvas: Canvas) -> None:
    canvas.set_frame(a_frame())
    canvas.turn(1)
    canvas.set_frame(replace(a_frame(), key=("0" * 12, 1)))
    assert canvas.view().turns == 1
    canvas.set_frame(replace(a_frame(), key=("1" * 12, 0)))
    assert canvas.view().turns == 0
