"""Segmentations on other grids than their scan's: equal to SimpleITK's, and to values by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.errors import UserError
from inference.records import Source
from inference.sources.objects import placing
from tests.inference.sources.objects.object_writer import (
    COLUMNS,
    LABEL_MAP,
    ORIGIN,
    ROWS,
    SEGMENTATION,
    at,
    drawn,
    item,
    masks,
    open_source,
    overlay,
    segment,
    write_frames,
    write_scan,
)

ITK: Any = SimpleITK  # it has no types

MOST = 200
"""Maximum Fractional Value of the files written here."""

RESAMPLED = "It lies on another grid than the scan and was resampled to its pixels."


@dataclass(frozen=True)
class Stack:
    """Planes `step` mm apart along their normal, from `origin` on; `axes` [2, 3] as in a header."""

    origin: np.ndarray
    axes: np.ndarray
    spacing: tuple[float, float]
    step: float

    def positions(self, count: int) -> list[list[float]]:
        normal = np.cross(*self.axes)
        return [(self.origin + number * self.step * normal).tolist() for number in range(count)]


def turned(degrees: float, about: tuple[float, float, float]) -> np.ndarray:
    """The first two axes of the patient, turned about a direction: [2, 3]."""
    turn = ITK.VersorTransform(about, np.radians(degrees))
    return np.array(turn.GetMatrix()).reshape(3, 3).T[:2]


def write_stack(path: Path, pixels: np.ndarray, stack: Stack, **values: Any) -> Path:
    """One segment, on all planes; shares of 200 unless the values say otherwise."""
    shares: dict[str, Any] = {
        "numbers": [1] * len(pixels),
        "bits": 8,
        "SegmentationType": "FRACTIONAL",
        "SegmentationFractionalType": "PROBABILITY",
        "MaximumFractionalValue": MOST,
        "SegmentSequence": [segment(1, "One")],
    }
    thick = item(PixelSpacing=list(stack.spacing), SliceThickness=stack.step)
    return write_frames(
        path,
        pixels,
        stack.positions(len(pixels)),
        orientation=stack.axes.ravel().tolist(),
        spacing=stack.spacing,
        groups=[{"PixelMeasuresSequence": [thick]}] * len(pixels),
        **(shares | values),
    )


def by_itk(pixels: np.ndarray, stack: Stack, source: Source, interpolator: int) -> np.ndarray:
    """The stack on the pixels of a source [frames, rows, columns], 0 beyond it.

    An empty plane stands below and above, as planes that are not stored are empty.
    """
    empty = np.zeros((1, *pixels.shape[1:]), pixels.dtype)
    image = ITK.GetImageFromArray(np.concatenate([empty, pixels, empty]).astype(float))
    normal = np.cross(*stack.axes)
    image.SetOrigin((stack.origin - stack.step * normal).tolist())
    image.SetSpacing((stack.spacing[1], stack.spacing[0], stack.step))
    image.SetDirection(np.stack([*stack.axes, normal], axis=1).ravel().tolist())
    matrix = np.array(source.affine)[:3]
    lengths = np.linalg.norm(matrix[:, :3], axis=0)
    grid = ITK.Image([source.shape[1], source.shape[0], source.frames], ITK.sitkFloat64)
    grid.SetOrigin(matrix[:, 3].tolist())
    grid.SetSpacing(lengths.tolist())
    grid.SetDirection((matrix[:, :3] / lengths).ravel().tolist())
    found = ITK.Resample(image, grid, ITK.Transform(), interpolator, 0.0)
    return np.asarray(ITK.GetArrayFromImage(found))


OBLIQUE = Stack(np.array([-9.3, -19.1, -0.37]), turned(24.0, (0.3, 1.0, -0.4)), (1.7, 0.9), 1.3)
LEVEL = Stack(np.array([-9.87, -18.9, 0.41]), turned(0.0, (0, 0, 1)), (1.7, 0.63), 1.3)
SPUN = Stack(np.array([-9.3, -19.1, 0.41]), turned(31.0, (0, 0, 1)), (1.7, 0.9), 1.3)
FINE = Stack(np.array([-9.87, -18.9, 0.9]), turned(0.0, (0, 0, 1)), (1.1, 0.41), 0.5)
ONE_GRID = Stack(np.array([*ORIGIN, 0.41]), turned(0.0, (0, 0, 1)), (2.0, 0.5), 1.3)
STACKS = {"oblique": OBLIQUE, "level": LEVEL, "spun": SPUN, "fine": FINE, "one grid": ONE_GRID}


@pytest.mark.parametrize("name", STACKS)
def test_shares_are_linear_between_voxels(tmp_path: Path, name: str) -> None:
    stack = STACKS[name]
    source = write_scan(tmp_path / "scan", tuple(0.8 * number for number in range(8)))
    pixels = np.random.default_rng(5).integers(0, MOST + 1, (4, 9, 11), np.uint8)
    found = overlay(write_stack(tmp_path / "seg.dcm", pixels, stack), source)
    expected = by_itk(pixels / MOST * 255.0, stack, source, ITK.sitkLinear)
    assert np.count_nonzero(expected) > 20
    # Half a level where the file's shares are rounded to a byte, half where the result is.
    np.testing.assert_allclose(masks(found, source)[0], expected, atol=1.001)
    assert RESAMPLED in found.warnings


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_what_is_in_or_out_is_taken_from_the_nearest_voxel(
    tmp_path: Path, name: str, kind: str
) -> None:
    stack = STACKS[name]
    source = write_scan(tmp_path / "scan", tuple(0.8 * number for number in range(8)))
    pixels = np.random.default_rng(6).integers(0, 2, (4, 9, 11), np.uint8)
    path = write_stack(
        tmp_path / "seg.dcm",
        pixels,
        stack,
        sop_class=SEGMENTATION if kind == "BINARY" else LABEL_MAP,
        bits=1 if kind == "BINARY" else 8,
        SegmentationType=kind,
    )
    expected = by_itk(pixels * 255, stack, source, ITK.sitkNearestNeighbor)
    assert np.count_nonzero(expected) > 20
    np.testing.assert_array_equal(masks(overlay(path, source), source)[0], expected)


def test_shares_between_voxels_by_hand(tmp_path: Path) -> None:
    """Voxels of 4 × 1 mm over pixels of 2 × 0.5 mm whose outer corners are the same."""
    source = write_scan(tmp_path / "scan")
    pixels = np.zeros((1, ROWS // 2, COLUMNS // 2), np.uint8)
    pixels[0, 1, 2] = MOST
    stack = Stack(np.array([ORIGIN[0] + 0.25, ORIGIN[1] + 1.0, 3.0]), LEVEL.axes, (4.0, 1.0), 3.0)
    found = overlay(write_stack(tmp_path / "seg.dcm", pixels, stack), source)
    # Pixels lie a quarter and three quarters of a voxel beside its centre, either way.
    share = np.array([0.25, 0.75, 0.75, 0.25])
    expected = np.zeros((3, ROWS, COLUMNS))
    expected[1, 1:5, 3:7] = 255 * np.outer(share, share)
    np.testing.assert_allclose(masks(found, source)[0], expected, atol=0.501)


def test_shares_between_planes_by_hand(tmp_path: Path) -> None:
    """Planes a quarter of the slice distance above the slices; the one at 3.75 is not stored."""
    source = write_scan(tmp_path / "scan", (0.0, 3.0, 6.0, 9.0, 12.0))
    pixels = drawn(*[(2, 3, 4, 6)] * 3) * np.array([200, 100, 200], np.uint8)[:, None, None]
    path = write_frames(
        tmp_path / "seg.dcm",
        pixels,
        at(0.75, 6.75, 9.75),
        numbers=(1, 1, 1),
        bits=8,
        SegmentationType="FRACTIONAL",
        MaximumFractionalValue=MOST,
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    shares = masks(found, source)[0][:, 3, 4] / 255
    # 3/4 of 1; 1/4 of 1; 3/4 of 1/2; 1/4 of 1/2 and 3/4 of 1; 1/4 of 1.
    np.testing.assert_allclose(shares, [0.75, 0.25, 0.375, 0.875, 0.25], atol=0.003)
    assert "Its planes lie up to 0.75 mm beside the slices." in found.warnings


def test_shares_on_the_very_grid_are_copied(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    pixels = np.random.default_rng(7).integers(0, MOST + 1, (2, ROWS, COLUMNS), np.uint8)
    stack = Stack(np.array([*ORIGIN, 0.0]), LEVEL.axes, (2.0, 0.5), 3.0)
    found = overlay(write_stack(tmp_path / "seg.dcm", pixels, stack), source)
    expected = np.rint(pixels / MOST * 255)
    np.testing.assert_array_equal(masks(found, source)[0, :2], expected)
    assert found.warnings == ()


@pytest.mark.parametrize("degrees", [0.11, -0.11])
def test_a_slight_tilt_counts_where_the_planes_are_wide(tmp_path: Path, degrees: float) -> None:
    """0.11° over 280 mm are 0.54 mm: at the far rows the next slice, 1 mm on, is the nearest."""
    source = write_scan(
        tmp_path / "scan", tuple(float(z) for z in range(8)), PixelSpacing=[40.0, 0.5]
    )
    tilted = Stack(np.array([*ORIGIN, 2.0]), turned(degrees, (1, 0, 0)), (40.0, 0.5), 1.0)
    pixels = np.zeros((4, ROWS, COLUMNS), np.uint8)
    pixels[1:3] = 1
    path = write_stack(tmp_path / "seg.dcm", pixels, tilted, bits=1, SegmentationType="BINARY")
    expected = by_itk(pixels * 255, tilted, source, ITK.sitkNearestNeighbor)
    assert len({tuple(column) for column in (expected[:, :, 4] > 0).T.tolist()}) == 2
    np.testing.assert_array_equal(masks(overlay(path, source), source)[0], expected)


def test_planes_as_level_as_headers_write_them_are_copied(tmp_path: Path) -> None:
    """Directions of four digits: over 8 rows of 2 mm they rise by less than 0.001 mm."""
    source = write_scan(tmp_path / "scan")
    rounded = Stack(np.array([*ORIGIN, 3.0]), np.array([[1, 0, 0], [0, 1, 5e-5]]), (2.0, 0.5), 3.0)
    boxes = drawn((1, 2, 5, 6))
    path = write_stack(tmp_path / "seg.dcm", boxes, rounded, bits=1, SegmentationType="BINARY")
    found = overlay(path, source)
    np.testing.assert_array_equal(masks(found, source)[0, 1], boxes[0] * 255)
    assert found.warnings == ()


def test_every_voxel_of_half_the_resolution_is_two_pixels_wide(tmp_path: Path) -> None:
    """Its first centres are those of the scan, so every second pixel lies midway of two voxels."""
    source = write_scan(tmp_path / "scan")
    stack = Stack(np.array([*ORIGIN, 3.0]), LEVEL.axes, (4.0, 1.0), 3.0)
    for column in range(1, 4):
        pixels = np.zeros((1, ROWS // 2, COLUMNS // 2), np.uint8)
        pixels[0, 2, column] = 1
        path = write_stack(tmp_path / "seg.dcm", pixels, stack, bits=1, SegmentationType="BINARY")
        whole = masks(overlay(path, source), source)[0, 1]
        assert np.argwhere(whole.any(axis=0)).ravel().tolist() == [2 * column - 1, 2 * column]
        assert np.argwhere(whole.any(axis=1)).ravel().tolist() == [3, 4]


def test_resampled_pieces_are_no_larger_than_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And all together no larger than there is memory for: a coarse mask grows on fine pixels."""
    source = write_scan(tmp_path / "scan")
    stack = Stack(np.array([ORIGIN[0] + 0.25, ORIGIN[1] + 1.0, 3.0]), LEVEL.axes, (4.0, 1.0), 3.0)
    pixels = np.zeros((1, ROWS // 2, COLUMNS // 2), np.uint8)
    pixels[0, 1, 2] = 1
    path = write_stack(tmp_path / "seg.dcm", pixels, stack, bits=1, SegmentationType="BINARY")
    (piece,) = overlay(path, source).pieces
    assert (piece.row, piece.column, piece.mask.shape) == (2, 4, (2, 2))
    monkeypatch.setattr(placing, "VOLUME_BYTES_LIMIT", 3)
    with pytest.raises(UserError, match=r"^seg\.dcm was not laid over the scan: on its pixels"):
        overlay(path, source)


def test_a_plane_midway_of_two_slices_is_drawn_once_whatever_its_pixels(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    box = drawn((2, 2, 4, 6))
    for spacing, name in (((2.0, 0.5), "same"), ((2.4, 0.5), "other")):
        stack = Stack(np.array([*ORIGIN, 1.5]), LEVEL.axes, spacing, 3.0)
        path = write_stack(tmp_path / f"{name}.dcm", box, stack, bits=1, SegmentationType="BINARY")
        whole = masks(overlay(path, source), source)[0]
        assert whole.any(axis=(1, 2)).tolist() == [False, True, False]


def test_slices_with_gaps_between_them_leave_no_stripes(tmp_path: Path) -> None:
    """Planes of 2 mm, 3 mm apart, without Spacing Between Slices, over upright slices."""
    source = write_scan(
        tmp_path / "scan",
        (0.0,),
        shape=(24, 10),
        ImageOrientationPatient=[1, 0, 0, 0, 0, -1],
        ImagePositionPatient=[-10.0, -16.0, 14.0],
        PixelSpacing=[0.5, 0.5],
    )
    measures = item(PixelSpacing=[2.0, 0.5], SliceThickness=2)
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn(*[(0, 0, ROWS, COLUMNS)] * 3),
        at(4.0, 7.0, 10.0),
        numbers=(1, 1, 1),
        SegmentSequence=[segment(1, "One")],
        groups=[{"PixelMeasuresSequence": [measures]}] * 3,
    )
    rows = masks(overlay(path, source), source)[0, 0].any(axis=1)
    heights = 14.0 - 0.5 * np.arange(24)
    np.testing.assert_array_equal(rows, (heights >= 2.5) & (heights <= 11.5))


def test_parts_of_one_segment_at_one_height_each_stay_where_they_are(tmp_path: Path) -> None:
    """Two planes of other pixels than the scan's, beside each other: a left and a right part."""
    source = write_scan(tmp_path / "scan")
    pixels = np.zeros((2, 4, 2), np.uint8)
    pixels[:, 1, 1] = 1
    path = write_frames(
        tmp_path / "seg.dcm",
        pixels,
        [(ORIGIN[0] + 0.25, ORIGIN[1] + 1.0, 3.0), (ORIGIN[0] + 3.25, ORIGIN[1] + 1.0, 3.0)],
        numbers=(1, 1),
        spacing=(4.0, 1.0),
        SegmentSequence=[segment(1, "One")],
    )
    whole = masks(overlay(path, source), source)[0, 1]
    assert np.argwhere(whole.any(axis=0)).ravel().tolist() == [2, 3, 8, 9]
    assert np.argwhere(whole.any(axis=1)).ravel().tolist() == [2, 3]


def test_a_thick_plane_over_slices_of_a_tilted_gantry(tmp_path: Path) -> None:
    """Each slice is shifted by 1 mm, half a row: copying by the first one's shift is wrong."""
    for number in range(4):
        write_scan(
            tmp_path / "scan",
            (0.0,),
            ImagePositionPatient=[ORIGIN[0], ORIGIN[1] + 1.0 * number, 1.0 * number],
            SOPInstanceUID=f"1.2.3.{number}",
        )
        (tmp_path / "scan" / "0.dcm").rename(tmp_path / "scan" / f"slice-{number}.dcm")
    source = open_source(tmp_path / "scan")
    stack = Stack(np.array([*ORIGIN, 1.6]), LEVEL.axes, (2.0, 0.5), 4.0)
    box = drawn((4, 2, 6, 6))
    path = write_stack(tmp_path / "seg.dcm", box, stack, bits=1, SegmentationType="BINARY")
    whole = masks(overlay(path, source), source)[0].any(axis=2)
    # The box is from -13 to -9 mm by its edges; row r of slice n has its centre at 2 r + n - 20.
    for number in range(4):
        centres = ORIGIN[1] + 2.0 * np.arange(ROWS) + number
        inside = (centres >= -13) & (centres < -9)
        np.testing.assert_array_equal(whole[number], inside)


@pytest.mark.parametrize(
    "position", [(ORIGIN[0] + 500.0, ORIGIN[1], 3.0), (ORIGIN[0], ORIGIN[1] - 500.25, 3.0)]
)
def test_what_lies_beside_the_scan_is_said_to(
    tmp_path: Path, position: tuple[float, float, float]
) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "seg.dcm",
        drawn((0, 0, 2, 2)),
        [position],
        numbers=(1,),
        SegmentSequence=[segment(1, "One")],
    )
    found = overlay(path, source)
    assert found.pieces == ()
    assert "Nothing of it lies on this scan." in found.warnings
