"""Layouts saved by example: which kind of series hung where, and how it was looked at.

What DICOM calls a hanging protocol (PS3.3 C.23), learned from what is on the screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from app.panes import LAYOUTS, Pane, Plane, SlabMode
from inference.records import Source

_PLANES: tuple[Plane, ...] = ("slices", "axial", "coronal", "sagittal")
_MODES: tuple[SlabMode, ...] = ("maximum", "mean", "minimum")


@dataclass(frozen=True)
class Seat:
    """One viewport of a saved layout; seats with one `group` show one series."""

    group: int
    modality: str
    title: str
    plane: Plane = "slices"
    slab_mode: SlabMode | None = None
    slab_mm: float = 0.0


@dataclass(frozen=True)
class Hanging:
    """A saved layout: its name, its grid, and what sits where (None: an empty viewport)."""

    name: str
    layout: str
    seats: tuple[Seat | None, ...]


def hanging_of(
    name: str, layout: str, panes: Iterable[Pane], sources: dict[str, Source]
) -> Hanging:
    """What is on the screen now, as an example for other studies."""
    groups: dict[str, int] = {}
    seats: list[Seat | None] = []
    for pane in panes:
        source = sources.get(pane.source_id or "")
        if source is None:
            seats.append(None)
            continue
        group = groups.setdefault(source.source_id, len(groups))
        mode, thickness = (None, 0.0)
        if pane.slab is not None:
            mode, thickness = pane.slab.mode, pane.slab.thickness_mm
        modality = source.modality or ""
        seats.append(Seat(group, modality, source.title, pane.plane, mode, thickness))
    return Hanging(name, layout, tuple(seats))


def seated(hanging: Hanging, sources: Iterable[Source]) -> tuple[str | None, ...]:
    """The id of the source for each seat: of the same modality, and with the likest title."""
    free = list(sources)
    chosen: dict[int, str] = {}
    for seat in hanging.seats:
        if seat is None or seat.group in chosen:
            continue
        fitting = [one for one in free if (one.modality or "") == seat.modality]
        if fitting:
            best = max(fitting, key=lambda one: _likeness(one.title, seat.title))
            free.remove(best)
            chosen[seat.group] = best.source_id
    return tuple(None if seat is None else chosen.get(seat.group) for seat in hanging.seats)


def _likeness(one: str, other: str) -> float:
    """Shared words over all words, 0 to 1."""
    mine, its = (set(re.findall(r"\w+", title.casefold())) for title in (one, other))
    return len(mine & its) / max(len(mine | its), 1)


def hanging_text(hanging: Hanging) -> str:
    """A saved layout as one line of JSON, for the settings."""
    return json.dumps(asdict(hanging))


def hanging_from(text: str) -> Hanging | None:
    """The layout in a line of the settings; None where it is none."""
    try:
        found = json.loads(text)
        seats = tuple(None if seat is None else Seat(**seat) for seat in found["seats"])
        hanging = Hanging(str(found["name"]), str(found["layout"]), seats)
    except (ValueError, TypeError, KeyError):
        return None
    rows, columns = LAYOUTS.get(hanging.layout, (0, 0))
    known = all(
        seat is None or (seat.plane in _PLANES and seat.slab_mode in (None, *_MODES))
        for seat in hanging.seats
    )
    return hanging if known and 0 < len(seats) == rows * columns else None
