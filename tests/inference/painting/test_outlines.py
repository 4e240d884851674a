"""Outlines run along the pixels' edges and give the mask again."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.measured_shapes import SHAPES, inside
from inference.painting.outlines import Polygon, outline

QUICK = settings(max_examples=120, deadline=None, derandomize=True)
MASKS = st.tuples(st.integers(1, 14), st.integers(1, 14)).flatmap(lambda shape: arrays(bool, shape))


def filled(rings: tuple[Polygon, ...], shape: tuple[int, int]) -> np.ndarray:
    """The pixels whose centres lie inside an odd number of rings, as measures fill a polygon."""
    found = np.zeros(shape, bool)
    for ring in rings:
        covered = inside(SHAPES["polygon"], ring, shape)
        part = covered.of(found)
        part ^= covered.mask
    return found


def signed_area(ring: Polygon) -> float:
    """In square pixels; negative for a ring that runs anticlockwise as seen on the screen."""
    points, after = np.array(ring), np.roll(np.array(ring), -1, axis=0)
    return float((points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]).sum() / 2)


@given(MASKS)
@QUICK
def test_an_outline_gives_its_mask_again(mask: np.ndarray) -> None:
    rings = outline(mask)
    np.testing.assert_array_equal(filled(rings, mask.shape), mask)
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
