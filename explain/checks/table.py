"""The table of checks: what can be asked of a finished map."""

from __future__ import annotations

from explain.case import Case, Check
from inference.errors import UserError
from inference.records import Figure

CHECKS: dict[str, Check] = {}
"""By name, in the order in which their figures are shown."""


def run_checks(case: Case, asked: tuple[str, ...]) -> tuple[Figure, ...]:
    """The figures of the cheap checks and of those asked for ("all" means every one).

    Raises UserError (usage) for a name nobody knows.
    """
    unknown = [name for name in asked if name not in CHECKS and name != "all"]
    if unknown:
        raise UserError(
            f"There is no check named {unknown[0]}.",
            f"Known are {', '.join(CHECKS)} and all.",
            fault="usage",
        )
    found: list[Figure] = []
    for check in CHECKS.values():
        wanted = check.cheap or check.name in asked or "all" in asked
        if wanted and check.asks(case):
            found.extend(check.run(case))
    return tuple(found)
