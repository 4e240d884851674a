"""What the window says of presets, checks and figures, as rows for its lists."""

from __future__ import annotations

from app.explain_presets import PRESETS, cost_words, planned, time_words
from app.known_figures import unmeasured
from app.panes import Pane
from app.session import Session
from app.truths import truths_of
from app.views.belief_words import SIGNS
from explain.offered import BASELINES, CHECKS
from explain.records import MethodStatus
from inference.records import Attribution
from widgets.belief_list import FigureRow, OpenCheck
from widgets.preset_buttons import PresetRow
from widgets.signs import State

KEPT = "kept"
"""The key of a picture to compare with that is no longer in sight."""


def preset_rows(methods: tuple[MethodStatus, ...]) -> tuple[PresetRow, ...]:
    """The presets that fit a model, with the method that each takes and what it costs."""
    found = ((preset, planned(preset, methods)) for preset in PRESETS)
    return tuple(
        PresetRow(
            preset.name,
            preset.title,
            preset.words,
            " · ".join(words for words in (plan.cost, plan.method.title) if words),
        )
        for preset, plan in found
        if plan is not None
    )


def cost_here(pane: Pane) -> str:
    """What the explanation that is chosen will take, before it starts."""
    method = next((one for one in pane.methods if one.name == pane.asked.method), None)
    if method is None:
        return ""
    return cost_words(method, pane.asked.options, pane.asked.checks)


def figure_rows(made: Attribution) -> tuple[FigureRow, ...]:
    """The figures of a map: first those that judge, the worst of them at the top."""
    papers = {check.figure: check.paper for check in CHECKS}
    rows = [
        FigureRow(
            one.name,
            SIGNS[one.verdict],
            one.title,
            one.sentence,
            True,
            papers.get(one.name, ""),
        )
        for one in made.figures
    ]
    return tuple(sorted(rows, key=lambda row: _ORDER[row.state]))


_ORDER: dict[State, int] = {"bad": 0, "doubtful": 1, "good": 2, "plain": 3}


def open_checks(made: Attribution, pane: Pane) -> tuple[tuple[OpenCheck, ...], str]:
    """The checks that were not run on a map, and what all of them take together.

    The map is made once more for them, which is part of what they take.
    """
    left, options = unmeasured(made), made.provenance.options
    method = next((one for one in pane.methods if one.name == made.provenance.method), None)

    def cost(*names: str) -> tuple[str, str]:
        if method is None:
            return "", ""
        return cost_words(method, options, names), time_words(method, options, names)

    rows = []
    for one in CHECKS:
        if one.name in left:
            words, time = cost(one.name)
            taken = f"With the map it takes {words}." if words else ""
            rows.append(OpenCheck(one.name, one.title, one.words, taken, time))
    return tuple(rows), cost(*left)[0] if left else ""


def truth_rows(session: Session, number: int) -> tuple[tuple[str, str], ...]:
    """What the map of a viewport can be judged by, as keys and titles."""
    return tuple((one.key, one.title) for one in truths_of(session, number))


def baseline_rows(session: Session, number: int) -> tuple[tuple[str, str], ...]:
    """What a viewport's picture can be compared with; of pictures those that others show."""
    plain = tuple(row for row in BASELINES if row[0] != "picture")
    card = session.card_of(number)
    if card is None or card.accepts.dimensions != 2:
        return plain
    others = tuple(
        (f"picture {other}", f"The picture of viewport {other - session.first + 1}")
        for other in session.seats
        if other != number and session.panes[other].frame is not None
        if not session.panes[other].is_cut
    )
    gone = baseline_key(session, number) == KEPT
    kept = ((KEPT, "The picture chosen before"),) if gone else ()
    return (*plain, *others, *kept)


def baseline_key(session: Session, number: int) -> str:
    """The key of the baseline that is chosen."""
    asked = session.panes[number].asked
    if asked.baseline != "picture":
        return asked.baseline
    for other in session.seats:
        frame = session.panes[other].frame
        if other != number and frame is not None and frame.key == asked.reference:
            return f"picture {other}"
    return KEPT
