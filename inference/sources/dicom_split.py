"""Which DICOM frames belong together, and in which order they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from inference.records import FrameRef, OrderRule
from inference.sources.dicom_fields import macro, number, words
from inference.sources.dicom_geometry import Plane
from inference.sources.files import natural

_SAME_DIRECTION = 1e-3
"""Direction cosines that differ by less are one orientation."""

_PLACE_DIGITS = 2
"""Positions are told apart to a hundredth of a millimetre."""


@dataclass(frozen=True)
class Mark:
    """A header value that tells apart frames at one position, and what people call it."""

    title: str
    group: str
    keyword: str
    lone: bool = False
    """Whether a single frame may stand apart by it."""


MARKS = (
    Mark("time", "FrameContentSequence", "TemporalPositionIndex"),
    Mark("time", "", "TemporalPositionIdentifier"),
    Mark("stack", "FrameContentSequence", "StackID"),
    Mark("segment", "SegmentIdentificationSequence", "ReferencedSegmentNumber", lone=True),
    Mark("", "MRImageFrameTypeSequence", "FrameType"),
    Mark("", "", "ImageType"),
    Mark("b-value", "MRDiffusionSequence", "DiffusionBValue"),
    Mark("echo time", "MREchoSequence", "EffectiveEchoTime"),
    Mark("echo time", "", "EchoTime"),
    Mark("inversion time", "", "InversionTime"),
    Mark("phase", "CardiacSynchronizationSequence", "NominalPercentageOfCardiacPhase"),
    Mark("acquisition", "FrameContentSequence", "FrameAcquisitionNumber"),
    Mark("acquisition", "", "AcquisitionNumber"),
    Mark("trigger time", "", "TriggerTime"),
)
"""Asked in this order, and only where positions repeat within a series."""

MarkValue = float | tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Picture:
    """One frame of one file with all that its place in a series depends on."""

    ref: FrameRef
    digest: str
    plane: Plane
    instance: float | None
    marks: tuple[MarkValue, ...]

    def place(self) -> tuple[float, ...]:
        """The position, coarse enough that equal ones compare equal."""
        return tuple(round(value, _PLACE_DIGITS) for value in self.plane.position or ())


@dataclass(frozen=True, eq=False)
class Part:
    """Frames of one source in their order, the rule of that order, and what sets them apart."""

    pictures: tuple[Picture, ...]
    rule: OrderRule
    title: str = ""
    repeated: int = 0
    """How many frames share their position with an earlier one."""


def marks_of(dataset: Dataset, frame: int) -> tuple[MarkValue, ...]:
    """The value of each of MARKS for one frame."""
    return tuple(_mark(dataset, frame, mark) for mark in MARKS)


def _mark(dataset: Dataset, frame: int, mark: Mark) -> MarkValue:
    holder = macro(dataset, frame, mark.group) if mark.group else dataset
    if mark.keyword not in holder:
        return None
    found = number(holder, mark.keyword)
    return found if found is not None else words(holder, mark.keyword)


def parts_of(pictures: list[Picture]) -> Iterator[Part]:
    """The sources in frames of one series, matrix and spacing: one a direction, time, echo, …"""
    for parallel in _by_direction(pictures):
        for title, chosen in _unrepeated(parallel):
            yield _ordered(chosen, title)


def _by_direction(pictures: list[Picture]) -> list[list[Picture]]:
    groups: list[tuple[np.ndarray | None, list[Picture]]] = []
    for picture in pictures:
        direction = np.array(picture.plane.orientation) if picture.plane.located else None
        for known, members in groups:
            same = known is direction is None or (
                known is not None
                and direction is not None
                and float(np.abs(known - direction).max()) < _SAME_DIRECTION
            )
            if same:
                members.append(picture)
                break
        else:
            groups.append((direction, [picture]))
    return [members for _, members in groups]


def _unrepeated(pictures: list[Picture]) -> list[tuple[str, list[Picture]]]:
    """Split by as few marks as make each position unique; left whole where none does.

    Frames that all lie at one place are a film and stay together.
    """
    places = {picture.place() for picture in pictures}
    if len(places) in (1, len(pictures)) or not pictures[0].plane.located:
        return [("", pictures)]
    varying = [
        index
        for index in range(len(MARKS))
        if len({picture.marks[index] for picture in pictures}) > 1
    ]
    trials = [(index,) for index in varying] + list(combinations(varying, 2))
    for trial in (*trials, tuple(varying)):
        groups: dict[tuple[MarkValue, ...], list[Picture]] = {}
        for picture in pictures:
            groups.setdefault(tuple(picture.marks[index] for index in trial), []).append(picture)
        lone = all(MARKS[index].lone for index in trial)
        if all(_is_volume(group, lone=lone) for group in groups.values()):
            ordered = sorted(groups, key=lambda values: tuple(map(_sortable, values)))
            titles = _titles(trial, ordered)
            return list(zip(titles, (groups[values] for values in ordered), strict=True))
    return [("", pictures)]


def _is_volume(group: list[Picture], *, lone: bool) -> bool:
    return (lone or len(group) > 1) and len({picture.place() for picture in group}) == len(group)


def _sortable(value: MarkValue) -> tuple[int, float, tuple[str, ...]]:
    if value is None:
        return (0, 0.0, ())
    return (1, value, ()) if isinstance(value, float) else (2, 0.0, value)


def _titles(trial: tuple[int, ...], ordered: list[tuple[MarkValue, ...]]) -> list[str]:
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


def _ordered(pictures: list[Picture], title: str) -> Part:
    """Ascending along the normal; else by time, instance number or file name."""
    one_file = len({picture.ref.path for picture in pictures}) == 1
    places = {picture.place() for picture in pictures}
    located = pictures[0].plane.located
    if located and (len(pictures) == 1 or len(places) > 1):
        chosen = sorted(pictures, key=lambda one: (_depth(one), *_succession(one)))
        return Part(tuple(chosen), "position", title, len(pictures) - len(places))
    if one_file:
        return Part(tuple(sorted(pictures, key=_succession)), "none", title)
    chosen = sorted(pictures, key=_succession)
    if len({_times(picture) for picture in pictures}) == len(pictures):
        return Part(tuple(chosen), "temporal", title)
    numbers = {picture.instance for picture in pictures}
    if None not in numbers and len(numbers) == len(pictures):
        return Part(tuple(sorted(pictures, key=_instance)), "instance_number", title)
    return Part(tuple(sorted(pictures, key=_name)), "file_name", title)


def _depth(picture: Picture) -> float:
    return round(picture.plane.along_normal(), _PLACE_DIGITS + 1)


_TIME_MARKS = tuple(index for index, mark in enumerate(MARKS) if "time" in mark.title.split())


def _times(picture: Picture) -> tuple[tuple[int, float, tuple[str, ...]], ...]:
    return tuple(_sortable(picture.marks[index]) for index in _TIME_MARKS)


def _instance(picture: Picture) -> tuple[float, int]:
    return (picture.instance if picture.instance is not None else 0.0, picture.ref.number)


def _name(picture: Picture) -> tuple[object, ...]:
    return (natural(Path(picture.ref.path).name), picture.ref.path, picture.ref.number)


def _succession(picture: Picture) -> tuple[object, ...]:
    return (_times(picture), _instance(picture), _name(picture))
