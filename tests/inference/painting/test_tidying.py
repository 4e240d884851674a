"""Holes and largest parts, as another program has them."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from inference.painting.tidying import fill_holes, keep_largest

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


@given(MASKS)
@QUICK
def test_the_largest_part_is_that_of_itk(mask: np.ndarray) -> None:
    parts = SITK.ConnectedComponent(SITK.GetImageFromArray(mask.astype(np.uint8)), False)
    sizes = np.bincount(SITK.GetArrayFromImage(parts)[mask])
    alone = keep_largest(mask)
    assert alone.sum() == (sizes.max() if sizes.size else 0)
    assert ndimage.label(alone)[1] == min(1, sizes.size)


def test_a_ring_by_hand() -> None:
    assert fill_holes(RING).sum() == 10
    assert keep_largest(RING).sum() == 8
    assert not any(f(np.zeros((3, 3), bool)).any() for f in (fill_holes, keep_largest))
