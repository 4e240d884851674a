"""Slices that could not be read: holes of their own thickness, whatever memory holds there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from inference.mpr import (
    Orientation,
    Slab,
    SlabMode,
    along,
    cut,
    cut_missing,
    planes,
    slices,
    volume_of,
)
from inference.records import affine_of
from tests.inference.mpr.scan_volumes import PLAIN, centres, pixel_centres, placed, scan, turned_by

STRAIGHT = placed(np.eye(3), (1.0, 1.0, 2.0))
OBLIQUE = placed(turned_by(9, 4, 14), (1.0, 1.0, 2.0))
SHAPE = (9, 17, 19)
HOLE = 4
POISON = 30_000
"""What memory holds where a slice was not read: a value that would be seen anywhere."""

ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
JUDGES: dict[SlabMode, Callable[[np.ndarray], np.ndarray]] = {
    "maximum": lambda near: np.asarray(near.max(axis=0)),
    "mean": lambda near: np.asarray(near.mean(axis=0)),
    "minimum": lambda near: np.asarray(near.min(axis=0)),
}


def field(voxels: np.ndarray) -> np.ndarray:
    """The same in every slice: 30 a column and 7 a row of (column, row, slice) coordinates."""
    return np.asarray(100 + 30 * voxels[..., 0] + 7 * voxels[..., 1])


@pytest.mark.parametrize("slopes", [None, np.linspace(1.0, 3.0, SHAPE[0])])
@pytest.mark.parametrize("padding", [None, (-2000.0, -2000.0)])
@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_known_field_has_one_hole_and_is_itself_everywhere_else(
    orientation: Orientation,
    matrix: np.ndarray,
    padding: tuple[float, float] | None,
    slopes: np.ndarray | None,
) -> None:
    """Half way towards a missing slice its neighbours hold; within it nothing is measured."""
    known = field(centres(SHAPE, np.eye(4)))
    stored = known if slopes is None else known / slopes[:, None, None] + 1
    stored = stored.astype(np.float32)
    stored[HOLE] = POISON
    volume = scan(stored, matrix, padding=padding, slopes=slopes, missing=(HOLE,))
    stack = planes(volume, orientation)
    measured_pixels = lost_pixels = 0
    for index in range(stack.count):
        frame = cut(volume, stack, index)
        places = pixel_centres(frame.affine, frame.shape)
        voxels = (places - matrix[:3, 3]) @ np.linalg.inv(matrix[:3, :3]).T
        inner = ((voxels > 1e-3) & (voxels < np.array(SHAPE[::-1]) - 1.001)).all(axis=-1)
        off = np.abs(voxels[..., 2] - HOLE)
        real = frame.measured()
        real = np.ones(frame.shape, bool) if real is None else real
        values = frame.values() + (1024 if slopes is None else 0)
        np.testing.assert_allclose(values[inner & real], field(voxels)[inner & real], atol=0.01)
        assert not real[off < 0.499].any()
        assert real[inner & (off > 0.501)].all()
        hole = cut_missing(volume, stack, index)
        assert hole[inner & (off < 0.499)].all()
        assert not hole[off > 0.501].any()
        measured_pixels += int((inner & real).sum())
        lost_pixels += int((inner & ~real).sum())
    assert measured_pixels > 4 * lost_pixels > 0


@pytest.mark.parametrize("missing", [(0,), (8,), (0, 1, 5, 8)])
@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
def test_holes_take_their_share_of_the_volume(matrix: np.ndarray, missing: tuple[int, ...]) -> None:
    """Of 9 slices of 17 × 19 voxels of 2 mm³ those that were read are measured, ends included."""
    stored = np.full(SHAPE, 50, np.int16)
    stored[list(missing)] = POISON
    volume = scan(stored, matrix, missing=missing)
    for orientation in ORIENTATIONS:
        stack = planes(volume, orientation)
        pixel = float(np.prod(stack.spacing_mm) * (stack.step_mm @ stack.normal))
        count = 0
        for index in range(stack.count):
            frame = cut(volume, stack, index)
            values = frame.stored[frame.measured()]
            assert (values == 50).all()
            count += values.size
        wanted = (SHAPE[0] - len(missing)) * SHAPE[1] * SHAPE[2] * 2.0
        assert count * pixel == pytest.approx(wanted, rel=0.03)


@pytest.mark.parametrize("slopes", [None, np.array([1.0, 2.0, 4.0])])
def test_a_hole_on_paper(slopes: np.ndarray | None) -> None:
    """Slices of 20, none and 40, 2 mm apart, seen at 1 mm: each slice keeps its own 2 mm."""
    stored = np.repeat(np.array([20, POISON, 40], np.int16), 4).reshape(3, 2, 2)
    volume = scan(stored, STRAIGHT, missing=(1,), slopes=slopes)
    frame = cut(volume, planes(volume, "coronal"), 0)
    real = frame.measured()
    assert real is not None
    assert real[:, 0].tolist() == [True, True, False, False, True, True]
    wanted = [40, 40, 20, 20] if slopes is None else [39 * 4, 39 * 4, 19, 19]
    shown = frame.stored if slopes is None else frame.values()
    assert shown[real[:, 0], 0].tolist() == wanted
    beside = cut(volume, planes(volume, "axial"), 2)
    assert (beside.stored == 40).all()
    assert beside.measured() is None


def test_the_slice_itself_is_black_and_no_measurement() -> None:
    stored = np.random.default_rng(1).integers(-1000, 1000, SHAPE, dtype=np.int16)
    stored[HOLE] = POISON
    volume = scan(stored, STRAIGHT, missing=(HOLE,))
    for stack in (planes(volume, "axial"), along(volume, "axial"), slices(volume)):
        frame = cut(volume, stack, HOLE)
        real = frame.measured()
        assert real is not None
        assert not real.any()
        assert frame.stored.max() < -1000
        assert cut_missing(volume, stack, HOLE).all()
        np.testing.assert_array_equal(cut(volume, stack, HOLE + 1).stored, stored[HOLE + 1])


@pytest.mark.parametrize("mode", ["maximum", "mean", "minimum"])
@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
def test_slabs_leave_a_missing_slice_out(matrix: np.ndarray, mode: SlabMode) -> None:
    stored = np.random.default_rng(3).integers(-1000, 1000, SHAPE, dtype=np.int16)
    stored[HOLE] = POISON if mode == "maximum" else -POISON
    volume = scan(stored, matrix, missing=(HOLE,))
    near = stored[[2, 3, 5, 6]]
    frame = cut(volume, slices(volume), HOLE, Slab(mode, 8.0))
    assert frame.measured() is None
    np.testing.assert_array_equal(frame.stored, np.rint(JUDGES[mode](near)))
    alone = cut(volume, slices(volume), HOLE, Slab(mode, 2.0)).measured()
    assert alone is not None
    assert not alone.any()


@pytest.mark.parametrize("mode", ["maximum", "mean", "minimum"])
def test_oblique_slabs_never_show_what_was_not_read(mode: SlabMode) -> None:
    stored = np.full(SHAPE, 50, np.int16)
    stored[HOLE] = POISON if mode == "maximum" else -POISON
    volume = scan(stored, OBLIQUE, missing=(HOLE,))
    for orientation in ORIENTATIONS:
        stack = planes(volume, orientation)
        for index in (1, stack.count // 2):
            frame = cut(volume, stack, index, Slab(mode, 5.0))
            values = frame.stored[frame.measured()]
            assert values.size > 0
            assert (values == 50).all()


def test_uneven_slices_have_holes_as_wide_as_the_way_to_their_neighbours() -> None:
    """Slices at 0, 2, 6 and 8 mm without the third: nothing from 4 to 7 mm."""
    positions = np.array([[0, 0, z] for z in (0.0, 2.0, 6.0, 8.0)])
    stored = np.repeat(np.array([10, 30, POISON, 90], np.int16), 16).reshape(4, 4, 4)
    matrix = placed(np.eye(3), (1.0, 1.0, 2.0), (0.0, 0.0, 0.0))
    volume = scan(stored, matrix, positions=positions, missing=(2,))
    frame = cut(volume, planes(volume, "coronal"), 1)
    heights = pixel_centres(frame.affine, frame.shape)[:, 0, 2]
    real = frame.measured()
    assert real is not None
    assert real[:, 0].tolist() == [not 4.0 < z < 7.0 for z in heights]
    assert set(frame.stored[real].tolist()) <= {*range(10, 31), 90}


def test_a_volume_of_nothing_is_a_fault_of_the_caller() -> None:
    source = replace(PLAIN, affine=affine_of(np.eye(4)))
    with pytest.raises(ValueError, match="at least one slice"):
        volume_of(source, np.zeros((3, 4, 4), np.int16), [None] * 3)
