"""Whose study an object belongs to: copied from its source, or left out; never made up."""

from __future__ import annotations

from pydicom.dataset import Dataset

from inference.sources.dicom_fields import word

_STUDY = ("StudyInstanceUID",)
"""Without it the object would belong to no study."""

_EMPTY_IF_UNKNOWN = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Type 2 in the Patient and General Study modules (PS3.3 C.7.1.1, C.7.2.1)."""

_IF_KNOWN = (
    "IssuerOfPatientID",
    "OtherPatientIDs",
    "StudyDescription",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
)

_KEPT_NAMELESS = ("PatientSex",)


def copy_patient(found: Dataset, source: Dataset, *, identified: bool) -> None:
    """Patient and study as the source has them; without `identified` only what names nobody.

    Text is written as UTF-8, in whichever character set the source stood.
    """
    found.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _STUDY:
        setattr(found, keyword, word(source, keyword))
    for keyword in _EMPTY_IF_UNKNOWN:
        known = identified or keyword in _KEPT_NAMELESS
        setattr(found, keyword, word(source, keyword) if known else None)
    if identified:
        for keyword in _IF_KNOWN:
            value = word(source, keyword)
            if value:
                setattr(found, keyword, value)
        return
    found.PatientIdentityRemoved = "YES"
    found.DeidentificationMethod = "Patient and dates left out; UIDs kept, so that it fits its scan"
