"""Values on planes: fields that are known everywhere, and SimpleITK's own resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.mpr import (
    Orientation,
    PlaneStack,
    Slab,
    SlabMode,
    Volume,
    along,
    cut,
    cut_mask,
    planes,
    sampling,
)
from tests.inference.mpr.scan_volumes import centres, pixel_centres, placed, scan, turned_by

ITK: Any = SimpleITK  # it has no types
ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
SLOPE_MM = np.array([1.5, -2.25, 3.125])
"""Of the field whose value is SLOPE_MM · place + 7."""


JUDGES: dict[SlabMode, Callable[[np.ndarray], np.ndarray]] = {
    "maximum": lambda planes: np.asarray(np.nanmax(planes, axis=0)),
    "mean": lambda planes: np.asarray(np.nanmean(planes, axis=0)),
    "minimum": lambda planes: np.asarray(np.nanmin(planes, axis=0)),
}


def field(places: np.ndarray) -> np.ndarray:
    return np.asarray(places @ SLOPE_MM + 7.0)


def assert_field(
    volume: Volume, stack: PlaneStack, index: int, deepest: np.ndarray, within: float
) -> int:
    """Measured pixels that lie between voxel centres hold the field; how many there are.

    `deepest` is the 4×4 affine of an even volume, to tell which pixels those are.
    """
    frame = cut(volume, stack, index)
    places = pixel_centres(frame.affine, frame.shape)
    voxels = (places - deepest[:3, 3]) @ np.linalg.inv(deepest[:3, :3]).T
    ends = np.array(volume.stored.shape[::-1]) - 1.0
    between = ((voxels >= 1e-3) & (voxels <= ends - 1e-3)).all(axis=-1)
    measured = frame.measured()
    assert measured is None or measured[between].all()
    off = np.abs(frame.stored - field(places))[between]
    assert off.size == 0 or float(off.max()) <= within
    return int(between.sum())


@st.composite
def geometries(draw: st.DrawFn) -> tuple[tuple[int, int, int], np.ndarray]:
    """A shape, and an affine that may be turned, mirrored, sheared and anisotropic."""
    axes = turned_by(*draw(st.tuples(*[st.floats(-180, 180)] * 3)))
    mirror = draw(st.sampled_from([-1, 1]))
    axes[:, 2] = mirror * axes[:, 2] + draw(st.floats(-0.4, 0.4)) * axes[:, 1]
    spacing = draw(st.tuples(*[st.floats(0.4, 4)] * 3))
    return draw(st.tuples(*[st.integers(2, 9)] * 3)), placed(axes, spacing)


@pytest.mark.parametrize("stacks", [planes, along])
@given(geometry=geometries(), orientation=st.sampled_from(ORIENTATIONS), place=st.floats(0, 1))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_linear_field_is_exact_in_any_geometry(
    stacks: Callable[[Volume, Orientation], PlaneStack],
    geometry: tuple[tuple[int, int, int], np.ndarray],
    orientation: Orientation,
    place: float,
) -> None:
    shape, matrix = geometry
    volume = scan(field(centres(shape, matrix)).astype(np.float32), matrix)
    stack = stacks(volume, orientation)
    assert_field(volume, stack, round(place * (stack.count - 1)), matrix, 5e-3)


def test_the_middle_of_an_oblique_field_is_looked_at_at_all() -> None:
    matrix = placed(turned_by(10, 20, 30), (0.8, 0.8, 2.0))
    volume = scan(field(centres((9, 20, 24), matrix)).astype(np.float32), matrix)
    for orientation in ORIENTATIONS:
        stack = planes(volume, orientation)
        assert assert_field(volume, stack, stack.count // 2, matrix, 5e-3) > 50


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("angles", [(0, 0, 0), (12, 0, 7)])
def test_uneven_slices_are_interpolated_between_their_true_places(
    orientation: Orientation, angles: tuple[float, float, float]
) -> None:
    """A linear field stays linear only if each slice counts where it is."""
    axes = turned_by(*angles)
    matrix = placed(axes, (1.0, 1.0, 2.0))
    depths = np.array([0, 2, 3, 7, 8, 12.5])
    positions = matrix[:3, 3] + depths[:, None] * axes[:, 2]
    shape = (6, 11, 12)
    volume = scan(
        field(centres(shape, matrix, positions)).astype(np.float32), matrix, positions=positions
    )
    stack = planes(volume, orientation)
    even = placed(axes, (1.0, 1.0, 2.5))  # the box of the same corners
    seen = sum(assert_field(volume, stack, index, even, 2e-3) for index in range(stack.count))
    assert seen > 200


def test_a_wandering_stack_of_uneven_slices() -> None:
    """Slices that are also shifted within their planes: the shift goes from slice to slice."""
    matrix = placed(np.eye(3), (1.0, 1.0, 2.0))
    positions = np.array([[0, 0, 0], [0.5, 0, 2], [1.5, -1, 3], [1, 0, 6]]) + matrix[:3, 3]
    shape = (4, 14, 15)
    values = field(centres(shape, matrix, positions)).astype(np.float32)
    volume = scan(values, matrix, positions=positions)
    stack = planes(volume, "coronal")
    frame = cut(volume, stack, stack.index_at((-13.0, -23.0, 102.0)))
    places = pixel_centres(frame.affine, frame.shape)
    inner = (np.abs(places - np.array([-13, -23, 103])) < [4, 9, 2.9]).all(axis=-1)
    assert inner.sum() > 30
    np.testing.assert_allclose(frame.stored[inner], field(places)[inner], atol=2e-3)


def as_image(stored: np.ndarray, matrix: np.ndarray) -> Any:
    image = ITK.GetImageFromArray(stored)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetOrigin(matrix[:3, 3].tolist())
    image.SetDirection((matrix[:3, :3] / spacing).ravel().tolist())
    return image


def resampled(image: Any, stack: PlaneStack, index: int, how: int, outside: float) -> np.ndarray:
    """SimpleITK's values on one plane of a stack."""
    matrix = stack.matrix(index)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    found = ITK.Resample(
        image,
        (stack.shape[1], stack.shape[0], 1),
        ITK.Transform(),
        how,
        matrix[:3, 3].tolist(),
        spacing.tolist(),
        (matrix[:3, :3] / spacing).ravel().tolist(),
        outside,
        image.GetPixelID(),
    )
    return np.asarray(ITK.GetArrayFromImage(found)[0])


OBLIQUE = [(10.0, 0.0, 0.0), (10.0, -7.0, 25.0), (80.0, 40.0, 5.0)]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("angles", OBLIQUE)
def test_oblique_planes_are_those_of_simpleitk(
    angles: tuple[float, float, float], orientation: Orientation
) -> None:
    matrix = placed(turned_by(*angles), (0.7, 0.9, 2.0))
    stored = np.random.default_rng(4).integers(-1000, 1500, (13, 30, 34)).astype(np.float32)
    volume = scan(stored, matrix)
    stack = planes(volume, orientation)
    image = as_image(stored, matrix)
    for index in (stack.count // 3, stack.count // 2):
        frame = cut(volume, stack, index)
        wanted = resampled(image, stack, index, ITK.sitkLinear, -9999)
        measured = frame.measured()
        assert measured is not None
        # The very edge of a voxel may round either way.
        assert (measured != (wanted != -9999)).mean() < 0.005
        both = measured & (wanted != -9999)
        assert both.mean() > 0.2
        np.testing.assert_allclose(frame.stored[both], wanted[both], atol=0.1)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("angles", OBLIQUE)
def test_masks_on_oblique_planes_are_those_of_simpleitk(
    angles: tuple[float, float, float], orientation: Orientation
) -> None:
    matrix = placed(turned_by(*angles), (0.7, 0.9, 2.0))
    labels = np.random.default_rng(5).integers(0, 4, (13, 30, 34), dtype=np.uint8)
    volume = scan(labels.astype(np.int16), matrix)
    stack = planes(volume, orientation)
    index = stack.count // 2
    found = cut_mask(dict(enumerate(labels)), volume, stack, index)
    wanted = resampled(as_image(labels, matrix), stack, index, ITK.sitkNearestNeighbor, 0)
    assert wanted.any()
    assert (found != wanted).mean() < 0.005  # voxels' edges again


def test_a_sphere_is_round_in_every_plane() -> None:
    """Diameters in mm of a ball of 10 mm, in a sheared anisotropic volume."""
    axes = turned_by(5, 0, 15)
    axes[:, 2] += 0.25 * axes[:, 1]
    matrix = placed(axes, (0.6, 0.6, 1.5))
    shape = (41, 64, 64)
    places = centres(shape, matrix)
    middle = places[20, 32, 32]
    away = np.linalg.norm(places - middle, axis=-1)
    volume = scan(np.where(away <= 10, 100, 0).astype(np.int16), matrix)
    for orientation in ORIENTATIONS:
        stack = planes(volume, orientation)
        frame = cut(volume, stack, stack.index_at((middle[0], middle[1], middle[2])))
        ball = frame.stored >= 50
        rows, columns = np.flatnonzero(ball.any(axis=1)), np.flatnonzero(ball.any(axis=0))
        pixel = stack.spacing_mm[0]
        assert (np.ptp(rows) + 1) * pixel == pytest.approx(20, abs=1.6)
        assert (np.ptp(columns) + 1) * pixel == pytest.approx(20, abs=1.6)
        assert ball.sum() * pixel**2 == pytest.approx(np.pi * 100, rel=0.04)


@pytest.mark.parametrize("angles", [(0, 0, 0), (10, 0, 20)])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("mode", ["maximum", "mean", "minimum"])
def test_a_slab_is_what_its_planes_give_one_by_one(
    mode: SlabMode, orientation: Orientation, angles: tuple[float, float, float]
) -> None:
    matrix = placed(turned_by(*angles), (1.0, 1.0, 2.0))
    stored = np.random.default_rng(6).integers(0, 3000, (9, 17, 19)).astype(np.float32)
    volume = scan(stored, matrix)
    stack = planes(volume, orientation)
    index = stack.count // 2
    frame = cut(volume, stack, index, Slab(mode, 5.0))
    distance = float(np.linalg.norm(stack.step_mm))
    reach = int(2.5 / distance + 1e-6)
    single = []
    for near in range(index - reach, index + reach + 1):
        one = cut(volume, stack, near)
        known = one.measured()
        single.append(one.stored if known is None else np.where(known, one.stored, np.nan))
    some = np.isfinite(single).any(axis=0)
    wanted = JUDGES[mode](np.array(single)[:, some])
    np.testing.assert_allclose(frame.stored[some], wanted, rtol=1e-5)
    measured = frame.measured()
    np.testing.assert_array_equal(np.ones_like(some) if measured is None else measured, some)


def test_voxels_far_apart_are_read_where_they_lie_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Near voxels are copied together first; whether they are must not be seen."""
    stored = np.random.default_rng(7).integers(0, 3000, (9, 17, 19), dtype=np.int16)
    volume = scan(stored, placed(turned_by(10, 0, 20), (1.0, 1.0, 2.0)))
    stack = planes(volume, "coronal")
    slab = Slab("mean", 4.0)
    copied = cut(volume, stack, stack.count // 2, slab).stored
    monkeypatch.setattr(sampling, "_LARGEST_BOX", 0)
    np.testing.assert_array_equal(cut(volume, stack, stack.count // 2, slab).stored, copied)
