"""The shapes of measures, by coordinates known on paper."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from inference.records import Measure, MeasureKind
from widgets.canvas_measures import hit, plate_rect, shape_path
from widgets.canvas_shapes import handles, is_whole, outline, placed, shifted, with_handle
from widgets.canvas_transform import Placement, View

KEY = ("0" * 12, 0)
KINDS: tuple[MeasureKind, ...] = ("length", "angle", "rectangle", "ellipse", "polygon")
quick = settings(max_examples=60, deadline=None, derandomize=True)


def a_measure(kind: MeasureKind, *points: tuple[float, float]) -> Measure:
    return Measure("m", KEY, kind, points)


BOX = a_measure("rectangle", (2.0, 3.0), (10.0, 7.0))


def test_a_box_is_held_at_its_four_corners() -> None:
    assert handles(BOX) == ((2.0, 3.0), (10.0, 3.0), (10.0, 7.0), (2.0, 7.0))


@pytest.mark.parametrize(
    ("handle", "points"),
    [
        (0, ((1.0, 1.0), (10.0, 7.0))),
        (1, ((2.0, 1.0), (1.0, 7.0))),
        (2, ((2.0, 3.0), (1.0, 1.0))),
        (3, ((1.0, 3.0), (10.0, 1.0))),
    ],
)
def test_a_corner_moves_and_the_opposite_one_stays(
    handle: int, points: tuple[tuple[float, float], ...]
) -> None:
    moved = with_handle(BOX, handle, (1.0, 1.0))
    assert moved.points == points
    assert (1.0, 1.0) in handles(moved)
    assert handles(BOX)[(handle + 2) % 4] in handles(moved)


def test_a_point_moves_alone() -> None:
    angle = a_measure("angle", (0, 0), (1, 1), (2, 0))
    assert with_handle(angle, 1, (5, 6)).points == ((0, 0), (5, 6), (2, 0))


def test_an_ellipse_fills_its_box() -> None:
    points, closed = outline(a_measure("ellipse", (2.0, 3.0), (10.0, 7.0)))
    assert closed
    assert (min(x for x, _ in points), max(x for x, _ in points)) == pytest.approx((2, 10))
    assert (min(y for _, y in points), max(y for _, y in points)) == pytest.approx((3, 7))
    for x, y in points:
        assert ((x - 6) / 4) ** 2 + ((y - 5) / 2) ** 2 == pytest.approx(1)


@quick
@given(st.sampled_from(KINDS), st.floats(-200, 200), st.floats(-200, 200))
def test_a_moved_measure_keeps_its_shape_and_stays_on_the_frame(
    kind: MeasureKind, columns: float, rows: float
) -> None:
    measure = a_measure(kind, *placed(kind, (30.0, 20.0), (8.0, 6.0)))
    moved = shifted(measure, (columns, rows), (50, 60))
    ways = {
        (round(after[0] - before[0], 9), round(after[1] - before[1], 9))
        for before, after in zip(measure.points, moved.points, strict=True)
    }
    assert len(ways) == 1
    assert all(0 <= x <= 60 + 1e-9 and 0 <= y <= 50 + 1e-9 for x, y in moved.points)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_of_the_usual_size_is_whole(kind: MeasureKind) -> None:
    assert is_whole(kind, placed(kind, (30.0, 20.0), (8.0, 6.0)))


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("length", ((1, 1), (1, 1))),
        ("length", ((1, 1),)),
        ("angle", ((1, 1), (2, 2), (2, 2))),
        ("rectangle", ((1, 1), (1, 5))),
        ("ellipse", ((1, 1), (5, 1))),
        ("polygon", ((1, 1), (5, 1))),
        ("polygon", ((1, 1), (5, 1), (1, 1))),
    ],
)
def test_what_has_no_extent_is_no_measure(
    kind: MeasureKind, points: tuple[tuple[float, float], ...]
) -> None:
    assert not is_whole(kind, points)


PLAIN = Placement((100, 100), 1.0, 100, 100, View((50, 50)))


@pytest.mark.parametrize(
    ("x", "y", "found"),
    [
        (10.0, 3.0, (0,)),
        (4.5, 3.0, (0,)),
        (75.5, 5.0, (1,)),
        (40.0, 3.0, (None,)),
        (40.0, 8.9, (None,)),
        (40.0, 9.1, ()),
        (76.1, 3.0, ()),
    ],
)
def test_a_measure_is_hit_within_six_pixels(
    x: float, y: float, found: tuple[int | None, ...]
) -> None:
    result = hit((a_measure("length", (10.0, 3.0), (70.0, 3.0)),), PLAIN, x, y)
    assert (() if result is None else (result[1],)) == found


def test_the_uppermost_measure_is_hit_and_handles_before_lines() -> None:
    below = a_measure("length", (10.0, 10.0), (90.0, 10.0))
    above = Measure("top", KEY, "length", ((50.0, 0.0), (50.0, 90.0)))
    found = hit((below, above), PLAIN, 50.0, 12.0)
    assert found == (above, None)
    assert hit((below, above), PLAIN, 88.0, 12.0) == (below, 1)


@quick
@given(
    st.sampled_from(KINDS),
    st.tuples(st.floats(20, 380), st.floats(20, 280)),
    st.tuples(st.floats(5, 60), st.floats(5, 60)),
)
def test_words_stand_in_the_page_beside_the_shape(
    kind: MeasureKind, center: tuple[float, float], reach: tuple[float, float]
) -> None:
    placement = Placement((300, 400), 1.0, 400, 300, View((200, 150)))
    path = shape_path(a_measure(kind, *placed(kind, center, reach)), placement)
    page = QRectF(0, 0, 400, 280)
    plate = plate_rect(QSizeF(110, 40), path, page, [])
    assert page.contains(plate)
    assert not path.intersects(plate)


def test_plates_do_not_cover_one_another() -> None:
    page = QRectF(0, 0, 400, 300)
    path = QPainterPath()
    path.addRect(150, 100, 40, 40)
    taken: list[QRectF] = []
    for _ in range(4):
        plate = plate_rect(QSizeF(80, 30), path, page, taken)
        assert not any(plate.intersects(other) for other in taken)
        taken.append(plate)


def test_a_shape_that_fills_the_page_still_has_its_words_on_it() -> None:
    page = QRectF(0, 0, 100, 100)
    path = QPainterPath()
    path.addRect(-10, -10, 120, 120)
    plate = plate_rect(QSizeF(60, 20), path, page, [])
    assert page.contains(plate)
    assert math.isclose(plate.width(), 60)
