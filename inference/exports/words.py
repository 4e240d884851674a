"""What a map is, in words and names for the files that hold it."""

from __future__ import annotations

from collections.abc import Sequence

from inference.errors import UserError
from inference.records import Attribution


def method_words(attribution: Attribution) -> str:
    """The method as people write it, such as "Grad cam" for grad_cam."""
    return (attribution.provenance.method or "attribution").replace("_", " ").capitalize()


def title_of(attribution: Attribution) -> str:
    """What was asked of which model by which method, on one line."""
    asked = attribution.target_words or attribution.target_label
    return f"{method_words(attribution)} for {asked} · {attribution.provenance.model_id}"


def facts_of(attribution: Attribution) -> dict[str, str]:
    """All that made the map, by name, as plain text without the patient."""
    made = attribution.provenance
    found = {
        "model": made.model_id,
        "weights sha256": made.sha256,
        "method": made.method or "",
        "options": ", ".join(f"{name}={value}" for name, value in made.options),
        "target": attribution.target_words or attribution.target_label,
        "output": attribution.output,
        "layer": attribution.layer or "",
        "baseline": attribution.baseline or "",
        "reduction": attribution.reduction,
        "seed": "" if made.seed is None else str(made.seed),
        "unit": attribution.unit,
        "made at": made.made_at,
        "versions": ", ".join(f"{name} {value}" for name, value in made.versions),
    }
    return {name: value for name, value in found.items() if value}


def in_order(maps: Sequence[Attribution]) -> tuple[Attribution, ...]:
    """The maps by frame. Raises UserError where there is none, or one is not finished."""
    if not maps or any(one.coarse for one in maps):
        raise UserError("There is no finished map to export.", "Explain first, with E.")
    return tuple(sorted(maps, key=lambda one: one.key[1]))
