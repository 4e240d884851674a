"""Shapes of labels as numbers: what was pointed at, handles, and movements, worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.records import AnnotationKind
from widgets.canvas_label_shapes import (
    TURNING_HANDLE,
    drawn_shape,
    handles,
    is_whole,
    with_handle,
    with_vertex,
    without_vertex,
)
from widgets.canvas_shapes import shifted_points

quick = settings(max_examples=60, deadline=None, derandomize=True)
LEVEL = ((10.0, 18.0), (30.0, 18.0), (30.0, 22.0), (10.0, 22.0))


def test_a_box_is_kept_from_its_left_upper_corner() -> None:
    assert drawn_shape("box", ((9.0, 2.0), (4.0, 7.0))) == ((4.0, 2.0), (9.0, 7.0))


@pytest.mark.parametrize("aside", [(12.0, 22.0), (29.0, 18.0), (-50.0, 22.0)])
def test_a_rotated_box_is_its_axis_and_half_its_width(aside: tuple[float, float]) -> None:
    assert drawn_shape("rotated_box", ((10.0, 20.0), (30.0, 20.0), aside)) == LEVEL


def test_a_slanted_box_by_pythagoras() -> None:
    drawn = drawn_shape("rotated_box", ((0.0, 0.0), (8.0, 6.0), (-3.0, 4.0)))
    expected = ((3.0, -4.0), (11.0, 2.0), (5.0, 10.0), (-3.0, 4.0))
    assert [pytest.approx(place) for place in expected] == list(drawn)


@pytest.mark.parametrize(
    ("handle", "place", "expected"),
    [
        (0, (6.0, 16.0), ((6.0, 16.0), (30.0, 16.0), (30.0, 22.0), (6.0, 22.0))),
        (1, (34.0, 16.0), ((10.0, 16.0), (34.0, 16.0), (34.0, 22.0), (10.0, 22.0))),
        (2, (34.0, 26.0), ((10.0, 18.0), (34.0, 18.0), (34.0, 26.0), (10.0, 26.0))),
        (3, (6.0, 26.0), ((6.0, 18.0), (30.0, 18.0), (30.0, 26.0), (6.0, 26.0))),
        (TURNING_HANDLE, (20.0, 50.0), ((22.0, 10.0), (22.0, 30.0), (18.0, 30.0), (18.0, 10.0))),
    ],
)
def test_a_rotated_box_is_moved_by_its_handles(
    handle: int, place: tuple[float, float], expected: tuple[tuple[float, float], ...]
) -> None:
    moved = with_handle("rotated_box", LEVEL, handle, place)
    assert [pytest.approx(point) for point in expected] == list(moved)


@quick
@given(
    st.floats(0, 2 * math.pi),
    st.integers(0, 3),
    st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
)
def test_a_rotated_box_stays_one(angle: float, corner: int, place: tuple[float, float]) -> None:
    far = (20 + 10 * math.cos(angle), 20 + 10 * math.sin(angle))
    aside = (20 + 3 * math.sin(angle), 20 - 3 * math.cos(angle))
    box = drawn_shape("rotated_box", ((20.0, 20.0), far, aside))
    moved = with_handle("rotated_box", box, corner, place)
    assert moved[corner] == place
    assert moved[(corner + 2) % 4] == box[(corner + 2) % 4]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = moved
    assert (x0 + x2, y0 + y2) == pytest.approx((x1 + x3, y1 + y3))
    assert (x1 - x0) * (x3 - x0) + (y1 - y0) * (y3 - y0) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "points", "count"),
    [
        ("box", ((1.0, 2.0), (3.0, 4.0)), 4),
        ("rotated_box", LEVEL, 5),
        ("polygon", ((0.0, 0.0), (4.0, 0.0), (0.0, 4.0)), 3),
        ("line", ((0.0, 0.0), (4.0, 0.0)), 2),
        ("point", ((3.0, 3.0),), 1),
    ],
)
def test_every_handle_is_where_it_is_put(
    kind: AnnotationKind, points: tuple[tuple[float, float], ...], count: int
) -> None:
    held = handles(kind, points)
    assert len(held) == count
    for number, (x, y) in enumerate(held[:4]):
        moved = with_handle(kind, points, number, (x + 0.5, y + 0.25))
        assert any(place == pytest.approx((x + 0.5, y + 0.25)) for place in handles(kind, moved))


def test_points_come_into_lines_and_go() -> None:
    triangle = ((0.0, 0.0), (4.0, 0.0), (0.0, 4.0))
    four = with_vertex("polygon", triangle, 1, (3.0, 3.0))
    assert four == ((0.0, 0.0), (4.0, 0.0), (3.0, 3.0), (0.0, 4.0))
    assert without_vertex("polygon", four, 2) == triangle
    assert without_vertex("polygon", triangle, 2) == triangle
    assert with_vertex("box", triangle[:2], 0, (3.0, 3.0)) == triangle[:2]
    assert without_vertex("line", triangle[:2], 0) == triangle[:2]


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("box", ((1.0, 2.0), (1.0, 4.0))),
        ("rotated_box", ((1.0, 2.0), (3.0, 2.0), (5.0, 2.0))),
        ("polygon", ((1.0, 2.0), (3.0, 2.0), (1.0, 2.0))),
        ("line", ((1.0, 2.0), (1.0, 2.0))),
        ("point", ()),
    ],
)
def test_what_nothing_can_lie_in_is_no_shape(
    kind: AnnotationKind, points: tuple[tuple[float, float], ...]
) -> None:
    assert not is_whole(kind, points)


def test_a_shape_that_reaches_over_the_rim_is_not_pushed_back() -> None:
    points = ((-2.0, 5.0), (6.0, 5.0))
    assert shifted_points(points, (-1.0, 0.0), (10, 10)) == points
    assert shifted_points(points, (3.0, 9.0), (10, 10)) == ((1.0, 10.0), (9.0, 10.0))
