"""DICOM SEG files that are not as the standard has them: refused with place and reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.errors import UserError
from tests.inference.exchange.dicom_seg_project import (
    exported,
    imported,
    speckled,
)
from tests.inference.sources.objects.object_writer import (
    AXIAL,
    at,
    drawn,
    item,
    segment,
    write_frames,
    write_scan,
)

Change = Callable[[Dataset], Any]


def _drop(keyword: str) -> Change:
    return lambda dataset: delattr(dataset, keyword)


def _set(keyword: str, value: Any) -> Change:
    return lambda dataset: setattr(dataset, keyword, value)


def _in_frame(number: int, change: Change) -> Change:
    return lambda dataset: change(dataset.PerFrameFunctionalGroupsSequence[number - 1])


def _source_image(group: Dataset) -> Dataset:
    found: Dataset = group.DerivationImageSequence[0].SourceImageSequence[0]
    return found


WRONG: dict[str, tuple[Change, str]] = {
    "no segments": (_drop("SegmentSequence"), r"Segment Sequence \(0062,0002\) is missing"),
    "a segment twice": (
        lambda one: setattr(one.SegmentSequence[1], "SegmentNumber", 1),
        r"two segments have the Segment Number \(0062,0004\) 1",
    ),
    "a segment without number": (
        lambda one: delattr(one.SegmentSequence[1], "SegmentNumber"),
        r"segment 2 has no Segment Number",
    ),
    "a label without words": (
        lambda one: setattr(one.SegmentSequence[1], "SegmentLabel", "a//b"),
        r"in the Segment Label \(0062,0005\) of segment 2, a label has no name",
    ),
    "fewer pixels": (
        lambda one: setattr(one, "PixelData", one.PixelData[:-10]),
        r"Pixel Data \(7FE0,0010\) holds 3 of the 4 frames",
    ),
    "more pixels": (
        lambda one: setattr(one, "PixelData", one.PixelData + b"\0\0"),
        r"Pixel Data \(7FE0,0010\) holds 42 bytes, where 4 frames of 8 × 10 pixels take 40",
    ),
    "more rows": (_set("Rows", 9), r"Pixel Data \(7FE0,0010\) holds 3 of the 4 frames"),
    "fewer columns": (_set("Columns", 9), r"holds 40 bytes, where 4 frames of 8 × 9 pixels"),
    "more frames": (_set("NumberOfFrames", 5), r"holds 4 of the 5 frames"),
    "no number of frames": (_drop("NumberOfFrames"), r"Number of Frames \(0028,0008\) is missing"),
    "no functional groups": (
        _drop("PerFrameFunctionalGroupsSequence"),
        r"\(5200,9230\) describes 0 frames, and there are 4",
    ),
    "a frame less described": (
        lambda one: one.PerFrameFunctionalGroupsSequence.pop(),
        r"describes 3 frames, and there are 4",
    ),
    "a frame of no segment": (
        _in_frame(3, _drop("SegmentIdentificationSequence")),
        r"frame 3 has no Referenced Segment Number \(0062,000B\)",
    ),
    "a frame of an unknown segment": (
        _in_frame(
            2,
            lambda one: setattr(one.SegmentIdentificationSequence[0], "ReferencedSegmentNumber", 9),
        ),
        "frame 2 is of segment 9, which is not described",
    ),
    "an unknown image": (
        _in_frame(
            4, lambda one: setattr(_source_image(one), "ReferencedSOPInstanceUID", "1.2.3.99")
        ),
        r"frame 4 names an image \(Source Image Sequence \(0008,2112\)\) that the scan does not",
    ),
    "no series": (
        _drop("ReferencedSeriesSequence"),
        r"Referenced Series Sequence \(0008,1115\) names no series",
    ),
    "signed pixels": (_set("PixelRepresentation", 1), "its pixels are not those of a segment"),
    "wide pixels": (_set("BitsAllocated", 16), r"stops in the middle \(2 of 8 rows\)"),
    "no rows": (_drop("Rows"), "its header lacks Rows"),
    "no pixels": (_drop("PixelData"), "no pixels"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_place_and_reason(tmp_path: Path, name: str) -> None:
    change, reason = WRONG[name]
    source = write_scan(tmp_path / "scan")
    found = exported(tmp_path / "seg" / "b.dcm", speckled(source, [0, 2]), source)
    exported(tmp_path / "seg" / "a.dcm", speckled(source, [1]), source)
    change(found)
    found.save_as(tmp_path / "seg" / "b.dcm")
    with pytest.raises(UserError, match=reason) as caught:
        imported(tmp_path / "seg", source)
    assert "b.dcm" in caught.value.message
    assert caught.value.path == str(tmp_path / "seg" / "b.dcm")


def test_without_a_place_another_size_is_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    image = item(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID="1.2.3.0")
    path = write_frames(
        tmp_path / "s.dcm",
        np.ones((1, 4, 5), np.uint8),
        [None],
        numbers=[1],
        groups=[{"DerivationImageSequence": [item(SourceImageSequence=[image])]}],
        SharedFunctionalGroupsSequence=[item()],
        SegmentSequence=[segment(1, "lesion")],
    )
    with pytest.raises(UserError, match="4 × 5 pixels and no place in the patient"):
        imported(path, source)


def test_a_label_map_with_an_unknown_number_is_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    planes = drawn((0, 0, 2, 2), (0, 0, 3, 3)) * np.uint8(4)
    path = write_frames(
        tmp_path / "s.dcm",
        planes,
        at(0.0, 3.0),
        bits=8,
        orientation=AXIAL,
        SegmentationType="LABELMAP",
        SegmentSequence=[segment(1, "lesion")],
    )
    with pytest.raises(UserError, match="frame 1 holds segment 4, which is not described"):
        imported(path, source)


def test_what_is_no_segmentation_is_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    for path in (tmp_path / "scan" / "0.dcm", tmp_path / "scan"):
        with pytest.raises(UserError, match="no DICOM SEG file"):
            imported(path, source)
    with pytest.raises(UserError, match="no such file"):
        imported(tmp_path / "nothing.dcm", source)


def test_a_scan_that_is_gone_is_told(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    exported(tmp_path / "s.dcm", speckled(source, [0]), source)
    shutil.rmtree(tmp_path / "scan")
    with pytest.raises(UserError, match="no longer where it was"):
        imported(tmp_path / "s.dcm", source)
