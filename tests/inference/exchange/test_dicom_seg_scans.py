"""DICOM SEG files over scans of all sorts: laid over them again, and read by others."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import highdicom
import numpy as np
import pytest

from inference.records import Annotation, Source
from inference.requests import OpenRequest
from inference.sources.dicom_header import read_dataset
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.exchange.dicom_seg_project import (
    exported,
    imported,
    region,
    speckled,
    stacked,
)
from tests.inference.sources.dicom_writer import write, write_slice
from tests.inference.sources.enhanced_writer import at_height, enhanced
from tests.inference.sources.objects.highdicom_masks import DCMQI, masks_by_highdicom
from tests.inference.sources.objects.object_writer import masks, open_source, overlay, write_scan

TILTED = "dicom/neurolabusc+dcm_qa_ct/In/GE"
SAGITTAL = "dicom/neurolabusc+dcm_qa_decubitus/In/HFS/3_t1_fl2d_sag"
ENHANCED = "dicom/neurolabusc+dcm_qa_enh"
UNEVEN = (0.0, 3.0, 4.0, 11.0)


Makes = Callable[[Path], Source]


def _returns(path: Path, annotations: list[Annotation], source: Source) -> None:
    """As the window lays objects over scans, and as the import takes them over."""
    drawn = stacked(annotations, source)
    found = overlay(path, source)
    assert [one.label for one in found.segments] == ["lesion", "liver"]
    assert found.warnings == ()
    np.testing.assert_array_equal(masks(found, source), drawn * np.uint8(255))
    again = imported(path, source)
    assert again.notes == ()
    assert again.read.unmatched == ()
    np.testing.assert_array_equal(stacked(again.read.annotations, source), drawn)


def _largest(place: Path) -> Source:
    sources = open_sources(OpenRequest((str(place),)), Task()).sources
    return max(sources, key=lambda one: one.frames)


def _radiograph(path: Path) -> Source:
    write_slice(
        path,
        Modality="CR",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.1",
        FrameOfReferenceUID=None,
        ImageOrientationPatient=None,
        ImagePositionPatient=None,
        PatientOrientation=["L", "F"],
    )
    return open_source(path)


def _multi_frame(path: Path) -> Source:
    return open_source(write(path, enhanced([at_height(one) for one in (0.0, 4.0, 8.0)])))


@pytest.mark.parametrize("shape", [(8, 10), (7, 5), (3, 3), (1, 1)])
def test_frames_follow_each_other_without_a_gap(tmp_path: Path, shape: tuple[int, int]) -> None:
    """PS3.5 8.1.1, by hand: the pixels of all frames as one row of bits, the first one lowest."""
    source = write_scan(tmp_path / "scan", UNEVEN, shape=shape)
    rng = np.random.default_rng(1)
    drawn = rng.random((4, *shape)) < 0.5
    drawn[:, 0, 0] = True
    found = exported(
        tmp_path / "s.dcm", [region(source, at, one) for at, one in enumerate(drawn)], source
    )
    bits = "".join(str(int(pixel)) for pixel in drawn.ravel())
    bits += "0" * (-len(bits) % 16)
    packed = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    assert found.PixelData == packed


def test_an_unevenly_spaced_series_comes_back_pixel_for_pixel(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan", UNEVEN)
    annotations = speckled(source, [0, 1, 3])
    found = exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)
    assert found.NumberOfFrames == 6
    assert found.SegmentsOverlap == "YES"


def test_an_oblique_series_comes_back_pixel_for_pixel(tmp_path: Path) -> None:
    angle = np.radians(33.0)
    row = [float(np.cos(angle)), float(np.sin(angle)), 0.0]
    normal = np.cross(row, [0.0, 0.0, -1.0])
    for number in range(4):
        write_slice(
            tmp_path / "scan" / f"{number}.dcm",
            ImageOrientationPatient=[*row, 0.0, 0.0, -1.0],
            ImagePositionPatient=[float(value) for value in 3.7 * number * normal],
            SOPInstanceUID=f"1.2.3.{number}",
        )
    source = open_source(tmp_path / "scan")
    annotations = speckled(source, [0, 2, 3])
    exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)


def test_frames_of_a_multi_frame_image_are_named_by_their_number(tmp_path: Path) -> None:
    source = _multi_frame(tmp_path / "scan.dcm")
    annotations = speckled(source, [0, 2])
    found = exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)
    named = [
        frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for frame in found.PerFrameFunctionalGroupsSequence
    ]
    assert named == [1, 3, 1, 3]


def test_slices_of_several_thicknesses_each_say_theirs(tmp_path: Path) -> None:
    thicknesses = [3.0, 3.0, 5.0]
    for number, thickness in enumerate(thicknesses):
        write_slice(
            tmp_path / "scan" / f"{number}.dcm",
            ImagePositionPatient=[0.0, 0.0, 3.0 * number],
            SOPInstanceUID=f"1.2.3.{number}",
            SliceThickness=thickness,
        )
    source = open_source(tmp_path / "scan")
    found = exported(tmp_path / "s.dcm", speckled(source, [0, 1, 2]), source)
    said = [
        frame.PixelMeasuresSequence[0].SliceThickness
        for frame in found.PerFrameFunctionalGroupsSequence
    ]
    assert said == thicknesses * 2
    assert "PixelMeasuresSequence" not in found.SharedFunctionalGroupsSequence[0]
    _no_errors(tmp_path / "s.dcm")


def test_a_radiograph_without_a_place_comes_back_by_its_reference(tmp_path: Path) -> None:
    source = _radiograph(tmp_path / "scan.dcm")
    annotations = speckled(source, [0])
    found = exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)
    assert "FrameOfReferenceUID" not in found
    assert list(found.PatientOrientation) == ["L", "F"]


def test_each_moment_of_a_film_has_its_own_masks(tmp_path: Path) -> None:
    for number in range(4):
        write_slice(
            tmp_path / "film" / f"{number}.dcm",
            ImagePositionPatient=[0.0, 0.0, 5.0],
            SOPInstanceUID=f"1.2.3.{number}",
            TriggerTime=40.0 * number,
        )
    source = open_source(tmp_path / "film")
    assert source.frames == 4
    annotations = speckled(source, [0, 2, 3])
    exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)


@pytest.mark.parametrize("place", [TILTED, SAGITTAL, ENHANCED, f"{DCMQI}/ct-3slice"])
def test_shared_scans_come_back_and_are_valid(
    shared_data: Path, tmp_path: Path, place: str
) -> None:
    """Tilted and unevenly spaced CT, sagittal MR, enhanced MR, plain CT."""
    source = _largest(shared_data / place)
    annotations = speckled(source, range(0, source.frames, max(1, source.frames // 3)))
    exported(tmp_path / "s.dcm", annotations, source)
    _returns(tmp_path / "s.dcm", annotations, source)
    _no_errors(tmp_path / "s.dcm")


def _no_errors(path: Path) -> None:
    """David Clunie's dciodvfy, which knows the standard's modules."""
    tool = shutil.which("dciodvfy")
    if tool is None:
        pytest.skip("dciodvfy (Debian's dicom3tools) is not installed")
    said = subprocess.run(
        [tool, "-new", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    assert "Segmentation" in said.stdout + said.stderr, "it did not recognise the file"
    assert [line for line in said.stderr.splitlines() if line.startswith("Error")] == []


@pytest.mark.parametrize("makes", [_radiograph, _multi_frame])
def test_unusual_scans_give_valid_files(tmp_path: Path, makes: Makes) -> None:
    source = makes(tmp_path / "scan.dcm")
    exported(tmp_path / "s.dcm", speckled(source, [0]), source)
    _no_errors(tmp_path / "s.dcm")


@pytest.mark.parametrize("place", [f"{DCMQI}/ct-3slice", f"{DCMQI}/24x38x3/image"])
def test_highdicom_reads_the_same_masks(shared_data: Path, tmp_path: Path, place: str) -> None:
    source = _largest(shared_data / place)
    annotations = speckled(source, [0, 2])
    exported(tmp_path / "s.dcm", annotations, source)
    instances = [str(read_dataset(Path(ref.path)).SOPInstanceUID) for ref in source.refs]
    found = masks_by_highdicom(tmp_path / "s.dcm", instances)
    drawn = stacked(annotations, source)
    assert sorted(found) == [1, 2]
    for number, pixels in found.items():
        np.testing.assert_array_equal(pixels, drawn[number - 1])


def test_highdicom_reads_the_masks_of_a_radiograph(tmp_path: Path) -> None:
    source = _radiograph(tmp_path / "scan.dcm")
    annotations = speckled(source, [0])
    exported(tmp_path / "s.dcm", annotations, source)
    instance = str(read_dataset(tmp_path / "scan.dcm").SOPInstanceUID)
    found = masks_by_highdicom(tmp_path / "s.dcm", [instance])
    np.testing.assert_array_equal([found[1], found[2]], stacked(annotations, source))


def test_highdicom_reads_the_masks_of_frames_of_one_file(tmp_path: Path) -> None:
    source = _multi_frame(tmp_path / "scan.dcm")
    annotations = speckled(source, [0, 2])
    exported(tmp_path / "s.dcm", annotations, source)
    pixels = highdicom.seg.segread(tmp_path / "s.dcm").get_pixels_by_source_frame(
        str(read_dataset(tmp_path / "scan.dcm").SOPInstanceUID),
        [1, 2, 3],
        ignore_spatial_locations=True,
        assert_missing_frames_are_empty=True,
    )
    np.testing.assert_array_equal(np.moveaxis(pixels, -1, 0), stacked(annotations, source))


def test_the_masks_lie_where_highdicom_places_them(tmp_path: Path) -> None:
    """The patient's millimetres of every pixel of a segment, by another people's geometry."""
    source = write_scan(tmp_path / "scan")
    rng = np.random.default_rng(4)
    annotations = [region(source, at, rng.random(source.shape) < 0.3) for at in range(3)]
    exported(tmp_path / "s.dcm", annotations, source)
    volume = highdicom.seg.segread(tmp_path / "s.dcm").get_volume(segment_numbers=[1])
    theirs = volume.map_indices_to_reference(np.argwhere(volume.array[..., 0]))
    frames, rows, columns = np.nonzero(stacked(annotations, source)[0])
    assert source.affine is not None
    voxels = np.stack([columns, rows, frames, np.ones(frames.size)])
    ours = (np.array(source.affine) @ voxels)[:3].T
    np.testing.assert_allclose(
        theirs[np.lexsort(theirs.round(6).T)], ours[np.lexsort(ours.round(6).T)], atol=1e-6
    )
