"""What lies over the scan: shutters, graphics of the file, segments, contours, maps of values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from inference.display_overlay import colour_table
from inference.records import (
    ContourPiece,
    Frame,
    ObjectOverlay,
    OverlayPlane,
    Segment,
    SegmentPiece,
    ValuePiece,
)
from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_overlay import RegionPicture
from widgets.canvas_planes import PLANE_COLOURS, PlanesPicture
from widgets.canvas_segments import ObjectsPicture, shortened_legend
from widgets.canvas_tints import lay_over, tinted
from widgets.canvas_transform import Part

SIDE = 320
RED, BLUE = (255, 0, 0), (0, 0, 255)
SQUARE = np.full((8, 8), 255, np.uint8)
ONE_TO_ONE = Part(0, 64, 0, 64, 0, 0, 64, 64)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    return made


def black_frame(planes: tuple[OverlayPlane, ...] = ()) -> Frame:
    return replace(a_frame(np.zeros((64, 64), np.int16), affine=None), planes=planes)


def colour_at(canvas: Canvas, column: float, row: float) -> tuple[int, int, int]:
    place = canvas.image_to_widget(column, row).toPoint()
    colour = canvas.grab().toImage().pixelColor(place)
    return (colour.red(), colour.green(), colour.blue())


def array_of(image: QImage | None) -> np.ndarray:
    """Premultiplied BGRA [rows, columns, 4]."""
    assert image is not None
    found = np.frombuffer(image.constBits(), np.uint8)
    return found.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()


def an_overlay(
    *pieces: SegmentPiece,
    contours: tuple[ContourPiece, ...] = (),
    values: tuple[ValuePiece, ...] = (),
    names: tuple[str, ...] = ("Liver", "Tumour"),
) -> ObjectOverlay:
    colours = (RED, BLUE)
    segments = tuple(Segment(n + 1, name, colours[n % 2]) for n, name in enumerate(names))
    return ObjectOverlay("object", "0" * 12, segments, pieces, contours, values, "mm²/s")


def shown(overlay: ObjectOverlay, frame: int = 0, *hidden: int) -> ObjectsPicture:
    picture = ObjectsPicture()
    picture.set_shape((64, 64))
    picture.set_objects((overlay,), frame, frozenset(("object", number) for number in hidden))
    return picture


def test_layers_of_colour_mix_as_light_through_glass() -> None:
    below = tinted(np.full((1, 1), 255, np.uint8), (0, 0, 200))
    lay_over(below, tinted(np.full((1, 1), 51, np.uint8), (250, 100, 0)))  # a fifth
    np.testing.assert_array_equal(below[0, 0], [160, 20, 50, 255])


# The scan's own


def test_the_shutter_is_black_and_can_be_opened(canvas: Canvas) -> None:
    shutter = np.zeros((64, 64), np.uint8)
    shutter[:, :32] = 1
    frame = a_frame(np.full((64, 64), 90, np.int16), affine=None)
    canvas.set_frame(replace(frame, shutter=shutter))
    assert colour_at(canvas, 20, 40) == (90, 90, 90)
    assert colour_at(canvas, 44, 40) == (0, 0, 0)
    canvas.set_inverted(True)
    assert colour_at(canvas, 44, 40) == (0, 0, 0)
    canvas.set_shutter_visible(False)
    assert colour_at(canvas, 44, 40) == (165, 165, 165)


def test_the_shutter_closes_over_colour_too(canvas: Canvas) -> None:
    shutter = np.zeros((64, 64), np.uint8)
    shutter[:32] = 1
    frame = a_frame(np.full((64, 64, 3), (10, 120, 30), np.uint8), affine=None)
    canvas.set_frame(replace(frame, shutter=shutter))
    assert colour_at(canvas, 32, 20) == (10, 120, 30)
    assert colour_at(canvas, 32, 44) == (0, 0, 0)


def test_planes_of_the_file_are_drawn_in_their_colours_and_can_be_hidden(canvas: Canvas) -> None:
    first, second = np.zeros((2, 64, 64), np.uint8)
    first[20:24, 20:24], second[40:44, 40:44] = 1, 1
    planes = (OverlayPlane(first, "Marks"), OverlayPlane(second, ""))
    canvas.set_frame(black_frame(planes))
    assert colour_at(canvas, 22, 22) == PLANE_COLOURS[0]
    assert colour_at(canvas, 42, 42) == PLANE_COLOURS[1]
    assert colour_at(canvas, 30, 30) == (0, 0, 0)
    canvas.set_overlay_visible(False)
    assert colour_at(canvas, 22, 22) == PLANE_COLOURS[0]  # they belong to the scan, not to answers
    canvas.set_planes_visible(False)
    assert colour_at(canvas, 22, 22) == (0, 0, 0)


def test_planes_are_named_and_thin_lines_survive_where_the_picture_is_shrunk() -> None:
    mask = np.zeros((400, 400), np.uint8)
    mask[201] = 1
    picture = PlanesPicture()
    picture.set_planes((OverlayPlane(mask, ""), OverlayPlane(mask, "Text")))
    assert picture.legend == (("Overlay 1", PLANE_COLOURS[0]), ("Text", PLANE_COLOURS[1]))
    small = array_of(picture.image(Part(0, 400, 0, 400, 0, 0, 100, 100)))
    assert (small[50, :, 3] > 150).all()
    assert (small[49, :, 3] == 0).all()


# Objects


def test_a_segment_is_filled_at_35_per_cent_and_outlined() -> None:
    picture = shown(an_overlay(SegmentPiece(0, 0, 20, 30, SQUARE)))
    found = array_of(picture.image(ONE_TO_ONE))
    np.testing.assert_array_equal(found[24, 34], [0, 0, 89, 89])  # 0.35 · 255
    np.testing.assert_array_equal(found[20, 30], [0, 0, 255, 255])
    np.testing.assert_array_equal(found[21, 34], [0, 0, 255, 255])
    inside = found[..., 3] > 0
    assert inside.sum() == 64
    assert inside[20:28, 30:38].all()


@pytest.mark.parametrize("width", [64, 100, 161, 640])
def test_a_segment_covers_its_pixels_and_no_other_at_any_scale(width: int) -> None:
    """Against OpenCV's nearest neighbour on the whole frame, done by hand."""
    picture = shown(an_overlay(SegmentPiece(0, 0, 20, 30, SQUARE)))
    found = array_of(picture.image(Part(0, 64, 0, 64, 0, 0, width, width)))[..., 3] > 0
    whole = np.zeros((64, 64), bool)
    whole[20:28, 30:38] = True
    index = np.arange(width) * 64 // width
    np.testing.assert_array_equal(found, whole[np.ix_(index, index)])


@pytest.mark.parametrize(("rows", "columns"), [(256, 16), (16, 256)])
def test_a_segment_grows_only_along_the_side_that_is_shrunk(rows: int, columns: int) -> None:
    """Pixels that are not square: four screen pixels along one side, four pixels in one."""
    picture = shown(an_overlay(SegmentPiece(0, 0, 20, 28, SQUARE)))
    part = Part(0, 64, 0, 64, 0, 0, columns, rows)
    found = array_of(picture.image(part))[..., 3] > 0
    wanted = np.zeros((rows, columns), bool)
    wanted[20 * rows // 64 : 28 * rows // 64, 28 * columns // 64 : 36 * columns // 64] = True
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("place", range(0, 600, 7))
def test_a_region_of_one_pixel_is_seen_on_a_large_radiograph(place: int) -> None:
    mask = np.zeros((600, 600), np.uint8)
    mask[301, place] = 1
    picture = RegionPicture()
    picture.set_mask(mask, ((0, 0, 0), RED))
    found = array_of(picture.image(Part(0, 600, 0, 600, 0, 0, 160, 160), filled=True))
    row, column = np.argwhere(found[..., 3] > 0).mean(axis=0)
    assert abs(row - 301 * 160 / 600) < 1.5
    assert abs(column - place * 160 / 600) < 1.5


@pytest.mark.parametrize("place", range(0, 600, 7))
def test_a_segment_of_one_pixel_is_seen_on_a_large_radiograph(place: int) -> None:
    picture = shown(an_overlay(SegmentPiece(0, 0, 301, place, np.full((1, 1), 255, np.uint8))))
    found = array_of(picture.image(Part(0, 600, 0, 600, 0, 0, 160, 160)))
    assert (found[..., 3] > 0).any()


def test_overlapping_segments_are_both_seen() -> None:
    pieces = (SegmentPiece(0, 0, 10, 10, SQUARE), SegmentPiece(0, 1, 12, 12, SQUARE))
    found = array_of(shown(an_overlay(*pieces)).image(ONE_TO_ONE))
    blue, _, red, alpha = found[15, 15]
    assert (blue, red) == (89, 58)  # the lower one through 65 % of glass
    assert alpha == 89 + 58


def test_fractional_segments_are_as_strong_as_they_say() -> None:
    mask = np.full((12, 12), 100, np.uint8)
    found = array_of(shown(an_overlay(SegmentPiece(0, 0, 10, 10, mask))).image(ONE_TO_ONE))
    assert found[16, 16, 3] == 35
    assert found[10, 10, 3] == 35  # below one half there is no outline


def test_pieces_that_leave_the_part_are_cut() -> None:
    pieces = (SegmentPiece(0, 0, 60, 60, SQUARE), SegmentPiece(0, 1, 2, 2, SQUARE))
    found = array_of(shown(an_overlay(*pieces)).image(Part(5, 64, 5, 64, 0, 0, 59, 59)))
    assert found[-4:, -4:, 3].all()
    assert found[:5, :5, 3].all()
    assert not found[10:50, :, 3].any()


def test_only_what_lies_on_the_frame_and_is_not_hidden_is_shown() -> None:
    overlay = an_overlay(SegmentPiece(0, 0, 4, 4, SQUARE), SegmentPiece(3, 1, 4, 4, SQUARE))
    assert shown(overlay, 1).image(ONE_TO_ONE) is None
    assert shown(overlay, 3).legend() == (("Tumour", BLUE),)
    assert shown(overlay, 3, 1).image(ONE_TO_ONE) is None
    assert shown(overlay, 3, 1).legend() == ()


def test_contours_are_fine_lines_where_their_points_are() -> None:
    box = np.array([[10, 20], [40, 20], [40, 50], [10, 50]], np.float32)
    picture = shown(an_overlay(contours=(ContourPiece(0, 1, box),)))
    found = array_of(picture.image(Part(0, 64, 0, 64, 0, 0, 640, 640)))[..., 3].astype(float)
    for row in (300, 350, 450):
        line = found[row, 80:120]
        assert (line * (np.arange(80, 120) + 0.5)).sum() / line.sum() == pytest.approx(100, abs=0.3)
    assert found[190:210, 250].sum() / 255 == pytest.approx(1.4, abs=0.1)
    assert found[300, 250] == 0


def test_lines_are_wider_where_the_screen_is_finer() -> None:
    box = np.array([[10, 20], [40, 20], [40, 50], [10, 50]], np.float32)
    large = SegmentPiece(0, 0, 5, 5, np.full((40, 40), 255, np.uint8))
    part = Part(0, 64, 0, 64, 0, 0, 640, 640)
    for overlay, row in (
        (an_overlay(contours=(ContourPiece(0, 1, box),)), 300),
        (an_overlay(large), 200),
    ):
        widths = [
            int((array_of(shown(overlay).image(part, ratio))[row, 45:110, 3] > 120).sum())
            for ratio in (1.0, 2.0)
        ]
        assert 1 <= widths[0] < widths[1] <= 4


def test_what_objects_have_under_the_pointer_is_said() -> None:
    hole = np.array([[14, 14], [18, 14], [18, 18], [14, 18]], np.float32)
    ring = np.array([[10, 10], [22, 10], [22, 22], [10, 22]], np.float32)
    values = np.full((64, 64), np.nan, np.float32)
    values[11, 11] = 2.5
    overlay = an_overlay(
        SegmentPiece(0, 0, 8, 8, SQUARE),
        contours=(ContourPiece(0, 1, ring), ContourPiece(0, 1, hole)),
        values=(ValuePiece(0, values),),
    )
    picture = shown(overlay)
    assert picture.words_at(8, 8) == ("Liver",)
    assert picture.words_at(11, 11) == ("Liver", "Tumour", "map +2.5 mm²/s")
    assert picture.words_at(16, 16) == ()  # in the hole of the ring
    assert shown(overlay, 0, 0, 1).words_at(11, 11) == ("map +2.5 mm²/s",)


def test_maps_of_values_share_one_scale_over_all_frames() -> None:
    weak, strong = np.full((2, 64, 64), np.nan, np.float32)
    weak[:8], strong[:8] = 1.0, 4.0
    overlay = an_overlay(values=(ValuePiece(0, weak), ValuePiece(1, strong)))
    picture = shown(overlay, 1)
    assert picture.map_scale() == (4.0, False)
    assert picture.map_words() == ("Values in mm²/s",)
    named = shown(replace(overlay, unit=None, words=("Saliency for nodule", "logit")), 1)
    assert named.map_words() == ("Saliency for nodule", "logit")
    assert shown(replace(overlay, unit=None), 1).map_words() == ("Values without a unit",)
    found = array_of(picture.image(ONE_TO_ONE))
    red, green, blue = (int(part) for part in colour_table(False)[255])
    np.testing.assert_allclose(found[2, 2, :3], np.array([blue, green, red]) * 0.85, atol=2)
    assert not found[8:, :, 3].any()
    assert array_of(shown(overlay, 0).image(ONE_TO_ONE))[2, 2, 3] < 80


def test_a_map_of_another_shape_is_left_out() -> None:
    overlay = an_overlay(values=(ValuePiece(0, np.ones((8, 8), np.float32)),))
    picture = shown(overlay)
    assert picture.image(ONE_TO_ONE) is None
    assert picture.words_at(40, 40) == ()
    assert picture.map_scale() is None


def test_the_picture_is_composed_once_for_a_frame_and_part() -> None:
    overlay = an_overlay(SegmentPiece(0, 0, 4, 4, SQUARE), SegmentPiece(1, 0, 9, 9, SQUARE))
    picture = shown(overlay)
    first = picture.image(ONE_TO_ONE)
    assert not picture.set_objects((overlay,), 0, frozenset())
    assert picture.image(ONE_TO_ONE) is first
    assert picture.set_objects((overlay,), 1, frozenset())
    assert picture.image(ONE_TO_ONE) is not first


def test_a_legend_names_eight_and_counts_the_rest() -> None:
    pieces = tuple(SegmentPiece(0, number, number, number, SQUARE) for number in range(20))
    names = tuple(f"S{number}" for number in range(19))
    legend = shortened_legend(shown(an_overlay(*pieces, names=(*names, ""))).legend())
    assert [name for name, _ in legend] == [*names[:8], "and 12 more"]
    assert shown(an_overlay(*pieces, names=(*names, ""))).legend()[19][0] == "Segment 20"


def test_a_pixel_beside_a_smaller_frame_is_not_looked_up(canvas: Canvas) -> None:
    canvas.set_frame(black_frame())
    canvas.set_probe((60, 60))
    canvas.set_frame(a_frame(np.zeros((32, 32), np.int16), affine=None))
    overlay = an_overlay(values=(ValuePiece(0, np.ones((32, 32), np.float32)),))
    canvas.set_objects((overlay,), 0, frozenset())
    assert colour_at(canvas, 16, 16) != (0, 0, 0)


def test_what_is_hidden_is_not_read_any_more(canvas: Canvas) -> None:
    canvas.resize(600, SIDE)
    canvas.set_frame(black_frame())
    canvas.set_probe((24, 20))
    strip = QRect(0, SIDE - 20, 600, 20)
    plain = canvas.grab(strip).toImage()
    canvas.set_objects((an_overlay(SegmentPiece(0, 0, 16, 20, SQUARE)),), 0, frozenset())
    assert canvas.grab(strip).toImage() != plain
    canvas.set_overlay_visible(False)
    assert canvas.grab(strip).toImage() == plain


class Counted(np.ndarray):
    """A mask that counts how often it is compared."""

    compared = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *given: Any, **options: Any) -> Any:
        Counted.compared += ufunc is np.equal
        return getattr(ufunc, method)(*(np.asarray(one) for one in given), **options)


def test_labels_of_a_mask_are_looked_for_once(canvas: Canvas) -> None:
    canvas.set_frame(black_frame())
    mask = np.ones((64, 64), np.uint8).view(Counted)
    canvas.set_mask(mask, ("ground", "one"))
    before = Counted.compared
    canvas.set_mask(mask, ("ground", "one"))
    assert Counted.compared == before > 0
    canvas.set_mask(mask, ("ground", "other"))
    assert Counted.compared > before


def test_objects_lie_on_the_canvas_and_are_hidden_with_the_overlay(canvas: Canvas) -> None:
    canvas.set_frame(black_frame())
    canvas.set_objects((an_overlay(SegmentPiece(0, 0, 20, 30, SQUARE)),), 0, frozenset())
    assert colour_at(canvas, 34, 24) == (89, 0, 0)
    canvas.set_overlay_visible(False)
    assert colour_at(canvas, 34, 24) == (0, 0, 0)


def test_the_bar_of_a_map_of_values_stands_at_the_right_edge(canvas: Canvas) -> None:
    canvas.resize(500, 500)
    canvas.set_frame(black_frame())
    before = canvas.grab().toImage()
    values = np.zeros((64, 64), np.float32)
    values[0, 0] = 3.0
    canvas.set_objects((an_overlay(values=(ValuePiece(0, values),)),), 0, frozenset())
    after = canvas.grab().toImage()
    column = [y for y in range(250, 470) if after.pixelColor(483, y) != QColor("black")]
    assert len(column) > 100
    assert before.pixelColor(483, column[5]) == QColor("black")
