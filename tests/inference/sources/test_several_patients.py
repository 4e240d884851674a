"""A folder with several patients: nothing mixes, whatever the files' UIDs say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from inference.records import Source
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice

DOE: dict[str, Any] = {"PatientName": "Doe^Jane", "PatientID": "1", "PatientBirthDate": "19600102"}
ROE: dict[str, Any] = {"PatientName": "Roe^Jim", "PatientID": "2"}


def _open(folder: Path) -> tuple[Source, ...]:
    opened = open_sources(OpenRequest((str(folder),)), Task())
    assert opened.refused == ()
    return opened.sources


def _slices(folder: Path, patient: dict[str, Any], first: int, **changes: Any) -> None:
    """Three slices, 4 mm apart, that begin at `first` mm."""
    for number in range(3):
        write_slice(
            folder / f"{first}-{number}",
            np.full((3, 4), 100 * first + number, np.int16),
            SOPInstanceUID=f"1.2.{first + 1}.{number + 1}",
            ImagePositionPatient=[0, 0, first + 4 * number],
            **patient,
            **changes,
        )


@pytest.mark.parametrize("missing", ["PatientID", "PatientName", ""])
def test_patients_that_share_every_uid_stay_apart(tmp_path: Path, missing: str) -> None:
    """Their slices would interleave into one even stack."""
    for first, patient in ((0, DOE), (2, ROE)):
        kept = {name: value for name, value in patient.items() if name != missing}
        _slices(tmp_path, kept, first)
    sources = _open(tmp_path)
    assert [source.frames for source in sources] == [3, 3]
    assert [source.spacing_mm for source in sources] == [(2.0, 0.5, 4.0)] * 2
    assert len({source.who for source in sources}) == 2
    for source in sources:
        assert len({Path(ref.path).name[0] for ref in source.refs}) == 1


def test_each_source_names_its_patient_and_its_study(tmp_path: Path) -> None:
    for first, patient, study in ((0, DOE, "1.1"), (1, DOE, "1.2"), (2, ROE, "1.3")):
        _slices(
            tmp_path / patient["PatientID"],
            patient,
            first,
            StudyInstanceUID=study,
            SeriesInstanceUID=f"{study}.9",
            FrameOfReferenceUID=f"{study}.8",
            StudyDescription=f"Study {study}",
        )
    found = [(source.who, source.study_title, source.study_id) for source in _open(tmp_path)]
    assert [(who, study) for who, study, _ in found] == [
        ("Doe, Jane · 1960-01-02 · 1", "Study 1.1"),
        ("Doe, Jane · 1960-01-02 · 1", "Study 1.2"),
        ("Roe, Jim · 2", "Study 1.3"),
    ]
    assert len({study_id for *_, study_id in found}) == 3


def test_no_shared_source_mixes_patients(shared_data: Path) -> None:
    opened = open_sources(OpenRequest((str(shared_data / "dicom"),)), Task())
    for source in opened.sources:
        if source.kind == "series" and len({ref.path for ref in source.refs}) > 1:
            patients = {
                str(pydicom.dcmread(ref.path, specific_tags=["PatientID"]).get("PatientID"))
                for ref in source.refs
            }
            assert len(patients) == 1, source.title
