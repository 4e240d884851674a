"""Structured reports as lines, key images as frames: read by hand from what dsrdump prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import ReportLine, ReportText
from inference.requests import ObjectRequest, OpenRequest, ReportRequest
from inference.sources.objects import report
from inference.sources.objects.report import key_frames, read_report
from inference.sources.objects.units import unit_words
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.object_writer import (
    KEYS,
    REPORT,
    code,
    item,
    open_object,
    write_object,
    write_scan,
)

CT = "1.2.840.10008.5.1.4.1.1.2"


def _said(kind: str, name: str = "", under: list[Dataset] | None = None, **values: Any) -> Dataset:
    concept = code("99", name) if name else None
    relation = values.pop("relation", "CONTAINS")
    return item(
        ValueType=kind,
        RelationshipType=relation,
        ConceptNameCodeSequence=concept,
        ContentSequence=under,
        **values,
    )


def _measured(name: str, value: str, unit: str, under: list[Dataset] | None = None) -> Dataset:
    units = code(unit, unit, "UCUM")
    measured = [item(NumericValue=value, MeasurementUnitsCodeSequence=units)]
    return _said("NUM", name, under, MeasuredValueSequence=measured)


def _reference(uid: str, frames: list[int] | None = None, name: str = "") -> Dataset:
    found = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=uid)
    if frames is not None:
        found.ReferencedFrameNumber = frames
    return _said("IMAGE", name, ReferencedSOPSequence=[found])


def _read(path: Path, content: list[Dataset], **values: Any) -> ReportText:
    write_object(
        path,
        REPORT,
        Modality="SR",
        ValueType="CONTAINER",
        ConceptNameCodeSequence=code("126000", "Imaging Report"),
        ContentSequence=content,
        **values,
    )
    return read_report(ReportRequest(str(path)), Task())


def test_every_kind_of_value_in_words(tmp_path: Path) -> None:
    point = [12.5, 30.0]
    found = _read(
        tmp_path / "sr.dcm",
        [
            _said("TEXT", "Finding", TextValue="A mass.\r\nIt is round."),
            _said("CODE", "Side", ConceptCodeSequence=code("1", "Left")),
            _measured("Diameter", "3.42", "mm"),
            _said("NUM", "Angle"),
            _said("PNAME", "Observer", PersonName="Doe^Jane"),
            _said("DATE", "Date", Date="20260131"),
            _said("TIME", "Time", Time="134501.25"),
            _said("DATETIME", "Moment", DateTime="20260131134501"),
            _said("DATETIME", "Abroad", DateTime="20260131134501.5-0530"),
            _said("UIDREF", "Tracking", UID="1.2.3.4"),
            _reference("1.2.3", [2, 5]),
            _said("SCOORD", "Place", GraphicType="POINT", GraphicData=point),
            _said("SCOORD", "Outline", GraphicType="POLYLINE", GraphicData=[1.0, 2.0] * 4),
            _said("SCOORD3D", "Spot", GraphicType="POINT", GraphicData=[1.0, 2.0, 3.0]),
            _said(
                "TCOORD", "Span", TemporalRangeType="SEGMENT", ReferencedTimeOffsets=["1", "2.5"]
            ),
            _said("TEXT", "Reason", relation="INFERRED FROM", TextValue="Seen twice"),
            item(RelationshipType="SELECTED FROM", ReferencedContentItemIdentifier=[1, 2, 3]),
        ],
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
    )
    assert found.title == "Imaging Report"
    assert [(line.heading, line.text) for line in found.lines] == [
        ("Completion", "complete"),
        ("Verification", "unverified"),
        ("Finding", "A mass.\nIt is round."),
        ("Side", "Left"),
        ("Diameter", "3.42 mm"),
        ("Angle", "no value"),
        ("Observer", "Doe, Jane"),
        ("Date", "2026-01-31"),
        ("Time", "13:45:01"),
        ("Moment", "2026-01-31 13:45:01"),
        ("Abroad", "2026-01-31 13:45:01 UTC-05:30"),
        ("Tracking", "1.2.3.4"),
        ("Reference", "CT Image 1.2.3, frames 2, 5"),
        ("Place", "point at (12.5, 30)"),
        ("Outline", "polyline of 4 points"),
        ("Spot", "point at (1, 2, 3) mm"),
        ("Span", "segment 1, 2.5"),
        ("Inferred from: Reason", "Seen twice"),
        ("Selected from: item 1.2.3", ""),
    ]


def test_values_of_a_measurement_group_name_what_was_measured(tmp_path: Path) -> None:
    """TID 1501: the finding site, else the finding, stands beside each value."""
    site = item(
        ValueType="CODE",
        RelationshipType="CONTAINS",
        ConceptNameCodeSequence=code("363698007", "Finding Site", "SCT"),
        ConceptCodeSequence=code("10200004", "Liver", "SCT"),
    )
    mean = _said(
        "CODE", "Derivation", relation="HAS CONCEPT MOD", ConceptCodeSequence=code("1", "Mean")
    )
    group = _said(
        "CONTAINER",
        "",
        [
            site,
            _measured("Volume", "3.42", "cm3"),
            _measured("Attenuation", "41", "[hnsf'U]", [mean]),
        ],
    )
    group.ConceptNameCodeSequence = code("125007", "Measurement Group")
    found = _read(tmp_path / "sr.dcm", [group])
    assert found.lines == (
        ReportLine(0, "Measurement Group", ""),
        ReportLine(1, "Finding Site", "Liver"),
        ReportLine(1, "Volume", "3.42 cm³ (Liver)"),
        ReportLine(1, "Attenuation, Mean", "41 HU (Liver)"),
    )


def test_a_run_of_references_is_one_line(tmp_path: Path) -> None:
    images = [_reference(f"1.2.{number}") for number in range(191)]
    library = _said("CONTAINER", "", [*images, _reference("1.9", name="Key Image")])
    found = _read(tmp_path / "sr.dcm", [library, _reference("1.5")])
    assert found.lines == (
        ReportLine(0, "Section", ""),
        ReportLine(1, "References", "191 × CT Image"),
        ReportLine(1, "Key Image", "CT Image 1.9"),
        ReportLine(0, "Reference", "CT Image 1.5"),
    )


def test_a_long_report_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LINES_LIMIT", 3)
    found = _read(tmp_path / "sr.dcm", [_said("TEXT", "Note", TextValue=str(n)) for n in range(9)])
    assert [line.text for line in found.lines] == [
        "0",
        "1",
        "2",
        "The report goes on; its first 3 lines are shown.",
    ]


def test_the_shared_measurements(shared_data: Path) -> None:
    path = shared_data / "dicom/QIICR+dcmqi/data/sr-example/sr.dcm"
    found = read_report(ReportRequest(str(path)), Task())
    assert found.title == "Imaging Measurement Report"
    lines = {line.heading: line for line in found.lines}
    assert lines["Completion"].text == "partial"
    assert lines["References"] == ReportLine(
        2, "References", "191 × Positron Emission Tomography Image"
    )
    assert lines["Radionuclide"].text == "^18^Fluorine"
    assert lines["SUVbw, Mean"].text == "6.01529 SUVbw (pharyngeal tonsil (adenoid))"
    assert lines["Study Time"].text == "11:42:43"


def test_reports_and_other_files_without_one(shared_data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^x\.dcm holds no report\.$"):
        read_report(ReportRequest(str(write_slice(tmp_path / "x.dcm"))), Task())
    path = shared_data / "dicom/pydicom+pydicom/src/pydicom/data/test_files/test-SR.dcm"
    lines = read_report(ReportRequest(str(path)), Task()).lines
    assert ReportLine(1, "Diameter, Sample Code", "3 cm") in lines
    assert ReportLine(2, "Selected from: item 1.3.2", "") in lines
    assert ReportLine(0, "Reference", "CT Image 1.2.3.4.5.0, frames 5, 2") in lines


def test_key_images_are_the_frames_of_an_open_scan(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    path = write_object(
        tmp_path / "ko.dcm",
        KEYS,
        Modality="KO",
        ConceptNameCodeSequence=code("113000", "Of Interest"),
        ContentSequence=[
            _said("TEXT", "Description", TextValue="Look here"),
            _reference("1.2.3.2"),
            _reference("1.2.3.0"),
            _reference("1.2.99"),
        ],
    )
    found = open_object(path)
    assert (found.kind, found.title) == ("report", "Key images: Of Interest")
    assert found.details == ("3 key images.",)
    assert key_frames(ObjectRequest(found, source), Task()) == (0, 2)
    lines = read_report(ReportRequest(str(path)), Task()).lines
    assert lines[0] == ReportLine(0, "Description", "Look here")


def test_key_frames_of_one_file_are_named_by_number(tmp_path: Path) -> None:
    film = write_slice(tmp_path / "film.dcm", np.zeros((4, 3, 4), np.int16), SOPInstanceUID="1.2.7")
    (source,) = open_sources(OpenRequest((str(film),)), Task()).sources
    path = write_object(tmp_path / "ko.dcm", KEYS, ContentSequence=[_reference("1.2.7", [2, 4])])
    assert key_frames(ObjectRequest(open_object(path), source), Task()) == (1, 3)


@pytest.mark.parametrize(
    ("ucum", "written"),
    [
        ("1", ""),
        ("mm", "mm"),
        ("mm2", "mm²"),
        ("cm3", "cm³"),
        ("[hnsf'U]", "HU"),
        ("{SUVbw}g/ml", "SUVbw"),
        ("{pixels}", "pixels"),
        ("10-6.mm2/s", "10-6.mm²/s"),
        ("um", "µm"),
        ("%", "%"),
        ("ms", "ms"),
        ("m/s2", "m/s²"),
    ],
)
def test_units_as_people_write_them(ucum: str, written: str) -> None:
    assert unit_words(ucum) == written
