"""What stands in DICOM SEG files written here, and what is said of what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from inference.errors import UserError
from inference.exchange.dicom_codes import lab_of_colour, plain_text
from inference.exchange.dicom_seg import write_dicom_seg
from inference.exchange.records import LabelledSource, LabelsExport
from inference.records import Annotation, AnnotationKind, Label, LabelSet, MadeFrom
from inference.sources.objects.colours import colour_of_lab
from inference.task import Task
from tests.inference.exchange.dicom_seg_project import (
    LIVER,
    ORGAN,
    entry_of,
    export,
    exported,
    imported,
    region,
    speckled,
    stacked,
)
from tests.inference.sources.objects.object_writer import open_source, write_scan


def test_highdicom_reads_the_same_descriptions(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    made_from = MadeFrom("a-model", "0" * 64, "lesion", 0.9, "2026-01-01T00:00:00+00:00")
    annotations = speckled(source, [1])
    annotations[0] = replace(annotations[0], made_from=made_from)
    exported(tmp_path / "s.dcm", annotations, source)
    found = highdicom.seg.segread(tmp_path / "s.dcm")
    first, second = (found.get_segment_description(number) for number in (1, 2))
    assert (first.segment_label, second.segment_label) == ("lesion", "liver")
    assert first.algorithm_type.value == "SEMIAUTOMATIC"
    assert first.SegmentAlgorithmName == "a-model"
    assert second.algorithm_type.value == "MANUAL"
    assert first.tracking_id is None
    assert second.tracking_id == "only"
    assert second.segmented_property_category.value == ORGAN.value
    assert second.segmented_property_type.meaning == LIVER.meaning
    assert first.segmented_property_category.meaning == "Tissue"
    assert first.segmented_property_type.meaning == "lesion"
    assert first.segmented_property_type.scheme_designator == "99LEPTON"


def test_an_instance_has_one_tracking_uid_in_all_files_of_a_series(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    full = np.ones(source.shape)
    second = write_scan(tmp_path / "second", SeriesInstanceUID="1.2.3.77")
    uids: list[str] = []
    for scan, instance in ((source, "a"), (source, "a"), (source, "b"), (second, "a")):
        drawn = [region(scan, 0, full, "liver", instance)]
        found = exported(tmp_path / f"{len(uids)}.dcm", drawn, scan)
        uids.append(found.SegmentSequence[0].TrackingUID)
    assert uids[0] == uids[1]
    assert len(set(uids)) == 3


def test_one_label_and_instance_is_one_segment(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    full = np.ones(source.shape)
    keys = [("liver", "b"), ("lesion", ""), ("liver", "a"), ("lesion", ""), ("liver", "b")]
    drawn = [region(source, at % 3, full, *key) for at, key in enumerate(keys)]
    found = exported(tmp_path / "s.dcm", drawn, source)
    said = [(one.SegmentLabel, one.get("TrackingID", "")) for one in found.SegmentSequence]
    assert said == [("lesion", ""), ("liver", "a"), ("liver", "b")]
    numbers = [
        frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        for frame in found.PerFrameFunctionalGroupsSequence
    ]
    assert numbers == [1, 1, 2, 3, 3]


def test_segments_that_touch_without_a_common_pixel_do_not_overlap(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    left = np.zeros(source.shape)
    left[:, :5] = 1
    drawn = [region(source, 0, left), region(source, 0, 1 - left, "liver")]
    assert exported(tmp_path / "s.dcm", drawn, source).SegmentsOverlap == "NO"


SHAPES: list[tuple[AnnotationKind, tuple[tuple[float, float], ...], int]] = [
    ("box", ((1.0, 2.0), (4.0, 4.0)), 6),
    ("box", ((0.6, 0.6), (1.6, 1.4)), 0),
    ("box", ((0.6, 0.4), (1.6, 1.4)), 1),
    ("polygon", ((0.0, 0.0), (4.0, 0.0), (0.0, 4.0)), 6),
    ("rotated_box", ((3.0, 0.9), (5.1, 3.0), (3.0, 5.1), (0.9, 3.0)), 12),
]
"""Pixels counted by hand on paper: those whose centres lie within."""


@pytest.mark.parametrize(("kind", "points", "count"), SHAPES)
def test_shapes_become_the_pixels_whose_centres_they_hold(
    tmp_path: Path,
    kind: AnnotationKind,
    points: tuple[tuple[float, float], ...],
    count: int,
) -> None:
    source = write_scan(tmp_path / "scan")
    anchor = region(source, 1, np.ones(source.shape), "liver")
    shape = Annotation("s", source.source_id, 0, kind, "lesion", points)
    written = export(tmp_path / "s.dcm", [anchor, shape], source)
    found = imported(tmp_path / "s.dcm", source).read.annotations
    assert sum(one.mask.count for one in found if one.mask and one.label == "lesion") == count
    words = kind.replace("_", " ")
    if count:
        assert written.left_out == (f"1 {words} was turned into the pixels within.",)
        assert written.annotations == 2
    else:
        assert written.left_out == ("1 annotation was left out: they hold the centre of no pixel.",)
        assert written.annotations == 1


def test_what_a_segment_cannot_hold_is_said(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    line = Annotation("l", source.source_id, 0, "line", "lesion", ((0, 0), (1, 1)))
    left = np.zeros(source.shape)
    left[:, :3] = 1
    graded = replace(region(source, 0, left), attributes=(("seen", True),))
    written = export(tmp_path / "s.dcm", [line, graded, region(source, 0, 1 - left)], source)
    (joined,) = imported(tmp_path / "s.dcm", source).read.annotations
    assert joined.mask is not None
    assert joined.mask.count == left.size
    assert (written.files, written.annotations) == (1, 2)
    assert written.left_out[0].startswith("1 line was left out")
    assert written.left_out[1:] == (
        "1 mask was joined with others of the same label and frame.",
        "1 annotation was written without values and attributes: DICOM SEG has none.",
    )


def test_a_folder_gets_a_file_for_each_scan_with_masks(tmp_path: Path) -> None:
    first = write_scan(tmp_path / "first")
    second = write_scan(tmp_path / "second", SeriesInstanceUID="1.2.3.77", shape=(5, 6))
    bare = write_scan(tmp_path / "bare", SeriesInstanceUID="1.2.3.78")
    annotations = [*speckled(first, [0]), *speckled(second, [2])]
    written = export(tmp_path / "out", annotations, first, second, bare)
    names = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert names == sorted(f"{one.source_id}.dcm" for one in (first, second))
    assert (written.files, written.annotations, written.left_out) == (2, 4, ())
    again = imported(tmp_path / "out", first, second, bare).read
    for source in (first, second):
        own = [one for one in again.annotations if one.source_id == source.source_id]
        np.testing.assert_array_equal(
            stacked(own, source),
            stacked([one for one in annotations if one.source_id == source.source_id], source),
        )


@pytest.mark.parametrize("name", ["out", "out.dcm"])
def test_where_nothing_can_be_written_nothing_is_left(tmp_path: Path, name: str) -> None:
    source = replace(write_scan(tmp_path / "scan"), source_id="0123456789ab")
    with pytest.raises(UserError, match="their scan is no longer where it was"):
        export(tmp_path / name, speckled(source, [0]), source)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["scan"]


def test_a_picture_is_no_scan(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "photo.png"), np.zeros((8, 10), np.uint8))
    source = open_source(tmp_path / "photo.png")
    with pytest.raises(UserError, match="belongs to a DICOM scan, and theirs is none"):
        export(tmp_path / "s.dcm", speckled(source, [0]), source)


def test_one_file_holds_one_scan(tmp_path: Path) -> None:
    sources = [write_scan(tmp_path / name, SeriesInstanceUID=f"1.2.{name}") for name in "12"]
    with pytest.raises(UserError, match="holds the labels of one scan, and these are 2") as caught:
        export(tmp_path / "s.dcm", [], *sources)
    assert caught.value.fault == "usage"


@pytest.mark.parametrize("identified", [False, True])
def test_the_patient_is_named_only_when_asked(tmp_path: Path, identified: bool) -> None:
    source = write_scan(tmp_path / "scan", PatientName="Roe^Jane", PatientID="4711")
    found = exported(tmp_path / "s.dcm", speckled(source, [0]), source, identified=identified)
    scan = pydicom.dcmread(tmp_path / "scan" / "0.dcm")
    assert found.StudyInstanceUID == scan.StudyInstanceUID
    assert (found.PatientID == "4711") is identified
    assert (b"Roe" in (tmp_path / "s.dcm").read_bytes()) is identified


@given(st.tuples(*[st.integers(0, 255)] * 3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_colours_come_back_and_are_those_of_little_cms(colour: tuple[int, int, int]) -> None:
    """Whose profiles of one byte a value have white D50, as a profile connection space has."""
    stored = lab_of_colour(colour)
    assert colour_of_lab(tuple(stored)) == colour
    pixel = Image.new("RGB", (1, 1), colour)
    ends = (ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"))
    found = ImageCms.profileToProfile(pixel, *ends, outputMode="LAB")
    assert found is not None
    lightness, *signed = found.tobytes()
    theirs = np.array([lightness, *((one + 128) % 256 for one in signed)]) * 257
    np.testing.assert_allclose(stored, theirs, atol=2 * 257)


def test_white_and_black_are_the_ends_of_lightness() -> None:
    """PS3.3 C.10.7.1.1: L* 100 is stored as 65535, a* and b* of 0 as 128 / 255 of the range."""
    assert lab_of_colour((0, 0, 0)) == [0, 32896, 32896]
    np.testing.assert_allclose(lab_of_colour((255, 255, 255)), [65535, 32896, 32896], atol=8)


def test_a_name_that_does_not_fit_is_said(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    labels = LabelSet(labels=(Label("a\\b", (1, 2, 3)),))
    drawn = region(source, 0, np.ones(source.shape), "a\\b")
    labelled = (LabelledSource(entry_of(source), (drawn,)),)
    request = LabelsExport(labels, labelled, str(tmp_path / "s.dcm"))
    assert write_dicom_seg(request, Task()).left_out == (
        "1 label was written under another name: in DICOM it has at most 64 characters and no "
        "backslash.",
    )
    (label,) = imported(tmp_path / "s.dcm", source, labels=LabelSet()).read.label_set.labels
    assert label == Label("a_b", (1, 2, 3))


def test_names_fit_into_an_element() -> None:
    assert plain_text("a\\b\nc" + "d" * 80) == "a_b_c" + "d" * 59
