"""A brush paints the pixels whose centres it covers, no others, and says where it painted."""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.painting.strokes import Brush, Place, Rect, dab

QUICK = settings(max_examples=120, deadline=None, derandomize=True)
SHAPE = (30, 40)
PLACES = st.tuples(st.floats(-15, 55), st.floats(-15, 45))
GRID_PLACES = st.tuples(st.integers(-8, 88), st.integers(-8, 68)).map(
    lambda place: (place[0] / 2, place[1] / 2)
)
RADII = st.floats(0.75, 14)


def distances(start: Place, end: Place, radii: Place) -> np.ndarray:
    """Of each centre from the segment, in radii: by the nearest point of the segment."""
    centres = np.stack(np.meshgrid(np.arange(40) + 0.5, np.arange(30) + 0.5), axis=-1) / radii
    first, way = np.array(start) / radii, (np.array(end) - start) / radii
    square = way @ way
    share = np.clip((centres - first) @ way / square, 0, 1) if square > 0 else np.zeros(SHAPE)
    return np.asarray(np.linalg.norm(centres - first - share[..., None] * way, axis=-1))


@given(st.one_of(PLACES, GRID_PLACES), st.one_of(PLACES, GRID_PLACES), RADII, RADII)
@QUICK
def test_centres_within_the_radius_are_painted(
    start: Place, end: Place, wide: float, high: float
) -> None:
    mask = np.zeros(SHAPE, bool)
    touched = dab(mask, start, end, Brush((wide, high)))
    apart = distances(start, end, (wide, high))
    clear = abs(apart - 1) > 1e-6
    np.testing.assert_array_equal(mask[clear], (apart <= 1)[clear])
    assert_box_of(mask, touched)


def assert_box_of(mask: np.ndarray, touched: Rect) -> None:
    """All that is painted lies in the box, and touches each of its sides."""
    assert touched.empty != mask.any()
    if mask.any():
        rows, columns = np.nonzero(mask)
        ends = (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        assert tuple(touched) == ends


@pytest.mark.parametrize(
    ("start", "end", "radius", "count"),
    [
        ((10.5, 10.5), (10.5, 10.5), 1.0, 5),
        ((10.5, 10.5), (10.5, 10.5), 5.0, 81),  # Gauss's circle problem: 1, 5, 13, 29, 49, 81
        ((10.5, 10.5), (15.5, 10.5), 1.0, 20),
        ((10.5, 10.5), (10.5, 15.5), 1.0, 20),
        ((10.2, 10.9), (10.2, 10.9), 0.3, 1),
        ((10.0, 10.0), (10.0, 10.0), 0.0, 1),
        ((10.5, 10.5), (13.5, 10.5), 0.1, 4),
        ((-90.0, 3.0), (-60.0, 9.0), 8.0, 0),
    ],
)
def test_counts_known_by_hand(start: Place, end: Place, radius: float, count: int) -> None:
    mask = np.zeros(SHAPE, bool)
    dab(mask, start, end, Brush(radius))
    assert mask.sum() == count


def test_the_smallest_brush_paints_the_pixel_under_the_point() -> None:
    mask = np.zeros(SHAPE, bool)
    assert dab(mask, (7.9, 3.1), (7.9, 3.1), Brush(0.2)) == (3, 7, 4, 8)
    assert np.argwhere(mask).tolist() == [[3, 7]]


@given(PLACES, PLACES)
@QUICK
def test_a_thin_line_passes_through_its_pixels(start: Place, end: Place) -> None:
    """Points along the way lie on painted pixels, and the line has no gaps."""
    mask = np.zeros(SHAPE, bool)
    dab(mask, start, end, Brush(0.0))
    share = np.linspace(0, 1, 500)[:, None]
    points = np.array(start) * (1 - share) + np.array(end) * share
    columns, rows = np.floor(points).astype(int).T
    clear = np.all(abs(points - np.round(points)) > 1e-6, axis=1)
    inside = (columns >= 0) & (columns < 40) & (rows >= 0) & (rows < 30) & clear
    assert mask[rows[inside], columns[inside]].all()
    length = math.dist(start, end)
    assert mask.sum() <= 2 * length + 2
    assert cv2.connectedComponents(mask.astype(np.uint8))[0] <= 2


@given(PLACES, PLACES, RADII, st.booleans(), st.integers(0, 9))
@QUICK
def test_threshold_and_limits_leave_the_rest_alone(
    start: Place, end: Place, radius: float, erase: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    before, within = rng.random(SHAPE) < 0.5, rng.random(SHAPE) < 0.7
    values = rng.integers(-3, 4, SHAPE).astype(np.float32)
    values[rng.random(SHAPE) < 0.1] = np.nan
    whole = np.zeros(SHAPE, bool)
    dab(whole, start, end, Brush(radius))
    mask = before.copy()
    dab(mask, start, end, Brush(radius, erase, -1.0, 2.0), values=values, within=within)
    chosen = whole & within & (values >= -1) & (values <= 2)
    np.testing.assert_array_equal(mask, np.where(chosen, not erase, before))


def test_a_threshold_needs_values() -> None:
    with pytest.raises(ValueError, match="values"):
        dab(np.zeros(SHAPE, bool), (1, 1), (1, 1), Brush(2.0, low=0.0))


def test_a_stroke_is_the_same_in_one_or_in_many_steps() -> None:
    whole, parts = np.zeros((200, 200), bool), np.zeros((200, 200), bool)
    dab(whole, (20.0, 30.0), (180.0, 150.0), Brush(9.0))
    places = [(20.0 + 16 * step, 30.0 + 12 * step) for step in range(11)]
    for start, end in itertools.pairwise(places):
        dab(parts, start, end, Brush(9.0))
    np.testing.assert_array_equal(whole, parts)
