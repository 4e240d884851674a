"""Whether slices follow each other evenly: gaps, repeats, changes of distance and tilt, in words.

Slices are counted from 1 here, as people and the corner of a viewport count them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

import numpy as np

UNEVEN_SHARE = 0.01
UNEVEN_MM = 0.01
"""Slices count as unevenly spaced where a step is off by more than both (docs/cli.md)."""

_TILT_DEGREES = 0.5
"""Shears and disagreements between headers below this are rounding of positions."""

_STRETCH = 4
"""So many equal steps in a row are another distance, not gaps."""

_MOST_PLACES = 8
"""More places than this are counted and not listed."""


def is_even(places: np.ndarray) -> bool:
    """Whether these places [n, 3] in mm stand in one straight line at equal steps.

    Both each step and each place may be off by 1 % of the first step, or by 0.01 mm.
    """
    if len(places) < 3:
        return True
    steps = np.diff(places, axis=0)
    allowed = _allowed(float(np.linalg.norm(steps[0])))
    line = places[0] + np.arange(len(places))[:, None] * (places[-1] - places[0]) / len(steps)
    off_step = float(np.linalg.norm(steps - steps[0], axis=1).max())
    return max(off_step, float(np.linalg.norm(places - line, axis=1).max())) <= allowed


def usual_step(places: np.ndarray, normal: np.ndarray) -> float | None:
    """The median distance along the normal between slices that do not lie at one place."""
    found = _distances(places[_first_of_each(places)], normal)
    return median_low(found) if len(found) else None


def sentences_of(
    places: np.ndarray, normal: np.ndarray, *, gantry_degrees: float | None, modality: str | None
) -> tuple[str, ...]:
    """What is uneven about slices in ascending order, each sentence with its places.

    `places` [n, 3] and `normal` [3] are in mm, LPS. `gantry_degrees` is Gantry/Detector Tilt.
    """
    kept = _first_of_each(places)
    if len(kept) < 2:
        return ()
    found = [*_repeats(kept, len(places))]
    distances = _distances(places[kept], normal)
    gaps = _gaps(distances)
    ends = [int(one) for one in (*kept[1:], len(places))]
    """`ends[i]` is the number, counted from 1, of the last slice at the i-th place."""
    if gaps:
        found.append(_gap_words([ends[at] for at in gaps], sum(gaps.values())))
    changes = _changes(distances, gaps)
    if changes:
        found.append(_change_words(distances, [ends[at] for at in changes]))
    if not found and not is_even(places):
        found.append(_crooked_words(places[kept], distances))
    tilt = _tilt_words(places, normal, gantry_degrees, modality)
    return (*found, *tilt)


def _allowed(step: float) -> float:
    return max(UNEVEN_MM, UNEVEN_SHARE * step)


def _first_of_each(places: np.ndarray) -> np.ndarray:
    """The indices of the slices that do not lie where the one before them lies."""
    moved = np.linalg.norm(np.diff(places, axis=0), axis=1) > UNEVEN_MM
    return np.flatnonzero(np.concatenate(([True], moved)))


def _distances(places: np.ndarray, normal: np.ndarray) -> list[float]:
    return [float(step) for step in np.abs(np.diff(places, axis=0) @ normal)]


def _repeats(kept: np.ndarray, count: int) -> list[str]:
    """Slices that lie at one place, one sentence for each number of times."""
    stretches: dict[int, list[tuple[int, int]]] = {}
    for first, end in pairwise((*map(int, kept), count)):
        if end - first > 1:
            stretches.setdefault(end - first, []).append((first + 1, end))
    sentences = []
    for times, found in sorted(stretches.items()):
        joint = "and" if times == 2 else "to"
        where = [f"{first} {joint} {last}" for first, last in found]
        verb = "1 slice appears" if len(found) == 1 else f"{len(found)} slices appear"
        often = "twice" if times == 2 else f"{times} times"
        sentences.append(f"{verb} {often} (slices {_listed(where, ', ')}).")
    return sentences


@dataclass(frozen=True)
class _Stretch:
    """Equal steps that follow each other: the first, and how many."""

    start: int
    length: int


def _stretches(distances: list[float]) -> list[_Stretch]:
    found: list[_Stretch] = []
    for index, distance in enumerate(distances):
        last = found[-1] if found else None
        if last is not None and abs(distance - distances[last.start]) <= _allowed(distance):
            found[-1] = _Stretch(last.start, last.length + 1)
        else:
            found.append(_Stretch(index, 1))
    return found


def _gaps(distances: list[float]) -> dict[int, int]:
    """Each step that is a whole multiple of the usual one, with the slices missing there."""
    usual = median_low(distances)
    found = {}
    for stretch in _stretches(distances):
        distance = distances[stretch.start]
        times = round(distance / usual) if usual > 0 else 0
        if times > 1 and stretch.length < _STRETCH:
            if abs(distance - times * usual) > times * _allowed(usual):
                continue
            for index in range(stretch.start, stretch.start + stretch.length):
                found[index] = times - 1
    return found


def _gap_words(after: list[int], missing: int) -> str:
    gaps = "1 gap" if len(after) == 1 else f"{len(after)} gaps"
    lack = "1 slice is missing" if missing == 1 else f"{missing} slices are missing"
    return f"{gaps}: after {_slices(after)} ({lack})."


def _changes(distances: list[float], gaps: dict[int, int]) -> list[int]:
    """The steps that differ from the one before them, gaps left out."""
    kept = [index for index in range(len(distances)) if index not in gaps]
    return [
        after
        for before, after in pairwise(kept)
        if abs(distances[after] - distances[before]) > _allowed(distances[before])
    ]


def _change_words(distances: list[float], after: list[int]) -> str:
    usual = median_low(distances)
    return (
        f"The slices are not evenly spaced: {_range(distances)} mm apart, usually {usual:.2f} mm; "
        f"the distance changes after {_slices(after)}."
    )


def _crooked_words(places: np.ndarray, distances: list[float]) -> str:
    """For what neither gaps nor changes explain: a drift, or slices shifted sideways."""
    line = places[0] + np.arange(len(places))[:, None] * (
        (places[-1] - places[0]) / (len(places) - 1)
    )
    off = float(np.linalg.norm(places - line, axis=1).max())
    return (
        f"The slices are not evenly spaced: {_range(distances)} mm apart and up to {off:.2f} mm "
        "off a straight row."
    )


def _tilt_words(
    places: np.ndarray, normal: np.ndarray, gantry: float | None, modality: str | None
) -> list[str]:
    """The angle between the way of the slices and their normal, beside what the header says."""
    way = places[-1] - places[0]
    along = float(way @ normal)
    across = float(np.linalg.norm(way - along * normal))
    measured = math.degrees(math.atan2(across, abs(along)))
    named = abs(gantry) if gantry is not None else 0.0
    if measured < _TILT_DEGREES:
        if named < _TILT_DEGREES:
            return []
        return [f"The header names a gantry tilt of {named:.1f}°, but the positions show none."]
    if modality != "CT":
        return [f"The slices are sheared against each other by {measured:.1f}°."]
    said = f"The gantry was tilted by {measured:.1f}°: slices are sheared against each other."
    if gantry is not None and abs(named - measured) >= _TILT_DEGREES:
        return [said, f"The header names a gantry tilt of {named:.1f}° instead."]
    return [said]


def _range(distances: list[float]) -> str:
    low, high = (f"{value:.2f}" for value in (min(distances), max(distances)))
    return low if low == high else f"{low}–{high}"


def _slices(numbers: list[int]) -> str:
    noun = "slice" if len(numbers) == 1 else "slices"
    return f"{noun} {_listed([str(number) for number in numbers], ' and ')}"


def _listed(words: list[str], joint: str) -> str:
    """Such as "1, 2 and 3", with `joint` before the last; long lists end in how many more."""
    if len(words) > _MOST_PLACES:
        return f"{', '.join(words[:_MOST_PLACES])} and {len(words) - _MOST_PLACES} more"
    return joint.join(filter(None, (", ".join(words[:-1]), words[-1])))
