"""What can be said of a frame: label sets with their colours, keys, hierarchy and attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AnnotationKind = Literal[
    "class",
    "box",
    "rotated_box",
    "polygon",
    "mask",
    "point",
    "line",
    "span",
    "interval",
]
"""What an annotation marks: a frame as a whole, a shape or region in it, words, or a time."""

AttributeKind = Literal["choice", "number", "text", "switch"]
Pick = Literal["single", "multi"]

SEPARATOR = "/"
"""Stands between the levels of a label's name: "lesion/tumour" lies within "lesion"."""


@dataclass(frozen=True)
class Attribute:
    """Something that is said of an annotation besides its label.

    `choices` are the words to choose from where `kind` is "choice". Without a `required` one an
    annotation counts as unfinished.
    """

    name: str
    kind: AttributeKind = "choice"
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Code:
    """A coded concept (DICOM PS3.3 Table 8.8-1): value, scheme and meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Label:
    """One label. Its name holds its place in the hierarchy, with SEPARATOR between the levels.

    `colour` is (red, green, blue), 0 to 255. `key` is one letter or digit that gives it, "" for
    none. `kinds` are the sorts of annotation it is for; () = all. `scale` is the range that is
    given with it, such as (1, 5) for BI-RADS-like grades; None for plain labels. `pick` says
    whether of the classes directly within this one a frame has one or several. `category` and
    `type` are what DICOM SEG calls it (PS3.3 C.8.20.4), None for words of one's own.
    """

    name: str
    colour: tuple[int, int, int]
    key: str = ""
    kinds: tuple[AnnotationKind, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    scale: tuple[float, float] | None = None
    pick: Pick = "single"
    category: Code | None = None
    type: Code | None = None

    @property
    def parent(self) -> str:
        """The name of the label that this one lies within; "" for one at the top."""
        return self.name.rpartition(SEPARATOR)[0]

    @property
    def title(self) -> str:
        """The last level of the name."""
        return self.name.rpartition(SEPARATOR)[2]


@dataclass(frozen=True)
class LabelSet:
    """The labels of a project, in the order they are listed; `pick` is that of the top level."""

    name: str = "Labels"
    labels: tuple[Label, ...] = ()
    pick: Pick = "single"

    def find(self, name: str) -> Label | None:
        """The label of this name."""
        return next((one for one in self.labels if one.name == name), None)

    def pick_within(self, parent: str) -> Pick:
        """Whether a frame has one or several of the classes directly within `parent`."""
        found = self.find(parent)
        return found.pick if found is not None else self.pick

    def rivals(self, name: str) -> tuple[str, ...]:
        """The labels that a class of this name excludes; a grade stands beside other classes."""
        parent, own = name.rpartition(SEPARATOR)[0], self.find(name)
        if self.pick_within(parent) == "multi" or (own is not None and own.scale is not None):
            return ()
        beside = (one for one in self.labels if one.parent == parent and one.name != name)
        return tuple(one.name for one in beside if one.scale is None)
