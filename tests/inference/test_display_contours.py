"""Lines around what is strong: where they lie, in which colour, and where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from inference.display_contours import contour_pixels, lay_pixels
from inference.display_overlay import colour_table

ROWS, COLUMNS = np.mgrid[0:120, 0:160]


def cone(row: float, column: float) -> np.ndarray:
    """A map that falls from 40 at a place by 1 a pixel."""
    distance = np.hypot(ROWS - row, COLUMNS - column)
    found: np.ndarray = np.maximum(40 - distance, 0).astype(np.float32)
    return found


@pytest.mark.parametrize("radius", [8.0, 15.5, 30.0])
def test_a_line_lies_where_the_map_has_its_level(radius: float) -> None:
    drawn = contour_pixels(cone(60, 80), False, 40 - radius)
    distance = np.hypot(ROWS - 60, COLUMNS - 80)
    strong = drawn[..., 3] > 250
    assert strong.any()
    assert np.abs(distance[strong] - radius).max() < 1.6
    # Seen from the middle it is closed: all around there is a strong place.
    angles = np.arctan2(ROWS - 60, COLUMNS - 80)[strong]
    assert np.diff(np.sort(angles)).max() < 0.2
    assert not drawn[np.abs(distance - radius) > 5].any()


def test_each_sign_has_its_own_colour() -> None:
    drawn = contour_pixels(cone(60, 40) - cone(60, 120), True, 20.0)
    table = colour_table(True)
    left, right = drawn[60, 40 + 20], drawn[60, 120 - 20]
    assert np.abs(left[:3].astype(int) - table[255]).max() < 40
    assert np.abs(right[:3].astype(int) - table[1]).max() < 40
    without = contour_pixels(cone(60, 40) - cone(60, 120), False, 20.0)
    assert not without[:, 90:].any(), "a map without sign shows its positive values only"


def test_colours_are_multiplied_by_their_opacity() -> None:
    drawn = contour_pixels(cone(60, 80), True, 20.0)
    assert (drawn[..., :3] <= drawn[..., 3:]).all()


def test_a_plateau_is_enclosed_and_not_speckled() -> None:
    values = np.full((40, 40), 0.1, np.float32) / np.float32(3)
    values[10:30, 10:30] = np.float32(0.7)
    drawn = contour_pixels(values, True, 0.7)
    assert drawn[20, 10, 3] > 200 or drawn[20, 9, 3] > 200
    assert not drawn[16:24, 16:24].any()


@pytest.mark.parametrize("signed", [True, False])
def test_what_reaches_the_level_nowhere_or_everywhere_has_no_line(signed: bool) -> None:
    assert not contour_pixels(np.zeros((20, 20), np.float32), signed, 1.0).any()
    assert not contour_pixels(np.full((20, 20), 2, np.float32), signed, 1.0).any()


def test_lines_are_laid_over_a_picture() -> None:
    picture = np.full((2, 2, 3), 100, np.uint8)
    over = np.zeros((2, 2, 4), np.uint8)
    over[0, 0] = (200, 10, 0, 255)
    over[0, 1] = (0, 0, 0, 153)
    laid = lay_pixels(picture, over)
    assert laid[0, 0].tolist() == [200, 10, 0]
    assert laid[0, 1].tolist() == [40, 40, 40]
    assert laid[1].tolist() == [[100] * 3] * 2
