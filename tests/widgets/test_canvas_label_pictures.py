"""What labels look like: masks pixel for pixel in every view, lines in their places, order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.widgets.labelling import RED, LabelOwner, a_label_owner, an_annotation, picture
from tests.widgets.measuring import SIDE
from tests.widgets.scans import a_frame
from widgets.canvas import Canvas
from widgets.canvas_label_masks import MaskPicture
from widgets.canvas_label_picture import LabelPicture
from widgets.canvas_labels import ShownLabel
from widgets.canvas_transform import Placement, View
from widgets.theme import RGB

BLUE: RGB = (40, 90, 250)
NOISE = np.random.default_rng(0).random((40, 64)) < 0.4
VIEWS = [
    View(center, zoom, turns, mirrored)
    for turns in range(4)
    for mirrored in (False, True)
    for center, zoom in (((32.0, 20.0), 1.0), ((21.3, 11.7), 3.7))
]


@pytest.fixture
def owner(qtbot: QtBot) -> LabelOwner:
    return a_label_owner(qtbot)


def masked(name: str, mask: np.ndarray, colour: RGB = RED, *, proposed: bool = False) -> ShownLabel:
    return ShownLabel(an_annotation(name, "mask", mask=mask), colour, proposed=proposed)


def pixel_centres(placement: Placement) -> np.ndarray:
    """The (column, row) under the middle of each of the viewport's pixels, by the placement."""
    return np.array(
        [
            [placement.to_image(x + 0.5, y + 0.5) for x in range(placement.width)]
            for y in range(placement.height)
        ]
    )


@pytest.mark.parametrize("view", VIEWS)
def test_a_mask_lies_on_its_pixels_in_every_view(view: View) -> None:
    placement = Placement(NOISE.shape, 1.0, 96, 96, view)
    part = placement.visible_part()
    assert part is not None
    masks = MaskPicture()
    masks.set_shape(NOISE.shape)
    masks.set_masks((masked("m", NOISE),))
    image = masks.image(part, 1.0)
    assert image is not None
    places = pixel_centres(placement)
    near_edge = (np.abs(places - np.round(places)) * placement.scale < 0.75).any(axis=2)
    whole = np.floor(places).astype(int)
    inside = ((whole >= 0) & (whole < (64, 40))).all(axis=2)
    checked = 0
    for y, x in np.argwhere(inside & ~near_edge):
        column, row = whole[y, x]
        seen = image.pixelColor(int(x) - part.left, int(y) - part.top).alpha() > 0
        assert seen == NOISE[row, column]
        checked += 1
    assert checked > 100 if placement.scale > 2 else True


def test_a_mask_has_a_tinted_inside_and_an_outline_of_its_colour(owner: LabelOwner) -> None:
    mask = np.zeros((64, 64), bool)
    mask[20:40, 10:30] = True
    owner.keep(masked("m", mask))
    owner.canvas.set_label_style(True, 0.5, True)
    seen = picture(owner.canvas)
    assert seen[150, 100] == pytest.approx(np.array(RED) * 0.5, abs=1)
    for across, expected in ((49, (0, 0, 0)), (50, RED), (51, RED)):
        assert seen[150, across] == pytest.approx(expected, abs=1)
    assert seen[150, 52] == pytest.approx(np.array(RED) * 0.5, abs=1)
    assert seen[100, 100] == pytest.approx(RED, abs=1)
    assert not seen[99, 100].any()


def test_a_small_mask_lies_over_a_large_one_and_shapes_over_both(owner: LabelOwner) -> None:
    small, large = np.zeros((2, 64, 64), bool)
    small[28:36, 28:36] = True
    large[10:54, 10:54] = True
    line = ShownLabel(an_annotation("l", "line", ((0.0, 33.1), (64.0, 33.1))), (40, 220, 40))
    owner.keep(line, masked("s", small, BLUE), masked("m", large))
    seen = picture(owner.canvas)
    assert seen[150, 160].argmax() == 2
    assert seen[80, 80].argmax() == 0
    assert seen[165, 160].argmax() == 1


def test_a_proposal_is_weaker_and_dashed(owner: LabelOwner) -> None:
    mask = np.zeros((64, 64), bool)
    mask[20:40, 10:50] = True
    owner.keep(masked("m", mask))
    sure = picture(owner.canvas)
    owner.keep(masked("m", mask, proposed=True))
    seen = picture(owner.canvas)
    assert 0 < seen[150, 150, 0] < sure[150, 150, 0]
    outline = seen[100, 60:240, 0]
    assert (sure[100, 60:240, 0] == RED[0]).all()
    assert (outline == RED[0]).any()
    assert (outline == seen[150, 150, 0]).any()


def test_selecting_a_mask_whitens_its_outline(owner: LabelOwner) -> None:
    mask = np.zeros((64, 64), bool)
    mask[20:40, 10:50] = True
    owner.keep(masked("m", mask))
    owner.canvas.set_selected_labels(("m",))
    assert picture(owner.canvas)[100, 150].tolist() == [255, 255, 255]


def test_thin_masks_are_seen_where_the_picture_is_shrunk(owner: LabelOwner) -> None:
    big = np.zeros((1000, 1000), bool)
    big[501, 200:800] = True
    owner.canvas.set_frame(a_frame(np.zeros(big.shape, np.int16), affine=None, spacing_mm=None))
    owner.keep(masked("m", big))
    seen = picture(owner.canvas)[:, 100:220, 0].max(axis=0)
    assert (seen == RED[0]).all()


def test_more_masks_than_a_byte_can_number(owner: LabelOwner) -> None:
    shown = []
    for number in range(300):
        mask = np.zeros((64, 64), bool)
        mask[number // 60 * 2 + 10, number % 60] = True
        shown.append(masked(f"m{number}", mask, (255, number % 250, 0)))
    owner.keep(*shown)
    owner.canvas.set_tool("select")
    masks = owner.canvas._labelling.masks
    assert [masks.id_at(n % 60, n // 60 * 2 + 10) for n in (0, 255, 299)] == ["m0", "m255", "m299"]
    middle = picture(owner.canvas)[18 * 5 + 2, 40 * 5 + 2]
    assert middle == pytest.approx(np.array((255, 280 % 250, 0)) * 0.35, abs=1)


def test_what_a_click_found_is_seen_until_it_is_taken(owner: LabelOwner) -> None:
    found = np.zeros((64, 64), bool)
    found[20:40, 10:50] = True
    owner.canvas.set_seed_preview(found, BLUE)
    assert picture(owner.canvas)[150, 150].argmax() == 2
    owner.canvas.set_seed_preview(None, BLUE)
    assert not picture(owner.canvas)[150, 150].any()


# Shapes


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_lines_lie_where_the_placement_says(owner: LabelOwner, turns: int, mirrored: bool) -> None:
    canvas = owner.canvas
    owner.keep(ShownLabel(an_annotation("b", "box", ((20.0, 12.0), (44.0, 30.0))), RED))
    canvas.turn(turns)
    if mirrored:
        canvas.mirror()
    canvas.zoom_to(6.5)
    canvas._come_to_rest()
    seen = picture(canvas)
    for column, row in ((32.0, 12.0), (32.0, 30.0), (20.0, 21.0), (44.0, 21.0)):
        at = canvas.image_to_widget(column, row)
        y, x = round(at.y() - 0.5), round(at.x() - 0.5)
        assert seen[y - 1 : y + 2, x - 1 : x + 2, 0].max() > 200
        inner = canvas.image_to_widget(column + (32 - column) * 0.4, row + (21 - row) * 0.4)
        assert not seen[int(inner.y()), int(inner.x())].any()


def many(count: int) -> tuple[ShownLabel, ...]:
    draw = np.random.default_rng(3)
    colours: tuple[RGB, ...] = (RED, BLUE)
    found = []
    for number in range(count):
        x, y = draw.uniform(-5, 60, 2)
        wide, high = draw.uniform(0.5, 5, 2)
        points = ((x, y), (x + wide, y + high))
        found.append(ShownLabel(an_annotation(str(number), "box", points), colours[number % 2]))
    return tuple(found)


def placed(center: tuple[float, float]) -> Placement:
    return Placement((64, 64), 1.0, 300, 240, View(center, 2.0))


def pixels(shapes: LabelPicture, placement: Placement, *, moving: bool) -> np.ndarray:
    assert shapes.image(placement, moving=moving) is not None
    assert shapes._kept is not None
    return shapes._kept.pixels.copy()


@pytest.mark.parametrize("way", [(12, 0), (-9, 0), (0, 7), (0, -30), (14, -11)])
def test_strips_that_come_into_sight_fit_what_was_there(way: tuple[int, int]) -> None:
    """A pan by whole pixels ends in the picture that is drawn from nothing, but for its seams."""
    start = placed((30.0, 30.0))
    there = replace(start, view=start.panned(*way))
    shapes, fresh = LabelPicture(), LabelPicture()
    for one in (shapes, fresh):
        one.sheet.set_shown(many(500))
    pixels(shapes, start, moving=False)
    kept = pixels(shapes, start, moving=False)
    shapes._kept = replace(shapes._kept, plain=True) if shapes._kept else None
    scrolled = pixels(shapes, there, moving=True)
    expected = pixels(fresh, there, moving=False)
    assert not np.array_equal(scrolled, kept)
    apart = np.abs(scrolled.astype(int) - expected).max(axis=2) > 60
    assert apart.mean() < 0.005
    assert np.array_equal(pixels(shapes, there, moving=False), expected)


def test_what_is_smaller_than_two_pixels_is_a_dot() -> None:
    shapes = LabelPicture()
    speck = ((20.0, 20.0), (20.1, 20.1))
    shapes.sheet.set_shown((ShownLabel(an_annotation("s", "box", speck), RED),))
    start = placed((30.0, 30.0))
    x, y = start.to_widget(20.05, 20.05)
    lit = np.argwhere(pixels(shapes, start, moving=False)[..., 3])
    assert len(lit) == 4
    assert (lit.mean(axis=0) + 0.5)[::-1] == pytest.approx((x, y), abs=0.51)


def test_the_same_labels_are_not_sorted_again_and_one_more_is(owner: LabelOwner) -> None:
    shown = many(20)
    sheet = owner.canvas._labelling.sheet
    owner.canvas.set_labels(shown)
    outlines = sheet.outlines
    owner.canvas.set_labels(tuple(replace(one) for one in shown))
    assert sheet.outlines is outlines
    lines = dict(sheet._known)
    owner.canvas.set_labels(shown[1:])
    assert all(sheet._known[name] is lines[name] for name in sheet._known)


def test_handles_words_and_selection_are_not_in_a_saved_picture(owner: LabelOwner) -> None:
    owner.keep(ShownLabel(an_annotation("b", "box", ((20.0, 12.0), (44.0, 30.0))), RED, "nodule"))
    owner.canvas.set_tool("select")
    owner.canvas.set_selected_labels(("b",))
    saved, seen = owner.canvas.grab_picture(False), picture(owner.canvas)
    assert QColor(saved.pixel(100, 60)).green() < 100
    assert seen[60, 100].min() > 200
    assert QColor(saved.pixel(160, 60)).red() > 150
    assert seen[50, 100:140].max() > 150


def test_space_shows_the_bare_scan(owner: LabelOwner) -> None:
    owner.keep(masked("m", np.ones((64, 64), bool)))
    owner.canvas._blink(True)
    assert not picture(owner.canvas)[SIDE // 2, SIDE // 2].any()
    owner.canvas._blink(False)
    assert picture(owner.canvas)[SIDE // 2, SIDE // 2].any()


def test_labels_stay_when_the_map_is_put_away(owner: LabelOwner) -> None:
    canvas: Canvas = owner.canvas
    owner.keep(masked("m", np.ones((64, 64), bool)))
    canvas.set_overlay_visible(False)
    assert picture(canvas)[SIDE // 2, SIDE // 2].any()
    canvas.set_label_style(False, 0.35, True)
    assert not picture(canvas)[SIDE // 2, SIDE // 2].any()
