"""Figures of a map that was made once more: what was measured before still holds for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.panes import Asked, Pane
from app.results import Results, question_of
from explain.offered import CHECKS, OF_THE_MODEL
from inference.cards import ModelCard
from inference.records import Attribution


def with_known_figures(results: Results, made: Attribution) -> Attribution:
    """The map with the figures that the same map had before, where they were not measured anew.

    What was judged by a marked region is left behind: the region may be another now.
    """
    known = results.attributions.get((made.key, made.provenance.model_id), ())
    same = next((one for one in reversed(known) if _is_same(one, made)), None)
    if same is None:
        return made
    figures = {one.name: one for one in same.figures if one.name not in OF_THE_MODEL}
    figures.update({one.name: one for one in made.figures})
    return replace(made, figures=tuple(figures.values()))


def question_again(made: Attribution, card: ModelCard, pane: Pane) -> Asked:
    """The question that a map answers, so that it can be put once more.

    The baseline is known in words alone, so it is what is chosen now, as is the region to judge by.
    """
    asked = pane.asked
    method = next((one for one in pane.methods if one.name == made.provenance.method), None)
    names = {option.name for option in method.options} if method is not None else set()
    return replace(
        asked,
        method=made.provenance.method or asked.method,
        target=made.target,
        layer=made.layer,
        options=tuple(one for one in made.provenance.options if one[0] in names),
        against=card.labels.index(made.against) if made.against in card.labels else None,
    )


def unmeasured(made: Attribution) -> tuple[str, ...]:
    """The checks that have not been run on a map, by name."""
    there = {figure.name for figure in made.figures}
    return tuple(check.name for check in CHECKS if check.figure not in there)


def _is_same(one: Attribution, other: Attribution) -> bool:
    return (
        not one.coarse
        and not other.coarse
        and bool(one.figures)
        and question_of(one) == question_of(other)
        and one.provenance.sha256 == other.provenance.sha256
        and one.provenance.seed == other.provenance.seed
        and one.map.shape == other.map.shape
        and np.allclose(one.map, other.map, rtol=1e-4, atol=1e-6 * float(np.abs(one.map).max()))
    )
