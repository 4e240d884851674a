"""The volumes that planes are cut through: which sources make one, and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.session import Session
from inference.display import default_window
from inference.errors import UserError
from inference.mpr.volume import Volume, volume_of
from inference.records import Frame, Source

MOST_NAMED = 8
"""More slices than this are counted and not listed."""


def is_volume(source: Source | None) -> bool:
    """Whether planes can be cut through a source."""
    if source is None:
        return False
    return source.frames > 1 and source.order_rule == "position" and source.samples == 1


def check_volume(source: Source) -> None:
    """Raises UserError where no planes can be cut through a source."""
    if not is_volume(source):
        raise UserError(
            f"“{source.title}” is no volume, so no planes can be cut through it.",
            "Choose a series of several slices with position and orientation.",
        )


def volume_in(session: Session, source: Source) -> Volume | None:
    """The volume of a source; None while slices of it are still to come.

    Those that cannot be read are holes in it, which is said when it is made. Raises UserError where
    there is no volume.
    """
    found = session.volumes.get(source.source_id)
    holes = session.frames.holes(source)
    if found is not None and all(index in holes for index in found.missing):
        return found
    check_volume(source)
    frames = session.frames.readable(source)
    if frames is None:
        return None
    read = [frame for frame in frames if frame is not None]
    if not read:
        raise UserError(
            f"No slice of “{source.title}” can be read, so no planes can be cut through it.",
            "Fetch the series again from where it came.",
        )
    found = volume_of(source, _stored(session, source, frames, read), frames)
    if not found.template.windows and found.template.table is None:  # one grey for all planes
        window = default_window(read[len(read) // 2])
        found = replace(found, template=replace(found.template, windows=(window,)))
    session.volumes.keep(found, {pane.source_id for pane in session.panes})
    if found.missing:
        session.say(hole_words(found.missing), holes[found.missing[0]])
    return found


def hole_words(missing: Sequence[int]) -> str:
    """The sentence for slices, by index, that planes are cut without."""
    numbers = [f"{index + 1}" for index in missing]
    if len(numbers) == 1:
        return f"Slice {numbers[0]} could not be read; it is a hole in the planes."
    which = f"{len(numbers)} slices"
    if len(numbers) <= MOST_NAMED:
        which = f"Slices {', '.join(numbers[:-1])} and {numbers[-1]}"
    return f"{which} could not be read; they are holes in the planes."


def _stored(
    session: Session, source: Source, frames: Sequence[Frame | None], read: Sequence[Frame]
) -> np.ndarray:
    """The stored values [frames, rows, columns]; in the cache's own array where that holds all."""
    session.frames.open_volume(source, read[0].stored.dtype)
    stored = session.frames.volume(source)
    if stored is not None:
        return stored
    hole = np.zeros_like(read[0].stored)
    return np.stack([hole if frame is None else frame.stored for frame in frames])
