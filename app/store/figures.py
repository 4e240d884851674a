"""What is searched by of the results of models: short figures beside each record in its row."""

from __future__ import annotations

from inference.certainty import certainty_of
from inference.records import Attribution, Prediction

JUDGED_BY = "inside_ratio"
"""The figure of a map that says how far it lies on what was marked (explain.checks.reasons)."""

Value = str | float | None


def figures_of(found: object) -> dict[str, Value]:
    """The figures of a prediction (inference.certainty) or a map, by the names of their columns.

    A map that was judged by no marked region has no `reason`; other things have no figures.
    """
    if isinstance(found, Prediction):
        sure = certainty_of(found)
        return {
            "label": sure.label,
            "score": sure.score,
            "entropy": sure.entropy,
            "margin": sure.margin,
        }
    if isinstance(found, Attribution):
        judged = next((one for one in found.figures if one.name == JUDGED_BY), None)
        if judged is not None:
            return {"reason": judged.value, "verdict": judged.verdict}
        return {"reason": None, "verdict": None}
    return {}
