"""The windows of a person as they are being edited: words as typed, and what is wrong with them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

FIRST_KEY = 2
LAST_KEY = 8
"""The keys that presets of one modality can have; 1 and 9 are the same for all."""

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""One and a half to some people, one thousand five hundred to others, as in "1,500"."""


@dataclass(frozen=True)
class PresetRow:
    """A window by the name of its modality: center and width in the modality's unit."""

    modality: str
    center: float
    width: float
    title: str


@dataclass(frozen=True)
class Draft:
    """A preset while it is typed."""

    title: str
    center: str
    width: str

    @property
    def trouble(self) -> str:
        """What keeps it from being used, as a sentence; "" if nothing does."""
        if not self.title.strip():
            return "A window needs a name."
        for text in (self.center, self.width):
            if _THOUSANDS.fullmatch(text.strip()):
                point, plain = text.strip().replace(",", "."), text.strip().replace(",", "")
                return f"“{text.strip()}” can be read in two ways: write {plain} or {point}."
        named = f"“{self.title.strip()}”"
        if number_of(self.center) is None:
            return f"The centre of {named} is not a number."
        width = number_of(self.width)
        if width is None:
            return f"The width of {named} is not a number."
        return "" if width > 0 else f"The width of {named} has to be above 0."


class PresetList:
    """Drafts by modality; every change gives the rows a new state, none is refused."""

    def __init__(self, rows: tuple[PresetRow, ...]) -> None:
        self._drafts: dict[str, list[Draft]] = {}
        for row in rows:
            self._drafts.setdefault(row.modality, []).append(
                Draft(row.title, f"{row.center:.10g}", f"{row.width:.10g}")
            )

    def of(self, modality: str) -> tuple[Draft, ...]:
        return tuple(self._drafts.get(modality, ()))

    def add(self, modality: str) -> int | None:
        """A new one at the end; its place, or None where every key is taken."""
        drafts = self._drafts.setdefault(modality, [])
        if len(drafts) > LAST_KEY - FIRST_KEY:
            return None
        drafts.append(Draft("New window", "50", "350"))
        return len(drafts) - 1

    def edit(
        self,
        modality: str,
        place: int,
        *,
        title: str | None = None,
        center: str | None = None,
        width: str | None = None,
    ) -> None:
        """Change what is given."""
        given = {"title": title, "center": center, "width": width}
        kept = {name: text for name, text in given.items() if text is not None}
        self._drafts[modality][place] = replace(self._drafts[modality][place], **kept)

    def remove(self, modality: str, place: int) -> None:
        del self._drafts[modality][place]

    def move(self, modality: str, place: int, by: int) -> int:
        """Change places with a neighbour; the new place."""
        drafts = self._drafts[modality]
        other = min(max(place + by, 0), len(drafts) - 1)
        drafts[place], drafts[other] = drafts[other], drafts[place]
        return other

    @property
    def trouble(self) -> str:
        """The first thing that is wrong, wherever it is."""
        for modality, drafts in self._drafts.items():
            for draft in drafts:
                if draft.trouble:
                    return f"{modality}: {draft.trouble}"
        return ""

    def rows(self) -> tuple[PresetRow, ...]:
        """All presets; those with something wrong are left out."""
        return tuple(
            PresetRow(modality, center, width, draft.title.strip())
            for modality, drafts in self._drafts.items()
            for draft in drafts
            if (center := number_of(draft.center)) is not None
            and (width := number_of(draft.width)) is not None
            and not draft.trouble
        )


def number_of(text: str) -> float | None:
    """A finite number, with a point or a comma; None for anything else."""
    try:
        found = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None
