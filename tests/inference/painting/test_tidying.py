"""Holes, specks, widths and smooth outlines, as other programs and paper have them."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from inference.painting.tidying import fill_holes, keep_largest, remove_specks, smooth, widen

SITK: Any = importlib.import_module("SimpleITK")
QUICK = settings(max_examples=60, deadline=None, derandomize=True)
MASKS = arrays(bool, (11, 13))
RING = np.array([[0, 1, 1, 1, 0], [0, 1, 0, 1, 0], [0, 1, 1, 1, 0], [1, 0, 0, 0, 0]], bool)


@given(MASKS)
@QUICK
def test_holes_are_those_of_itk(mask: np.ndarray) -> None:
    image = SITK.GetImageFromArray(mask.astype(np.uint8))
    filled = SITK.GetArrayFromImage(SITK.BinaryFillhole(image, fullyConnected=False))
    np.testing.assert_array_equal(fill_holes(mask), filled > 0)


@given(MASKS, st.integers(1, 9))
@QUICK
def test_specks_are_those_of_itk(mask: np.ndarray, smallest: int) -> None:
    parts = SITK.ConnectedComponent(SITK.GetImageFromArray(mask.astype(np.uint8)), False)
    large = SITK.RelabelComponent(parts, minimumObjectSize=smallest)
    np.testing.assert_array_equal(remove_specks(mask, smallest), SITK.GetArrayFromImage(large) > 0)
    sizes = np.bincount(SITK.GetArrayFromImage(parts)[mask])
    alone = keep_largest(mask)
    assert alone.sum() == (sizes.max() if sizes.size else 0)
    assert ndimage.label(alone)[1] == min(1, sizes.size)


def test_a_ring_by_hand() -> None:
    assert fill_holes(RING).sum() == 10
    assert keep_largest(RING).sum() == 8
    assert remove_specks(RING, 2).sum() == 8
    assert not any(f(np.zeros((3, 3), bool)).any() for f in (fill_holes, keep_largest))


@given(MASKS, st.sampled_from([0.5, 1.0, 1.5, 2.5]), st.sampled_from([(1, 1), (0.5, 1.25)]))
@QUICK
def test_wider_means_within_so_many_millimetres(
    mask: np.ndarray, by: float, spacing: tuple[float, float]
) -> None:
    """By every pair of pixels: some pixel of the mask is that near."""
    places = np.argwhere(np.ones(mask.shape)) * spacing
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) <= by + 1e-9
    wider = (apart & mask.ravel()).any(axis=1).reshape(mask.shape)
    narrower = ~(apart & ~mask.ravel()).any(axis=1).reshape(mask.shape)
    np.testing.assert_array_equal(widen(mask, by, spacing), wider)
    np.testing.assert_array_equal(widen(mask, -by, spacing), narrower)


def test_the_border_of_the_frame_is_no_outline() -> None:
    whole = np.ones((5, 6), bool)
    np.testing.assert_array_equal(widen(whole, -2, (1, 1)), whole)
    np.testing.assert_array_equal(smooth(whole, 2, (1, 1)), whole)


def test_a_smooth_outline_keeps_straight_sides_and_rounds_corners() -> None:
    mask = np.zeros((60, 80), bool)
    mask[20:60, :40] = True
    found = smooth(mask, 3.0, (1.0, 1.0))
    np.testing.assert_array_equal(found[:, :20], mask[:, :20])
    np.testing.assert_array_equal(found[45:], mask[45:])
    assert not found[20, 39]
    assert mask[20:45, 20:40].sum() - 40 < found[20:45, 20:40].sum() < mask[20:45, 20:40].sum()


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.5, 2.0)])
def test_specks_vanish_and_a_large_disc_stays(spacing: tuple[float, float]) -> None:
    rows, columns = (np.mgrid[:200, :200].T * spacing).T - 0.5
    centre = (100 * spacing[0] - 1, 100 * spacing[1] - 1)
    disc = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 30**2
    dirty = disc.copy()
    dirty[3, 3] = True
    found = smooth(dirty, 1.5, spacing)
    assert not found[3, 3]
    area = found.sum() * math.prod(spacing)
    assert area == pytest.approx(math.pi * 30**2, rel=0.01)
    np.testing.assert_array_equal(smooth(dirty, 0, spacing), dirty)
