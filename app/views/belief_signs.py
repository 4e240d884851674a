"""The sign of belief beside a source in the study list."""

from __future__ import annotations

from app.batches import newest_map, worst_of
from app.session import Session
from app.views.belief_words import SIGNS
from widgets.signs import State


def sign_of(session: Session, source_id: str) -> tuple[State | None, str]:
    """The worst verdict on the newest map of a source, and its sentence; None for no verdict."""
    every = session.results.attributions.items()
    maps = (one for (key, _), found in every if key[0] == source_id for one in found)
    made = newest_map(maps)
    worst = None if made is None else worst_of(made.figures)
    return (None, "") if worst is None else (SIGNS[worst.verdict], worst.sentence)
