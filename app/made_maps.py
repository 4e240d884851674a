"""A map that was made of other maps, as a record that can be drawn and exported."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from app.comparison_maps import NOT_ENOUGH, Combined
from app.recipes import Recipe
from inference.records import Attribution, Provenance


def made_map(recipe: Recipe, parts: Sequence[Attribution], combined: Combined) -> Attribution:
    """The record of it: no model and no method made it, and its provenance says what did."""
    first = parts[0]
    labels = tuple(dict.fromkeys(part.target_words or part.target_label for part in parts))
    made_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Attribution(
        key=first.key,
        target=first.target,
        target_label=first.target_label,
        output=first.output,
        map=combined.map,
        native=combined.native,
        signed=recipe.signed,
        layer=None,
        baseline=None,
        reduction=first.reduction if recipe.kind == "error" else "none",
        completeness=None,
        warnings=() if combined.enough else (NOT_ENOUGH,),
        provenance=Provenance(
            model_id=recipe.model_id,
            sha256="",
            preparation="; ".join(dict.fromkeys(part.provenance.preparation for part in parts)),
            device=first.provenance.device,
            seconds=0.0,
            made_at=made_at,
            versions=first.provenance.versions,
            method=recipe.made_of,
        ),
        unit=recipe.unit(first.unit or first.output),
        target_words=" and ".join(labels),
    )
