"""DICOM files as series: all headers first, then a source for each stack of frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inference.errors import UserError
from inference.records import DicomObject, FrameRef, OrderRule, Refused, Source
from inference.sources.base import FoundFile
from inference.sources.dicom_facts import FactFinder, GroupKey
from inference.sources.dicom_fields import MALFORMED, quietly
from inference.sources.dicom_geometry import stack_of, unevenness_of
from inference.sources.dicom_header import Header, NoPictureError, damaged, read_header
from inference.sources.dicom_marks import instance_of
from inference.sources.dicom_native import NativeFrame, native_pixels
from inference.sources.dicom_order import Part, Picture
from inference.sources.dicom_split import parts_of
from inference.sources.dicom_values import unit_of
from inference.sources.dicom_words import (
    body_part_of,
    frame_time_of,
    modality_of,
    study_id_of,
    study_title_of,
    technique_of,
    title_of,
    uid_of,
    who_of,
)
from inference.sources.files import read_start, source_id_of
from inference.sources.objects.listing import class_words, is_picture, kind_of, object_of

_OTHER_VERSION = "The same instance was opened with other bytes as well."


@dataclass(eq=False)
class _Group:
    """Frames of one series, matrix and spacing; `header` is that of the first file."""

    header: Header
    pictures: list[Picture] = field(default_factory=list)
    syntaxes: dict[str, str | None] = field(default_factory=dict)
    """Each transfer syntax, with its lossy compression in words."""
    native: dict[FrameRef, NativeFrame] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    """Each sentence with the number of files that it holds for."""


def open_series(files: Iterator[FoundFile]) -> Iterator[Source | Refused | DicomObject]:
    """Read all headers, then yield each series; what is no picture comes at once."""
    groups: dict[GroupKey, _Group] = {}
    finder = FactFinder()
    versions: Counter[str] = Counter()
    for file in files:
        try:
            header = read_header(file.path, file.start, file.size)
        except NoPictureError as error:
            yield _without_picture(file, error)
            continue
        except UserError as error:
            yield Refused(str(file.path), error.message)
            continue
        try:
            with quietly():
                uid = uid_of(header.dataset, "SOPInstanceUID") or str(file.path)
                _sort_in(groups, file, header, versions[uid], finder)
        except MALFORMED:  # one file that makes no sense must not end the opening of a folder
            yield Refused(str(file.path), damaged(file.path).message)
            continue
        versions[uid] += 1
        if kind_of(header.dataset) != "other":
            yield from _also_object(file, header)
    for group in groups.values():
        for part in parts_of(group.pictures):
            with quietly():
                source = _source(group, part)
            yield source


def series_of(path: Path) -> str | None:
    """The Series Instance UID of a picture's file; None where it has none or cannot be read."""
    try:
        header = read_header(path, read_start(path), path.stat().st_size)
    except (UserError, OSError):
        return None
    return uid_of(header.dataset, "SeriesInstanceUID") or None


def is_object(path: Path) -> bool:
    """Whether a picture's file belongs over other pictures; not where it cannot be read."""
    try:
        header = read_header(path, read_start(path), path.stat().st_size)
    except (UserError, OSError):
        return False
    return kind_of(header.dataset) != "other"


def _without_picture(file: FoundFile, error: NoPictureError) -> Refused | DicomObject:
    with quietly():
        if is_picture(error.dataset):
            what = f"should hold a picture ({class_words(error.dataset)}) and holds none"
            return Refused(str(file.path), f"{file.path.name} {what}.")
        found = object_of(file, error.dataset, error.warnings)
    return found or Refused(str(file.path), error.message)


def _also_object(file: FoundFile, header: Header) -> Iterator[DicomObject]:
    """A segmentation or a map opens as pictures, and can be laid over its scan."""
    with quietly():
        found = object_of(file, header.dataset)
    if found is not None:
        yield found


def _sort_in(
    groups: dict[GroupKey, _Group],
    file: FoundFile,
    header: Header,
    version: int,
    finder: FactFinder,
) -> None:
    """Put each frame of a file into the group it belongs to; all of them, or none if one fails."""
    instance = instance_of(header.dataset)
    own: dict[GroupKey, _Group] = {}
    found = [finder.facts_of(header, frame, version) for frame in range(header.frames)]
    for frame, facts in enumerate(found):
        group = own[facts.key] = groups.setdefault(facts.key, _Group(header))
        ref = FrameRef(str(file.path), frame)
        if facts.native is not None:
            group.native[ref] = facts.native.in_file(header, frame, file)
        group.pictures.append(Picture(ref, file.digest, facts.plane, instance, facts.marks))
        group.syntaxes[str(header.transfer_syntax)] = facts.lossy
    sentences = (*header.warnings, _OTHER_VERSION) if version else header.warnings
    for group in own.values():
        for sentence in sentences:
            group.warnings[sentence] = group.warnings.get(sentence, 0) + 1


def _source(group: _Group, part: Part) -> Source:
    header = group.header
    dataset = header.dataset
    first = part.pictures[0]
    stack = stack_of([picture.plane for picture in part.pictures])
    spacing = first.plane.spacing
    frame_time = frame_time_of(dataset) if len(part.pictures) > 1 else None
    refs = tuple(picture.ref for picture in part.pictures)
    native, heads = native_pixels(refs, group.native)
    title = title_of(dataset)
    return Source(
        source_id=source_id_of((one.digest, one.ref.number) for one in part.pictures),
        kind="series",
        title=f"{title} · {part.title}" if part.title else title,
        study_id=study_id_of(dataset, first.digest),
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
        refs=refs,
        native=native,
        heads=heads,
        frame_time_ms=frame_time,
        technique=technique_of(dataset, first.ref.number),
        lossy=next(filter(None, group.syntaxes.values()), None),
        warnings=_warnings(group, part),
        series_uid=uid_of(dataset, "SeriesInstanceUID"),
        frame_of_reference=uid_of(dataset, "FrameOfReferenceUID"),
        orders=part.orders,
    )


def _rule(part: Part, frame_time: float | None) -> OrderRule:
    """Frames of one file that follow each other in time stand in temporal order."""
    return "temporal" if part.rule == "none" and frame_time is not None else part.rule


def _warnings(group: _Group, part: Part) -> tuple[str, ...]:
    found = list(part.warnings)
    if part.rule == "position":
        planes = [picture.plane for picture in part.pictures]
        found.extend(unevenness_of(planes, modality_of(group.header.dataset)))
    if len(group.syntaxes) > 1:
        found.append("Some of the files are compressed in another way than the first.")
    for sentence, files in group.warnings.items():
        found.append(sentence if files == 1 else f"{sentence} ({files} files)")
    return tuple(found)
