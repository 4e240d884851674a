"""Which planes there are, which way they are seen, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from inference.errors import UserError
from inference.mpr import Orientation, along, cut, planes, slices, volume_of
from inference.records import Frame, Source, affine_of
from tests.inference.mpr.scan_volumes import PLAIN, centres, placed, scan, turned_by

SAGITTAL_SCAN = np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]])
"""Axes (row, column, slice) of a sagittal scan seen from the left, slices going to the right."""
CORONAL_SCAN = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
FEET_FIRST = np.diag([1.0, 1.0, -1.0])
"""An axial scan whose slices go down: left-handed."""
PRONE = np.diag([-1.0, -1.0, 1.0])

UP: dict[Orientation, tuple[list[float], list[float]]] = {
    "axial": ([1, 0, 0], [0, 1, 0]),
    "coronal": ([1, 0, 0], [0, 0, -1]),
    "sagittal": ([0, 1, 0], [0, 0, -1]),
}
"""To the right of the screen, and down it: the patient's left, back, and feet (LPS)."""


def ramp(shape: tuple[int, int, int]) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.int16).reshape(shape)


@pytest.mark.parametrize("orientation", UP)
@pytest.mark.parametrize(
    "axes", [np.eye(3), SAGITTAL_SCAN, CORONAL_SCAN, FEET_FIRST, PRONE, turned_by(20, 10, 5)]
)
def test_planes_are_seen_as_radiologists_see_them(
    axes: np.ndarray, orientation: Orientation
) -> None:
    volume = scan(ramp((5, 7, 9)), placed(axes, (0.8, 0.8, 2.0)))
    stack = planes(volume, orientation)
    rightwards, down = UP[orientation]
    np.testing.assert_allclose(stack.column_mm / np.linalg.norm(stack.column_mm), rightwards)
    np.testing.assert_allclose(stack.row_mm / np.linalg.norm(stack.row_mm), down, atol=1e-12)
    away = np.cross(rightwards, down)
    steps = np.diff(stack.origins, axis=0)
    assert (steps @ away > 0).all()
    assert stack.step_mm @ away > 0


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(
    ("axes", "orientation", "wanted"),
    [
        (np.eye(3), "axial", lambda v: v),
        (FEET_FIRST, "axial", lambda v: v[::-1]),
        (PRONE, "axial", lambda v: v[:, ::-1, ::-1]),
        (SAGITTAL_SCAN, "sagittal", lambda v: v),
        (CORONAL_SCAN, "coronal", lambda v: v),
        (turned_by(0, 0, 90), "axial", lambda v: v.swapaxes(1, 2)[:, :, ::-1]),
        (turned_by(0.05, 0, 0.05), "axial", lambda v: v),
    ],
)
def test_the_scans_own_orientation_shows_stored_pixels(
    axes: np.ndarray,
    orientation: Orientation,
    wanted: Callable[[np.ndarray], np.ndarray],
    own: bool,
) -> None:
    """Bit for bit, in their own place, also where pixels are not square."""
    stored = np.random.default_rng(1).integers(-32768, 32767, (4, 6, 8), dtype=np.int16)
    matrix = placed(axes, (0.5, 0.9, 3.0))
    volume = scan(stored, matrix)
    stack = (along if own else planes)(volume, orientation)
    np.testing.assert_array_equal(
        [cut(volume, stack, index).stored for index in range(stack.count)], wanted(stored)
    )
    first = cut(volume, stack, 1)
    assert first.stored.dtype == np.int16
    assert first.padding is None
    assert (first.slope, first.intercept, first.unit) == (1.0, -1024.0, "HU")
    assert first.spacing_mm in ((0.9, 0.5), (0.5, 0.9))


def test_frames_say_where_they_are() -> None:
    stored = ramp((4, 6, 8))
    matrix = placed(turned_by(0, 0, 90), (0.5, 0.9, 3.0))
    volume = scan(stored, matrix)
    stack = planes(volume, "axial")
    places = centres((4, 6, 8), matrix)
    for index in range(4):
        frame = cut(volume, stack, index)
        assert frame.key == ("s/axial", index)
        assert frame.affine is not None
        for row, column in ((0, 0), (7, 0), (0, 5), (3, 2)):
            here = np.array(frame.affine) @ [column, row, 0, 1]
            found = np.argwhere(stored == frame.stored[row, column])[0]
            np.testing.assert_allclose(here[:3], places[tuple(found)], atol=1e-9)


def test_sheared_slices_are_shown_as_stored_along_their_own_axes_alone() -> None:
    """A gantry tilt of 15°: the slices lean, and so do the patient's axial planes across them."""
    axes = np.eye(3)
    axes[:, 1] = [0, np.cos(np.radians(15)), -np.sin(np.radians(15))]
    volume = scan(ramp((6, 10, 12)), placed(axes, (1.0, 1.0, 4.0)))
    own, patient = along(volume, "axial"), planes(volume, "axial")
    assert own.name == "own_axial"
    np.testing.assert_array_equal(cut(volume, own, 2).stored, volume.stored[2])
    assert own.spacing_mm == pytest.approx((1.0, 1.0))
    np.testing.assert_allclose(patient.normal, [0, 0, 1], atol=1e-12)
    assert patient.count > 6
    upright = along(volume, "sagittal")
    assert abs(upright.column_mm @ upright.row_mm) < 1e-12
    np.testing.assert_allclose(np.abs(upright.normal), [1, 0, 0], atol=1e-12)


def test_size_and_distance_of_planes() -> None:
    """20 slices of 3 mm, 40 × 50 pixels of 0.75 mm: 60 mm high, 30 mm deep, 37.5 mm wide."""
    volume = scan(ramp((20, 40, 50)), placed(np.eye(3), (0.75, 0.75, 3.0), (0.0, 0.0, 0.0)))
    axial, coronal, sagittal = (planes(volume, orientation) for orientation in UP)
    assert (axial.shape, axial.count) == ((40, 50), 20)
    assert (coronal.shape, coronal.count) == ((80, 50), 40)
    assert (sagittal.shape, sagittal.count) == ((80, 40), 50)
    assert coronal.spacing_mm == (0.75, 0.75)
    # The uppermost row's centre lies half a pixel below the upper edge of the last slice.
    np.testing.assert_allclose(coronal.origins[0], [0, 0, 57 + 1.5 - 0.375])
    np.testing.assert_allclose(coronal.origins[7], [0, 7 * 0.75, 58.125])
    # Seen from the left, the leftmost plane is the first.
    np.testing.assert_allclose(sagittal.origins[0], [49 * 0.75, 0, 58.125])
    assert axial.index_at((0, 0, 31.4)) == 10
    assert axial.index_at((0, 0, -500)) == 0
    assert sagittal.index_at((0, 0, 0)) == 49
    assert axial.within(5, 6.0) == [4, 5, 6]
    assert axial.within(0, 11.9) == [0, 1]


@pytest.mark.parametrize("mirror", [1, -1])
def test_uneven_slices_reach_half_way_beyond_the_outermost(mirror: int) -> None:
    """Slices at 0, 4 and 5 mm reach from −2 to 5.5: 8 rows of 1 mm, centred on 1.75."""
    positions = np.array([[0, 0, z * mirror] for z in (0.0, 4.0, 5.0)])
    matrix = placed(np.diag([1.0, 1.0, mirror]), (1.0, 1.0, 4.0), (0.0, 0.0, 0.0))
    stored = np.repeat(np.array([0, 4000, 5000], np.int16), 16).reshape(3, 4, 4)
    volume = scan(stored, matrix, positions=positions)
    frame = cut(volume, planes(volume, "coronal"), 1)
    assert frame.affine is not None
    assert frame.affine[2][3] == pytest.approx(mirror * 1.75 + 3.5)
    heights = [0, 0, 250, 1250, 2250, 3250, 4250, 5000]
    assert frame.stored[:, 0].tolist() == heights[::-mirror]


def test_planes_of_too_many_pixels_get_larger_ones() -> None:
    stored = np.zeros((30, 2, 3000), np.int16)
    volume = scan(stored, placed(np.eye(3), (0.01, 0.01, 2.0)))
    stack = planes(volume, "coronal")
    rows, columns = stack.shape
    assert 0.9 * 1024**2 < rows * columns < 1.1 * 1024**2
    assert stack.spacing_mm[0] == stack.spacing_mm[1]
    assert rows * stack.spacing_mm[0] == pytest.approx(60, rel=0.01)


def test_oblique_planes_cover_the_whole_volume() -> None:
    matrix = placed(turned_by(30, 20, 10), (0.8, 0.8, 2.0))
    volume = scan(np.full((7, 30, 25), 5, np.int16), matrix)
    voxels = 7 * 30 * 25 * 0.8 * 0.8 * 2.0
    for orientation in UP:
        stack = planes(volume, orientation)
        frames = [cut(volume, stack, index) for index in range(stack.count)]
        counts = [
            frame.stored.size if (known := frame.measured()) is None else known.sum()
            for frame in frames
        ]
        pixel = float(np.prod(stack.spacing_mm) * (stack.step_mm @ stack.normal))
        assert sum(counts) * pixel == pytest.approx(voxels, rel=0.02)
        for frame in frames:
            known = frame.measured()
            assert (frame.stored[known] == 5).all()


@pytest.mark.parametrize("shape", [(1, 6, 7), (5, 1, 7), (5, 6, 1), (1, 1, 9), (9, 1, 1)])
@pytest.mark.parametrize("orientation", UP)
@pytest.mark.parametrize("angles", [(0, 0, 0), (11, 0, 4)])
def test_volumes_of_one_slice_row_or_column(
    shape: tuple[int, int, int], orientation: Orientation, angles: tuple[float, float, float]
) -> None:
    volume = scan(np.full(shape, 70, np.int16), placed(turned_by(*angles), (1.0, 1.0, 3.0)))
    stack = planes(volume, orientation)
    frames = [cut(volume, stack, index) for index in range(stack.count)]
    seen = [frame.stored[frame.measured()] for frame in frames]
    assert sum(one.size for one in seen) > 0
    assert all((one == 70).all() for one in seen)


def test_slices_are_those_of_the_source() -> None:
    matrix = placed(turned_by(10, 0, 0), (0.5, 0.9, 3.0))
    depths = np.array([0, 3, 7])
    positions = matrix[:3, 3] + depths[:, None] * matrix[:3, 2] / 3
    volume = scan(ramp((3, 4, 5)), matrix, positions=positions)
    stack = slices(volume)
    np.testing.assert_allclose(stack.origins, positions)
    assert stack.affine(2)[0][3] == positions[2][0]
    np.testing.assert_array_equal(cut(volume, stack, 2).stored, volume.stored[2])


SPOT = affine_of(np.eye(4))
LINE = tuple((0.0, 0.0, float(z)) for z in (0, 2, 1))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (replace(PLAIN, samples=3, affine=SPOT), "Colour"),
        (PLAIN, "where these slices lie"),
        (replace(PLAIN, affine=SPOT, positions_mm=LINE), "do not follow each other"),
        (replace(PLAIN, affine=SPOT, positions_mm=((0.0, 0.0, 0.0),) * 3), "do not follow"),
    ],
)
def test_what_is_no_volume_is_refused_in_words(source: Source, words: str) -> None:
    stored = np.zeros((3, 4, 4), np.int16)
    with pytest.raises(UserError, match=words):
        volume_of(source, stored, [Frame(("s", 0), stored[0])] * 3)
