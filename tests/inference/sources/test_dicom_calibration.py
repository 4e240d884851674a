"""By what lengths are measured: each header with the calibration that PS3.3 gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.records import Calibration, Frame, Source
from inference.requests import OpenRequest, read_request
from inference.sources.dicom_calibration import (
    aspect_of,
    calibrations_of,
    directions_of,
    spacing_of,
)
from inference.sources.registry import open_sources, read_frames
from inference.task import Task
from tests.inference.sources.dicom_writer import dataset_of, write_slice

_PIXELS = np.zeros((40, 60), np.uint8)
_NO_SPACING = {"PixelSpacing": None, "ImagePositionPatient": None, "ImageOrientationPatient": None}


def _found(**changes: Any) -> tuple[Calibration, ...]:
    return calibrations_of(dataset_of(_PIXELS, **(_NO_SPACING | changes)), 0)


@pytest.mark.parametrize(
    ("changes", "spacing", "source"),
    [
        ({"Modality": "CT", "PixelSpacing": [2.0, 0.5]}, (2.0, 0.5), "PixelSpacing"),
        (
            {
                "Modality": "DX",
                "PixelSpacing": [0.1, 0.1],
                "ImagerPixelSpacing": [0.14, 0.14],
                "PixelSpacingCalibrationType": "FIDUCIAL",
                "EstimatedRadiographicMagnificationFactor": 1.31,
            },
            (0.1, 0.1),
            "PixelSpacing, calibrated (fiducial)",
        ),
        (
            {
                "Modality": "DX",
                "PixelSpacing": [0.14, 0.14],
                "ImagerPixelSpacing": [0.14, 0.14],
                "PixelSpacingCalibrationType": "GEOMETRY",
            },
            (0.14, 0.14),
            "PixelSpacing, calibrated (geometry)",
        ),
        (
            {
                "Modality": "CR",
                "ImagerPixelSpacing": [0.131, 0.262],
                "EstimatedRadiographicMagnificationFactor": 1.31,
            },
            (0.1, 0.2),
            "ImagerPixelSpacing at the detector / ERMF 1.31",
        ),
        (
            {
                "Modality": "MG",
                "PixelSpacing": [0.07, 0.07],
                "ImagerPixelSpacing": [0.07, 0.07],
                "EstimatedRadiographicMagnificationFactor": 1.4,
            },
            (0.05, 0.05),
            "PixelSpacing at the detector / ERMF 1.4",
        ),
        (
            {"Modality": "XA", "ImagerPixelSpacing": [0.2, 0.2]},
            (0.2, 0.2),
            "ImagerPixelSpacing at the detector",
        ),
        (  # A magnification below 1 cannot be: the picture would stand before the patient.
            {
                "Modality": "CR",
                "ImagerPixelSpacing": [0.2, 0.2],
                "EstimatedRadiographicMagnificationFactor": 0.5,
            },
            (0.2, 0.2),
            "ImagerPixelSpacing at the detector",
        ),
        (
            {"Modality": "OT", "NominalScannedPixelSpacing": [0.3, 0.4]},
            (0.3, 0.4),
            "NominalScannedPixelSpacing",
        ),
    ],
)
def test_the_calibration_is_the_best_that_the_header_gives(
    changes: dict[str, Any], spacing: tuple[float, float], source: str
) -> None:
    (found,) = _found(**changes)
    assert found.spacing_mm == pytest.approx(spacing)
    assert (found.source, found.area) == (source, None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"PixelSpacing": [0.0, 0.5]},
        {"PixelSpacing": [0.5]},
        {"ImagerPixelSpacing": [-0.1, -0.1]},
        {"PixelAspectRatio": [4, 3]},
    ],
)
def test_nothing_valid_is_no_calibration(changes: dict[str, Any]) -> None:
    assert _found(**changes) == ()
    assert spacing_of(()) == (None, "none")


def _region(box: tuple[int, int, int, int], delta: tuple[float, float], **changes: int) -> Dataset:
    """A two-dimensional ultrasound region in centimetres; `delta` is (across, down)."""
    found = Dataset()
    found.RegionSpatialFormat = 1
    found.RegionDataType = 1
    found.RegionFlags = 0
    for name, value in zip(("MinX0", "MinY0", "MaxX1", "MaxY1"), box, strict=True):
        setattr(found, f"RegionLocation{name}", value)
    found.PhysicalUnitsXDirection = found.PhysicalUnitsYDirection = 3
    found.PhysicalDeltaX, found.PhysicalDeltaY = delta
    for keyword, changed in changes.items():
        setattr(found, keyword, changed)
    return found


def _in_regions(*regions: Dataset, **changes: Any) -> tuple[Calibration, ...]:
    return _found(Modality="US", SequenceOfUltrasoundRegions=list(regions), **changes)


def test_an_ultrasound_region_gives_millimetres_within_its_box() -> None:
    found = _in_regions(_region((10, 5, 49, 34), (0.02, 0.03)))
    # Centimetres a pixel: 0.03 down is 0.3 mm between rows. The last pixels lie inside the box.
    assert found == (Calibration((0.3, 0.2), "ultrasound region", (10, 5, 50, 35)),)
    assert spacing_of(found) == ((0.3, 0.2), "ultrasound region")


def test_regions_are_numbered_and_those_on_top_come_first() -> None:
    below = _region((0, 0, 59, 39), (0.02, 0.02), RegionFlags=1)
    above = _region((20, 10, 39, 29), (0.01, 0.01))
    spectrum = _region((0, 30, 59, 39), (0.02, 0.02), RegionSpatialFormat=3)
    found = _in_regions(below, spectrum, above)
    assert [one.source for one in found] == ["ultrasound region 3", "ultrasound region 1"]
    assert spacing_of(found) == (None, "ultrasound regions that differ")


def test_regions_that_agree_give_the_frame_its_spacing() -> None:
    left, right = _region((0, 0, 29, 39), (0.02, 0.02)), _region((30, 0, 59, 39), (0.02, 0.02))
    assert spacing_of(_in_regions(left, right)) == ((0.2, 0.2), "ultrasound regions")


@pytest.mark.parametrize(
    "changes",
    [
        {"PhysicalUnitsXDirection": 4},  # seconds
        {"PhysicalUnitsYDirection": 7},  # cm/s
        {"RegionSpatialFormat": 2},  # M-mode
        {"PhysicalDeltaX": 0.0},
        {"RegionLocationMaxX1": 61},  # the picture has 60 columns: it was made smaller
        {"RegionLocationMaxY1": 3},
    ],
)
def test_a_region_without_lengths_gives_none_and_leaves_no_pixel_spacing(
    changes: dict[str, Any],
) -> None:
    region = _region((10, 5, 49, 34), (0.02, 0.03), **changes)
    assert _in_regions(region, PixelSpacing=[0.5, 0.5]) == ()


def test_a_negative_step_is_a_direction_and_not_a_length() -> None:
    (found,) = _in_regions(_region((0, 0, 60, 40), (-0.02, 0.03)))
    assert found.spacing_mm == (0.3, 0.2)
    assert found.area == (0, 0, 60, 40)


@pytest.mark.parametrize(
    ("value", "directions"),
    [
        (["L", "F"], ("L", "F")),
        (["A", "FR"], ("A", "FR")),
        (["P", "HL"], ("P", "HL")),
        (["LPF", "FPR"], ("LPF", "FPR")),
        (["L", "L"], None),
        (["L", "RF"], None),
        (["LR", "F"], None),
        (["LL", "F"], None),
        (["L"], None),
        (["L", ""], None),
        (["X", "F"], None),
        (None, None),
    ],
)
def test_patient_orientation_is_taken_only_where_it_makes_sense(
    value: list[str] | None, directions: tuple[str, str] | None
) -> None:
    assert directions_of(dataset_of(_PIXELS, PatientOrientation=value)) == directions


def test_letters_of_quadrupeds_are_not_read_as_those_of_people() -> None:
    dataset = dataset_of(
        _PIXELS, PatientOrientation=["L", "D"], AnatomicalOrientationType="QUADRUPED"
    )
    assert directions_of(dataset) is None


def _opened(path: Path) -> tuple[Source, Frame]:
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    (frame,) = read_frames(read_request(source, (0,)), Task())
    return source, frame


def test_a_radiograph_as_opened_names_its_detector_and_its_directions(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "Modality": "CR",
        "ImagerPixelSpacing": [0.131, 0.131],
        "EstimatedRadiographicMagnificationFactor": 1.31,
        "PatientOrientation": ["L", "F"],
    }
    source, frame = _opened(write_slice(tmp_path / "1", _PIXELS, **(_NO_SPACING | changes)))
    assert source.spacing_mm == pytest.approx((0.1, 0.1, None))
    assert source.spacing_source == "ImagerPixelSpacing at the detector / ERMF 1.31"
    assert source.affine is None
    assert frame.spacing_mm == pytest.approx((0.1, 0.1))
    assert frame.calibrations[0].source == source.spacing_source
    assert frame.directions == ("L", "F")


@pytest.mark.parametrize(
    ("name", "spacing", "areas"),
    [
        # dcmdump: one region 14–1010 × 38–758 of 1024 × 768, 0.0254767 cm a pixel.
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", 0.25476696592378154, [(14, 38, 1011, 759)]),
        # A picture to x 800 of 800, and an electrocardiogram without lengths below it.
        ("OBXXXX1A_rle.dcm", 0.26228787661969974, [(120, 60, 800, 519)]),
        # Two pictures side by side.
        (
            "gdcm-US-ALOKA-16.dcm",
            0.38265306502580643,
            [(32, 24, 336, 416), (336, 24, 640, 416)],
        ),
        # The box leaves the picture of 320 × 240: these are not the pixels that were calibrated.
        ("examples_ybr_color.dcm", None, []),
    ],
)
def test_regions_of_real_ultrasound_are_those_of_their_headers(
    shared_data: Path, name: str, spacing: float | None, areas: list[tuple[float, ...]]
) -> None:
    source, frame = _opened(next((shared_data / "dicom").rglob(name)))
    assert [one.area for one in frame.calibrations] == areas
    expected = None if spacing is None else pytest.approx((spacing, spacing))
    assert frame.spacing_mm == expected
    assert (source.spacing_mm is None) == (spacing is None)


@pytest.mark.parametrize(
    ("ratio", "aspect"), [([4, 3], 4 / 3), ([1, 2], 0.5), ([0, 1], None), ([4], None), (None, None)]
)
def test_the_aspect_of_pixels_is_height_by_width(
    ratio: list[int] | None, aspect: float | None
) -> None:
    """PS3.3 C.7.6.3.1.7: the vertical size comes first."""
    assert aspect_of(dataset_of(_PIXELS, PixelAspectRatio=ratio)) == aspect


def test_the_aspect_counts_where_there_is_no_spacing(tmp_path: Path) -> None:
    nothing: dict[str, Any] = _NO_SPACING | {"PixelAspectRatio": [4, 3]}
    alone = write_slice(tmp_path / "a.dcm", _PIXELS, **nothing)
    both = write_slice(tmp_path / "b.dcm", PixelSpacing=[2.0, 0.5], PixelAspectRatio=[4, 3])
    for path, spacing, aspect in ((alone, None, 4 / 3), (both, (2.0, 0.5), None)):
        _, frame = _opened(path)
        assert (frame.spacing_mm, frame.aspect) == (spacing, aspect)


@pytest.mark.parametrize("name", ["color-pl.dcm", "color-px.dcm"])
def test_real_pictures_without_spacing_have_their_aspect(shared_data: Path, name: str) -> None:
    """`dcmdump` gives (0028,0034) IS [4\\3] and no spacing."""
    (path,) = (shared_data / "dicom").rglob(name)
    assert _opened(path)[1].aspect == 4 / 3
