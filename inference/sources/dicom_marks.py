"""Header values that tell apart DICOM frames at one place, and what people call them."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from inference.sources.dicom_fields import is_given, items, macro, number, value_of, words
from inference.sources.dicom_words import uid_of


@dataclass(frozen=True)
class Mark:
    """A header value that tells apart frames at one position, and what people call it."""

    title: str
    group: str
    keyword: str
    lone: bool = False
    """Whether a single frame may stand apart by it."""
    contrast: bool = False
    """Whether frames that differ in it are never slices of one volume, where they mix in space."""


MARKS = (
    Mark("time", "FrameContentSequence", "TemporalPositionIndex", contrast=True),
    Mark("time", "", "TemporalPositionIdentifier", contrast=True),
    Mark("stack", "FrameContentSequence", "StackID"),
    Mark("segment", "SegmentIdentificationSequence", "ReferencedSegmentNumber", lone=True),
    Mark("", "MRImageFrameTypeSequence", "FrameType"),
    Mark("", "", "ImageType"),
    Mark("b-value", "MRDiffusionSequence", "DiffusionBValue", contrast=True),
    Mark("", "", "DiffusionGradientOrientation"),
    Mark("echo time", "MREchoSequence", "EffectiveEchoTime", contrast=True),
    Mark("echo time", "", "EchoTime", contrast=True),
    Mark("inversion time", "", "InversionTime"),
    Mark("phase", "CardiacSynchronizationSequence", "NominalPercentageOfCardiacPhase"),
    Mark("acquisition", "FrameContentSequence", "FrameAcquisitionNumber"),
    Mark("acquisition", "", "AcquisitionNumber"),
    Mark("trigger time", "", "TriggerTime"),
)
"""Asked in this order where positions repeat within a series, or where contrasts mix."""

DIMENSIONS = len(MARKS)
"""Place of the dimension index among a frame's marks: behind all others, for it says least."""

_PLACE_TAGS = [
    tag_for_keyword(keyword)
    for keyword in ("ImagePositionPatient", "PlanePositionSequence", "InStackPositionNumber")
]  # compared one by one, as a damaged pointer may be several
"""Dimensions that say where a frame lies, and so tell no frames at one place apart."""

MarkValue = float | tuple[str, ...] | None


def marks_of(dataset: Dataset, frame: int) -> tuple[MarkValue, ...]:
    """The value of each of MARKS for one frame, and last its dimension index."""
    return (*(_mark(dataset, frame, mark) for mark in MARKS), _dimensions(dataset, frame))


def _mark(dataset: Dataset, frame: int, mark: Mark) -> MarkValue:
    holder = macro(dataset, frame, mark.group) if mark.group else dataset
    if not is_given(holder, mark.keyword):
        return None
    found = number(holder, mark.keyword)
    return found if found is not None else words(holder, mark.keyword)


def _dimensions(dataset: Dataset, frame: int) -> MarkValue:
    """Dimension Index Values without those of its place (PS3.3 C.7.6.17), as one word."""
    if not is_given(dataset, "DimensionIndexSequence"):
        return None
    values = words(macro(dataset, frame, "FrameContentSequence"), "DimensionIndexValues")
    pointers = [
        value_of(item, "DimensionIndexPointer") for item in items(dataset, "DimensionIndexSequence")
    ]
    kept = [
        value
        for pointer, value in zip(pointers, values, strict=False)
        if pointer not in _PLACE_TAGS
    ]
    return (f"part {'.'.join(kept)}",) if kept else None


def instance_of(dataset: Dataset) -> float | None:
    """The number by which files of one series follow each other.

    Parts of a concatenation follow by the frames before them, or by their own number (PS3.3
    C.7.6.16.2.2.4): their Instance Numbers need not.
    """
    if uid_of(dataset, "ConcatenationUID"):
        for keyword in ("ConcatenationFrameOffsetNumber", "InConcatenationNumber"):
            found = number(dataset, keyword)
            if found is not None:
                return found
    return number(dataset, "InstanceNumber")


def sortable(value: MarkValue) -> tuple[int, float, tuple[str, ...]]:
    if value is None:
        return (0, 0.0, ())
    return (1, value, ()) if isinstance(value, float) else (2, 0.0, value)


def titles_of(trial: tuple[int, ...], ordered: list[tuple[MarkValue, ...]]) -> list[str]:
    """What sets each group apart, in words; of several words only those that not all share."""
    shared = []
    for place in range(len(trial)):
        several = [value for value in (values[place] for values in ordered) if type(value) is tuple]
        shared.append(set.intersection(*map(set, several)) if several else set())
    titles = []
    for values in ordered:
        said = []
        for index, value, common in zip(trial, values, shared, strict=True):
            if isinstance(value, tuple):
                said.append(" ".join(part for part in value if part not in common))
            elif value is not None:
                said.append(f"{MARKS[index].title} {value:g}")
        titles.append(", ".join(filter(None, said)))
    return titles
