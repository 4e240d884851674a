"""DICOM files that are no pictures, or belong over pictures, as entries of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydicom.datadict import dictionary_has_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from inference.records import DicomObject, ObjectKind
from inference.sources.base import FoundFile
from inference.sources.dicom_fields import items, value_of, word
from inference.sources.dicom_words import modality_of, study_id_of, study_title_of, uid_of, who_of
from inference.sources.files import printable

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_DIRECTORY = "1.2.840.10008.1.3.10"
KEY_OBJECT = f"{_STORAGE}88.59"

_KINDS: dict[str, ObjectKind] = {
    f"{_STORAGE}66.4": "segmentation",
    f"{_STORAGE}66.7": "segmentation",
    f"{_STORAGE}481.3": "structure_set",
    f"{_STORAGE}30": "parametric_map",
}
"""By SOP class (PS3.4 B.5); structured reports share a stem instead."""

_REPORTS = f"{_STORAGE}88."

_LABELS: dict[ObjectKind, tuple[str, ...]] = {
    "segmentation": ("SeriesDescription", "ContentDescription", "ContentLabel"),
    "structure_set": ("StructureSetLabel", "StructureSetName", "SeriesDescription"),
    "parametric_map": ("SeriesDescription", "ContentDescription", "ContentLabel"),
    "report": ("SeriesDescription",),
    "other": (
        *("RTPlanLabel", "RTPlanName", "ContentLabel", "ContentDescription", "DocumentTitle"),
        "SeriesDescription",
    ),
}
"""Where an object of each kind keeps its own name, the best place first."""

_NAMES: dict[ObjectKind, str] = {
    "segmentation": "Segmentation",
    "structure_set": "Structure set",
    "parametric_map": "Parametric map",
    "report": "Report",
    "other": "DICOM object",
}

_REFERENCES = (
    "ReferencedSeriesSequence",
    "CurrentRequestedProcedureEvidenceSequence",
    "PertinentOtherEvidenceSequence",
    "StudiesContainingOtherReferencedInstancesSequence",
    "ReferencedFrameOfReferenceSequence",
    "RTReferencedStudySequence",
    "RTReferencedSeriesSequence",
)
"""Sequences that name the series that an object is about, or lead to one that does."""


_NO_META = FileMetaDataset()


def class_of(dataset: Dataset) -> str:
    """The SOP class as the data set, or else its file meta information, names it."""
    meta = getattr(dataset, "file_meta", _NO_META)
    return uid_of(dataset, "SOPClassUID") or uid_of(meta, "MediaStorageSOPClassUID")


def kind_of(dataset: Dataset) -> ObjectKind:
    """What can be done with the object."""
    named = class_of(dataset)
    if named.startswith(_REPORTS):
        return "report"
    return _KINDS.get(named, "other")


def object_of(
    file: FoundFile, dataset: Dataset, warnings: tuple[str, ...] = ()
) -> DicomObject | None:
    """The entry for a file; None where the bytes say nothing that would make a DICOM object.

    `warnings` are what was found off about the file as a whole.
    """
    if class_of(dataset) == _DIRECTORY or not _says_something(dataset):
        return None
    kind = kind_of(dataset)
    return DicomObject(
        object_id=file.digest[:12],
        kind=kind,
        title=printable(_title(dataset, kind)),
        path=str(file.path),
        study_id=study_id_of(dataset, file.digest),
        study_title=study_title_of(dataset),
        who=who_of(dataset),
        modality=modality_of(dataset),
        frame_of_reference=_space(dataset),
        series_uids=tuple(dict.fromkeys(_series(dataset))),
        details=(*(_DETAILS[kind](dataset) if kind in _DETAILS else ()), *warnings),
    )


def is_picture(dataset: Dataset) -> bool:
    """Whether the class is one of pictures: then a file without its picture is broken."""
    named = class_of(dataset)
    return bool(named) and " Image Storage" in UID(named).name


def _says_something(dataset: Dataset) -> bool:
    """Whether there is a class, file meta information, or an element that can be named."""
    if class_of(dataset) or (len(dataset) and len(getattr(dataset, "file_meta", ()))):
        return True
    tags = tuple(dataset.keys())  # iterating over the data set itself would parse every value
    return any(tag.group > 0x0007 and _is_known(dataset, tag) for tag in tags)


def _is_known(dataset: Dataset, tag: BaseTag) -> bool:
    if tag.is_private:
        return tag.is_private_creator
    return dictionary_has_tag(tag)


def _title(dataset: Dataset, kind: ObjectKind) -> str:
    label = next(filter(None, (word(dataset, keyword) for keyword in _LABELS[kind])), None)
    if kind in ("report", "other"):
        name = report_heading(dataset) if kind == "report" else class_words(dataset)
        return " · ".join(dict.fromkeys(filter(None, (name or _NAMES[kind], label))))
    return label or _NAMES[kind]


def class_words(dataset: Dataset) -> str:
    """The SOP class in words, such as "RT Plan"; "" where nobody named it."""
    return named_class(class_of(dataset))


def named_class(uid: str) -> str:
    """The words of the standard for a SOP class, such as "CT Image"; "" for an unknown one."""
    name = UID(uid).name if uid else ""
    return "" if name == uid else name.removesuffix(" Storage")


def report_heading(dataset: Dataset) -> str | None:
    """What a report calls itself (PS3.3 C.17.3.1); that of key images is their purpose."""
    concept = items(dataset, "ConceptNameCodeSequence")
    meaning = word(concept[0], "CodeMeaning") if concept else None
    if class_of(dataset) == KEY_OBJECT:
        return f"Key images: {meaning}" if meaning else "Key images"
    return meaning


def _space(dataset: Dataset) -> str:
    """The frame of reference; contours name theirs in a sequence (PS3.3 C.8.8.5)."""
    for holder in (dataset, *items(dataset, "ReferencedFrameOfReferenceSequence")):
        found = uid_of(holder, "FrameOfReferenceUID")
        if found:
            return found
    return ""


def _series(dataset: Dataset) -> Iterator[str]:
    for keyword in _REFERENCES:
        for item in items(dataset, keyword):
            found = uid_of(item, "SeriesInstanceUID")
            if found:
                yield found
            yield from _series(item)


def _segments(dataset: Dataset) -> tuple[str, ...]:
    count = len(items(dataset, "SegmentSequence"))
    found = [f"{counted(count, 'segment')}."]
    if word(dataset, "SegmentationType") == "FRACTIONAL":
        what = word(dataset, "SegmentationFractionalType") or "not said of what"
        found.append(f"Its masks are fractional ({what.lower()}).")
    return tuple(found)


def _structures(dataset: Dataset) -> tuple[str, ...]:
    count = len(items(dataset, "StructureSetROISequence"))
    drawn = sum(bool(items(one, "ContourSequence")) for one in items(dataset, "ROIContourSequence"))
    if drawn == count:
        return (f"{counted(count, 'structure')}.",)
    have = "has" if drawn == 1 else "have"
    return (f"{counted(count, 'structure')}, of which {drawn} {have} contours.",)


def _report(dataset: Dataset) -> tuple[str, ...]:
    if class_of(dataset) == KEY_OBJECT:
        content = items(dataset, "ContentSequence")
        count = sum(value_of(item, "ValueType") == "IMAGE" for item in content)
        return (f"{counted(count, 'key image')}.",)
    found = []
    if word(dataset, "CompletionFlag") == "PARTIAL":
        found.append("The report is not complete.")
    if word(dataset, "VerificationFlag") == "UNVERIFIED":
        found.append("The report is not verified.")
    return tuple(found)


def _other(dataset: Dataset) -> tuple[str, ...]:
    return ("It holds no picture; it can be read tag by tag.",)


_DETAILS: dict[ObjectKind, Callable[[Dataset], tuple[str, ...]]] = {
    "segmentation": _segments,
    "structure_set": _structures,
    "report": _report,
    "other": _other,
}


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 segment", "12 segments"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
