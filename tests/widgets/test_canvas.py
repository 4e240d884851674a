"""The canvas by its pixels and by its signals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.display import grey
from inference.display_overlay import colour_table
from inference.records import Frame, GreyTable, Window
from tests.widgets.scans import GREY_IS_VALUE, a_frame, an_attribution
from widgets.canvas import Canvas
from widgets.canvas_transform import View
from widgets.theme import DARK

SIDE = 320
SCALE = SIDE // 64
"""Screen pixels a column of the 64 × 64 frame: enlarged, not yet drawn as squares."""


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    return made


def seen(canvas: Canvas) -> QImage:
    return canvas.grab().toImage()


def at(canvas: Canvas, column: float, row: float) -> QPoint:
    return canvas.image_to_widget(column, row).toPoint()


def colour_at(canvas: Canvas, column: float, row: float) -> QColor:
    return seen(canvas).pixelColor(at(canvas, column, row))


def test_grey_levels_lie_where_their_pixels_are(canvas: Canvas) -> None:
    canvas.set_frame(a_frame())
    assert colour_at(canvas, 44, 20) == QColor(220, 220, 220)
    assert colour_at(canvas, 38, 20) == QColor(20, 20, 20)
    assert colour_at(canvas, 44, 26) == QColor(20, 20, 20)


RANDOM = np.random.default_rng(0)
STORED: dict[str, np.ndarray] = {
    "int16": RANDOM.integers(-1000, 1000, (64, 64)).astype(np.int16),
    "uint16": RANDOM.integers(0, 4000, (64, 64)).astype(np.uint16),
    "uint8": RANDOM.integers(0, 255, (64, 64)).astype(np.uint8),
    "int8": RANDOM.integers(-128, 127, (64, 64)).astype(np.int8),
    "int32": RANDOM.integers(-70_000, 70_000, (64, 64)).astype(np.int32),
    "float32": RANDOM.normal(0, 300, (64, 64)).astype(np.float32),
    "colour": RANDOM.integers(0, 255, (64, 64, 3)).astype(np.uint8),
}


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("name", list(STORED))
def test_one_screen_pixel_a_pixel_is_the_frame_as_displayed(
    canvas: Canvas, name: str, inverted: bool
) -> None:
    canvas.resize(200, 200)
    frame = a_frame(STORED[name], slope=2.0, intercept=-10.0, affine=None, spacing_mm=None)
    window = Window(100.0, 900.0)
    canvas.set_frame(frame)
    canvas.set_window(window)
    canvas.set_inverted(inverted)
    canvas.zoom_to(1.0)
    image = seen(canvas).convertToFormat(QImage.Format.Format_RGB888)
    found = np.frombuffer(image.constBits(), np.uint8).reshape(200, image.bytesPerLine())
    pixels = found[68:132, : 200 * 3].reshape(64, 200, 3)[:, 68:132]
    wanted: np.ndarray = grey(frame, window)
    wanted = np.invert(wanted) if inverted else wanted
    wanted = wanted if wanted.ndim == 3 else np.dstack([wanted] * 3)
    middle = slice(20, 44)  # clear of what is written in the corners
    np.testing.assert_array_equal(pixels[middle, middle], wanted[middle, middle])


HARD = GreyTable(-20.0, np.array([0, 65535, 20000, 50000, 1000]), "hard", step=5.0)
"""No window gives such greys."""


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("name", ["int16", "int32", "float32"])
def test_a_voi_table_makes_the_grey_whether_the_file_or_a_person_chose_it(
    canvas: Canvas, name: str, own: bool
) -> None:
    canvas.resize(200, 200)
    frame = replace(a_frame(STORED[name], affine=None, spacing_mm=None), windows=())
    canvas.set_frame(replace(frame, table=HARD) if own else frame)
    canvas.set_window(None if own else HARD)
    canvas.zoom_to(1.0)
    image = seen(canvas).convertToFormat(QImage.Format.Format_Grayscale8)
    found = np.frombuffer(image.constBits(), np.uint8).reshape(200, image.bytesPerLine())
    np.testing.assert_array_equal(found[88:112, 88:112], grey(frame, HARD)[20:44, 20:44])
    # A drag goes on from the window over the table's values: four steps of 5 from -20 on.
    assert canvas.shown_window() == Window(-10.0, 20.0, "LINEAR_EXACT", "hard")


def test_monochrome1_is_inverted_in_the_table_too(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(inverted=True))
    assert colour_at(canvas, 44, 20) == QColor(35, 35, 35)


def test_slices_of_one_series_with_other_slopes_get_their_own_grey(canvas: Canvas) -> None:
    canvas.set_frame(a_frame())
    seen(canvas)
    canvas.set_frame(a_frame(slope=0.5))
    assert colour_at(canvas, 44, 20) == QColor(110, 110, 110)


def test_outside_the_frame_it_is_black(canvas: Canvas) -> None:
    canvas.resize(400, SIDE)
    canvas.set_frame(a_frame())
    assert seen(canvas).pixelColor(20, SIDE // 2 + 30) == QColor("black")


def test_the_overlay_lies_on_its_pixel_in_its_colour(canvas: Canvas) -> None:
    values = np.zeros((64, 64))
    values[16:24, 40:48] = 1.0
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    canvas.set_attribution(an_attribution(values))
    canvas.set_opacity(1.0)
    over = colour_at(canvas, 44, 20)
    full = [int(part) for part in colour_table(True)[255]]
    assert over.red() > 150
    ratio = over.red() / full[0]
    for drawn, pure in zip((over.red(), over.green(), over.blue()), full, strict=True):
        assert drawn == pytest.approx(pure * ratio, abs=3)
    assert colour_at(canvas, 36, 20) == QColor("black")
    assert colour_at(canvas, 44, 12) == QColor("black")


def test_the_overlay_can_be_hidden_blinked_and_cut(canvas: Canvas, qtbot: QtBot) -> None:
    values = np.zeros((64, 64))
    values[16:24, 40:48] = 1.0
    values[30:36, 30:36] = 0.3
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    canvas.set_attribution(an_attribution(values))
    black = QColor("black")
    assert colour_at(canvas, 33, 33) != black
    canvas.set_threshold(0.5)
    assert colour_at(canvas, 33, 33) == black
    assert colour_at(canvas, 44, 20) != black
    canvas.set_overlay_visible(False)
    assert colour_at(canvas, 44, 20) == black
    canvas.set_overlay_visible(True)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert not canvas.overlay_visible
    assert colour_at(canvas, 44, 20) == black
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert colour_at(canvas, 44, 20) != black


def test_a_map_of_another_shape_is_not_drawn(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    canvas.set_attribution(an_attribution(np.ones((32, 32))))
    assert colour_at(canvas, 44, 20) == QColor("black")


def test_regions_are_tinted_and_outlined(canvas: Canvas) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[16:24, 40:48] = 2
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    canvas.set_mask(mask, ("ground", "one", "two"), ((0, 0, 0), (255, 0, 0), (0, 200, 100)))
    inside = colour_at(canvas, 44, 20)
    assert (inside.red(), inside.green(), inside.blue()) == (0, 64, 32)
    assert colour_at(canvas, 40, 20) == QColor(0, 200, 100)
    assert colour_at(canvas, 38, 20) == QColor("black")


def test_failed_checks_hatch_the_frame(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    plain = seen(canvas)
    canvas.set_failed_checks("The sum is 38 % off.")
    hatched = seen(canvas)
    reds = [hatched.pixelColor(x, 4).red() for x in range(100, 140)]
    assert max(reds) > 150
    assert min(reds) < 40
    assert plain.pixelColor(100, 100) == hatched.pixelColor(100, 100)
    assert canvas.accessibleDescription() == "The sum is 38 % off."


def test_the_selected_viewport_has_the_accent_around_it(canvas: Canvas) -> None:
    canvas.set_selected(True)
    assert seen(canvas).pixelColor(0, SIDE // 2) == QColor(DARK.accent)


def test_a_placeholder_is_written_without_a_frame(canvas: Canvas) -> None:
    blank = seen(canvas)
    canvas.set_placeholder("Reading slice 3 of 28.", busy=True)
    assert seen(canvas) != blank


def hover(canvas: Canvas, point: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, point, point, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(canvas, event)


def turn(canvas: Canvas, angle: int) -> None:
    middle = QPointF(canvas.rect().center())
    event = QWheelEvent(
        middle,
        middle,
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_wheel_scrolls_by_whole_notches(canvas: Canvas) -> None:
    steps: list[int] = []
    canvas.scrolled.connect(steps.append)
    for angle in (-120, 240, -50, -50, -50):
        turn(canvas, angle)
    assert steps == [1, -2, 1]


def drag(qtbot: QtBot, canvas: Canvas, button: Qt.MouseButton, way: QPoint) -> None:
    start = QPoint(150, 150)
    QTest.mousePress(canvas, button, pos=start)
    QTest.mouseMove(canvas, start + way)
    QTest.mouseRelease(canvas, button, pos=start + way)


def test_a_left_drag_windows(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame())
    seen_windows: list[Window] = []
    canvas.window_changed.connect(seen_windows.append)
    drag(qtbot, canvas, Qt.MouseButton.LeftButton, QPoint(60, 30))
    wanted = (127.5 - 30 * 255 / 300, 255 * (1 + 60 / 300))
    assert seen_windows
    assert (seen_windows[-1].center, seen_windows[-1].width) == pytest.approx(wanted)
    assert canvas.shown_window() == seen_windows[-1]


def test_colour_has_no_window(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame(STORED["colour"]))
    with qtbot.assertNotEmitted(canvas.window_changed):
        drag(qtbot, canvas, Qt.MouseButton.LeftButton, QPoint(60, 30))
    assert canvas.shown_window() is None


def test_a_right_drag_zooms_and_a_middle_drag_pans(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame())
    held = canvas.widget_to_image(QPointF(150, 150))
    drag(qtbot, canvas, Qt.MouseButton.RightButton, QPoint(0, -120))
    assert canvas.view().zoom == pytest.approx(2.0)
    assert canvas.widget_to_image(QPointF(150, 150)) == pytest.approx(held)
    drag(qtbot, canvas, Qt.MouseButton.MiddleButton, QPoint(40, -20))
    assert canvas.widget_to_image(QPointF(190, 130)) == pytest.approx(held)
    canvas.fit()
    assert canvas.view() == View((32.0, 32.0), 1.0)


def test_the_view_is_kept_between_slices_and_not_between_sources(canvas: Canvas) -> None:
    canvas.set_frame(a_frame())
    canvas.zoom_to(12.0)
    assert canvas.zoom() == pytest.approx(12.0)
    canvas.set_frame(None)
    assert canvas.zoom() == 0.0
    canvas.set_frame(a_frame())
    assert canvas.zoom() == pytest.approx(12.0)
    canvas.set_frame(a_frame(np.zeros((32, 64), np.int16)))
    assert canvas.zoom() == pytest.approx(SIDE / 64)


def test_linked_views_do_not_echo(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame())
    with qtbot.assertNotEmitted(canvas.view_changed):
        canvas.set_view(View((10.0, 20.0), 3.0))
    assert canvas.view() == View((10.0, 20.0), 3.0)


def test_the_pointer_reads_pixels(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_frame(a_frame())
    read: list[tuple[int, int]] = []
    canvas.probed.connect(lambda column, row: read.append((column, row)))
    hover(canvas, canvas.image_to_widget(44.5, 20.5))
    assert read == [(44, 20)]
    with qtbot.waitSignal(canvas.probe_left, timeout=500):
        hover(canvas, canvas.image_to_widget(70, 20))
    assert read == [(44, 20)]


def test_a_still_pointer_reads_the_slice_that_is_shown_now(canvas: Canvas) -> None:
    strip = QRect(0, SIDE - 40, SIDE, 40)
    canvas.set_frame(a_frame())
    canvas.set_probe((44, 20))
    first = canvas.grab(strip).toImage()
    canvas.set_frame(a_frame(np.full((64, 64), 20, np.int16)))
    second = canvas.grab(strip).toImage()
    canvas.set_probe(None)
    canvas.set_probe((44, 20))
    assert first != second
    assert canvas.grab(strip).toImage() == second


def test_a_linked_probe_marks_its_pixel(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(np.zeros((64, 64), np.int16)))
    before = seen(canvas)
    canvas.set_probe((30, 30))
    after = seen(canvas)
    middle = at(canvas, 30.5, 30.5)
    assert after.copy(middle.x() - 12, middle.y() - 12, 24, 24) != before.copy(
        middle.x() - 12, middle.y() - 12, 24, 24
    )
    assert after.copy(0, SIDE - 20, SIDE, 20) != before.copy(0, SIDE - 20, SIDE, 20)


def test_a_double_click_asks_for_the_whole_window(canvas: Canvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.maximise_requested, timeout=500):
        QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)


def test_pixels_are_squares_when_large(canvas: Canvas) -> None:
    stored = np.zeros((4, 4), np.int16)
    stored[1, 1] = 200
    canvas.set_frame(a_frame(stored, affine=None, spacing_mm=None))
    canvas.set_window(GREY_IS_VALUE)
    image = seen(canvas)
    inside = QPoint(2, 2)
    corner = at(canvas, 1, 1)
    assert image.pixelColor(corner + inside) == QColor(200, 200, 200)
    assert image.pixelColor(corner - inside) == QColor("black")


@pytest.mark.qt_log_ignore("propagateSizeHints")  # said of every shown window of a least size
@pytest.mark.parametrize("moved_by", ["the hand", "a linked viewport"])
def test_making_smaller_averages_at_rest_and_samples_while_moving(
    canvas: Canvas, qtbot: QtBot, moved_by: str
) -> None:
    """Of four rows the middle two are bright: all of a sample between them, half of a mean."""
    stored = np.zeros((1280, 1280), np.int16)
    stored[1::4] = stored[2::4] = 200
    canvas.set_frame(a_frame(stored, affine=None, spacing_mm=None))
    canvas.show()

    def level() -> int:
        return seen(canvas).pixelColor(160, 160).red()

    qtbot.waitUntil(lambda: level() == 100)
    canvas.drag_window(Window(127.5, 256.0, "LINEAR_EXACT"))
    assert level() == pytest.approx(100, abs=1)
    (canvas.drag_view if moved_by == "the hand" else canvas.set_view)(canvas.view())
    assert level() == pytest.approx(200, abs=1)
    qtbot.waitUntil(lambda: level() < 110)


@pytest.mark.parametrize("spacing", [(0.0, 0.0), (math.nan, 1.0), (1.0, math.inf), (1.0, -1.0)])
def test_a_spacing_that_is_none_draws_no_scale(
    canvas: Canvas, spacing: tuple[float, float]
) -> None:
    canvas.set_frame(a_frame(affine=None, spacing_mm=None))
    plain = seen(canvas)
    canvas.set_frame(a_frame(affine=None, spacing_mm=spacing))
    assert seen(canvas) == plain


def test_the_scale_goes_by_what_a_person_said(canvas: Canvas) -> None:
    canvas.set_frame(a_frame(affine=None))
    of_the_file = seen(canvas)
    canvas.set_own_spacing((4.0, 4.0))
    found = seen(canvas)
    canvas.set_frame(a_frame(affine=None, spacing_mm=(4.0, 4.0)))
    canvas.set_own_spacing(None)
    assert found == seen(canvas)
    assert found != of_the_file


def frame_of(shape: tuple[int, int]) -> Frame:
    return a_frame(np.zeros(shape, np.int16))


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_frames_of_odd_shapes_are_drawn(canvas: Canvas, shape: tuple[int, int]) -> None:
    canvas.set_frame(frame_of(shape))
    seen(canvas)
    canvas.zoom_to(64.0)
    seen(canvas)
