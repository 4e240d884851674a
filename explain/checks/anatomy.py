"""How much of a map lies where no patient is: outside the body, on padding, on burned-in marks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.body import Body, constant_border, find_body
from explain.case import Case, Check
from explain.checks.reasons import BLANK, within_a_cell
from explain.faithfulness import best, verdict
from explain.marks import find_marks
from explain.regions import Shares, shares
from inference.records import Figure, Verdict

MOST_FRAMES = 32
"""Of a larger volume so many slices are looked at: every map is checked, and nobody waits."""


def outside(case: Case) -> tuple[Figure, ...]:
    """What speaks for the target outside the body, on padding, and at burned-in marks.

    Body and marks are looked for in each frame, in source pixels; padding in the model's input,
    which has some that no frame has. Marks count with one cell of the map around them.
    """
    chosen = _chosen(case)
    bodies: dict[int, Body] = {}
    for number in chosen:
        case.question.task.check()
        bodies[number] = find_body(case.frames[number])
    marks = np.zeros((len(case.frames), *case.frames[0].shape), dtype=bool)
    for number, body in bodies.items():
        marks[number] = find_marks(case.frames[number], body)
    near = within_a_cell(case, marks) if marks.any() else marks
    maps = np.stack([case.attributions[number].map for number in chosen])
    away = ~np.stack([body.mask for body in bodies.values()])
    looked = bodies[case.index].words
    of_body = _Words(
        "outside_body",
        "Outside the body",
        "outside the body",
        f"the area ({looked})",
        f"No part of it is judged: {looked}.",
    )
    return (
        _figure(shares(maps, away), of_body),
        _figure(shares(case.map, _padding(case)), _PADDING),
        _figure(shares(maps, near[chosen]), _MARKS),
    )


def _chosen(case: Case) -> list[int]:
    """The frames that are looked at: all, or of many some evenly chosen ones and the one asked."""
    count = len(case.frames)
    even = np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int)
    return sorted({*even.tolist(), case.index})


def _padding(case: Case) -> np.ndarray:
    """Where the network sees nothing measured, bool [*size]: padding, bars, cut-off corners."""
    constant = np.stack([constant_border(frame) for frame in case.frames])
    inside = case.prepared.forth(constant.astype(np.float32))[0]
    found: np.ndarray = ~case.measured | (inside >= 0.5)
    return found


@dataclass(frozen=True)
class _Words:
    """How one place is called: its name and title, where it is, a share of what, and if none."""

    name: str
    title: str
    place: str
    of: str
    none: str


def _figure(found: Shares, words: _Words) -> Figure:
    name, title = words.name, words.title
    if not found.area:
        return Figure(name, title, None, None, words.none)
    if found.blank:
        return Figure(name, title, None, None, BLANK)
    colour = _colour(found, name)
    sentence = (
        f"{found.mass:.0%} of what speaks for the target lies {words.place}, "
        f"{found.area:.1%} of {words.of}. {_MEANING[colour]}"
    )
    details = (("area", found.area), ("ratio", found.ratio), ("top", found.top))
    return Figure(name, title, found.mass, colour, sentence, details)


_PADDING = _Words(
    "on_padding",
    "On padding",
    "on padding or even borders",
    "what the network sees",
    "The network sees no padding here.",
)
_MARKS = _Words(
    "on_marks",
    "On letters and markers",
    "on or beside what looks like letters or markers",
    "the area",
    "No letters or markers were found in the picture.",
)

_MEANING: dict[Verdict | None, str] = {
    "green": "The map stays with the patient.",
    "amber": "See whether the answer depends on it: hide that part and ask again.",
    "red": "The model seems to answer from something that is not the patient: hide that part, "
    "and if the answer changes, do not rely on it.",
    None: "",
}


def _colour(found: Shares, name: str) -> Verdict | None:
    """Little mass is good wherever it lies, and so is far less than chance would put there."""
    return best(verdict(name, found.mass), verdict(f"{name}_ratio", found.ratio))


OUTSIDE = Check(
    "outside",
    "Where no patient is",
    outside,
    passes=lambda case: 0,
    cheap=True,
    asks=lambda case: bool(case.attributions) and case.question.kind in ("image", "volume"),
)
