"""Maps as NIfTI, read by SimpleITK, and as arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.errors import UserError
from inference.exports.array import write_array
from inference.exports.nifti import write_nifti
from inference.records import Source
from inference.task import Task
from tests.inference.exports.made_maps import map_of, maps_of
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.object_writer import open_source, write_scan

OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


def _oblique(folder: Path, *, tilt_mm: float = 0.0) -> Source:
    """Four slices 3.7 mm apart, each moved by `tilt_mm` more along its columns."""
    normal = np.cross(OBLIQUE[:3], OBLIQUE[3:])
    for number in range(4):
        place = number * (3.7 * normal + tilt_mm * np.array(OBLIQUE[3:]))
        write_slice(
            folder / f"{number}.dcm",
            ImageOrientationPatient=list(OBLIQUE),
            ImagePositionPatient=[float(value) for value in place],
            SOPInstanceUID=f"1.2.3.{number}",
        )
    return open_source(folder)


def _check(path: Path, source: Source, indices: list[int]) -> None:
    """SimpleITK finds each value at its pixel and its millimetres."""
    image: Any = SimpleITK.ReadImage(str(path))
    assert image.GetPixelID() == SimpleITK.sitkFloat32
    expected = np.stack([map_of(source, index).map for index in indices])
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), expected)
    rows, columns = source.shape
    for slice_, index in enumerate(indices):
        affine = source.frame_affine(index)
        assert affine is not None
        for column, row in ((0, 0), (columns - 1, 0), (0, rows - 1)):
            place = np.array(affine) @ (column, row, 0, 1)
            found = image.TransformIndexToPhysicalPoint((column, row, slice_))
            np.testing.assert_allclose(found, place[:3], atol=1e-4)


def test_an_axial_series_lies_where_the_scan_does(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    assert write_nifti(tmp_path / "map.nii", source, maps_of(source), Task()) == ()
    _check(tmp_path / "map.nii", source, [0, 1, 2])


def test_an_oblique_series_lies_where_the_scan_does(tmp_path: Path) -> None:
    source = _oblique(tmp_path / "scan")
    assert write_nifti(tmp_path / "map.nii", source, maps_of(source), Task()) == ()
    _check(tmp_path / "map.nii", source, [0, 1, 2, 3])


def test_a_part_of_a_series_begins_at_its_own_first_slice(tmp_path: Path) -> None:
    source = _oblique(tmp_path / "scan")
    maps = maps_of(source, [3, 2])
    assert write_nifti(tmp_path / "map.nii", source, maps, Task()) == ()
    _check(tmp_path / "map.nii", source, [2, 3])


@pytest.mark.parametrize("kind", ["tilted", "uneven", "gaps"])
def test_what_is_no_volume_is_written_slice_by_slice(tmp_path: Path, kind: str) -> None:
    indices = [0, 1, 2]
    if kind == "tilted":
        source = _oblique(tmp_path / "scan", tilt_mm=1.5)
        indices = [0, 1, 2, 3]
    elif kind == "uneven":
        source = write_scan(tmp_path / "scan", (0.0, 3.0, 9.5))
    else:
        source, indices = _oblique(tmp_path / "scan"), [0, 3]
    (said,) = write_nifti(tmp_path / "map.nii", source, maps_of(source, indices), Task())
    words = {"tilted": "are tilted", "uneven": "not evenly spaced", "gaps": "without a map"}
    assert words[kind] in said
    assert not (tmp_path / "map.nii").exists()
    for index in indices:
        _check(tmp_path / f"map-{index:04d}.nii", source, [index])


def test_a_picture_without_a_place_is_refused(tmp_path: Path) -> None:
    source = open_source(write_slice(tmp_path / "scan.dcm", ImagePositionPatient=None))
    with pytest.raises(UserError, match="says nothing of where it lies"):
        write_nifti(tmp_path / "map.nii", source, maps_of(source), Task())


def test_one_map_is_an_array_of_the_frame(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    assert write_array(tmp_path / "map.npy", source, [map_of(source, 1)]) == ()
    found = np.load(tmp_path / "map.npy", allow_pickle=False)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, map_of(source, 1).map)


def test_several_maps_stand_at_their_frames(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    (said,) = write_array(tmp_path / "map.npy", source, maps_of(source, [2, 0]))
    assert said == "Frames without a map: 1; they hold NaN."
    found = np.load(tmp_path / "map.npy", allow_pickle=False)
    np.testing.assert_array_equal(found[[0, 2]], [one.map for one in maps_of(source, [0, 2])])
    assert np.isnan(found[1]).all()


def test_nothing_to_write_is_said(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    with pytest.raises(UserError, match="no finished map"):
        write_array(tmp_path / "map.npy", source, [])
