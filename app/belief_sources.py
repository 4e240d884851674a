"""Where a check of belief and the limits of its verdict come from, in words."""

from __future__ import annotations

from explain.faithfulness import THRESHOLDS
from explain.offered import CHECKS


def source_words(name: str) -> str:
    """Who thought of a check, and who set the limits of its colours."""
    paper = next((check.paper for check in CHECKS if check.figure == name), "")
    limits = THRESHOLDS.get(_LIMITS.get(name, name))
    found = [f"The check: {paper}."] if paper else []
    if limits is not None:
        way = "from" if limits.higher else "up to"
        found.append(
            f"Good {way} {limits.green:g}, doubtful {way} {limits.amber:g}: {limits.source}."
        )
    return " ".join(found)


_LIMITS = {"deletion": "removal_gain", "insertion": "removal_gain", "road": "removal_gain"}
"""Figures whose colour is that of another value."""
