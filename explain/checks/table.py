"""The table of checks: what can be asked of a finished map."""

from __future__ import annotations

from explain.case import Case, Check
from explain.checks.agreement import AGREEMENT
from explain.checks.anatomy import OUTSIDE
from explain.checks.completeness import COMPLETENESS
from explain.checks.deletion import DELETION, INSERTION, ROAD
from explain.checks.quality import QUALITY
from explain.checks.randomised import RANDOMISATION
from explain.checks.reasons import REASONS
from explain.checks.repeatability import INFIDELITY, SENSITIVITY
from inference.errors import UserError
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

    Their passes through the model are added to those that the method has reported.
    """
    names = {*CHECKS} if "all" in asked else {*asked}
    wanted = [check for check in CHECKS.values() if check.cheap or check.name in names]
    asking = [check for check in wanted if check.asks(case)]
    guard = case.question.guard
    if guard.total is not None:
        guard.total = guard.passes + sum(check.passes(case) for check in asking)
    return tuple(figure for check in asking for figure in check.run(case))


def refuse_unknown(asked: tuple[str, ...]) -> None:
    """Raises UserError (usage) for the name of a check that nobody knows."""
    unknown = [name for name in asked if name not in CHECKS and name != "all"]
    if unknown:
        raise UserError(
            f"There is no check named {unknown[0]}.",
            f"Known are {', '.join(CHECKS)} and all.",
            fault="usage",
        )
