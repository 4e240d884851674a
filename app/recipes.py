"""Maps that are made of other maps: what of, and what they are called; no model made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from zlib import crc32

if TYPE_CHECKING:
    from app.panes import Asked

Kind = Literal["difference", "agreement", "uncertainty", "error"]

OWN_SHARE = "share of each map's own scale"

_UNITS: dict[Kind, str] = {
    "difference": OWN_SHARE,
    "agreement": OWN_SHARE,
    "uncertainty": f"standard deviation, {OWN_SHARE}",
}


@dataclass(frozen=True)
class Part:
    """One of the maps: the model that is asked, its question, and its name in short and in full."""

    model_id: str
    asked: Asked
    name: str
    full: str


@dataclass(frozen=True)
class Recipe:
    """What a map is made of: of two for a difference, of one for an error, of any for the rest."""

    kind: Kind
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        """What stands above the viewport and beside the colour bar."""
        if self.kind == "difference":
            return f"{self.parts[0].name} − {self.parts[1].name}, each on its own scale"
        if self.kind == "error":
            return f"Standard error of {self.parts[0].name}"
        return f"{self.kind.capitalize()} of {len(self.parts)} maps"

    @property
    def full(self) -> str:
        """The title with all that was taken."""
        named = "; ".join(part.full for part in self.parts)
        return f"{self.title}: {named}"

    @property
    def made_of(self) -> str:
        """What stands in the place of a method in the record of such a map."""
        return f"{self.kind} of {' and '.join(part.full for part in self.parts)}"

    @property
    def model_id(self) -> str:
        """What stands in the place of a model: maps made of other questions never mix."""
        return f"{self.made_of} ({crc32(repr(self.parts).encode()):08x})"

    @property
    def signed(self) -> bool:
        return self.kind == "difference"

    def unit(self, of_the_map: str) -> str:
        """What a value says; `of_the_map` is what a value of the first map says."""
        return _UNITS.get(self.kind, f"standard error of {of_the_map}")
