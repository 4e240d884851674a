"""A label set while it is edited: a tree of labels that keep knowing how they were called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from inference.records import SEPARATOR, Label, LabelSet

KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""What a label can have as its key."""


@dataclass(frozen=True)
class DraftRow:
    """A label in the tree; `origin` is its name before, "" for a new one.

    `title` is the part of its name beneath the row that it lies within, `level` steps in.
    """

    ident: int
    origin: str
    title: str
    level: int
    label: Label


@dataclass(frozen=True)
class LabelEdit:
    """What became of a label set: `names` are those that annotations have to follow."""

    label_set: LabelSet
    names: dict[str, str] = field(default_factory=dict)


class LabelDraft:
    """Rows in the order of the tree; every change is taken, `trouble` says what is wrong now."""

    def __init__(self, label_set: LabelSet) -> None:
        self.name = label_set.name
        self.pick = label_set.pick
        self.rows: list[DraftRow] = []
        self._last = 0
        self._moved: dict[str, int | str] = {}
        for label in _tree(label_set.labels):
            self._append(label, label.name)

    # What there is

    def names(self) -> list[str]:
        """The full name of each row."""
        found: list[str] = []
        above: list[str] = []
        for row in self.rows:
            del above[row.level :]
            above.append(row.title.strip())
            found.append(SEPARATOR.join(above))
        return found

    def within(self, place: int) -> range:
        """The places of a row and of all that lies within it."""
        end = place + 1
        while end < len(self.rows) and self.rows[end].level > self.rows[place].level:
            end += 1
        return range(place, end)

    def parent_of(self, place: int) -> int | None:
        """The place of the row that this one lies within."""
        level = self.rows[place].level
        return next((at for at in range(place - 1, -1, -1) if self.rows[at].level < level), None)

    @property
    def trouble(self) -> str:
        """What keeps the labels from being used, as a sentence; "" if nothing does."""
        names = self.names()
        if not self.name.strip():
            return "The label set needs a name."
        for name, count in Counter(names).items():
            if not all(part.strip() for part in name.split(SEPARATOR)):
                return "A label needs a name."
            if count > 1:
                return f"Two labels have the name “{name}”."
        for row in self.rows:
            if found := _trouble_of(row):
                return found
        return ""

    def key_refusal(self, place: int, key: str) -> str:
        """Why a label cannot have a key, as a sentence; "" if it can."""
        if key and (len(key) != 1 or key not in KEYS):
            return "The key of a label is one letter or one digit."
        rows = enumerate(self.rows)
        other = next(
            (row for at, row in rows if key and at != place and row.label.key == key), None
        )
        return f"“{other.title}” has the key {key} already." if other is not None else ""

    def result(self) -> LabelEdit:
        """The label set as it is to be, and which names annotations have to follow."""
        rows = list(zip(self.rows, self.names(), strict=True))
        by_ident = {row.ident: name for row, name in rows}
        names = {row.origin: name for row, name in rows if row.origin not in ("", name)}
        for origin, to in self._moved.items():
            if isinstance(to, int) and to in by_ident:
                names[origin] = by_ident[to]
        labels = tuple(replace(row.label, name=name) for row, name in rows)
        return LabelEdit(LabelSet(self.name.strip(), labels, self.pick), names)

    # What changes

    def add(self, title: str, colour: tuple[int, int, int], key: str, beside: int) -> int:
        """A new label after the row at `beside`, on its level; its place."""
        level = self.rows[beside].level if 0 <= beside < len(self.rows) else 0
        at = self.within(beside).stop if 0 <= beside < len(self.rows) else len(self.rows)
        self.rows.insert(at, self._row(Label(title, colour, key), "", title, level))
        return at

    def take(self, labels: tuple[Label, ...]) -> None:
        """Add labels that are not here yet by their name."""
        for label in _tree(labels):
            if label.name not in self.names():
                self._append(label, "")

    def edit(self, place: int, **changes: Any) -> None:
        """Other fields of a label: colour, key, kinds, scale, pick, attributes."""
        row = self.rows[place]
        self.rows[place] = replace(row, label=replace(row.label, **changes))

    def rename(self, place: int, title: str) -> None:
        """Another name; what lies within the label follows."""
        self.rows[place] = replace(self.rows[place], title=title)

    def remove(self, place: int, to: int | None) -> None:
        """Take a label away; its annotations keep its name, or get that of the row at `to`."""
        row = self.rows[place]
        ident = self.rows[to].ident if to is not None else None
        for origin, moved in list(self._moved.items()):
            if moved == row.ident:  # what was moved here goes on from here
                self._moved[origin] = ident if ident is not None else origin
        if row.origin and ident is not None:
            self._moved[row.origin] = ident
        for at in self.within(place):
            self.rows[at] = replace(self.rows[at], level=max(self.rows[at].level - 1, 0))
        del self.rows[place]

    def move(self, place: int, by: int) -> int:
        """Change places with the label before or after on the same level; the new place."""
        own = self.within(place)
        if by < 0:
            before = [at for at in range(place) if self._are_beside(at, place)]
            return self._shift(own, before[-1]) if before else place
        if own.stop < len(self.rows) and self._are_beside(place, own.stop):
            return self._shift(own, self.within(own.stop).stop - len(own))
        return place

    def put_within(self, place: int, parent: int | None) -> int:
        """Let a label lie within another one, or at the top; its new place."""
        own = self.within(place)
        if parent in own or parent == self.parent_of(place):
            return place
        level = 0 if parent is None else self.rows[parent].level + 1
        step = level - self.rows[place].level
        for at in own:
            self.rows[at] = replace(self.rows[at], level=self.rows[at].level + step)
        end = len(self.rows) if parent is None else self.within(parent).stop
        return self._shift(own, end if end <= place else end - len(own))

    # Within

    def _are_beside(self, first: int, second: int) -> bool:
        alike = self.rows[first].level == self.rows[second].level
        return alike and self.parent_of(first) == self.parent_of(second)

    def _shift(self, own: range, to: int) -> int:
        """Take rows out and put them in again at `to`, a place among those that are left."""
        moved = self.rows[own.start : own.stop]
        del self.rows[own.start : own.stop]
        self.rows[to:to] = moved
        return to

    def _append(self, label: Label, origin: str) -> None:
        """A label after those within the longest part of its name that is here."""
        names = self.names()
        parts = label.name.split(SEPARATOR)
        for end in range(len(parts) - 1, 0, -1):
            above = SEPARATOR.join(parts[:end])
            if above in names:
                parent = names.index(above)
                title = SEPARATOR.join(parts[end:])
                row = self._row(label, origin, title, self.rows[parent].level + 1)
                self.rows.insert(self.within(parent).stop, row)
                return
        self.rows.append(self._row(label, origin, label.name, 0))

    def _row(self, label: Label, origin: str, title: str, level: int) -> DraftRow:
        self._last += 1
        return DraftRow(self._last, origin, title, level, label)


def _tree(labels: tuple[Label, ...]) -> list[Label]:
    """Those that others lie within first, as they were otherwise."""
    return sorted(labels, key=lambda one: one.name.count(SEPARATOR))


def _trouble_of(row: DraftRow) -> str:
    named, label = f"“{row.title.strip()}”", row.label
    if label.scale is not None and label.scale[0] >= label.scale[1]:
        return f"The grades of {named} have to go from a low to a high one."
    attributes = [one.name.strip() for one in label.attributes]
    if not all(attributes):
        return f"An attribute of {named} needs a name."
    if len(set(attributes)) < len(attributes):
        return f"Two attributes of {named} have the same name."
    bare = next((one for one in label.attributes if one.kind == "choice" and not one.choices), None)
    return f"“{bare.name}” of {named} needs words to choose from." if bare is not None else ""
