"""Where a frame lies: both ways, and what is held still."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.records import Window
from tests.widgets.scans import a_frame
from widgets.canvas_transform import (
    Placement,
    View,
    dragged_window,
    pixel_aspect,
    whole_view,
)

sizes = st.integers(1, 900)
placements = st.builds(
    Placement,
    shape=st.tuples(sizes, sizes),
    aspect=st.floats(0.2, 5.0),
    width=st.integers(1, 2000),
    height=st.integers(1, 2000),
    view=st.builds(
        View,
        center=st.tuples(st.floats(0, 900), st.floats(0, 900)),
        zoom=st.floats(0.25, 20),
        turns=st.integers(0, 3),
        mirrored=st.booleans(),
    ),
    ratio=st.sampled_from([1.0, 1.25, 2.0]),
)
quick = settings(max_examples=80, deadline=None, derandomize=True)


@quick
@given(placements, st.floats(-50, 950), st.floats(-50, 950))
def test_there_and_back(placement: Placement, column: float, row: float) -> None:
    back = placement.to_image(*placement.to_widget(column, row))
    assert back == pytest.approx((column, row), abs=1e-6)


@quick
@given(placements, st.floats(0.5, 2.0), st.floats(0, 500), st.floats(0, 500))
def test_zoom_holds_the_point_under_the_pointer(
    placement: Placement, factor: float, x: float, y: float
) -> None:
    before = placement.to_image(x, y)
    view = placement.zoomed(factor, x, y)
    after = replace(placement, view=view)
    rows, columns = placement.shape
    inside = 0 < view.center[0] < columns and 0 < view.center[1] < rows
    if inside:  # at the rim the picture is kept in sight instead
        assert after.to_image(x, y) == pytest.approx(before, abs=1e-6)


@quick
@given(placements)
def test_the_part_covers_all_that_is_seen_and_lies_where_it_should(placement: Placement) -> None:
    part = placement.visible_part()
    if part is None:
        return
    rows, columns = placement.shape
    ends = (placement.to_image(0, 0), placement.to_image(placement.width, placement.height))
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(*ends, strict=True))
    assert part.column0 <= max(left, 0)
    assert part.row0 <= max(top, 0)
    assert part.column1 >= min(right, columns)
    assert part.row1 >= min(bottom, rows)
    corners = [
        placement.to_widget(column, row)
        for column in (part.column0, part.column1)
        for row in (part.row0, part.row1)
    ]
    exact = tuple(min(axis) for axis in zip(*corners, strict=True))
    drawn = (part.left / placement.ratio, part.top / placement.ratio)
    assert drawn == pytest.approx(exact, abs=0.51)
    seen = (part.width, part.height)
    assert part.upright == (seen[::-1] if placement.view.turns % 2 else seen)


@quick
@given(placements, st.floats(-90, 90), st.floats(-90, 90))
def test_a_pan_takes_the_picture_along(placement: Placement, dx: float, dy: float) -> None:
    x, y = placement.width / 2, placement.height / 2
    held = placement.to_image(x, y)
    view = placement.panned(dx, dy)
    rows, columns = placement.shape
    if 0 < view.center[0] < columns and 0 < view.center[1] < rows:
        moved = replace(placement, view=view)
        assert moved.to_image(x + dx, y + dy) == pytest.approx(held, abs=1e-6)


@quick
@given(placements, st.integers(-5, 5))
def test_turns_and_flips_are_as_they_are_seen(placement: Placement, quarters: int) -> None:
    """On the screen: clockwise about the middle, and left for right."""
    start = View(placement.view.center, 1.0, placement.view.turns, placement.view.mirrored)
    square = replace(placement, shape=(50, 50), aspect=1.0, view=start)
    column, row = placement.view.center[0] + 7.0, placement.view.center[1] + 3.0
    middle = complex(square.width / 2, square.height / 2)
    before = complex(*square.to_widget(column, row)) - middle
    turned = replace(square, view=start.turned(quarters))
    assert complex(*turned.to_widget(column, row)) - middle == pytest.approx(
        before * 1j**quarters, abs=1e-6
    )
    flipped = replace(square, view=start.flipped())
    assert complex(*flipped.to_widget(column, row)) - middle == pytest.approx(
        complex(-before.real, before.imag), abs=1e-6
    )


@quick
@given(placements, st.integers(1, 400), st.integers(1, 400))
def test_one_to_one_is_reached_and_exact(placement: Placement, width: int, height: int) -> None:
    start = replace(placement, width=width, height=height, aspect=1.0)
    view = start.zoomed(1 / (start.scale * start.ratio), width / 2, height / 2)
    part = replace(start, view=view).visible_part()
    assert part is not None
    assert part.upright == (part.column1 - part.column0, part.row1 - part.row0)


def test_a_turned_frame_fits_the_other_way_round() -> None:
    placement = Placement((100, 50), 1.0, 300, 200, View((25.0, 50.0), turns=1))
    assert placement.scale == 3.0
    assert placement.to_widget(0, 0) == (300.0, 25.0)
    assert placement.to_widget(50, 100) == (0.0, 175.0)


def test_the_whole_frame_is_seen_at_first() -> None:
    frame = a_frame(np.zeros((100, 50), np.int16))
    placement = Placement(frame.shape, 1.0, 200, 300, whole_view(frame))
    assert placement.scale == 3.0
    assert placement.to_widget(0, 0) == (25.0, 0.0)
    assert placement.to_widget(50, 100) == (175.0, 300.0)


def test_tall_pixels_are_drawn_tall() -> None:
    frame = a_frame(np.zeros((10, 10), np.int16), spacing_mm=(4.0, 2.0))
    assert pixel_aspect(frame) == 2.0
    placement = Placement(frame.shape, 2.0, 100, 100, whole_view(frame))
    assert placement.scale == 5.0
    assert placement.to_widget(1, 1)[0] - placement.to_widget(0, 0)[0] == 5.0
    assert placement.to_widget(1, 1)[1] - placement.to_widget(0, 0)[1] == 10.0


@pytest.mark.parametrize("spacing", [None, (0.0, 1.0), (1.0, math.nan), (math.inf, 1.0)])
def test_without_a_valid_spacing_pixels_are_square(spacing: tuple[float, float] | None) -> None:
    assert pixel_aspect(a_frame(spacing_mm=spacing)) == 1.0


def test_a_drag_of_300_px_doubles_the_width_and_shifts_by_one_width() -> None:
    start = Window(40.0, 400.0)
    assert dragged_window(start, 300, 0).width == pytest.approx(800)
    assert dragged_window(start, 0, -300).center == pytest.approx(440)
    assert dragged_window(start, -10_000, 0).width == pytest.approx(4)


def test_the_picture_cannot_be_lost() -> None:
    placement = Placement((10, 10), 1.0, 100, 100, View((5, 5), 1.0))
    assert placement.panned(-100_000, 100_000).center == (10.0, 0.0)


def test_a_stated_aspect_counts_without_a_spacing() -> None:
    assert pixel_aspect(replace(a_frame(spacing_mm=None), aspect=4 / 3)) == 4 / 3
    assert pixel_aspect(replace(a_frame(spacing_mm=(2.0, 1.0)), aspect=4 / 3)) == 2.0
