"""Outlines run along the pixels' edges and give the mask again; simpler ones keep their word."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.painting.outlines import mask_of_polygon, outline, polygon_of, signed_area
from inference.painting.strokes import Place, fill_polygon

QUICK = settings(max_examples=120, deadline=None, derandomize=True)
MASKS = st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(lambda shape: arrays(bool, shape))
CORNERS = st.one_of(
    st.tuples(st.floats(-4, 24), st.floats(-4, 24)),
    st.tuples(st.integers(-8, 48), st.integers(-8, 48)).map(lambda at: (at[0] / 2, at[1] / 2)),
)


@given(MASKS)
@QUICK
def test_an_outline_gives_its_mask_again(mask: np.ndarray) -> None:
    rings = outline(mask)
    np.testing.assert_array_equal(mask_of_polygon(rings, mask.shape), mask)
    assert sum(signed_area(ring) for ring in rings) == mask.sum()


@given(MASKS)
@QUICK
def test_parts_and_holes_are_counted_as_others_count_them(mask: np.ndarray) -> None:
    """Parts are joined by sides; holes are parts of the ground that are joined by corners too."""
    areas = [signed_area(ring) for ring in outline(mask)]
    parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0] - 1
    ground = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    holes = cv2.connectedComponents(ground, connectivity=8)[0] - 2
    assert sum(area > 0 for area in areas) == parts
    assert sum(area < 0 for area in areas) == holes


def test_a_ring_of_pixels_has_two_outlines() -> None:
    mask = np.ones((3, 3), bool)
    mask[1, 1] = False
    outer, hole = sorted(outline(np.pad(mask, ((1, 0), (2, 0)))), key=signed_area, reverse=True)
    assert sorted(outer) == [(2, 1), (2, 4), (5, 1), (5, 4)]
    assert sorted(hole) == [(3, 2), (3, 3), (4, 2), (4, 3)]
    assert (signed_area(outer), signed_area(hole)) == (9, -1)


def test_nothing_has_no_outline() -> None:
    assert outline(np.zeros((4, 5), bool)) == ()
    assert not mask_of_polygon((), (4, 5)).any()


@given(st.lists(CORNERS, min_size=3, max_size=9))
@QUICK
def test_a_polygon_is_filled_as_the_hand_fills_it(points: list[Place]) -> None:
    drawn = np.zeros((20, 20), bool)
    fill_polygon(drawn, points)
    np.testing.assert_array_equal(mask_of_polygon((tuple(points),), (20, 20)), drawn)


def from_segments(points: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """The distance of each point from the nearest side of a ring."""
    ways = np.roll(ring, -1, axis=0) - ring
    apart = points[:, None] - ring
    share = np.clip((apart * ways).sum(axis=2) / (ways**2).sum(axis=1), 0, 1)
    return np.asarray(np.linalg.norm(apart - share[..., None] * ways, axis=2).min(axis=1))


@pytest.mark.parametrize("tolerance", [0.0, 0.5, 1.0, 4.0])
def test_no_corner_is_farther_than_the_tolerance(tolerance: float) -> None:
    rows, columns = np.mgrid[:120, :160]
    mask = (columns - 80) ** 2 / 4000 + (rows - 60) ** 2 / 1500 < 1
    mask &= (columns - 90) ** 2 + (rows - 50) ** 2 > 200
    exact, simple = outline(mask), polygon_of(mask, tolerance)
    assert len(exact) == len(simple) == 2
    for ring, fewer in zip(exact, simple, strict=True):
        assert set(fewer) <= set(ring)
        assert from_segments(np.array(ring), np.array(fewer)).max() <= tolerance + 1e-9
    back = mask_of_polygon(simple, (120, 160))
    length = sum(len(ring) for ring in exact)
    assert (back != mask).sum() <= tolerance * 2 * length
    if tolerance >= 1:
        assert sum(map(len, simple)) < length / 3


def test_a_single_pixel_is_not_simplified_away() -> None:
    mask = np.zeros((9, 9), bool)
    mask[4, 4] = True
    np.testing.assert_array_equal(mask_of_polygon(polygon_of(mask, 9.0), (9, 9)), mask)
