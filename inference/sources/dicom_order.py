"""In which order DICOM frames stand, and in which they could stand as well."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from inference.records import FrameRef, Order, OrderRule
from inference.sources.dicom_geometry import Plane
from inference.sources.dicom_marks import MARKS, MarkValue, sortable
from inference.sources.files import natural

_PLACE_DIGITS = 2
"""Positions are told apart to a hundredth of a millimetre."""


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
    orders: tuple[Order, ...] = ()
    """The other orders in which the frames could stand."""
    warnings: tuple[str, ...] = ()


def ordered(pictures: list[Picture], title: str, note: str) -> Part:
    """Ascending along the normal; else by time, as they stand in their file, by number or name."""
    keys = _sensible(pictures)
    default: OrderRule = "position" if len(pictures) == 1 and pictures[0].plane.located else "none"
    rule = next(iter(keys), default)
    places = range(len(pictures))
    shown = sorted(places, key=lambda place: _KEYS[rule](pictures[place]))
    where = {place: index for index, place in enumerate(shown)}
    orders: dict[tuple[int, ...], Order] = {}
    for other in keys:
        indices = tuple(
            where[at] for at in sorted(places, key=lambda at: _KEYS[other](pictures[at]))
        )
        if other != rule and indices != tuple(places):
            orders.setdefault(indices, Order(other, indices))
    chosen = tuple(pictures[place] for place in shown)
    return Part(chosen, rule, title, tuple(orders.values()), (note,) if note else ())


def _sensible(pictures: list[Picture]) -> list[OrderRule]:
    """The rules that tell these frames apart, best first."""
    if len(pictures) == 1:
        return []
    several_files = len({picture.ref.path for picture in pictures}) > 1
    numbered = all(picture.instance is not None for picture in pictures)
    rules: dict[OrderRule, bool] = {
        "position": pictures[0].plane.located and len({one.place() for one in pictures}) > 1,
        "temporal": len({_times(picture) for picture in pictures}) == len(pictures),
        "none": not several_files,
        "instance_number": several_files
        and numbered
        and len({number_of(picture) for picture in pictures}) == len(pictures),
        "file_name": several_files,
    }
    return [rule for rule, sensible in rules.items() if sensible]


def depth_of(picture: Picture) -> float:
    return round(picture.plane.along_normal(), _PLACE_DIGITS + 1)


_TIME_MARKS = tuple(index for index, mark in enumerate(MARKS) if "time" in mark.title.split())


def _times(picture: Picture) -> tuple[tuple[int, float, tuple[str, ...]], ...]:
    return tuple(sortable(picture.marks[index]) for index in _TIME_MARKS)


def number_of(picture: Picture) -> tuple[float, int]:
    return (picture.instance if picture.instance is not None else 0.0, picture.ref.number)


def _name(picture: Picture) -> tuple[object, ...]:
    return (natural(os.path.basename(picture.ref.path)), picture.ref.path, picture.ref.number)


def _succession(picture: Picture) -> tuple[object, ...]:
    return (_times(picture), number_of(picture), _name(picture))


_KEYS: dict[OrderRule, Callable[[Picture], tuple[object, ...]]] = {
    "position": lambda one: (depth_of(one), *_succession(one)),
    "temporal": _succession,
    "instance_number": number_of,
    "file_name": _name,
    "none": lambda one: (one.ref.number,),
}
"""What frames are sorted by under each rule; "none" is as they stand in their file."""
