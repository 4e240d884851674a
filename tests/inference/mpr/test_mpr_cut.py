"""What a cut frame holds: type, unit, padding, slopes of their own, slabs of slices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from inference.display import grey
from inference.mpr import Orientation, Slab, SlabMode, along, cut, planes, slices
from inference.records import Calibration, Window
from tests.inference.mpr.scan_volumes import centres, placed, scan, turned_by

STRAIGHT = placed(np.eye(3), (1.0, 1.0, 2.0))
JUDGES: dict[SlabMode, Callable[[np.ndarray], np.ndarray]] = {
    "maximum": lambda slices: np.asarray(slices.max(axis=0)),
    "mean": lambda slices: np.asarray(slices.mean(axis=0)),
    "minimum": lambda slices: np.asarray(slices.min(axis=0)),
}
OBLIQUE = placed(turned_by(9, 4, 14), (1.0, 1.0, 2.0))


def test_a_frame_takes_over_what_the_scan_says() -> None:
    volume = scan(np.zeros((4, 5, 6), np.int16), STRAIGHT)
    frame = cut(volume, planes(volume, "coronal"), 2)
    assert frame.windows == (Window(40, 400),)
    assert frame.unit == "HU"
    assert (frame.slope, frame.intercept) == (1.0, -1024.0)
    assert frame.spacing_mm == (1.0, 1.0)
    assert frame.calibrations == (Calibration((1.0, 1.0), "geometry of the volume"),)
    assert frame.key == ("s/coronal", 2)


def test_values_between_slices_are_rounded_to_the_stored_type() -> None:
    """Rows 2 mm apart become 1 mm: a quarter and three quarters of the way from 0 to 10."""
    stored = np.repeat(np.array([0, 10], np.int16), 4).reshape(2, 2, 2)
    volume = scan(stored, STRAIGHT)
    frame = cut(volume, planes(volume, "coronal"), 0)
    assert frame.stored.dtype == np.int16
    assert frame.stored[:, 0].tolist() == [10, 8, 2, 0]  # 10, 7.5, 2.5, 0: halves to even
    assert frame.padding is None


@pytest.mark.parametrize(
    ("dtype", "low", "high", "wanted"),
    [
        (np.int16, -1024, 3071, np.int16),
        (np.int16, -32768, 32767, np.float32),
        (np.uint16, 0, 4095, np.int16),
        (np.uint16, 0, 65535, np.float32),
        (np.uint8, 0, 255, np.int16),
        (np.int32, -5, 5, np.float32),
        (np.float32, -1.5, 2.5, np.float32),
    ],
)
@pytest.mark.parametrize("inverted", [False, True])
def test_outside_is_black_and_no_measurement(
    dtype: type, low: float, high: float, wanted: type, inverted: bool
) -> None:
    made = np.random.default_rng(2).uniform(low, high, (6, 12, 13))
    stored: np.ndarray = made.astype(dtype)
    stored[2, 3, 4], stored[3, 4, 5] = low, high
    volume = scan(stored, OBLIQUE, inverted=inverted)
    stack = planes(volume, "axial")
    frame = cut(volume, stack, stack.count // 2)
    assert frame.stored.dtype == wanted
    assert frame.inverted == inverted
    known = frame.measured()
    assert known is not None
    assert 0 < (~known).sum() < known.size / 2
    assert frame.stored[known].min() >= low
    assert frame.stored[known].max() <= high
    middle = Window((low + high) / 2 - 1024.0, high - low, "LINEAR_EXACT")
    assert (grey(frame, middle)[~known] == 0).all()


@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
def test_outside_is_known_again_where_slices_have_slopes_of_their_own(
    orientation: Orientation,
) -> None:
    """Of PET the value that stands for it is seldom one that float32 holds exactly."""
    stored = np.random.default_rng(8).integers(0, 30_000, (6, 12, 13), dtype=np.int16)
    volume = scan(stored, OBLIQUE, slopes=np.linspace(0.1, 0.7, 6))
    frame = cut(volume, planes(volume, orientation), 0)
    known = frame.measured()
    assert known is not None
    assert (~known).any()
    assert frame.stored[known].min(initial=0.0) >= -0.7


@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("odd", ["padding", "nan"])
def test_padding_is_never_mixed_into_tissue(
    matrix: np.ndarray, orientation: Orientation, odd: str
) -> None:
    """A cylinder of 50 in padding of −2000: every measured pixel is 50."""
    places = centres((8, 20, 21), np.eye(4))
    inside = np.linalg.norm(places[..., :2] - [10, 9.5], axis=-1) < 8
    stored = np.where(inside, 50, -2000 if odd == "padding" else np.nan)
    kind = np.int16 if odd == "padding" else np.float32
    padding = (-2000.0, -2000.0) if odd == "padding" else None
    volume = scan(stored.astype(kind), matrix, padding=padding)
    stack = planes(volume, orientation)
    share = 0.0
    for index in range(stack.count):
        frame = cut(volume, stack, index)
        if odd == "padding":
            assert frame.stored.dtype == np.int16
            assert frame.padding == (-2000.0, -2000.0)
        values = frame.stored[frame.measured()]
        values = values[np.isfinite(values)]
        np.testing.assert_allclose(values, 50, rtol=1e-6)
        share += values.size * float(np.prod(stack.spacing_mm) * (stack.step_mm @ stack.normal))
    # Neither does it eat tissue away: the cylinder keeps its volume, 2 mm³ a voxel.
    assert share == pytest.approx(inside.sum() * 2.0, rel=0.05)


def test_padding_on_paper() -> None:
    """Slices of 20, padding and 40, 2 mm apart, seen at 1 mm: each slice keeps its own 2 mm."""
    stored = np.repeat(np.array([20, -9, 40], np.int16), 4).reshape(3, 2, 2)
    volume = scan(stored, STRAIGHT, padding=(-10.0, -8.0))
    frame = cut(volume, planes(volume, "coronal"), 0)
    assert frame.stored[:, 0].tolist() == [40, 40, -10, -10, 20, 20]
    whole = cut(volume, planes(volume, "axial"), 1)
    assert (whole.stored == -9).all()
    assert whole.padding == (-10.0, -8.0)


@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("matrix", [STRAIGHT, OBLIQUE])
def test_slices_with_slopes_of_their_own_are_rescaled_before_they_are_mixed(
    matrix: np.ndarray, orientation: Orientation
) -> None:
    """PET: 600 / slope + 1 stored with each slice's slope is 600 everywhere."""
    slopes = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    stored = np.broadcast_to((600 / slopes + 1)[:, None, None], (5, 12, 13)).astype(np.int16)
    volume = scan(stored, matrix, slopes=slopes)
    stack = planes(volume, orientation)
    for index in range(stack.count):
        frame = cut(volume, stack, index)
        measured = frame.measured()
        assert measured is None or measured.any()
        np.testing.assert_allclose(frame.values()[measured], 600, rtol=1e-5)
    slab = cut(volume, stack, stack.count // 2, Slab("mean", 6))
    np.testing.assert_allclose(slab.values()[slab.measured()], 600, rtol=1e-5)


def test_slices_with_slopes_of_their_own_stay_as_stored_where_nothing_is_mixed() -> None:
    stored = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    volume = scan(stored, STRAIGHT, slopes=np.array([1.0, 2.5, 4.0]))
    frame = cut(volume, planes(volume, "axial"), 1)
    np.testing.assert_array_equal(frame.stored, stored[1])
    assert frame.slope == 2.5


@pytest.mark.parametrize("mode", ["maximum", "mean", "minimum"])
@pytest.mark.parametrize(("thickness", "reach"), [(0.0, 0), (3.9, 0), (4.0, 1), (9.0, 2)])
def test_slabs_of_slices_are_exact(mode: SlabMode, thickness: float, reach: int) -> None:
    """Slices 2 mm apart: those whose centres lie within half the thickness."""
    stored = np.random.default_rng(3).integers(-1000, 1000, (9, 5, 6), dtype=np.int16)
    volume = scan(stored, STRAIGHT)
    for index in (0, 4, 8):
        near = stored[max(index - reach, 0) : index + reach + 1]
        frame = cut(volume, slices(volume), index, Slab(mode, thickness))
        assert frame.stored.dtype == np.int16
        np.testing.assert_array_equal(frame.stored, np.rint(JUDGES[mode](near)))


@pytest.mark.parametrize("mode", ["maximum", "mean", "minimum"])
def test_padding_is_left_out_of_slabs(mode: SlabMode) -> None:
    stored = np.full((3, 2, 2), -2000, np.int16)
    stored[0, 0, 0], stored[1, 0, 0] = 10, 30
    stored[2, 0, 1] = -7
    volume = scan(stored, STRAIGHT, padding=(-2000.0, -2000.0))
    frame = cut(volume, slices(volume), 1, Slab(mode, 4.0))
    first = {"maximum": 30, "mean": 20, "minimum": 10}[mode]
    assert frame.stored.tolist() == [[first, -7], [-2000, -2000]]
    assert frame.padding == (-2000.0, -2000.0)


def test_unevenly_spaced_slices_join_a_slab_by_their_own_places() -> None:
    stored = np.arange(4, dtype=np.int16).repeat(4).reshape(4, 2, 2)
    positions = np.array([[0, 0, z] for z in (0.0, 1.0, 4.0, 5.0)])
    volume = scan(stored, STRAIGHT, positions=positions)
    assert (cut(volume, slices(volume), 1, Slab("maximum", 5.0)).stored == 1).all()
    assert (cut(volume, slices(volume), 1, Slab("maximum", 6.0)).stored == 2).all()


def test_voxels_are_not_copied_unless_they_must_be() -> None:
    stored = np.zeros((3, 4, 5), np.int16)
    assert np.shares_memory(scan(stored, STRAIGHT).stored, stored)
    turned = np.zeros((5, 4, 3), np.int16).T
    turned[1, 2, 3] = 9
    volume = scan(turned, STRAIGHT)
    assert cut(volume, along(volume, "axial"), 1).stored[2, 3] == 9
