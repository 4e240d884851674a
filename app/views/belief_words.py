"""What is said of figures of belief, in short, wherever a map is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from explain.offered import OF_THE_MODEL
from inference.records import Figure, Verdict
from widgets.signs import State

SIGNS: dict[Verdict | None, State] = {
    "green": "good",
    "amber": "doubtful",
    "red": "bad",
    None: "plain",
}


def failing(figures: Sequence[Figure]) -> str | None:
    """Why a map is not to be believed, in a sentence or two; None where no check failed."""
    failed = [one for one in figures if one.verdict == "red" and one.name not in OF_THE_MODEL]
    if not failed:
        return None
    if len(failed) == 1:
        return f"This map failed a check. {failed[0].sentence}"
    return f"This map failed {len(failed)} checks. {failed[0].sentence}"
