"""What a person does in one go, and what one Ctrl+Z takes back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from inference.records import Annotation, FrameKey, LabelSet


@dataclass(frozen=True, eq=False)
class Mark:
    """What a person left on a source: a record under a name that is its own there."""

    source_id: str
    name: str
    record: object
    """A record that may cross the wire, or plain values; None to forget the mark."""


Thing = Annotation | Mark | LabelSet
"""What acts change; another version supersedes the one before."""

LABEL_SET = "label set"
"""The name of the project's label set among the things."""


@dataclass(frozen=True, eq=False)
class Change:
    """One thing before an act and after it; None where it is not there."""

    thing: str
    """The id of an annotation, "SOURCE/NAME" of a mark, or LABEL_SET."""
    before: Thing | None
    after: Thing | None

    @property
    def mark(self) -> tuple[str, str]:
        """Source and name of the mark that is changed."""
        source_id, _, name = self.thing.partition("/")
        return source_id, name


@dataclass(frozen=True, eq=False)
class Act:
    """Changes that belong together, and where the person was.

    `number` counts the acts of a project from 1; the one that follows an undone act takes its
    number.
    """

    number: int
    words: str
    """Such as "Box" or "Delete 3 annotations", to stand behind "Undo"."""
    author: str
    made_at: str
    """UTC, ISO 8601."""
    key: FrameKey | None
    changes: tuple[Change, ...]
    act_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """By which it is known again when it is handed over once more."""


def of_annotation(before: Annotation | None, after: Annotation | None) -> Change:
    """An annotation made, changed or (`after` None) taken away."""
    found = after or before
    assert found is not None
    return Change(found.annotation_id, before, after)


def of_mark(before: Mark | None, after: Mark | None) -> Change:
    """A mark made, changed or taken away."""
    found = after or before
    assert found is not None
    return Change(f"{found.source_id}/{found.name}", before, after)


def of_label_set(before: LabelSet, after: LabelSet) -> Change:
    """Another label set."""
    return Change(LABEL_SET, before, after)
