"""Parametric maps written here: read back over their scan, and by programs of others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from inference.errors import UserError
from inference.exports.compression import copy_compression
from inference.exports.parametric_map import PLACELESS, write_parametric_map
from inference.records import Source
from inference.requests import OpenRequest
from inference.sources.dicom_header import read_dataset
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.exports.made_maps import map_of, maps_of
from tests.inference.sources.dicom_writer import write, write_slice
from tests.inference.sources.enhanced_writer import at_height, enhanced
from tests.inference.sources.objects.object_writer import (
    open_object,
    open_source,
    overlay,
    write_scan,
)

TILTED = "dicom/neurolabusc+dcm_qa_ct/In/GE"
SAGITTAL = "dicom/neurolabusc+dcm_qa_decubitus/In/HFS/3_t1_fl2d_sag"
ENHANCED = "dicom/neurolabusc+dcm_qa_enh"
PATIENT: dict[str, Any] = {
    "PatientName": "Müller^Änne",
    "PatientID": "4711",
    "PatientBirthDate": "19500102",
    "PatientSex": "F",
    "StudyDate": "20200304",
    "AccessionNumber": "A77",
    "SpecificCharacterSet": "ISO_IR 100",
}


def _exported(
    path: Path,
    source: Source,
    indices: Sequence[int] | None = None,
    method: str = "integrated_gradients",
    *,
    identified: bool = False,
) -> pydicom.Dataset:
    chosen = range(source.frames) if indices is None else indices
    maps = tuple(map_of(source, index, method) for index in chosen)
    write_parametric_map(path, source, maps, Task(), identified=identified)
    return pydicom.dcmread(path)


def _returns(path: Path, source: Source, indices: Sequence[int] | None = None) -> None:
    """Opened here over the same scan, each value lies on its own pixel, to the last bit."""
    found = overlay(path, source)
    chosen = list(range(source.frames) if indices is None else indices)
    assert [piece.frame for piece in found.values] == chosen
    for piece, made in zip(found.values, maps_of(source, chosen), strict=True):
        np.testing.assert_array_equal(piece.values, made.map)
    assert found.warnings == ()
    assert found.words == (
        "Integrated gradients for nodule",
        "Lepton with a-model",
        "Contribution to the output of the model",
    )


def test_an_axial_series_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    _exported(tmp_path / "map.dcm", source)
    _returns(tmp_path / "map.dcm", source)


def test_one_frame_of_a_series_lies_on_that_frame(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    _exported(tmp_path / "map.dcm", source, [1])
    _returns(tmp_path / "map.dcm", source, [1])


def test_slices_are_as_thick_as_their_scan_says_where_they_overlap(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"SliceThickness": "5", "SpacingBetweenSlices": "3"}
    source = write_scan(tmp_path / "scan", **changes)
    found = _exported(tmp_path / "map.dcm", source)
    measures = found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert measures.SliceThickness == 5


@pytest.mark.parametrize("place", [TILTED, SAGITTAL, ENHANCED])
def test_shared_series_come_back_to_the_last_bit(
    shared_data: Path, tmp_path: Path, place: str
) -> None:
    """Tilted and unevenly spaced slices of CT; sagittal slices of MR; an enhanced MR image."""
    sources = open_sources(OpenRequest((str(shared_data / place),)), Task()).sources
    source = max(sources, key=lambda one: one.frames)
    chosen = list(range(0, source.frames, max(1, source.frames // 4)))
    _exported(tmp_path / "map.dcm", source, chosen)
    _returns(tmp_path / "map.dcm", source, chosen)


def test_an_oblique_series_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    angle = np.radians(33.0)
    row = [float(np.cos(angle)), float(np.sin(angle)), 0.0]
    column = [0.0, 0.0, -1.0]
    normal = np.cross(row, column)
    for number in range(4):
        write_slice(
            tmp_path / "scan" / f"{number}.dcm",
            ImageOrientationPatient=[*row, *column],
            ImagePositionPatient=[float(value) for value in 3.7 * number * normal],
            SOPInstanceUID=f"1.2.3.{number}",
        )
    source = open_source(tmp_path / "scan")
    _exported(tmp_path / "map.dcm", source)
    _returns(tmp_path / "map.dcm", source)


def test_frames_of_a_multi_frame_image_are_named_by_their_number(tmp_path: Path) -> None:
    scan = enhanced([at_height(height) for height in (0.0, 4.0, 8.0)])
    source = open_source(write(tmp_path / "scan.dcm", scan))
    found = _exported(tmp_path / "map.dcm", source, [0, 2])
    _returns(tmp_path / "map.dcm", source, [0, 2])
    named = [
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for frame in found.PerFrameFunctionalGroupsSequence
    ]
    assert named == [1, 3]


def test_a_radiograph_without_a_place_comes_back_by_its_reference(tmp_path: Path) -> None:
    path = write_slice(
        tmp_path / "scan.dcm",
        Modality="CR",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.1",
        FrameOfReferenceUID=None,
        ImageOrientationPatient=None,
        ImagePositionPatient=None,
    )
    source = open_source(path)
    found = _exported(tmp_path / "map.dcm", source)
    _returns(tmp_path / "map.dcm", source)
    assert "FrameOfReferenceUID" not in found
    assert "PlanePositionSequence" not in found.PerFrameFunctionalGroupsSequence[0]


def test_it_belongs_to_the_study_and_the_space_of_its_scan(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    found = _exported(tmp_path / "map.dcm", source)
    scan = pydicom.dcmread(tmp_path / "scan" / "0.dcm")
    assert found.StudyInstanceUID == scan.StudyInstanceUID
    assert found.FrameOfReferenceUID == scan.FrameOfReferenceUID
    assert found.SeriesInstanceUID != scan.SeriesInstanceUID
    assert found.ContentQualification == "RESEARCH"
    (series,) = found.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == scan.SeriesInstanceUID
    assert len(series.ReferencedInstanceSequence) == 3
    assert open_object(tmp_path / "map.dcm").title == "Integrated gradients for nodule · a-model"


@pytest.mark.parametrize(
    ("method", "code"),
    [("score_cam", "130402"), ("grad_cam", "130403"), ("integrated_gradients", "130404")],
)
def test_the_standards_code_says_what_a_method_shows(
    tmp_path: Path, method: str, code: str
) -> None:
    """PS3.16 CID 7180, held against the dictionary that comes with pydicom."""
    from pydicom.sr.codedict import codes

    source = write_scan(tmp_path / "scan")
    found = _exported(tmp_path / "map.dcm", source, [0], method)
    mapping = found.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0]
    quantity = mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0]
    assert quantity.CodeValue == code
    names = {
        "130402": codes.cid7180.ClassActivation,
        "130403": codes.cid7180.GradientWeightedClassActivation,
        "130404": codes.cid7180.Saliency,
    }
    assert (quantity.CodeValue, quantity.CodeMeaning) == (names[code].value, names[code].meaning)
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "1"


def test_the_patient_is_copied_only_where_asked(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", **PATIENT)
    named = _exported(tmp_path / "named.dcm", source, identified=True)
    assert str(named.PatientName) == "Müller^Änne"
    assert (named.PatientID, named.PatientBirthDate) == ("4711", "19500102")
    assert (named.StudyDate, named.AccessionNumber) == ("20200304", "A77")
    _exported(tmp_path / "nameless.dcm", source)
    text = (tmp_path / "nameless.dcm").read_bytes()
    for word in ("Müller", "Änne", "4711", "19500102", "20200304", "A77", str(tmp_path)):
        assert word.encode() not in text
        assert word.encode("latin-1") not in text


def test_highdicom_reads_values_and_places(tmp_path: Path) -> None:
    """As values in space: highdicom puts the frames together to a volume."""
    import highdicom

    source = write_scan(tmp_path / "scan")
    _exported(tmp_path / "map.dcm", source)
    found = highdicom.imread(tmp_path / "map.dcm")
    volume = found.get_volume(apply_real_world_transform=True)
    assert source.affine is not None
    expected = np.array(source.affine)
    index = np.linalg.solve(volume.affine, expected @ np.array([3, 2, 1, 1.0])).round(6)
    assert volume.array[tuple(index[:3].astype(int))] == map_of(source, 1).map[2, 3]


def test_pydicom_reads_the_values(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    found = _exported(tmp_path / "map.dcm", source)
    np.testing.assert_array_equal(found.pixel_array, [one.map for one in maps_of(source)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("00", None, None)),
        ({"LossyImageCompression": "00"}, ("00", None, None)),
        (
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
                "LossyImageCompressionRatio": [10, 4.5],
            },
            ("01", ["ISO_10918_1", "ISO_15444_1"], [10, 4.5]),
        ),
    ],
)
def test_what_was_lost_of_a_scan_is_lost_in_its_map(
    tmp_path: Path, given: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """PS3.3 C.7.6.1.1.5: once lossy, always marked so."""
    source = write_scan(tmp_path / "scan", **given)
    found = _exported(tmp_path / "map.dcm", source)
    names = ("", "Method", "Ratio")
    assert tuple(found.get(f"LossyImageCompression{name}") for name in names) == expected
    assert _validated(tmp_path / "map.dcm") == []


def test_a_lossy_file_that_does_not_say_so_is_known_by_its_coding(shared_data: Path) -> None:
    place = "dicom/pydicom+pydicom/src/pydicom/data/test_files/SC_rgb_jls_lossy_line.dcm"
    found = pydicom.Dataset()
    copy_compression(found, [read_dataset(shared_data / place)])
    assert found.LossyImageCompression == "01"
    assert found.LossyImageCompressionMethod == "ISO_14495_1"


@pytest.mark.parametrize("offset", ["+0530", "-0800", None, "later"])
def test_its_own_times_stand_in_the_zone_of_the_study(tmp_path: Path, offset: str | None) -> None:
    """C.12.1.1.8: the offset holds for every date and time in the file, the study's too."""
    source = write_scan(tmp_path / "scan", TimezoneOffsetFromUTC=offset)
    found = _exported(tmp_path / "map.dcm", source, identified=True)
    known = offset if offset and offset[0] in "+-" else None
    assert found.get("TimezoneOffsetFromUTC") == known
    shown = datetime.strptime(found.ContentDate + found.ContentTime, "%Y%m%d%H%M%S")
    zone = datetime.now().astimezone().tzinfo
    if known:
        zone = datetime.strptime(known, "%z").tzinfo
    assert abs(shown.replace(tzinfo=zone) - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"BodyPartExamined": "HEAD"}, None),
        ({"BodyPartExamined": "BREAST", "Laterality": "L"}, "L"),
        ({"BodyPartExamined": "BREAST", "ImageLaterality": "R"}, "R"),
        ({"ImageLaterality": "B"}, ""),
        ({}, ""),
    ],
)
def test_only_a_part_of_a_pair_has_a_side(
    tmp_path: Path, given: dict[str, Any], expected: str | None
) -> None:
    source = write_scan(tmp_path / "scan", **given)
    found = _exported(tmp_path / "map.dcm", source)
    assert found.get("Laterality") == expected
    assert _validated(tmp_path / "map.dcm") == []


def _validated(path: Path) -> list[str]:
    """What dciodvfy calls an error."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed (package dicom3tools)")
    said = subprocess.run(
        [program, path], capture_output=True, text=True, check=False, timeout=60
    ).stderr
    assert "ParametricMap" in said
    return [line for line in said.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("indices", [[0], [0, 1, 2]])
@pytest.mark.parametrize("identified", [True, False])
def test_a_validator_finds_nothing_wrong(
    tmp_path: Path, indices: list[int], identified: bool
) -> None:
    source = write_scan(tmp_path / "scan", **PATIENT)
    _exported(tmp_path / "map.dcm", source, indices, identified=identified)
    assert _validated(tmp_path / "map.dcm") == []


def test_without_a_place_in_the_patient_that_alone_is_missing(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", FrameOfReferenceUID=None)
    path = tmp_path / "map.dcm"
    assert write_parametric_map(path, source, maps_of(source), Task(), identified=False) == (
        PLACELESS,
    )
    places = ("FrameOfReference", "PositionReference", "PlanePosition", "PlaneOrientation")
    errors = _validated(path)
    assert errors
    assert [line for line in errors if not any(word in line for word in places)] == []


def test_a_scan_that_is_no_dicom_is_refused(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "picture.png"), np.zeros((4, 5), np.uint8))
    source = open_source(tmp_path / "picture.png")
    with pytest.raises(UserError, match="needs a DICOM scan"):
        _exported(tmp_path / "map.dcm", source)
    assert not (tmp_path / "map.dcm").exists()


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match="was not written"):
        _exported(tmp_path / "taken" / "map.dcm", source)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["scan", "taken"]
