"""One import as it grows: sources found, labels added, annotations made."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from inference.exchange.matching import Sources
from inference.exchange.reading import EntryError, require
from inference.exchange.records import LabelsImport, Read
from inference.exchange.shapes import check_points
from inference.records import WHOLE, Annotation, Label, SourceEntry
from inference.records.labels import SEPARATOR
from inference.sources.files import printable

COLOURS = (
    *((230, 97, 1), (0, 158, 115), (86, 130, 255), (204, 85, 160), (240, 200, 40)),
    *((100, 200, 235), (170, 110, 60), (140, 190, 40), (150, 100, 220), (220, 60, 80)),
    *((60, 150, 170), (250, 150, 130), (110, 120, 20), (190, 170, 250), (40, 200, 140)),
    *((180, 180, 100),),
)
"""Far apart from one another on grey pictures; after them they come again, a little darker."""

LABELS_LIMIT = 65535
"""More than any list of words; what a 16-bit index can tell apart."""


class Gathering:
    """What one import has made so far; nothing of it counts before `read` hands it out."""

    def __init__(self, request: LabelsImport) -> None:
        """Begins with what the project has; raises UserError where there is nothing at the path."""
        self.path = Path(request.path)
        require(self.path)
        self.sources = Sources(request.entries)
        self._request = request
        self._labels = {one.name: one for one in request.label_set.labels}
        self._colours = {one.colour for one in request.label_set.labels}
        self._annotations: list[Annotation] = []
        self._unmatched: dict[str, None] = {}
        self._now = datetime.now(UTC).isoformat(timespec="seconds")

    def find(self, name: str, source_id: str = "") -> tuple[SourceEntry, int] | None:
        """Source and frame by id where there is one, else by name; an id knows no frame (WHOLE).

        Where no source fits, the name is kept for the answer. Raises EntryError where several fit.
        """
        if source_id:
            entry = self.sources.with_id(source_id)
            found = None if entry is None else (entry, WHOLE)
        else:
            found = self.sources.named(name)
        if found is None:
            self._unmatched[name or source_id] = None
        return found

    def label(self, name: str, colour: tuple[int, int, int] | None = None) -> str:
        """The name of a label, which is added if it is new. Raises EntryError for none at all."""
        if name not in self._labels:
            if not all(level.strip() for level in name.split(SEPARATOR)):
                raise EntryError("a label has no name")
            if len(self._labels) >= LABELS_LIMIT:
                raise EntryError(f"there are more than {LABELS_LIMIT:,} labels")
            colour = colour or self._next_colour()
            self._colours.add(colour)
            self._labels[name] = Label(name, colour)
        return name

    def knows(self, name: str) -> bool:
        """Whether there is a label of this name already."""
        return name in self._labels

    def _next_colour(self) -> tuple[int, int, int]:
        rounds, place = divmod(len(self._labels), len(COLOURS))
        for step in range(len(COLOURS)):
            colour = COLOURS[(place + step) % len(COLOURS)]
            shade = 0.85 ** (rounds % 8)
            red, green, blue = (round(part * shade) for part in colour)
            if (red, green, blue) not in self._colours:
                break
        return red, green, blue

    def add(self, draft: Annotation, shape: tuple[int, int]) -> None:
        """Keep an annotation, whose shape must lie in its frame of (rows, columns).

        It gets an id, author and time of its own. Raises EntryError where it says nothing whole.
        """
        check_points(draft.kind, draft.points, shape)
        scale = self._labels[draft.label].scale
        if draft.value is not None and scale and not scale[0] <= draft.value <= scale[1]:
            raise EntryError(f"the value {draft.value:g} is not on the label's scale")
        self._annotations.append(
            replace(
                draft,
                annotation_id=uuid.uuid4().hex[:12],
                points=_clipped(draft.points, shape),
                author=self._request.author,
                made_at=self._now,
            )
        )

    def read(self) -> Read:
        """The answer."""
        labels = replace(self._request.label_set, labels=tuple(self._labels.values()))
        return Read(labels, tuple(self._annotations), tuple(map(printable, self._unmatched)))


def _clipped(
    points: Sequence[tuple[float, float]], shape: tuple[int, int]
) -> tuple[tuple[float, float], ...]:
    rows, columns = shape
    return tuple(
        (min(max(x, 0.0), float(columns)), min(max(y, 0.0), float(rows))) for x, y in points
    )
