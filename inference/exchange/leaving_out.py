"""What of a project a format can hold, and the sentences for what it cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from inference.exchange.records import LabelsExport
from inference.exchange.shapes import WHOLE_KINDS, is_whole, lies_within
from inference.records import WHOLE, Annotation, AnnotationKind, SourceEntry

KIND_WORDS: dict[AnnotationKind, tuple[str, str]] = {
    "class": ("class", "classes"),
    "box": ("box", "boxes"),
    "rotated_box": ("rotated box", "rotated boxes"),
    "polygon": ("polygon", "polygons"),
    "mask": ("mask", "masks"),
    "point": ("point", "points"),
    "line": ("line", "lines"),
    "span": ("word span", "word spans"),
    "interval": ("time interval", "time intervals"),
}
"""What one and several of a kind are called."""

_FIELDS = {
    "value": "values",
    "attributes": "attributes",
    "instance": "instances",
    "made_from": "the predictions that they were made from",
}
"""What is said of an annotation besides shape and label."""


class Held:
    """The annotations of an export that a format holds; counts the others."""

    def __init__(self, request: LabelsExport, title: str, kinds: Sequence[AnnotationKind]) -> None:
        self._title = title
        self._kinds = set(kinds)
        self._labels = {one.name for one in request.label_set.labels}
        self._unheld: Counter[AnnotationKind] = Counter()
        self._counts: Counter[str] = Counter()
        self.written = 0

    def of(self, entry: SourceEntry, annotations: Sequence[Annotation]) -> list[Annotation]:
        """Those that can be written for a source."""
        found = []
        for one in annotations:
            if one.kind not in self._kinds:
                self._unheld[one.kind] += 1
            elif one.label not in self._labels:
                self._counts["their label is not in the label set"] += 1
            elif not (_has_frame(one, entry) and lies_within(one, entry.shape)):
                self._counts["they lie outside their frame"] += 1
            elif not is_whole(one, entry.shape):
                self._counts["they are empty"] += 1
            else:
                found.append(one)
        self.written += len(found)
        return found

    def drop(self, reason: str, count: int) -> None:
        """Say of annotations that seemed to fit that they were left out after all."""
        self._counts[reason] += count
        self.written -= count

    def sentences(self) -> tuple[str, ...]:
        """What was left out, and why."""
        kinds = [
            f"{_counted(count, *words)} left out: {self._title} cannot hold {words[1]}."
            for words, count in ((KIND_WORDS[kind], count) for kind, count in self._unheld.items())
        ]
        others = [
            f"{_counted(count, 'annotation', 'annotations')} left out: {reason}."
            for reason, count in self._counts.items()
        ]
        return (*kinds, *others)


def _has_frame(one: Annotation, entry: SourceEntry) -> bool:
    if one.frame == WHOLE:
        return one.kind in WHOLE_KINDS
    return 0 <= one.frame < entry.frames


def bare_sentences(
    title: str, annotations: Sequence[Annotation], unheld: Sequence[str] = tuple(_FIELDS)
) -> tuple[str, ...]:
    """How many annotations said more than a format holds; `unheld` are fields of theirs."""
    said = [
        {name for name in unheld if getattr(one, name) not in (None, (), "")} for one in annotations
    ]
    missed = set().union(*said)
    count = sum(1 for names in said if names)
    if not count:
        return ()
    words = ", ".join(_FIELDS[name] for name in unheld if name in missed)
    told = _counted(count, "annotation", "annotations")
    return (f"{told} written without what {title} cannot hold: {words}.",)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one} was" if count == 1 else f"{count:,} {many} were"
