"""DICOM SEG files of others taken over as labels, as highdicom reads them."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom.seg import SegmentDescription
from pydicom.sr.codedict import codes
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from inference.exchange.records import Read
from inference.mask_bits import mask_of
from inference.records import Code, Label, LabelSet, Source
from inference.sources.dicom_header import read_dataset
from tests.inference.exchange.dicom_seg_project import (
    LABELS,
    exported,
    imported,
    region,
    speckled,
    stacked,
)
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.highdicom_masks import DCMQI, PAIRS, masks_by_highdicom
from tests.inference.sources.objects.object_writer import (
    at,
    drawn,
    open_source,
    segment,
    write_frames,
    write_scan,
)

BACKGROUND = 0


def _instances(source: Source) -> list[str]:
    return [str(read_dataset(Path(ref.path)).SOPInstanceUID) for ref in source.refs]


def _by_label(read: Read, source: Source) -> dict[str, np.ndarray]:
    """bool [frames, rows, columns] of each label that was taken over."""
    found: dict[str, np.ndarray] = {}
    for one in read.annotations:
        whole = found.setdefault(one.label, np.zeros((source.frames, *source.shape), bool))
        assert not whole[one.frame].any(), "two masks of one segment on one frame"
        whole[one.frame] = mask_of(one, source.shape)
    return found


def _agree(path: Path, source: Source, read: Read, threshold: float = 1.0) -> None:
    """Each segment has the pixels that highdicom finds for it."""
    segments = highdicom.seg.segread(path)
    theirs = masks_by_highdicom(path, _instances(source))
    ours = _by_label(read, source)
    for number, pixels in theirs.items():
        if number != BACKGROUND:
            label = segments.get_segment_description(number).segment_label
            expected = pixels >= threshold
            found = ours.pop(label, np.zeros_like(expected))
            np.testing.assert_array_equal(found, expected, err_msg=label)
    assert ours == {}


@pytest.mark.parametrize("name", PAIRS)
def test_real_files_are_read_as_highdicom_reads_them(shared_data: Path, name: str) -> None:
    source = open_source(shared_data / PAIRS[name])
    found = imported(shared_data / name, source, labels=LabelSet())
    assert found.read.unmatched == ()
    assert len(found.read.annotations) > 0
    _agree(shared_data / name, source, found.read)


def _written_by_highdicom(
    path: Path,
    source: Source,
    pixels: np.ndarray,
    kind: str,
    syntax: str = ExplicitVRLittleEndian,
    **options: Any,
) -> Path:
    """A segmentation of two segments over a whole scan."""
    described = [
        SegmentDescription(
            number,
            label,
            codes.cid7150.AnatomicalStructure,
            codes.SCT.Liver,
            "MANUAL",
            tracking_uid=generate_uid(),
            tracking_id=f"{label} 1",
        )
        for number, label in enumerate(("first", "second"), start=1)
    ]
    images = [pydicom.dcmread(ref.path) for ref in source.refs]
    for image in images:
        image.PatientName = "Roe^Jane"  # highdicom warns of names in one piece
    found = highdicom.seg.Segmentation(
        images,
        pixels,
        kind,
        described,
        generate_uid(),
        900,
        generate_uid(),
        1,
        *("Maker", "Model", "1", "1"),
        transfer_syntax_uid=syntax,
        **options,
    )
    found.save_as(path)
    return path


def _speckles(source: Source, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.random((source.frames, *source.shape, 2)) < 0.3


CT = f"{DCMQI}/24x38x3/image"
LIVERS = "dicom/pydicom+pydicom-data/data_store/data"


@pytest.mark.parametrize("name", ["expb", "j2k", "rle", "deflate"])
def test_every_encoding_gives_the_same_masks(shared_data: Path, name: str) -> None:
    source = open_source(shared_data / DCMQI / "ct-3slice")
    plain = imported(shared_data / LIVERS / "liver.dcm", source).read
    other = imported(shared_data / LIVERS / f"liver_{name}.dcm", source)
    assert other.notes == ()
    expected, found = _by_label(plain, source), _by_label(other.read, source)
    assert expected["Liver"].any()
    np.testing.assert_array_equal(found["Liver"], expected["Liver"])


def test_binary_masks_of_highdicom(shared_data: Path, tmp_path: Path) -> None:
    source = open_source(shared_data / CT)
    pixels = _speckles(source)
    path = _written_by_highdicom(tmp_path / "s.dcm", source, pixels.astype(np.uint8), "BINARY")
    found = imported(path, source)
    assert found.notes == ()
    taken = _by_label(found.read, source)
    np.testing.assert_array_equal(taken["first"], pixels[..., 0])
    np.testing.assert_array_equal(taken["second"], pixels[..., 1])
    assert {one.instance for one in found.read.annotations} == {"first 1", "second 1"}


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_compressed_label_maps_of_highdicom(shared_data: Path, tmp_path: Path, syntax: str) -> None:
    source = open_source(shared_data / CT)
    pixels = np.random.default_rng(5).integers(0, 3, (source.frames, *source.shape), np.uint8)
    path = _written_by_highdicom(tmp_path / "s.dcm", source, pixels, "LABELMAP", syntax)
    taken = _by_label(imported(path, source).read, source)
    np.testing.assert_array_equal(taken["first"], pixels == 1)
    np.testing.assert_array_equal(taken["second"], pixels == 2)


@pytest.mark.parametrize("most", [255, 100, 7, 1])
def test_shares_count_from_one_half_on(shared_data: Path, tmp_path: Path, most: int) -> None:
    source = open_source(shared_data / CT)
    pixels = np.random.default_rng(6).random((source.frames, *source.shape, 2))
    path = _written_by_highdicom(
        tmp_path / "s.dcm", source, pixels, "FRACTIONAL", max_fractional_value=most
    )
    found = imported(path, source)
    _agree(path, source, found.read, threshold=0.5)
    assert found.notes == ("s.dcm: Shares of a pixel were taken from one half on.",)


def test_new_labels_have_name_codes_and_colour(shared_data: Path) -> None:
    path = shared_data / DCMQI / "liver.dcm"
    source = open_source(shared_data / DCMQI / "ct-3slice")
    theirs = read_dataset(path).SegmentSequence[0]
    (label,) = imported(path, source, labels=LabelSet()).read.label_set.labels
    assert label.name == "Liver"
    for code, keyword in (
        (label.category, "SegmentedPropertyCategoryCodeSequence"),
        (label.type, "SegmentedPropertyTypeCodeSequence"),
    ):
        stored = theirs[keyword].value[0]
        assert code == Code(stored.CodeValue, stored.CodingSchemeDesignator, stored.CodeMeaning)
    expected = highdicom.color.CIELabColor.from_dicom_value(
        theirs.RecommendedDisplayCIELabValue
    ).to_rgb()
    np.testing.assert_allclose(label.colour, expected, atol=30)  # theirs has another white


def test_labels_that_are_there_stay_as_they_are(shared_data: Path) -> None:
    path = shared_data / DCMQI / "partial_overlaps.dcm"
    source = open_source(shared_data / DCMQI / "ct-3slice")
    own = Label("GREEN", (1, 2, 3), key="g")
    labels = imported(path, source, labels=LabelSet("Mine", (own,), "multi")).read.label_set
    assert labels.labels[0] == own
    assert (labels.name, labels.pick) == ("Mine", "multi")
    names = [one.name for one in labels.labels]
    assert names == ["GREEN", "ORANGE", "PURPLE", "LIGHT_BLUE", "DARK_BLUE"]


def test_our_own_labels_come_back_as_they_were(tmp_path: Path) -> None:
    """Codes that are only written for want of others are none."""
    source = write_scan(tmp_path / "scan")
    exported(tmp_path / "s.dcm", speckled(source, [0]), source)
    found = imported(tmp_path / "s.dcm", source, labels=LabelSet(LABELS.name)).read
    assert found.label_set == LABELS
    assert {one.author for one in found.annotations} == {"Reader"}
    assert {one.instance for one in found.annotations if one.label == "liver"} == {"only"}


def test_segments_of_one_name_stay_apart(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    both = [
        region(source, 1, plane, "liver", name)
        for plane, name in zip(drawn((0, 0, 2, 2), (4, 4, 6, 6)), "ab", strict=True)
    ]
    exported(tmp_path / "s.dcm", both, source)
    again = pydicom.dcmread(tmp_path / "s.dcm")
    again.SegmentSequence[1].TrackingID = "a"
    again.save_as(tmp_path / "t.dcm")
    found = imported(tmp_path / "t.dcm", source).read.annotations
    assert len({one.instance for one in found}) == 2


def test_each_scan_of_a_folder_gets_its_own(tmp_path: Path) -> None:
    """Two phases of one series at one place: a plane goes to the image that it names alone."""
    for name, number in itertools.product("ab", range(3)):
        write_slice(
            tmp_path / name / f"{number}.dcm",
            np.full((8, 10), ord(name), np.int16),
            ImagePositionPatient=[0.0, 0.0, 3.0 * number],
            SOPInstanceUID=f"1.2.3.{ord(name)}.{number}",
        )
    sources = [open_source(tmp_path / name) for name in "ab"]
    for source, name in zip(sources, "ab", strict=True):
        exported(tmp_path / "seg" / f"{name}.dcm", speckled(source, [0, 2], ord(name)), source)
    shutil.copy(tmp_path / "a" / "0.dcm", tmp_path / "seg" / "scan.dcm")
    (tmp_path / "seg" / "readme.txt").write_text("no DICOM")
    found = imported(tmp_path / "seg", *sources).read
    assert found.unmatched == ()
    for source, name in zip(sources, "ab", strict=True):
        own = [one for one in found.annotations if one.source_id == source.source_id]
        expected = stacked(speckled(source, [0, 2], ord(name)), source)
        np.testing.assert_array_equal(stacked(own, source), expected)


def test_a_file_of_another_series_is_named(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    other = write_scan(tmp_path / "other", SeriesInstanceUID="1.2.3.77")
    exported(tmp_path / "s.dcm", speckled(source, [0]), source)
    found = imported(tmp_path / "s.dcm", other).read
    assert (found.unmatched, found.annotations, found.label_set) == (("s.dcm",), (), LABELS)


def test_a_file_beside_all_slices_is_named(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "s.dcm",
        drawn((0, 0, 2, 2)),
        at(90.0),
        numbers=[1],
        SegmentSequence=[segment(1, "new word")],
    )
    found = imported(path, source).read
    assert (found.unmatched, found.annotations, found.label_set) == (("s.dcm",), (), LABELS)


def test_planes_beside_the_slices_are_told(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "s.dcm",
        drawn((0, 0, 2, 2), (0, 0, 3, 3)),
        at(3.0, 12.0),
        numbers=[1, 1],
        SegmentSequence=[segment(1, "lesion")],
    )
    found = imported(path, source)
    assert [(one.frame, one.mask.count) for one in found.read.annotations if one.mask] == [(1, 4)]
    assert found.notes == ("s.dcm: 1 of its 2 planes lie on no slice of the scan.",)


def test_of_slices_that_the_project_has_not_the_masks_are_told(tmp_path: Path) -> None:
    whole = write_scan(tmp_path / "scan")
    annotations = speckled(whole, [0, 1, 2])
    exported(tmp_path / "s.dcm", annotations, whole)
    (tmp_path / "scan" / "2.dcm").unlink()
    part = open_source(tmp_path / "scan")
    found = imported(tmp_path / "s.dcm", part)
    expected = stacked(annotations, whole)[:, :2]
    np.testing.assert_array_equal(stacked(found.read.annotations, part), expected)
    assert found.notes == ("s.dcm: 2 of its 6 planes lie on no slice of the scan.",)


def test_planes_without_names_go_to_wherever_they_lie(tmp_path: Path) -> None:
    """One series of which the project has two parts: on one of them is on none too few."""
    upper, lower = (
        write_scan(tmp_path / name, heights)
        for name, heights in (("upper", (0.0, 3.0)), ("lower", (6.0, 9.0)))
    )
    path = write_frames(
        tmp_path / "s.dcm",
        drawn((0, 0, 2, 2), (0, 0, 3, 3)),
        at(3.0, 6.0),
        numbers=[1, 1],
        SegmentSequence=[segment(1, "lesion")],
    )
    found = imported(path, upper, lower)
    assert found.notes == ()
    assert {
        (one.source_id, one.frame, one.mask.count) for one in found.read.annotations if one.mask
    } == {(upper.source_id, 1, 4), (lower.source_id, 0, 9)}


def test_another_grid_is_told(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_frames(
        tmp_path / "s.dcm",
        np.ones((1, 4, 5), np.uint8),
        at(3.0),
        numbers=[1],
        spacing=(4.0, 1.0),
        SegmentSequence=[segment(1, "lesion")],
    )
    found = imported(path, source)
    assert found.notes == (
        "s.dcm: It lies on another grid than the scan and was resampled to its pixels.",
    )
    assert [one.frame for one in found.read.annotations] == [1]
