"""DICOM files as series: all headers first, then a source for each stack of frames."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from inference.errors import UserError
from inference.records import FrameRef, OrderRule, Refused, Source
from inference.sources.base import FoundFile
from inference.sources.dicom_fields import number, quietly
from inference.sources.dicom_geometry import Plane, plane_of, stack_of
from inference.sources.dicom_header import Header, read_header
from inference.sources.dicom_split import Part, Picture, marks_of, parts_of
from inference.sources.dicom_values import unit_of
from inference.sources.dicom_words import (
    body_part_of,
    frame_time_of,
    lossy_of,
    modality_of,
    study_title_of,
    technique_of,
    title_of,
    uid_of,
    who_of,
)
from inference.sources.files import source_id_of

_OTHER_VERSION = "The same instance was opened with other bytes as well."

_GroupKey = tuple[str | int | float | bool | None, ...]


@dataclass(eq=False)
class _Group:
    """Frames of one series, matrix and spacing; `header` is that of the first file."""

    header: Header
    pictures: list[Picture] = field(default_factory=list)
    syntaxes: dict[str, str | None] = field(default_factory=dict)
    """Each transfer syntax, with its lossy compression in words."""
    warnings: dict[str, int] = field(default_factory=dict)
    """Each sentence with the number of files that it holds for."""


def open_series(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Read all headers, then yield each series; a file that is no picture is refused at once."""
    groups: dict[_GroupKey, _Group] = {}
    versions: Counter[str] = Counter()
    for file in files:
        try:
            header = read_header(file.path)
        except UserError as error:
            yield Refused(str(file.path), error.message)
            continue
        with quietly():
            uid = uid_of(header.dataset, "SOPInstanceUID") or str(file.path)
            _sort_in(groups, file, header, versions[uid])
        versions[uid] += 1
    for group in groups.values():
        for part in parts_of(group.pictures):
            with quietly():
                source = _source(group, part)
            yield source


def _sort_in(
    groups: dict[_GroupKey, _Group], file: FoundFile, header: Header, version: int
) -> None:
    """Put each frame of a file into the group it belongs to."""
    instance = number(header.dataset, "InstanceNumber")
    own: dict[_GroupKey, _Group] = {}
    for frame in range(header.frames):
        plane = plane_of(header.dataset, frame)
        key = _key(header, plane, version)
        own[key] = groups.setdefault(key, _Group(header))
        ref = FrameRef(str(file.path), frame)
        marks = marks_of(header.dataset, frame)
        own[key].pictures.append(Picture(ref, file.digest, plane, instance, marks))
    sentences = (*header.warnings, _OTHER_VERSION) if version else header.warnings
    for group in own.values():
        group.syntaxes[str(header.transfer_syntax)] = lossy_of(header)
        for sentence in sentences:
            group.warnings[sentence] = group.warnings.get(sentence, 0) + 1


def _key(header: Header, plane: Plane, version: int) -> _GroupKey:
    """What frames must have in common to stand in one source.

    A multi-frame object stands for itself, unless it is a part of a concatenation (PS3.3
    C.7.6.16.2.2.4); so does a file that names no series. `version` counts the files before it that
    claim to be the same instance with other bytes: a series that lies here twice, once compressed,
    gives two sources and not one with each slice doubled.
    """
    dataset = header.dataset
    series = uid_of(dataset, "SeriesInstanceUID")
    alone = ""
    if header.frames > 1 or not series:
        alone = uid_of(dataset, "ConcatenationUID") or str(header.path)
    spacing = plane.spacing or (None, None)
    return (
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
    )


def _source(group: _Group, part: Part) -> Source:
    header = group.header
    dataset = header.dataset
    first = part.pictures[0]
    stack = stack_of([picture.plane for picture in part.pictures])
    spacing = first.plane.spacing
    frame_time = frame_time_of(dataset) if len(part.pictures) > 1 else None
    title = title_of(dataset)
    return Source(
        source_id=source_id_of((one.digest, one.ref.number) for one in part.pictures),
        kind="series",
        title=f"{title} · {part.title}" if part.title else title,
        study_id=_study_id(dataset_uid=uid_of(dataset, "StudyInstanceUID"), digest=first.digest),
        study_title=study_title_of(dataset),
        who=who_of(dataset),
        modality=modality_of(dataset),
        body_part=body_part_of(dataset),
        photometric=header.photometric,
        samples=header.samples,
        shape=(header.rows, header.columns),
        spacing_mm=None if spacing is None else (*spacing, stack.between_slices),
        spacing_source=first.plane.spacing_source,
        affine=stack.affine,
        positions_mm=stack.positions_mm,
        order_rule=_rule(part, frame_time),
        transfer_syntax=str(header.transfer_syntax),
        unit=unit_of(dataset, first.ref.number),
        refs=tuple(picture.ref for picture in part.pictures),
        frame_time_ms=frame_time,
        technique=technique_of(dataset, first.ref.number),
        lossy=next(filter(None, group.syntaxes.values()), None),
        warnings=_warnings(group, part, stack.warning),
    )


def _study_id(dataset_uid: str, digest: str) -> str:
    """12 hex digits, the same for all series of a study."""
    return hashlib.sha256((dataset_uid or digest).encode("utf-8")).hexdigest()[:12]


def _rule(part: Part, frame_time: float | None) -> OrderRule:
    """Frames of one file that follow each other in time stand in temporal order."""
    return "temporal" if part.rule == "none" and frame_time is not None else part.rule


def _warnings(group: _Group, part: Part, stack_warning: str) -> tuple[str, ...]:
    found = []
    if part.repeated:
        found.append(
            f"{part.repeated} of {len(part.pictures)} frames share their position with another."
        )
    if len(group.syntaxes) > 1:
        found.append("Some of the files are compressed in another way than the first.")
    if stack_warning:
        found.append(stack_warning)
    for sentence, files in group.warnings.items():
        found.append(sentence if files == 1 else f"{sentence} ({files} files)")
    return tuple(found)
