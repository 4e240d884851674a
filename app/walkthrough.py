"""The steps of a walk through labelling, and which of them are done."""

from __future__ import annotations

from dataclasses import dataclass

from app.label_book import LabelBook
from inference.entry import LabelWalk
from inference.records import Annotation


@dataclass(frozen=True)
class Walking:
    """A walk that is under way on a source; `exported` says whether labels were written since."""

    title: str
    source_id: str
    walk: LabelWalk
    exported: bool = False


@dataclass(frozen=True)
class Step:
    """One thing to do, in words, and whether it is done."""

    words: str
    done: bool


def steps_of(walking: Walking, book: LabelBook) -> tuple[Step, ...]:
    """What is to be done on the way, in its order; what is undone is to be done again."""
    walk = walking.walk
    first, last = walk.slices
    own = [one for one in book.of_source(walking.source_id) if one.label == walk.label]
    drawn = {one.frame for one in own if one.kind == "mask" and one.made_from is None}
    between = set(range(first + 1, last))
    return (
        Step(
            f"Take the labels of the model, and “{walk.label}” in hand",
            book.label == walk.label or bool(own),
        ),
        Step(f"Paint it with the brush on slice {first + 1}", first in drawn),
        Step(f"Paint it on slice {last + 1}", last in drawn),
        Step("Interpolate the slices between them", between <= drawn),
        Step("Accept what the model proposes on another slice", any(map(_is_accepted, own))),
        Step("Export the labels", walking.exported),
    )


def _is_accepted(one: Annotation) -> bool:
    return one.made_from is not None
