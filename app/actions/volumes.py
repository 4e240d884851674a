"""The volumes that planes are cut through: which sources make one, and what it lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.session import Session
from inference.display import default_window
from inference.errors import UserError
from inference.mpr.volume import Volume, volume_of
from inference.records import Frame, Source


def is_volume(source: Source | None) -> bool:
    """Whether planes can be cut through a source."""
    if source is None:
        return False
    return source.frames > 1 and source.order_rule == "position" and source.samples == 1


def check_volume(session: Session, source: Source) -> None:
    """Raises UserError where no planes can be cut through a source."""
    if not is_volume(source):
        raise UserError(
            f"“{source.title}” is no volume, so no planes can be cut through it.",
            "Choose a series of several slices with position and orientation.",
        )
    holes = sorted(session.frames.holes(source))
    if holes:
        which = f"Slice {holes[0] + 1}" if len(holes) == 1 else f"{len(holes)} slices"
        raise UserError(
            f"{which} of “{source.title}” cannot be read, so no planes can be cut through it.",
            "The other slices can be looked at one by one.",
        )


def volume_in(session: Session, source: Source) -> Volume | None:
    """The volume of a source; None while slices of it are missing.

    Raises UserError where there is none, or one of its slices never comes.
    """
    found = session.volumes.get(source.source_id)
    if found is not None:
        return found
    check_volume(session, source)
    frames = session.frames.whole(source)
    if frames is None:
        return None
    found = volume_of(source, _stored(session, source, frames), frames)
    if not found.template.windows and found.template.table is None:  # one grey for all planes
        window = default_window(frames[source.frames // 2])
        found = replace(found, template=replace(found.template, windows=(window,)))
    session.volumes.keep(found, {pane.source_id for pane in session.panes})
    return found


def _stored(session: Session, source: Source, frames: tuple[Frame, ...]) -> np.ndarray:
    """The stored values [frames, rows, columns]; in the cache's own array where that holds all."""
    session.frames.open_volume(source, frames[0].stored.dtype)
    stored = session.frames.volume(source)
    return np.stack([frame.stored for frame in frames]) if stored is None else stored
