"""Masks and maps of some slices, on planes and slabs."""

from __future__ import annotations

import numpy as np
import pytest

from inference.mpr import Orientation, Slab, cut, cut_mask, cut_values, planes, slices
from tests.inference.mpr.scan_volumes import placed, scan, turned_by

STRAIGHT = placed(np.eye(3), (1.0, 1.0, 2.0))
OBLIQUE = placed(turned_by(9, 4, 14), (1.0, 1.0, 2.0))
SHAPE = (6, 9, 11)


@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
def test_maps_of_all_slices_are_cut_as_the_volume_is(
    matrix: np.ndarray, orientation: Orientation
) -> None:
    values = np.random.default_rng(7).normal(size=SHAPE).astype(np.float32)
    volume = scan(values, matrix)
    stack = planes(volume, orientation)
    for index in (0, stack.count // 2, stack.count - 1):
        frame = cut(volume, stack, index)
        known = frame.measured()
        known = np.ones(stack.shape, bool) if known is None else known
        found = cut_values(dict(enumerate(values)), volume, stack, index)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(np.isfinite(found), known)
        np.testing.assert_allclose(found[known], frame.stored[known], atol=1e-4)


def test_masks_and_maps_on_the_slices_are_themselves() -> None:
    rng = np.random.default_rng(8)
    masks = dict(enumerate(rng.integers(0, 5, SHAPE, dtype=np.uint8)))
    maps = dict(enumerate(rng.normal(size=SHAPE).astype(np.float32)))
    volume = scan(np.zeros(SHAPE, np.int16), OBLIQUE)
    for index in (0, 3, 5):
        np.testing.assert_array_equal(cut_mask(masks, volume, slices(volume), index), masks[index])
        np.testing.assert_allclose(
            cut_values(maps, volume, slices(volume), index), maps[index], atol=1e-5
        )


def test_one_slice_alone_reaches_half_way_to_its_neighbours() -> None:
    """Slice 2 of 2 mm is the rows 4 and 5 from below; at 1 mm a coronal plane has 12 rows."""
    volume = scan(np.zeros(SHAPE, np.int16), STRAIGHT)
    stack = planes(volume, "coronal")
    mask = cut_mask({2: np.full((9, 11), 3, np.uint8)}, volume, stack, 4)
    assert mask[:, 0].tolist() == [0] * 6 + [3, 3] + [0] * 4
    values = cut_values({2: np.full((9, 11), -1.5, np.float32)}, volume, stack, 4)
    np.testing.assert_array_equal(np.isfinite(values), mask > 0)
    assert (values[mask > 0] == -1.5).all()


def test_without_masks_or_maps_there_is_nothing() -> None:
    volume = scan(np.zeros(SHAPE, np.int16), OBLIQUE)
    stack = planes(volume, "sagittal")
    assert not cut_mask({}, volume, stack, 3).any()
    assert np.isnan(cut_values({}, volume, stack, 3)).all()


def test_holes_of_a_map_stay_holes() -> None:
    values = np.ones((9, 11), np.float32)
    values[3:6, 4:8] = np.nan
    volume = scan(np.zeros(SHAPE, np.int16), STRAIGHT)
    found = cut_values({1: values}, volume, planes(volume, "axial"), 1)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(values))
    turned = scan(np.zeros(SHAPE, np.int16), OBLIQUE)
    oblique = planes(turned, "axial")
    for index in range(oblique.count):
        seen = cut_values(dict.fromkeys(range(6), values), turned, oblique, index)
        np.testing.assert_allclose(seen[np.isfinite(seen)], 1.0, rtol=1e-6)


@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
def test_slabs_take_the_largest_label_and_the_strongest_value(matrix: np.ndarray) -> None:
    rng = np.random.default_rng(9)
    masks = dict(enumerate(rng.integers(0, 5, SHAPE, dtype=np.uint8)))
    maps = dict(enumerate(rng.normal(size=SHAPE).astype(np.float32)))
    volume = scan(np.zeros(SHAPE, np.int16), matrix)
    stack = planes(volume, "coronal")
    index, slab = stack.count // 2, Slab("mean", 4.5)
    near = stack.within(index, 4.5)
    assert len(near) == 5
    single = [cut_mask(masks, volume, stack, number) for number in near]
    np.testing.assert_array_equal(
        cut_mask(masks, volume, stack, index, slab), np.max(single, axis=0)
    )
    found = cut_values(maps, volume, stack, index, slab)
    values = np.array([cut_values(maps, volume, stack, number) for number in near])
    known = ~np.isnan(values).all(axis=0)
    np.testing.assert_array_equal(np.isfinite(found), known)
    strongest = np.nanmax(np.abs(values[:, known]), axis=0)
    np.testing.assert_allclose(np.abs(found[known]), strongest, rtol=1e-5)
    assert (found[known] < 0).any()
