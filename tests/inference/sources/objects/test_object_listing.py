"""Files that are no pictures become entries of their study; segmentations are both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.records import Opened
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task
from inference.wire import pack, unpack
from tests.inference.sources.dicom_writer import PLACE, SERIES, STUDY, write_slice
from tests.inference.sources.objects.object_writer import (
    MAP,
    REPORT,
    SEGMENTATION,
    STRUCTURES,
    code,
    item,
    segment,
    write_frames,
    write_object,
    write_scan,
)

_STORAGE = "1.2.840.10008.5.1.4.1.1."


def _open(place: Path) -> Opened:
    return open_sources(OpenRequest((str(place),)), Task())


@pytest.mark.parametrize(
    ("sop_class", "values", "kind", "title"),
    [
        ("481.5", {"RTPlanLabel": "Boost"}, "other", "RT Plan · Boost"),
        ("104.1", {"DocumentTitle": "Letter"}, "other", "Encapsulated PDF · Letter"),
        ("9.1.1", {}, "other", "12-lead ECG Waveform"),
        ("11.1", {"ContentLabel": "A"}, "other", "Grayscale Softcopy Presentation State · A"),
        ("4.2", {"Rows": 1, "Columns": 1}, "other", "MR Spectroscopy"),
        ("481.3", {"StructureSetLabel": "Plan A"}, "structure_set", "Plan A"),
        ("481.3", {}, "structure_set", "Structure set"),
        ("88.11", {"ContentSequence": []}, "report", "Report"),
        ("88.33", {"ConceptNameCodeSequence": code("1", "Chest")}, "report", "Chest"),
        ("88.59", {"ConceptNameCodeSequence": code("1", "Best")}, "report", "Key images: Best"),
        ("99.99.99", {"SeriesDescription": "New"}, "other", "DICOM object · New"),
    ],
)
def test_kinds_and_titles(
    tmp_path: Path, sop_class: str, values: dict[str, Any], kind: str, title: str
) -> None:
    opened = _open(write_object(tmp_path / "x.dcm", _STORAGE + sop_class, **values))
    assert (opened.sources, opened.refused) == ((), ())
    (found,) = opened.objects
    assert (found.kind, found.title) == (kind, title)
    assert len(found.object_id) == 12
    int(found.object_id, 16)


def test_an_object_stands_in_the_study_of_its_scan(tmp_path: Path) -> None:
    write_scan(tmp_path, PatientName="Doe^Jane", StudyDescription="Chest")
    evidence = item(
        StudyInstanceUID=STUDY, ReferencedSeriesSequence=[item(SeriesInstanceUID=SERIES)]
    )
    write_object(
        tmp_path / "sr.dcm",
        REPORT,
        Modality="SR",
        PatientName="Doe^Jane",
        StudyDescription="Chest",
        ReferencedSeriesSequence=None,
        CurrentRequestedProcedureEvidenceSequence=[evidence],
        VerificationFlag="UNVERIFIED",
    )
    opened = _open(tmp_path)
    (source,), (found,) = opened.sources, opened.objects
    assert (found.study_id, found.study_title) == (source.study_id, "Chest")
    assert found.who == source.who == "Doe, Jane"
    assert found.modality == "SR"
    assert found.series_uids == (SERIES,) == (source.series_uid,)
    assert found.frame_of_reference == PLACE == source.frame_of_reference
    assert found.details == ("The report is not verified.",)


def test_contours_name_their_space_and_series_in_sequences(tmp_path: Path) -> None:
    series = item(SeriesInstanceUID="1.2.5")
    study = item(RTReferencedSeriesSequence=[series])
    place = item(FrameOfReferenceUID="1.2.4", RTReferencedStudySequence=[study])
    path = write_object(
        tmp_path / "rt.dcm",
        STRUCTURES,
        FrameOfReferenceUID=None,
        ReferencedSeriesSequence=None,
        ReferencedFrameOfReferenceSequence=[place],
        StructureSetROISequence=[item(ROINumber=1), item(ROINumber=2)],
        ROIContourSequence=[item(ContourSequence=[item(ContourNumber=1)])],
    )
    (found,) = _open(path).objects
    assert (found.frame_of_reference, found.series_uids) == ("1.2.4", ("1.2.5",))
    assert found.details == ("2 structures, of which 1 has contours.",)


@pytest.mark.parametrize(
    ("sop_class", "kind"), [(SEGMENTATION, "segmentation"), (MAP, "parametric_map")]
)
def test_segmentations_and_maps_open_as_pictures_too(
    tmp_path: Path, sop_class: str, kind: str
) -> None:
    path = write_frames(
        tmp_path / "x.dcm",
        np.ones((2, 8, 10), np.uint8),
        [(0.0, 0.0, 0.0), (0.0, 0.0, 1.0)],
        sop_class,
        numbers=(1, 1),
        bits=8,
        SegmentSequence=[segment(1, "One")],
    )
    opened = _open(path)
    assert [source.frames for source in opened.sources] == [2]
    assert [found.kind for found in opened.objects] == [kind]


def test_each_object_is_told_as_soon_as_it_is_found(tmp_path: Path) -> None:
    write_object(tmp_path / "a.dcm", REPORT)
    write_scan(tmp_path / "scan")
    told: list[object] = []
    task = Task(lambda kind, value: told.append(value) if kind == "partial" else None)
    opened = open_sources(OpenRequest((str(tmp_path),)), task)
    seen = [one for found in told if isinstance(found, Opened) for one in found.objects]
    assert seen == list(opened.objects)
    assert unpack(pack(opened)).objects == opened.objects


def test_a_picture_cut_off_before_its_pixels_is_refused(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", PixelData=None)
    opened = _open(path)
    assert opened.objects == ()
    assert [one.reason for one in opened.refused] == ["x.dcm has a picture's header but no pixels."]


def test_a_damaged_object_is_refused(tmp_path: Path) -> None:
    """A sequence of undefined length that breaks off leaves nothing to go by."""
    path = write_object(
        tmp_path / "x.dcm", REPORT, ContentSequence=[item(ValueType="TEXT", TextValue="A" * 400)]
    )
    data = path.read_bytes()
    start = data.index(b"\x40\x00\x30\xa7SQ") + 4
    content = data[: start + 4] + b"\xff\xff\xff\xff" + data[start + 8 :]
    path.write_bytes(content[: start + 40])
    opened = _open(path)
    assert opened.objects == ()
    assert [one.reason for one in opened.refused] == [
        "x.dcm is damaged: its DICOM header cannot be read."
    ]
