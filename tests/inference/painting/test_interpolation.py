"""Between two discs lies the disc that geometry wants, wherever they stand and however far."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.painting.interpolation import Spacing, between, signed_distance

SITK: Any = importlib.import_module("SimpleITK")
SHAPE = (90, 120)
EVEN = tuple(float(index) for index in range(12))


def disc(column: float, row: float, radius: float, spacing: Spacing = (1, 1)) -> np.ndarray:
    """A disc in millimetres about a place in pixel edges."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    apart = ((rows - row) * spacing[0]) ** 2 + ((columns - column) * spacing[1]) ** 2
    return np.asarray(apart < radius**2)


def radius_of(mask: np.ndarray, spacing: Spacing = (1, 1)) -> float:
    return math.sqrt(mask.sum() * math.prod(spacing) / math.pi)


def centre_of(mask: np.ndarray) -> tuple[float, float]:
    row, column = np.argwhere(mask).mean(axis=0) + 0.5
    return column, row


@given(arrays(bool, (8, 9)), st.sampled_from([(1.0, 1.0), (0.5, 2.0)]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_distances_are_those_of_itk(mask: np.ndarray, spacing: Spacing) -> None:
    def outside(thing: np.ndarray) -> np.ndarray:
        image = SITK.GetImageFromArray(thing.astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        found = SITK.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=True)
        return np.asarray(np.maximum(SITK.GetArrayFromImage(found), 0))

    distances = signed_distance(mask, spacing)
    if not mask.any():
        assert (distances == -np.inf).all()
        return
    ground = np.pad(~mask, 1, constant_values=True)
    expected = outside(ground)[1:-1, 1:-1] - outside(mask)
    np.testing.assert_allclose(distances, expected, atol=1e-5)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 1.25)])
@pytest.mark.parametrize(
    "positions", [EVEN, tuple(-2.5 * at for at in EVEN), (0, 1, 1.5, 4, 4.5, 6, 10)]
)
def test_between_two_discs_lies_the_disc_between(
    spacing: Spacing, positions: tuple[float, ...]
) -> None:
    """Weighted by millimetres: uneven slices get the radius of where they lie."""
    drawn = {0: disc(60, 45, 10, spacing), 6: disc(60, 45, 20, spacing)}
    found = between(drawn, positions, spacing)
    assert sorted(found) == [1, 2, 3, 4, 5]
    for index, mask in found.items():
        share = (positions[index] - positions[0]) / (positions[6] - positions[0])
        assert radius_of(mask, spacing) == pytest.approx(10 + 10 * share, abs=0.5)
        assert centre_of(mask) == pytest.approx((60, 45), abs=0.05)


@pytest.mark.parametrize("other", [(100, 70), (35, 20), (20, 80)])
def test_a_disc_that_moved_far_is_carried_along(other: tuple[float, float]) -> None:
    drawn = {2: disc(20, 20, 6), 6: disc(*other, 6)}
    for index, mask in between(drawn, EVEN).items():
        share = (index - 2) / 4
        expected = (20 + share * (other[0] - 20), 20 + share * (other[1] - 20))
        assert radius_of(mask) == pytest.approx(6, abs=0.4)
        assert centre_of(mask) == pytest.approx(expected, abs=0.3)


def test_each_part_goes_its_own_way() -> None:
    """One stays, two move past what they met: three parts on each slice between."""
    from scipy import ndimage

    drawn = {
        0: disc(15, 15, 5) | disc(60, 45, 8) | disc(110, 80, 5),
        4: disc(35, 15, 5) | disc(60, 45, 12) | disc(85, 80, 5),
    }
    found = between(drawn, EVEN)[2]
    labels, count = ndimage.label(found)
    assert count == 3
    centres = sorted(centre_of(labels == part) for part in (1, 2, 3))
    expected = [(25, 15), (60, 45), (97.5, 80)]
    for centre, wanted in zip(centres, expected, strict=True):
        assert centre == pytest.approx(wanted, abs=0.6)


def test_a_part_without_another_fades_and_the_rest_stays() -> None:
    drawn = {0: disc(30, 30, 10) | disc(90, 60, 10), 10: disc(30, 30, 10)}
    found = between(drawn, EVEN)
    sizes = [int(found[index][40:].sum()) for index in range(1, 10)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 0
    assert all((found[index][:45, :60] == drawn[10][:45, :60]).all() for index in found)


def test_equal_masks_have_themselves_between_them() -> None:
    mask = np.random.default_rng(3).random(SHAPE) < 0.4
    for found in between({0: mask, 3: mask}, EVEN).values():
        np.testing.assert_array_equal(found, mask)


def test_an_empty_slice_ends_the_thing() -> None:
    one, nothing = disc(40, 40, 9), np.zeros(SHAPE, bool)
    assert between({0: one, 3: nothing, 6: one}, EVEN) == {}
    assert list(between({0: one, 1: one, 3: one}, EVEN)) == [2]


def test_slices_at_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="same place"):
        between({0: disc(9, 9, 3), 2: disc(9, 9, 3)}, (1.0, 1.0, 1.0))
