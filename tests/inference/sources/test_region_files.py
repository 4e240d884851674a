"""Regions from files: masks made on the scan, beside it, and with geometry of their own."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inference.errors import UserError
from inference.records import Source
from inference.sources.dicom_header import read_dataset
from inference.sources.region_files import read_region
from inference.task import Task
from tests.inference.sources.objects.highdicom_masks import PAIRS, masks_by_highdicom
from tests.inference.sources.objects.object_writer import (
    COLUMNS,
    ORIGIN,
    REPORT,
    ROWS,
    SPACING,
    STRUCTURES,
    at,
    item,
    open_source,
    segment,
    write_frames,
    write_object,
    write_scan,
)

HEIGHTS = (0.0, 3.0, 6.0)

SITK: Any = importlib.import_module("SimpleITK")


@pytest.fixture
def scan(tmp_path: Path) -> Source:
    folder = tmp_path / "scan"
    folder.mkdir()
    return write_scan(folder, HEIGHTS)


@pytest.fixture
def slice_alone(tmp_path: Path) -> Source:
    folder = tmp_path / "slice"
    folder.mkdir()
    return write_scan(folder, (0.0,))


def mask() -> np.ndarray:
    """Two rectangles on frame 1, one voxel on frame 2; [3, 8, 10]."""
    found = np.zeros((3, ROWS, COLUMNS), np.uint8)
    found[1, 2:5, 3:9] = 1
    found[1, 6:, :2] = 2
    found[2, 0, 9] = 2
    return found


def picture(path: Path, values: np.ndarray) -> str:
    assert cv2.imwrite(str(path), values)
    return str(path)


def array(path: Path, values: np.ndarray) -> str:
    np.save(path, values)
    return str(path)


def volume(
    path: Path,
    values: np.ndarray,
    origin: tuple[float, float, float] = (*ORIGIN, HEIGHTS[0]),
    spacing: tuple[float, float, float] = (SPACING[1], SPACING[0], 3.0),
) -> str:
    """Written by SimpleITK, whose origin and spacing are (across, down, along the slices)."""
    made = SITK.GetImageFromArray(values)
    made.SetOrigin(origin)
    made.SetSpacing(spacing)
    SITK.WriteImage(made, str(path))
    return str(path)


def whole(path: str, source: Source, frame: int | None = None) -> np.ndarray:
    """The region on all frames of the source, bool."""
    found = read_region(path, source, Task(), frame)
    assert found.source_id == source.source_id
    assert all(found.mask[place].any() for place in (0, -1))
    assert ".png" not in found.origin
    return np.stack([found.at(index, source.shape) for index in range(source.frames)])


@pytest.mark.parametrize("value", [1, 255])
def test_a_picture_on_the_frame_that_is_named(scan: Source, tmp_path: Path, value: int) -> None:
    path = picture(tmp_path / "mask.png", mask()[1] * value)
    found = whole(path, scan, 2)
    assert np.array_equal(found[2], mask()[1] != 0)
    assert not found[:2].any()


def test_a_colour_picture_and_the_only_frame(slice_alone: Source, tmp_path: Path) -> None:
    colour = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    colour[1, 2, 2] = 200
    found = whole(picture(tmp_path / "mask.png", colour), slice_alone)
    assert np.argwhere(found).tolist() == [[0, 1, 2]]


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int64])
def test_an_array_for_all_frames(scan: Source, tmp_path: Path, dtype: type) -> None:
    found = whole(array(tmp_path / "mask.npy", mask().astype(dtype)), scan)
    assert np.array_equal(found, mask() != 0)


def test_one_value_of_several(scan: Source, tmp_path: Path) -> None:
    path = array(tmp_path / "mask.npy", mask())
    assert np.array_equal(whole(f"{path}#2", scan), mask() == 2)
    found = read_region(f"{path}#2", scan, Task())
    assert (found.first, len(found.mask)) == (1, 2)
    one = volume(tmp_path / "mask.nii.gz", mask())
    assert np.array_equal(whole(f"{one}#1", scan), mask() == 1)


def test_a_file_may_have_the_sign_in_its_name(scan: Source, tmp_path: Path) -> None:
    path = array(tmp_path / "mask#2.npy", mask())
    assert np.array_equal(whole(path, scan), mask() != 0)


@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz", "mask.nrrd", "mask.mha"])
def test_a_volume_on_the_same_grid(scan: Source, tmp_path: Path, name: str) -> None:
    assert np.array_equal(whole(volume(tmp_path / name, mask()), scan), mask() != 0)


def test_a_volume_turned_round_is_the_same_region(scan: Source, tmp_path: Path) -> None:
    """The same voxels, written from the other corner of the volume with all axes reversed."""
    made = SITK.GetImageFromArray(mask())
    made.SetOrigin((*ORIGIN, 0.0))
    made.SetSpacing((SPACING[1], SPACING[0], 3.0))
    turned = SITK.Flip(made, [True, True, True])
    SITK.WriteImage(turned, str(tmp_path / "turned.nii"))
    assert np.array_equal(whole(str(tmp_path / "turned.nii"), scan), mask() != 0)


def test_another_grid_goes_by_the_nearest_voxel_as_in_simpleitk(
    scan: Source, tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    values = (rng.random((4, 9, 7)) < 0.5).astype(np.uint8)
    origin, spacing = (ORIGIN[0] + 0.31, ORIGIN[1] - 1.17, -1.23), (0.73, 1.61, 2.45)
    path = volume(tmp_path / "mask.nii", values, origin, spacing)
    grid = SITK.Image(COLUMNS, ROWS, len(HEIGHTS), SITK.sitkUInt8)
    grid.SetOrigin((*ORIGIN, 0.0))
    grid.SetSpacing((SPACING[1], SPACING[0], 3.0))
    moved = SITK.Resample(SITK.ReadImage(path), grid, SITK.Transform(), SITK.sitkNearestNeighbor)
    expected = SITK.GetArrayFromImage(moved) != 0
    assert 0.2 < expected.mean() < 0.8
    assert np.array_equal(whole(path, scan), expected)


def test_a_segment_by_number_and_by_label(scan: Source, tmp_path: Path) -> None:
    pixels = np.stack([mask()[1] == 1, mask()[1] == 2]).astype(np.uint8)
    path = write_frames(
        tmp_path / "seg.dcm",
        pixels,
        at(3.0, 3.0),
        numbers=[1, 2],
        SegmentSequence=[segment(1, "Liver"), segment(2, "Spleen")],
    )
    for choice, expected in (("1", pixels[0]), ("Spleen", pixels[1]), ("2", pixels[1])):
        found = whole(f"{path}#{choice}", scan)
        assert np.array_equal(found[1], expected == 1)
        assert not found[[0, 2]].any()
    assert read_region(f"{path}#2", scan, Task()).origin == (
        "segment 2, “Spleen”, of a DICOM segmentation"
    )
    with pytest.raises(UserError, match=r"has 2 segments; there are 1 \(Liver\), 2 \(Spleen\)"):
        read_region(str(path), scan, Task())
    with pytest.raises(UserError, match="no segment Kidney"):
        read_region(f"{path}#Kidney", scan, Task())


def ring(*corners: tuple[float, float]) -> Any:
    """A closed contour on the slice at 3 mm; corners are (column, row) of pixel centres."""
    column_mm, row_mm = SPACING[1], SPACING[0]
    data = [
        value
        for column, row in corners
        for value in (ORIGIN[0] + column * column_mm, ORIGIN[1] + row * row_mm, 3.0)
    ]
    return item(ContourGeometricType="CLOSED_PLANAR", ContourData=data)


def structures(path: Path) -> str:
    """Two structures: a square of 5 × 5 pixels with a hole of 1, and a triangle."""
    square = ring((0.6, 0.6), (5.4, 0.6), (5.4, 5.4), (0.6, 5.4))
    hole = ring((2.6, 2.6), (3.4, 2.6), (3.4, 3.4), (2.6, 3.4))
    triangle = ring((6.0, 0.0), (9.0, 0.0), (6.0, 3.0))
    drawn = {4: [square, hole], 7: [triangle]}
    names = {4: "Heart", 7: "Left lung"}
    return str(
        write_object(
            path,
            STRUCTURES,
            Modality="RTSTRUCT",
            StructureSetROISequence=[
                item(ROINumber=number, ROIName=name) for number, name in names.items()
            ],
            ROIContourSequence=[
                item(ReferencedROINumber=number, ContourSequence=found)
                for number, found in drawn.items()
            ],
        )
    )


def test_a_structure_by_number_and_by_name(scan: Source, tmp_path: Path) -> None:
    """Pixels whose centres lie inside; the square takes in those of 1 to 5 either way."""
    path = structures(tmp_path / "contours.dcm")
    square = np.zeros((ROWS, COLUMNS), dtype=bool)
    square[1:6, 1:6] = True
    square[3, 3] = False
    for choice in ("4", "Heart"):
        found = whole(f"{path}#{choice}", scan)
        assert np.array_equal(found[1], square)
        assert not found[[0, 2]].any()
    lung = whole(f"{path}#Left lung", scan)[1]
    # Centres on an edge belong to either side; those well inside and well outside are certain.
    assert lung[1, 7]
    assert not lung[2:, 8:].any()
    assert not lung[:, :6].any()
    assert read_region(f"{path}#7", scan, Task()).origin == (
        "structure 7, “Left lung”, of a DICOM structure set"
    )
    for wrong, words in (("", "2 structures"), ("#Liver", "no structure Liver")):
        with pytest.raises(UserError, match=rf"has {words}; there are 4 \(Heart\), 7 \(Left"):
            read_region(f"{path}{wrong}", scan, Task())


@pytest.mark.parametrize("name", list(PAIRS)[:3])
def test_segments_are_those_that_highdicom_reads(shared_data: Path, name: str) -> None:
    source = open_source(shared_data / PAIRS[name])
    uids = [str(read_dataset(Path(ref.path)).SOPInstanceUID) for ref in source.refs]
    for number, expected in masks_by_highdicom(shared_data / name, uids).items():
        found = whole(f"{shared_data / name}#{number}", source)
        assert np.array_equal(found, expected == 1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (mask()[1, :, :9], "8 × 9 pixels; the scan's frames have 8 × 10"),
        (mask()[:2], "2 planes; the scan has 3 frames"),
        (mask()[1], "marks one frame, and the scan has 3"),
        (mask() * 0, "marks nothing"),
        (mask() * 0.5, "float64 values with 3 axes, which is no mask"),
        (mask()[None], "uint8 values with 4 axes, which is no mask"),
    ],
)
def test_arrays_that_do_not_fit(
    scan: Source, tmp_path: Path, values: np.ndarray, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read_region(array(tmp_path / "mask.npy", values), scan, Task())


def test_files_that_are_no_masks(scan: Source, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "short.npy").write_bytes(Path(array(tmp_path / "m.npy", mask())).read_bytes()[:200])
    contours = write_object(tmp_path / "contours.dcm", STRUCTURES, Modality="RTSTRUCT")
    maps = write_object(tmp_path / "report.dcm", REPORT, Modality="SR")
    for name, words in (
        ("text.png", "not a scan or picture"),
        ("short.npy", "damaged"),
        ("nowhere.npy", "nowhere.npy"),
        (contours.name, "has no structures"),
        (maps.name, "holds no mask"),
        ("m.npy#liver", "holds numbers, so liver names nothing"),
    ):
        with pytest.raises(UserError, match=words):
            read_region(str(tmp_path / name), scan, Task())


def test_a_volume_beside_the_scan(scan: Source, tmp_path: Path) -> None:
    path = volume(tmp_path / "mask.nii", mask(), origin=(500.0, 0.0, 0.0))
    with pytest.raises(UserError, match="marks nothing on this scan"):
        read_region(path, scan, Task())


def test_a_volume_needs_a_scan_with_a_place(scan: Source, tmp_path: Path) -> None:
    picture(tmp_path / "scan.png", mask()[1])
    flat = open_source(tmp_path / "scan.png")
    with pytest.raises(UserError, match="This scan says nothing of where it lies"):
        read_region(volume(tmp_path / "mask.nii", mask()), flat, Task())
