"""Regions to judge by: drawn shapes and segments become masks of the frames asked about."""

from __future__ import annotations

import numpy as np

from app.truths import _shapes
from inference.records import ContourPiece, Measure, ObjectOverlay, Segment, SegmentPiece
from inference.segment_pixels import segment_pixels

SQUARE = np.array([[0, 0], [6, 0], [6, 6], [0, 6]], dtype=np.float32)


def test_drawn_shapes_lie_on_their_own_frames() -> None:
    box = Measure("a", ("s", 3), "rectangle", ((1.0, 2.0), (3.0, 5.0)))
    elsewhere = Measure("b", ("s", 7), "rectangle", ((0.0, 0.0), (8.0, 8.0)))
    found = _shapes([box, elsewhere], (2, 3), (6, 8))
    expected = np.zeros((2, 6, 8), dtype=bool)
    expected[1, 2:5, 1:3] = True
    assert np.array_equal(found, expected)


def test_a_contour_within_another_is_a_hole() -> None:
    contours = (ContourPiece(0, 0, SQUARE), ContourPiece(0, 0, SQUARE / 3 + 2))
    overlay = ObjectOverlay("o", "s", (Segment(1, "Ring", (1, 2, 3)),), contours=contours)
    found = segment_pixels(overlay, 0, (0,), (8, 8))
    expected = np.zeros((1, 8, 8), dtype=bool)
    expected[0, :6, :6] = True
    expected[0, 2:4, 2:4] = False
    assert np.array_equal(found, expected)


def test_a_segment_takes_the_pixels_that_are_in_it_at_least_by_half() -> None:
    pieces = (
        SegmentPiece(5, 0, 1, 2, np.array([[255, 128, 127, 0]], dtype=np.uint8)),
        SegmentPiece(5, 1, 0, 0, np.full((4, 8), 255, dtype=np.uint8)),
    )
    segments = (Segment(1, "One", (1, 2, 3)), Segment(2, "Two", (1, 2, 3)))
    found = segment_pixels(ObjectOverlay("o", "s", segments, pieces), 0, (5,), (4, 8))
    assert np.argwhere(found).tolist() == [[0, 1, 2], [0, 1, 3]]
