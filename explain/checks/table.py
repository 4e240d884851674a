"""The table of checks: what can be asked of a finished map."""

from __future__ import annotations

from explain.case import Case, Check
from explain.checks.agreement import AGREEMENT
from explain.checks.anatomy import OUTSIDE
from explain.checks.completeness import COMPLETENESS
from explain.checks.deletion import DELETION, INSERTION, ROAD
from explain.checks.quality import QUALITY, contrast
from explain.checks.randomised import RANDOMISATION
from explain.checks.reasons import REASONS
from explain.checks.repeatability import INFIDELITY, SENSITIVITY
from inference.errors import NumbersError, UserError
from inference.records import Figure

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        *(QUALITY, COMPLETENESS),
        *(REASONS, OUTSIDE),
        *(SENSITIVITY, INFIDELITY),
        *(DELETION, INSERTION, ROAD),
        *(RANDOMISATION, AGREEMENT),
    )
}
"""By name, in the order in which their figures are shown."""


def run_checks(case: Case, asked: tuple[str, ...]) -> tuple[Figure, ...]:
    """The figures of the cheap checks and of those asked for ("all" means every one).

    Their passes through the model are added to those that the method has reported. A map that is
    the same everywhere is told so by the cheap ones; the others would find it steady, or true to
    the model, because it is nothing.
    """
    names = {*CHECKS} if "all" in asked else {*asked}
    wanted = [check for check in CHECKS.values() if check.cheap or check.name in names]
    asking = [check for check in wanted if check.asks(case)]
    unsaid: list[Figure] = []
    if contrast(case.map).verdict == "red":
        unsaid = [_nothing_to_ask(check) for check in asking if not check.cheap]
        asking = [check for check in asking if check.cheap]
    guard = case.question.guard
    if guard.total is not None:
        guard.total = guard.passes + sum(check.passes(case) for check in asking)
    return (*(figure for check in asking for figure in _said_by(check, case)), *unsaid)


def _said_by(check: Check, case: Case) -> tuple[Figure, ...]:
    """Its figures; a model that breaks down on a changed input takes the figure, not the map."""
    try:
        return check.run(case)
    except NumbersError as error:
        return (Figure(check.name, check.title, None, None, f"Not measured. {error.message}"),)


def _nothing_to_ask(check: Check) -> Figure:
    words = "Not measured: the map is the same everywhere, so there is nothing in it to be tested."
    return Figure(check.name, check.title, None, None, words)


def refuse_unknown(asked: tuple[str, ...]) -> None:
    """Raises UserError (usage) for the name of a check that nobody knows."""
    unknown = [name for name in asked if name not in CHECKS and name != "all"]
    if unknown:
        raise UserError(
            f"There is no check named {unknown[0]}.",
            f"Known are {', '.join(CHECKS)} and all.",
            fault="usage",
        )
