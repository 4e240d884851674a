"""How much of a map lies where no patient is: outside the body, on padding, on burned-in marks."""

from __future__ import annotations

import numpy as np

from explain.body import constant_border, find_body
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
    bodies = {number: find_body(case.frames[number]) for number in chosen}
    marks = np.zeros((len(case.frames), *case.frames[0].shape), dtype=bool)
    for number, body in bodies.items():
        marks[number] = find_marks(case.frames[number], body)
    near = within_a_cell(case, marks) if marks.any() else marks
    maps = np.stack([case.attributions[number].map for number in chosen])
    away = ~np.stack([body.mask for body in bodies.values()])
    words = bodies[case.index].words
    return (
        _body_figure(shares(maps, away), words),
        _padding_figure(shares(case.map, _padding(case))),
        _marks_figure(shares(maps, near[chosen])),
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


def _body_figure(found: Shares, words: str) -> Figure:
    name, title = "outside_body", "Outside the body"
    if not found.area:
        return Figure(name, title, None, None, f"No part of it is judged: {words}.")
    if found.blank:
        return Figure(name, title, None, None, BLANK)
    colour = _colour(found, name)
    sentence = (
        f"{found.mass:.0%} of what speaks for the target lie outside the body, which is "
        f"{found.area:.0%} of the area ({words}). {_MEANING[colour]}"
    )
    return Figure(name, title, found.mass, colour, sentence, _details(found))


def _padding_figure(found: Shares) -> Figure:
    name, title = "on_padding", "On padding"
    if not found.area:
        return Figure(name, title, None, None, "The network sees no padding here.")
    if found.blank:
        return Figure(name, title, None, None, BLANK)
    colour = _colour(found, name)
    sentence = (
        f"{found.mass:.0%} of what speaks for the target lie on padding or even borders, which are "
        f"{found.area:.0%} of what the network sees. {_MEANING[colour]}"
    )
    return Figure(name, title, found.mass, colour, sentence, _details(found))


def _marks_figure(found: Shares) -> Figure:
    name, title = "on_marks", "On letters and markers"
    if not found.area:
        return Figure(name, title, None, None, "No letters or markers were found in the picture.")
    if found.blank:
        return Figure(name, title, None, None, BLANK)
    colour = _colour(found, name)
    sentence = (
        f"{found.mass:.0%} of what speaks for the target lie on or beside what looks like letters "
        f"or markers, {found.area:.1%} of the area. {_MEANING[colour]}"
    )
    return Figure(name, title, found.mass, colour, sentence, _details(found))


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


def _details(found: Shares) -> tuple[tuple[str, float], ...]:
    return (("area", found.area), ("ratio", found.ratio), ("top", found.top))


OUTSIDE = Check(
    "outside",
    "Where no patient is",
    outside,
    passes=lambda case: 0,
    cheap=True,
    asks=lambda case: bool(case.attributions) and case.question.kind in ("image", "volume"),
)
