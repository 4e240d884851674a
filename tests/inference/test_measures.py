"""Measures against geometry known on paper."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.measures import calibration_by_hand, measure, words
from inference.records import Calibration, Frame, Measure, Measured, MeasureKind

_KEY = ("a", 0)
Points = tuple[tuple[float, float], ...]


def _frame(
    stored: np.ndarray | None = None,
    spacing: tuple[float, float] | None = (2.0, 0.5),
    **more: Any,
) -> Frame:
    """Rows 2 mm apart and columns 0.5 mm, unless said otherwise."""
    pixels = np.zeros((40, 60), np.int16) if stored is None else stored
    known = () if spacing is None else (Calibration(spacing, "PixelSpacing"),)
    frame = Frame(_KEY, pixels, spacing_mm=spacing, calibrations=known)
    return replace(frame, **more)


def _measure(kind: MeasureKind, *points: tuple[float, float]) -> Measure:
    return Measure("1", _KEY, kind, points)


@pytest.mark.parametrize(
    ("points", "millimetres"),
    [
        (((0.0, 0.0), (8.0, 0.0)), 4.0),  # along a row: 8 columns of 0.5 mm
        (((5.0, 1.0), (5.0, 4.0)), 6.0),  # along a column: 3 rows of 2 mm
        (((0.0, 0.0), (16.0, 3.0)), 10.0),  # 8 mm across and 6 mm down
        (((-8.0, -1.5), (8.0, 1.5)), 10.0),  # from outside the picture
        (((3.0, 3.0), (3.0, 3.0)), 0.0),
    ],
)
def test_a_length_counts_rows_and_columns_by_their_own_spacing(
    points: Points, millimetres: float
) -> None:
    found = measure(_measure("length", *points), _frame())
    assert found.length == pytest.approx(millimetres)
    assert (found.unit, found.calibration) == ("mm", "PixelSpacing")


@pytest.mark.parametrize(
    ("points", "spacing", "degrees"),
    [
        (((4.0, 0.0), (0.0, 0.0), (0.0, 4.0)), (2.0, 0.5), 90.0),
        (((4.0, 0.0), (0.0, 0.0), (4.0, 4.0)), (1.0, 1.0), 45.0),
        (((4.0, 0.0), (0.0, 0.0), (4.0, 1.0)), (2.0, 0.5), 45.0),  # 2 mm across, 2 mm down
        (((4.0, 0.0), (0.0, 0.0), (-4.0, 0.0)), (2.0, 0.5), 180.0),
        (((4.0, 0.0), (0.0, 0.0), (9.0, 0.0)), (2.0, 0.5), 0.0),
        (((4.0, 0.0), (0.0, 0.0), (1.0, math.sqrt(3))), None, 60.0),
        (((0.0, 0.0), (0.0, 0.0), (9.0, 0.0)), (2.0, 0.5), None),
        (((0.0, 0.0), (5.0, 0.0)), (2.0, 0.5), None),  # still being drawn
    ],
)
def test_an_angle_is_that_of_the_patient_and_not_of_the_pixels(
    points: Points, spacing: tuple[float, float] | None, degrees: float | None
) -> None:
    found = measure(_measure("angle", *points), _frame(spacing=spacing))
    assert found.angle_degrees == (None if degrees is None else pytest.approx(degrees))


def test_area_and_perimeter_of_shapes_known_on_paper() -> None:
    frame = _frame()
    rectangle = measure(_measure("rectangle", (10.0, 5.0), (2.0, 8.0)), frame)
    assert rectangle.area == pytest.approx(4.0 * 6.0)
    assert rectangle.perimeter == pytest.approx(20.0)
    # 24 columns and 6 rows of these are a circle of 12 mm.
    circle = measure(_measure("ellipse", (4.0, 2.0), (28.0, 8.0)), frame)
    assert circle.area == pytest.approx(math.pi * 36.0)
    assert circle.perimeter == pytest.approx(2 * math.pi * 6.0)
    triangle = measure(_measure("polygon", (0.0, 0.0), (16.0, 0.0), (0.0, 3.0)), frame)
    assert triangle.area == pytest.approx(24.0)
    assert triangle.perimeter == pytest.approx(8.0 + 6.0 + 10.0)


@pytest.mark.parametrize(
    ("a", "b", "perimeter"),
    # Half axes 2 and 1: 8 E(3/4) of Abramowitz and Stegun, table 17.1, E(0.75) = 1.211056028.
    [(2.0, 1.0, 8 * 1.211056028), (1.0, 2.0, 8 * 1.211056028), (3.0, 0.0, 12.0)],
)
def test_the_perimeter_of_an_ellipse_is_the_elliptic_integral(
    a: float, b: float, perimeter: float
) -> None:
    frame = _frame(spacing=(1.0, 1.0))
    found = measure(_measure("ellipse", (5 - a, 5 - b), (5 + a, 5 + b)), frame)
    assert found.perimeter == pytest.approx(perimeter, rel=1e-9)


def test_pixels_count_where_their_centres_lie_inside() -> None:
    stored = np.arange(12, dtype=np.int16).reshape(3, 4)
    frame = _frame(stored)
    # Centres at 0.5, 1.5 and 2.5 across, 0.5 and 1.5 down: values 0 1 2 4 5 6.
    found = measure(_measure("rectangle", (0.4, 0.3), (2.6, 1.9)), frame)
    assert (found.count, found.minimum, found.maximum) == (6, 0.0, 6.0)
    assert found.mean == pytest.approx(3.0)
    # Population: the squares of −3 −2 −1 1 2 3 over six.
    assert found.deviation == pytest.approx(math.sqrt(28 / 6))
    assert measure(_measure("rectangle", (0.6, 0.6), (1.4, 1.4)), frame).count == 0
    # A shape that ends on a centre has it at its left and top edge alone, so that two shapes side
    # by side share no pixel.
    assert measure(_measure("rectangle", (0.5, 0.5), (1.5, 1.5)), frame).count == 1


def test_values_are_rescaled_and_padding_and_what_is_no_number_are_left_out() -> None:
    stored = np.array([[-2000, 10, 20, 30]], np.int16)
    frame = _frame(stored, slope=2.0, intercept=-24.0, padding=(-2000.0, -1900.0), unit="HU")
    found = measure(_measure("rectangle", (0.0, 0.0), (4.0, 1.0)), frame)
    assert (found.count, found.mean, found.minimum, found.maximum) == (3, 16.0, -4.0, 36.0)
    assert found.value_unit == "HU"
    floats = _frame(np.array([[np.nan, np.inf, 1.5, 2.5]], np.float32))
    assert measure(_measure("rectangle", (0.0, 0.0), (4.0, 1.0)), floats).mean == 2.0
    negative = _frame(stored[:, 1:], slope=-1.0)
    found = measure(_measure("rectangle", (0.0, 0.0), (3.0, 1.0)), negative)
    assert (found.minimum, found.maximum) == (-30.0, -10.0)


def test_a_shape_off_the_picture_has_an_area_and_no_values() -> None:
    frame = _frame(np.full((4, 4), 7, np.int16))
    for kind, points in _AROUND.items():
        away = tuple((x + 100.0, y - 100.0) for x, y in points)
        found = measure(Measure("1", _KEY, kind, away), frame)
        assert (found.count, found.mean, found.minimum) == (0, None, None)
        assert found.area == pytest.approx(measure(Measure("1", _KEY, kind, points), frame).area)
    partly = measure(_measure("rectangle", (-3.0, 2.0), (2.0, 90.0)), frame)
    assert (partly.count, partly.mean) == (4, 7.0)


_AROUND: dict[MeasureKind, Points] = {
    "rectangle": ((1.0, 1.0), (3.0, 3.0)),
    "ellipse": ((1.0, 1.0), (3.0, 3.0)),
    "polygon": ((1.0, 1.0), (3.0, 1.0), (2.0, 3.0)),
}


def test_colour_has_an_area_and_no_mean() -> None:
    frame = _frame(np.zeros((4, 4, 3), np.uint8))
    found = measure(_measure("rectangle", (0.0, 0.0), (2.0, 2.0)), frame)
    assert (found.count, found.mean) == (4, None)
    assert found.area == pytest.approx(4.0)


def test_an_outline_that_crosses_itself_follows_the_even_odd_rule() -> None:
    frame = _frame(spacing=(1.0, 1.0))
    # Two triangles of base 10 and height 5 that meet in a point.
    bow = measure(_measure("polygon", (0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)), frame)
    assert bow.area == pytest.approx(50.0)
    # Once round a square of 10 and once round one of 4 within it: the inner one is outside again.
    twice = measure(
        _measure("polygon", *_square(0.0, 10.0), (0.0, 0.0), *_square(3.0, 7.0), (3.0, 3.0)), frame
    )
    assert twice.area == pytest.approx(100.0 - 16.0)
    assert twice.count == 100 - 16


def _square(low: float, high: float) -> Points:
    return ((low, low), (high, low), (high, high), (low, high))


_POINT = st.tuples(st.floats(-5, 65), st.floats(-5, 45))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(points=st.lists(_POINT, min_size=3, max_size=9))
def test_the_pixels_of_a_polygon_are_those_that_a_ray_finds_inside(
    points: list[tuple[float, float]],
) -> None:
    frame = _frame()
    found = measure(Measure("1", _KEY, "polygon", tuple(points)), frame)
    expected = sum(
        _is_inside(points, column + 0.5, row + 0.5) for row in range(40) for column in range(60)
    )
    assert found.count == expected


def _is_inside(points: list[tuple[float, float]], x: float, y: float) -> bool:
    """The even-odd rule, one point at a time, with a ray to the left."""
    crossed = 0
    for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True):
        if (y0 <= y) != (y1 <= y):
            crossed += x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x
    return crossed % 2 == 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    radii=st.lists(st.floats(1, 18), min_size=3, max_size=12),
    spacing=st.tuples(st.floats(0.1, 3), st.floats(0.1, 3)),
)
def test_the_area_of_a_simple_polygon_is_that_of_the_shoelace_formula(
    radii: list[float], spacing: tuple[float, float]
) -> None:
    turns = [2 * math.pi * index / len(radii) for index in range(len(radii))]
    points = [
        (30 + radius * math.cos(turn), 20 + radius * math.sin(turn))
        for radius, turn in zip(radii, turns, strict=True)
    ]
    after = [*points[1:], points[0]]
    shoelace = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, after, strict=True)) / 2
    found = measure(Measure("1", _KEY, "polygon", tuple(points)), _frame(spacing=spacing))
    assert found.area == pytest.approx(abs(shoelace) * spacing[0] * spacing[1], rel=1e-9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    corners=st.tuples(_POINT, _POINT),
    kind=st.sampled_from(["rectangle", "ellipse"]),
)
def test_corners_may_be_given_in_any_order(corners: Points, kind: MeasureKind) -> None:
    (x0, y0), (x1, y1) = corners
    frame = _frame(np.arange(2400, dtype=np.int16).reshape(40, 60))
    one = measure(Measure("1", _KEY, kind, ((x0, y0), (x1, y1))), frame)
    other = measure(Measure("1", _KEY, kind, ((x1, y0), (x0, y1))), frame)
    assert (one.count, one.mean) == (other.count, other.mean)
    assert one.area == pytest.approx(other.area)


_LEFT = Calibration((0.3, 0.2), "ultrasound region 1", (0.0, 0.0, 20.0, 40.0))
_RIGHT = Calibration((0.6, 0.4), "ultrasound region 2", (30.0, 0.0, 60.0, 40.0))


@pytest.mark.parametrize(
    ("points", "length", "unit", "source"),
    [
        (((0.0, 0.0), (20.0, 0.0)), 4.0, "mm", "ultrasound region 1"),
        (((30.0, 0.0), (40.0, 0.0)), 4.0, "mm", "ultrasound region 2"),
        (((10.0, 0.0), (40.0, 0.0)), 30.0, "px", "the ends lie in different ultrasound regions"),
        (((10.0, 0.0), (25.0, 0.0)), 15.0, "px", "not within one ultrasound region"),
        (((22.0, 0.0), (25.0, 4.0)), 5.0, "px", "not within one ultrasound region"),
    ],
)
def test_both_ends_of_a_length_lie_in_one_ultrasound_region(
    points: Points, length: float, unit: str, source: str
) -> None:
    frame = _frame(spacing=None, calibrations=(_LEFT, _RIGHT))
    found = measure(_measure("length", *points), frame)
    assert found.length == pytest.approx(length)
    assert (found.unit, found.calibration) == (unit, source)


def test_without_any_calibration_there_are_pixels() -> None:
    frame = _frame(spacing=None)
    found = measure(_measure("length", (0.0, 0.0), (3.0, 4.0)), frame)
    assert words(found) == ("5.0 px (no valid calibration)",)
    inside = measure(_measure("rectangle", (0.0, 0.0), (30.0, 40.0)), frame)
    assert words(inside)[2:] == (
        "1,200 px² (no valid calibration)",
        "perimeter 140.0 px, 1,200 pixels",
    )


def test_a_volume_that_names_no_calibration_is_measured_by_its_spacing() -> None:
    found = measure(_measure("length", (0.0, 0.0), (4.0, 0.0)), _frame(calibrations=()))
    assert words(found) == ("2.0 mm (spacing of the file)",)


def test_a_calibration_by_hand_wins_and_says_so() -> None:
    frame = _frame(spacing=None, calibrations=(_LEFT, _RIGHT))
    own = calibration_by_hand(((0.0, 0.0), (30.0, 40.0)), frame, 100.0)
    assert own.spacing_mm == pytest.approx((2.0, 2.0))
    found = measure(_measure("length", (10.0, 0.0), (40.0, 0.0)), frame, own)
    assert words(found) == ("60.0 mm (set by hand)",)


def test_a_calibration_by_hand_keeps_the_proportions_of_the_pixels() -> None:
    # The line is 8 mm across and 6 mm down by the file; its length is in truth 5 mm.
    own = calibration_by_hand(((0.0, 0.0), (16.0, 3.0)), _frame(), 5.0)
    assert own.spacing_mm == pytest.approx((1.0, 0.25))


@pytest.mark.parametrize("length_mm", [0.0, -3.0, math.nan, math.inf])
def test_no_length_calibrates_nothing(length_mm: float) -> None:
    with pytest.raises(UserError, match="calibrates nothing"):
        calibration_by_hand(((0.0, 0.0), (1.0, 0.0)), _frame(), length_mm)
    with pytest.raises(UserError, match="has no length"):
        calibration_by_hand(((1.0, 1.0), (1.0, 1.0)), _frame(), 10.0)


_REGION = Measured(
    "mm",
    "PixelSpacing",
    area=152.0,
    perimeter=44.04,
    count=1234,
    mean=41.32,
    deviation=12.04,
    minimum=-12.0,
    maximum=88.0,
    value_unit="HU",
)


@pytest.mark.parametrize(
    ("measured", "lines"),
    [
        (Measured("mm", "PixelSpacing", length=12.44), ("12.4 mm (PixelSpacing)",)),
        (Measured("mm", "PixelSpacing", length=0.434), ("0.43 mm (PixelSpacing)",)),
        (Measured("mm", "PixelSpacing", angle_degrees=37.24), ("37.2°",)),
        (
            _REGION,
            (
                "mean 41.3 HU, SD 12.0",
                "min −12, max 88",
                "1.52 cm² (PixelSpacing)",
                "perimeter 44.0 mm, 1,234 pixels",
            ),
        ),
        (
            replace(
                _REGION,
                mean=-0.00123,
                deviation=0.0042,
                minimum=-0.0123,
                maximum=0.5,
                value_unit=None,
                area=45.67,
                count=1,
            ),
            (
                "mean −0.00123, SD 0.00420",
                "min −0.01230, max 0.50000",
                "45.7 mm² (PixelSpacing)",
                "perimeter 44.0 mm, 1 pixel",
            ),
        ),
        (
            replace(_REGION, mean=7.0, deviation=0.0, minimum=7.0, maximum=7.0, area=0.25),
            (
                "mean 7 HU, SD 0",
                "min 7, max 7",
                "0.25 mm² (PixelSpacing)",
                "perimeter 44.0 mm, 1,234 pixels",
            ),
        ),
    ],
)
def test_words_have_as_many_digits_as_they_deserve(
    measured: Measured, lines: tuple[str, ...]
) -> None:
    assert words(measured) == lines


def test_a_region_of_a_large_radiograph_is_measured_while_it_is_drawn() -> None:
    frame = _frame(np.zeros((3000, 3000), np.int16), padding=(-5.0, -5.0))
    ellipse = _measure("ellipse", (1000.0, 1000.0), (1200.0, 1200.0))
    spent = []
    for _ in range(7):
        begun = time.perf_counter()
        measure(ellipse, frame)
        spent.append(time.perf_counter() - begun)
    assert min(spent) <= 0.002


def test_pixels_that_are_not_square_count_without_a_spacing() -> None:
    """3 rows that are 4/3 as high as a column is wide are as long as 4 columns."""
    frame = _frame(spacing=None, aspect=4 / 3)
    found = measure(_measure("angle", (4.0, 0.0), (0.0, 0.0), (4.0, 3.0)), frame)
    assert found.angle_degrees == pytest.approx(45.0)
    own = calibration_by_hand(((0.0, 0.0), (0.0, 3.0)), frame, 8.0)
    assert own.spacing_mm == pytest.approx((8 / 3, 2.0))
