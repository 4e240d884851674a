"""Which DICOM frames of one series belong together in one source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np

from inference.sources.dicom_marks import DIMENSIONS, MARKS, MarkValue, sortable, titles_of
from inference.sources.dicom_order import Part, Picture, depth_of, number_of, ordered

_SAME_DIRECTION = 1e-3
"""Direction cosines that differ by less are one orientation."""


def parts_of(pictures: list[Picture]) -> Iterator[Part]:
    """The sources in frames of one series, matrix and spacing: one a direction, time, echo, …"""
    for parallel in _by_direction(pictures):
        for title, chosen, note in _apart(parallel):
            yield ordered(chosen, title, note)


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


_Group = tuple[str, list[Picture], str]
"""What sets frames apart, the frames, and a sentence if that is uncertain."""


def _apart(pictures: list[Picture], title: str = "") -> list[_Group]:
    """Split parallel frames into volumes; frames that all lie at one place are a film, and stay.

    By as few marks as make each position unique; else by contrasts that mix in space; else, where
    each position comes equally often, by how often it came before.
    """
    places = {picture.place() for picture in pictures}
    if len(places) == 1 or not pictures[0].plane.located:
        return [(title, pictures, "")]
    repeated = len(places) < len(pictures)
    found = (_by_fewest_marks(pictures) if repeated else None) or _by_contrast(pictures)
    if found is not None:
        done = not repeated or all(_is_volume(group, lone=True) for _, group in found)
        joined = [(", ".join(filter(None, (title, more))), group) for more, group in found]
        if done:
            return [(name, group, "") for name, group in joined]
        return [part for name, group in joined for part in _apart(group, name)]
    if repeated:
        return _by_turn(pictures, title)
    return [(title, pictures, "")]


def _by_fewest_marks(pictures: list[Picture]) -> list[tuple[str, list[Picture]]] | None:
    varying = _varying(pictures)
    plain = [index for index in varying if index != DIMENSIONS]
    trials = [(index,) for index in plain] + list(combinations(plain, 2))
    trials += [(index,) for index in varying if index == DIMENSIONS]
    for trial in (*trials, tuple(varying)):
        groups = _grouped(pictures, trial)
        lone = all(index != DIMENSIONS and MARKS[index].lone for index in trial)
        if all(_is_volume(group, lone=lone) for group in groups.values()):
            return _titled(trial, groups)
    return None


def _by_contrast(pictures: list[Picture]) -> list[tuple[str, list[Picture]]] | None:
    """By the first contrast of which several kinds lie between each other, each a few slices."""
    for index in _varying(pictures):
        if index == DIMENSIONS or not MARKS[index].contrast:
            continue
        groups = _grouped(pictures, (index,))
        ranges = sorted(
            (min(depths), max(depths))
            for depths in ([depth_of(picture) for picture in group] for group in groups.values())
        )
        mixed = any(second[0] < first[1] for first, second in pairwise(ranges))
        if mixed and all(len(group) > 1 for group in groups.values()):
            return _titled((index,), groups)
    return None


def _by_turn(pictures: list[Picture], title: str) -> list[_Group]:
    """The first frame at each place, the second, and so on; whole where counts differ."""
    at_place: dict[tuple[float, ...], list[Picture]] = {}
    for picture in sorted(pictures, key=number_of):
        at_place.setdefault(picture.place(), []).append(picture)
    counts = {len(group) for group in at_place.values()}
    if len(counts) > 1:
        return [(title, pictures, "")]
    note = (
        f"Nothing in the headers tells the {max(counts)} frames at each place apart: they were "
        "split by their number."
    )
    return [
        (", ".join(filter(None, (title, f"turn {turn}"))), list(group), note)
        for turn, group in enumerate(zip(*at_place.values(), strict=True), start=1)
    ]


def _varying(pictures: list[Picture]) -> list[int]:
    return [
        index
        for index in range(len(MARKS) + 1)
        if len({picture.marks[index] for picture in pictures}) > 1
    ]


def _grouped(
    pictures: list[Picture], trial: tuple[int, ...]
) -> dict[tuple[MarkValue, ...], list[Picture]]:
    groups: dict[tuple[MarkValue, ...], list[Picture]] = {}
    for picture in pictures:
        groups.setdefault(tuple(picture.marks[index] for index in trial), []).append(picture)
    return groups


def _titled(
    trial: tuple[int, ...], groups: dict[tuple[MarkValue, ...], list[Picture]]
) -> list[tuple[str, list[Picture]]]:
    ordered = sorted(groups, key=lambda values: tuple(map(sortable, values)))
    return list(zip(titles_of(trial, ordered), (groups[one] for one in ordered), strict=True))


def _is_volume(group: list[Picture], *, lone: bool) -> bool:
    return (lone or len(group) > 1) and len({picture.place() for picture in group}) == len(group)
