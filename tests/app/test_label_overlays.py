"""Labels of slices on planes: compared with the label volume voxel by voxel, and lines by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from app import object_cuts
from app.label_overlays import ON_SLICES_ALONE, LabelCuts
from inference.label_regions import label_region
from inference.mask_bits import mask_of, pack_mask
from inference.mpr import Slab, along, planes, slices
from inference.mpr.stack import Orientation, PlaneStack
from inference.mpr.volume import Volume
from inference.records import Annotation
from tests.inference.mpr.scan_volumes import placed, scan

SLICES, ROWS, COLUMNS = 6, 8, 10
SHAPE = (ROWS, COLUMNS)
ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")
TURNED = Rotation.from_euler("xyz", (12, -20, 7), degrees=True).as_matrix()
UNEVEN = np.array([0.0, 1.5, 3.1, 4.4, 7.0, 8.2])


def volume_with(
    turned: np.ndarray, depths: np.ndarray, shear: tuple[float, float] = (0.0, 0.0)
) -> Volume:
    """Slices at these depths along their normal, each moved by `shear` mm for each mm of depth."""
    stored = np.zeros((SLICES, *SHAPE), np.int16)
    matrix = placed(turned, (0.8, 0.8, float(depths[1] - depths[0])))
    way = turned @ np.array([*shear, 1.0])
    matrix[:3, 2] = way * (depths[1] - depths[0])
    return scan(stored, matrix, positions=matrix[:3, 3] + depths[:, None] * way)


EVEN = 0.8 * np.arange(SLICES)
VOLUMES = {
    "even": volume_with(np.eye(3), EVEN),
    "uneven": volume_with(np.eye(3), UNEVEN),
    "oblique": volume_with(TURNED, UNEVEN),
    "sheared": volume_with(TURNED, EVEN * 2, (0.2, -0.3)),
}


@pytest.fixture
def painted() -> tuple[Annotation, ...]:
    """Two labels, several masks of one of them on a slice, and a box and a polygon."""
    random = np.random.default_rng(3)
    found = [
        Annotation(f"{label}{frame}", "s", frame, "mask", label, mask=pack_mask(mask))
        for label in ("a", "b")
        for frame in (0, 2, 3, 5)
        if (mask := random.random(SHAPE) < 0.4).any()
    ]
    box = Annotation("box", "s", 2, "box", "a", ((1.0, 1.0), (4.0, 6.0)))
    outline = ((0.0, 0.0), (9.0, 1.0), (2.0, 7.0))
    return (*found, box, Annotation("p", "s", 1, "polygon", "c", outline))


def on_plane(
    annotations: tuple[Annotation, ...], volume: Volume, stack: PlaneStack, index: int
) -> dict[str, np.ndarray]:
    found = LabelCuts().cut(annotations, volume, stack, index)
    assert all(one.key == ("s", index) and one.kind == "mask" for one in found.annotations)
    return {one.label: mask_of(one, stack.shape) for one in found.annotations}


def voxels_of(volume: Volume, stack: PlaneStack, index: int) -> tuple[np.ndarray, ...]:
    """(slice, row, column) of the voxel at each pixel's centre; -1 outside; worked out anew."""
    grid = volume.grid
    down, across = np.indices(stack.shape)
    places = (
        stack.origins[index]
        + down[..., None] * stack.row_mm
        + across[..., None] * (stack.column_mm)
    )
    normal = np.cross(grid.column_mm, grid.row_mm)
    normal /= np.linalg.norm(normal)
    depths = (grid.origins - grid.origins[0]) @ normal
    depth = (places - grid.origins[0]) @ normal
    number = np.interp(depth, depths, np.arange(SLICES))
    first = np.stack([np.interp(depth, depths, one) for one in grid.origins.T], axis=-1)
    away = places - first
    found = [np.floor(number + 0.5)]
    found += [np.floor(away @ step / (step @ step) + 0.5) for step in (grid.row_mm, grid.column_mm)]
    inside = (depth > depths[0] - 1e-6) & (depth < depths[-1] + 1e-6)
    for at, size in zip(found[1:], SHAPE, strict=True):
        inside &= (at >= 0) & (at < size)
    return tuple(np.where(inside, at, -1).astype(int) for at in found)


@pytest.mark.parametrize("name", VOLUMES)
@pytest.mark.parametrize("cut_along", [planes, along])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_plane_shows_the_voxels_of_the_label_volume(
    painted: tuple[Annotation, ...],
    name: str,
    cut_along: Callable[[Volume, Orientation], PlaneStack],
    orientation: Orientation,
) -> None:
    volume = VOLUMES[name]
    stack = cut_along(volume, orientation)
    every = {
        label: label_region([one for one in painted if one.label == label], range(SLICES), SHAPE)
        for label in "abc"
    }
    compared = 0
    for index in range(stack.count):
        found = on_plane(painted, volume, stack, index)
        deep, row, column = voxels_of(volume, stack, index)
        inside = deep >= 0
        compared += int(inside.sum())
        for label, truth in every.items():
            shown = found.get(label, np.zeros(stack.shape, bool))
            assert np.array_equal(shown[inside], truth[deep, row, column][inside])
    assert compared > 200


def in_space(volume: Volume, one: Annotation) -> np.ndarray:
    grid = volume.grid
    return np.array(
        [
            grid.origins[one.frame] + (x - 0.5) * grid.column_mm + (y - 0.5) * grid.row_mm
            for x, y in one.points
        ]
    )


def on_screen(stack: PlaneStack, one: Annotation) -> np.ndarray:
    ends = [(x - 0.5, y - 0.5, 0.0, 1.0) for x, y in one.points]
    return np.array([stack.matrix(one.frame) @ end for end in ends])[:, :3]


@pytest.mark.parametrize("name", VOLUMES)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_point_is_on_the_plane_next_to_it_alone(name: str, orientation: Orientation) -> None:
    volume = VOLUMES[name]
    stack = planes(volume, orientation)
    point = Annotation("p", "s", 3, "point", "a", ((3.2, 4.6),))
    (place,) = in_space(volume, point)
    found = {
        index: one
        for index in range(stack.count)
        for one in LabelCuts().cut((point,), volume, stack, index).annotations
    }
    ((index, shown),) = found.items()
    assert (shown.annotation_id, shown.kind, shown.frame) == ("p", "point", index)
    assert index == stack.index_at(tuple(place))
    away = on_screen(stack, shown)[0] - place
    assert np.allclose(np.cross(away, stack.normal), 0, atol=1e-6)  # straight down on the plane
    assert abs(away @ stack.normal) <= abs(stack.step_mm @ stack.normal) / 2 + 1e-6


@pytest.mark.parametrize("name", VOLUMES)
def test_a_line_lies_in_pieces_on_the_planes_that_it_goes_through(name: str) -> None:
    volume = VOLUMES[name]
    line = Annotation("l", "s", 2, "line", "a", ((1.0, 1.0), (6.0, 7.0), (9.0, 2.0)))
    ends = in_space(volume, line)
    for orientation in ORIENTATIONS:
        stack = planes(volume, orientation)
        pieces = [
            one
            for index in range(stack.count)
            for one in LabelCuts().cut((line,), volume, stack, index).annotations
        ]
        flat = np.eye(3) - np.outer(stack.normal, stack.normal)
        lengths = [np.linalg.norm(np.diff(on_screen(stack, one), axis=0)) for one in pieces]
        wanted = np.linalg.norm(np.diff(ends @ flat, axis=0), axis=1).sum()
        assert sum(lengths) == pytest.approx(wanted, abs=1e-6)


def test_a_slab_shows_what_lies_within_it() -> None:
    volume = VOLUMES["even"]
    stack = slices(volume)
    mask = np.zeros(SHAPE, bool)
    mask[2:4, 5:7] = True
    drawn = (
        Annotation("m", "s", 1, "mask", "a", mask=pack_mask(mask)),
        Annotation("p", "s", 2, "point", "a", ((3.0, 4.0),)),
        Annotation("q", "s", 0, "point", "a", ((3.0, 4.0),)),
    )
    found = LabelCuts().cut(drawn, volume, stack, 3, Slab("mean", 3.5)).annotations
    assert [one.kind for one in found] == ["mask", "point"]
    assert np.array_equal(mask_of(found[0], SHAPE), mask)
    assert found[1].points[0] == pytest.approx((3.0, 4.0))
    thin = LabelCuts().cut(drawn, volume, stack, 3, Slab("mean", 0.5)).annotations
    assert thin == ()


def test_what_changes_is_cut_again(painted: tuple[Annotation, ...]) -> None:
    volume, cuts = VOLUMES["even"], LabelCuts()
    stack = slices(volume)
    before = cuts.cut(painted, volume, stack, 3)
    wider = np.ones(SHAPE, bool)
    after = tuple(
        replace(one, mask=pack_mask(wider)) if one.annotation_id == "a3" else one for one in painted
    )
    found = {one.label: one for one in cuts.cut(after, volume, stack, 3).annotations}
    assert mask_of(found["a"], SHAPE).all()
    old = {one.label: one for one in before.annotations}
    assert np.array_equal(mask_of(found["b"], SHAPE), mask_of(old["b"], SHAPE))
    assert cuts.cut((), volume, stack, 3).annotations == ()


def test_more_than_fits_is_said(
    painted: tuple[Annotation, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_cuts, "MOST_BYTES", 100)
    found = LabelCuts().cut(painted, VOLUMES["even"], slices(VOLUMES["even"]), 3)
    assert (found.annotations, found.warnings) == ((), (ON_SLICES_ALONE,))
