"""Where a frame lies: both ways, and what is held still."""

from __future__ import annotations

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
    after = Placement(placement.shape, placement.aspect, placement.width, placement.height, view)
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
    left, top = placement.to_image(0, 0)
    right, bottom = placement.to_image(placement.width, placement.height)
    assert part.column0 <= max(left, 0)
    assert part.row0 <= max(top, 0)
    assert part.column1 >= min(right, columns)
    assert part.row1 >= min(bottom, rows)
    exact = placement.to_widget(part.column0, part.row0)
    drawn = (part.left / placement.ratio, part.top / placement.ratio)
    assert drawn == pytest.approx(exact, abs=0.51)


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


@pytest.mark.parametrize("spacing", [None, (0.0, 1.0), (1.0, float("nan"))])
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
