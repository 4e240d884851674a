"""Phantoms as DICOM: other readers see the same values at the same places in the patient."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

from inference.phantom.case import PhantomCase, generate, without_marker, without_nodule
from inference.phantom.dicom_files import slice_dataset, truth, write_case

itk = pytest.importorskip("SimpleITK")


@pytest.fixture(scope="module")
def case() -> PhantomCase:
    return generate(5, 3, "always")


@pytest.fixture(scope="module")
def folder(case: PhantomCase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("phantom") / "case-0003"
    write_case(case, place)
    return place


def test_pydicom_reads_the_values_without_a_warning(case: PhantomCase, folder: Path) -> None:
    for index, path in enumerate(sorted(folder.glob("*.dcm"))):
        found = pydicom.dcmread(path)
        values = found.pixel_array * float(found.RescaleSlope) + float(found.RescaleIntercept)
        assert np.array_equal(values, case.volume[index])
        assert str(found.PatientName) == "Phantom^0003"
        assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID


def test_simpleitk_finds_the_nodules_where_the_truth_says(case: PhantomCase, folder: Path) -> None:
    names = itk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = itk.ReadImage(names)
    assert np.array_equal(itk.GetArrayFromImage(image), case.volume)
    for nodule in truth(case)["nodules"]:
        place = image.TransformPhysicalPointToContinuousIndex(nodule["centre_mm"])
        x0, y0, x1, y1 = nodule["box"]
        # The middle of the box in pixel edges, half a pixel on from that of pixel centres.
        assert place[0] == pytest.approx((x0 + x1) / 2 - 0.5, abs=1.0)
        assert place[1] == pytest.approx((y0 + y1) / 2 - 0.5, abs=1.0)
        assert 0.5 <= place[2] <= 1.5
        radius = nodule["radius_mm"] / image.GetSpacing()[0]
        assert (x1 - x0) / 2 == pytest.approx(radius, rel=0.12, abs=1.0)


def test_dcmtk_reads_each_file(folder: Path) -> None:
    dcmdump = shutil.which("dcmdump")
    if dcmdump is None:
        pytest.skip("dcmdump is not installed")
    for path in folder.glob("*.dcm"):
        said = subprocess.run(
            [dcmdump, "+E", str(path)], capture_output=True, text=True, check=True
        )
        assert "PHANTOM-5-0003" in said.stdout
        assert not said.stderr


def test_equal_cases_are_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write_case(generate(5, 3, "always"), tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_the_mask_lies_beside_the_slices(case: PhantomCase, folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "0001.dcm",
        "0002.dcm",
        "0003.dcm",
        "mask.npy",
    ]
    assert np.array_equal(np.load(folder / "mask.npy"), case.mask)


def test_uids_are_one_to_a_slice_and_other_pixels_have_others(case: PhantomCase) -> None:
    series, slices = set(), set()
    for version in (case, without_marker(case), without_nodule(case)):
        for index in range(3):
            found = slice_dataset(version, index)
            series.add(found.SeriesInstanceUID)
            slices.add(found.SOPInstanceUID)
            assert found.SOPInstanceUID.startswith("2.25.")
            assert len(found.SOPInstanceUID) <= 64
    assert (len(series), len(slices)) == (3, 9)


def test_the_truth_names_the_marker(case: PhantomCase) -> None:
    assert truth(case)["marker"] == {"box": list(case.marker_box or ()), "frames": [0, 1, 2]}
    assert truth(without_marker(case))["marker"] is None
    assert truth(without_nodule(case))["nodules"] == []
