"""Whether a map accounts for all of the change that it should account for."""

from __future__ import annotations

from explain.case import Case, Check
from explain.faithfulness import verdict
from inference.records import Completeness, Figure, Verdict

NAME = "completeness"


def completeness(case: Case) -> tuple[Figure, ...]:
    """How far the map's sum is from the change of the score, relative to that change."""
    found = case.answer.completeness
    if found is None:
        raise TypeError("completeness is asked of a map that has none")
    colour = verdict(NAME, found.relative)
    details = (
        ("sum", found.sum),
        ("difference", found.difference),
        ("residual", found.residual),
    )
    sentence = f"{_fact(found)} {_MEANING[colour]}"
    return (Figure(NAME, "Completeness", found.relative, colour, sentence, details),)


def _fact(found: Completeness) -> str:
    times = f"{found.relative:,.0f} times the change"
    off = f"{found.relative:.1%}" if found.relative < 10 else times
    return (
        f"The map adds up to {found.sum:.3g}, and the score changes by {found.difference:.3g} "
        f"from the baseline to this input: it is {off} off."
    )


_MEANING: dict[Verdict | None, str] = {
    "green": "It accounts for the answer as its method promises.",
    "amber": "Trust its strongest places more than its details, or take more steps.",
    "red": "It leaves out or makes up too much: take more steps, or choose another method.",
}


COMPLETENESS = Check(
    NAME,
    "Completeness",
    completeness,
    passes=lambda case: 0,
    cheap=True,
    asks=lambda case: case.answer.completeness is not None,
    paper="Sundararajan et al. 2017, arXiv 1703.01365",
)
