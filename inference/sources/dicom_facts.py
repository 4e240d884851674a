"""What decides where a frame belongs, found out once for headers that are alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.sources.dicom_fields import is_given, numbers, word, words
from inference.sources.dicom_geometry import Plane, plane_of, point_of
from inference.sources.dicom_header import Header
from inference.sources.dicom_marks import MarkValue, marks_of
from inference.sources.dicom_native import NativeFrame, native_of
from inference.sources.dicom_words import lossy_of, uid_of

GroupKey = tuple[str | int | float | bool | None, ...]

_ELSEWHERE = (
    "PerFrameFunctionalGroupsSequence",
    "SharedFunctionalGroupsSequence",
    "DetectorInformationSequence",
    "GridFrameOffsetVector",
)
"""Where the place of a frame may stand besides Image Position (Patient)."""


@dataclass(frozen=True, eq=False)
class Facts:
    """One frame's place, group and marks, its lossy compression in words, its native pixels."""

    plane: Plane
    key: GroupKey
    marks: tuple[MarkValue, ...]
    lossy: str | None
    native: NativeFrame | None


class FactFinder:
    """Looks into many headers; of those that are alike only the place is asked for again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Facts] = {}

    def facts_of(self, header: Header, frame: int, version: int) -> Facts:
        """The facts of one frame; `version` counts the files before that are the same instance."""
        known = self._known.get(header.likeness) if version == 0 else None
        point = point_of(numbers(header.dataset, "ImagePositionPatient"))
        if known is not None and point is not None:
            return replace(known, plane=replace(known.plane, position=point))
        plane = plane_of(header.dataset, frame)
        found = Facts(
            plane,
            _key(header, plane, version),
            marks_of(header.dataset, frame),
            lossy_of(header),
            native_of(header, frame),
        )
        if _is_repeatable(header, plane, version):
            self._known[header.likeness] = found
        return found


def _is_repeatable(header: Header, plane: Plane, version: int) -> bool:
    """Whether other instances may differ in nothing but their place."""
    dataset = header.dataset
    return (
        header.likeness != b""
        and version == 0
        and header.frames == 1
        and header.pixel_length is not None
        and plane.position is not None
        and uid_of(dataset, "SeriesInstanceUID") != ""
        and not any(is_given(dataset, keyword) for keyword in _ELSEWHERE)
    )


def _key(header: Header, plane: Plane, version: int) -> GroupKey:
    """What frames must have in common to stand in one source: the patient before all else.

    Files whose identities were removed badly can share every UID with another patient's. A
    multi-frame object stands for itself, unless it is a part of a concatenation (PS3.3
    C.7.6.16.2.2.4); so does a file that names no series. `version` counts the files before it that
    claim to be the same instance with other bytes: a series that lies here twice, once compressed,
    gives two sources and not one with each slice doubled.
    """
    dataset = header.dataset
    series = uid_of(dataset, "SeriesInstanceUID")
    alone = uid_of(dataset, "ConcatenationUID")
    if not alone and (header.frames > 1 or not series):
        alone = str(header.path)
    spacing = plane.spacing or (None, None)
    return (
        word(dataset, "PatientID") or word(dataset, "PatientName"),
        uid_of(dataset, "StudyInstanceUID"),
        series,
        uid_of(dataset, "FrameOfReferenceUID"),
        alone,
        version,
        header.rows,
        header.columns,
        header.samples,
        header.photometric,
        *(None if value is None else round(value, 4) for value in spacing),
        plane.located,
        "LOCALIZER" in words(dataset, "ImageType"),
    )
