"""What a format would hold of labels, and what was read of them, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.label_exchange import counted
from inference.exchange.leaving_out import KIND_WORDS
from inference.exchange.table import Format
from inference.records import Annotation, AnnotationKind, LabelSet
from widgets.signs import State

_END = 18
NAMES_SHOWN = 3
"""Names that are said of many, before only their number is."""


@dataclass(frozen=True, eq=False)
class Incoming:
    """Labels that were read and may be taken into the project."""

    format: Format
    label_set: LabelSet
    annotations: tuple[Annotation, ...]
    scans: int
    """How many scans they are of."""
    unmatched: tuple[str, ...]

    def new_labels(self, label_set: LabelSet) -> tuple[str, ...]:
        """The labels that a label set lacks."""
        there = {one.name for one in label_set.labels}
        return tuple(one.name for one in self.label_set.labels if one.name not in there)


def words_of_kind(kind: AnnotationKind, count: int) -> str:
    """So many of a kind, such as "12 lines"."""
    return f"{count:,} {KIND_WORDS[kind][count != 1]}"


def held_by(chosen: Format, counts: Mapping[str, int]) -> tuple[State, str]:
    """How much of so many of each kind a format holds; "bad" where it is nothing."""
    total = sum(counts.values())
    written = (*chosen.kinds, *chosen.as_pixels)
    held = sum(count for kind, count in counts.items() if kind in written)
    if not held:
        return "bad", f"Nothing: it holds {_listed([KIND_WORDS[one][1] for one in chosen.kinds])}"
    parts = [f"All of {total:,}" if held == total else f"{held:,} of {total:,}"]
    pixels = [words_of_kind(one, counts[one]) for one in chosen.as_pixels if counts.get(one)]
    if pixels:
        parts.append(f"{', '.join(pixels)} as pixels")
    left = [
        words_of_kind(one, counts[one])
        for one in KIND_WORDS
        if counts.get(one, 0) and one not in written
    ]
    if left:
        parts.append(f"without {', '.join(left)}")
    return ("good" if held == total and not pixels else "doubtful"), "; ".join(parts)


def words_of_incoming(found: Incoming, label_set: LabelSet) -> str:
    """What would come in, in one sentence."""
    many = counted(len(found.annotations), "annotation")
    parts = [f"{many} for {counted(found.scans, 'scan')}"]
    labels = found.new_labels(label_set)
    if labels:
        parts.append(counted(len(labels), "new label"))
    return f"{found.format.title}: {', '.join(parts)}."


def words_of_new(labels: tuple[str, ...]) -> str:
    """Which labels are new."""
    return f"New: {_some(labels)}."


def words_of_unmatched(names: tuple[str, ...]) -> str:
    """The names that fit no scan of the project; "" where all do."""
    if not names:
        return ""
    verb = "matches" if len(names) == 1 else "match"
    return f"{counted(len(names), 'name')} {verb} no scan of the project: {_some(names)}."


def _some(names: tuple[str, ...]) -> str:
    """The first of many names, and how many more there are."""
    shown = ", ".join(map(_shortened, names[:NAMES_SHOWN]))
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def _shortened(name: str) -> str:
    """A name that is no longer than a line; names of one series differ at their ends."""
    return name if len(name) <= 2 * _END else f"{name[: _END - 1]}…{name[-_END:]}"


def _listed(names: list[str]) -> str:
    """Names as a sentence has them."""
    return " and ".join(one for one in (", ".join(names[:-1]), names[-1]) if one)
