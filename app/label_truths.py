"""What a person drew with labels and the classes given, as what models are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.label_book import LabelBook
from inference.label_regions import COVERING, covered_by
from inference.records import WHOLE, Annotation, Source
from inference.records.labels import SEPARATOR

ORIGIN = "labelled by hand"


def by_label(book: LabelBook, source: Source) -> dict[str, tuple[Annotation, ...]]:
    """The annotations of a source that cover pixels, by label; each holds those within it."""
    covering = [one for one in book.of_source(source.source_id) if one.kind in COVERING]
    found: dict[str, list[Annotation]] = {}
    for one in covering:
        levels = one.label.split(SEPARATOR)
        for depth in range(1, len(levels) + 1):
            found.setdefault(SEPARATOR.join(levels[:depth]), []).append(one)
    return {name: tuple(ones) for name, ones in sorted(found.items())}


def title_of(label: str, frames: Iterable[int], source: Source) -> str:
    """Such as "nodule, 3 slices"; of a picture the label alone."""
    words = label.replace(SEPARATOR, " / ")
    if source.frames == 1:
        return words
    count = len(set(frames))
    return f"{words}, {count} slices" if count > 1 else f"{words}, {count} slice"


def telling(book: LabelBook, source: Source, label: str) -> tuple[Annotation, ...]:
    """What marks the reason for an answer: what has its label, else all that covers pixels.

    Labels are compared by the last level of their names, without regard to capitals.
    """
    groups = by_label(book, source)
    named = [ones for name, ones in groups.items() if _last(name) == label.casefold()]
    return tuple(
        {one.annotation_id: one for ones in named or groups.values() for one in ones}.values()
    )


def pixels_on(annotations: Iterable[Annotation], shape: tuple[int, int]) -> dict[int, int]:
    """How many pixels annotations cover on each frame; what lies over each other counts twice."""
    found: dict[int, int] = {}
    for one in annotations:
        count = one.mask.count if one.mask is not None else int(covered_by(one, shape).mask.sum())
        found[one.frame] = found.get(one.frame, 0) + count
    return found


def class_of(book: LabelBook, source: Source, frame: int | None, labels: Sequence[str]) -> str:
    """The answer of a model that a person gave a case, "" for none.

    The word on a frame goes before that on the source as a whole; without a frame that on the
    whole alone is asked. Names are compared as in `telling`.
    """
    known = {one.casefold(): one for one in labels}
    for place in (frame, WHOLE):
        if place is not None:
            said = [one for one in book.on((source.source_id, place)) if one.kind == "class"]
            named = [known[_last(one.label)] for one in said if _last(one.label) in known]
            if len(named) == 1:
                return named[0]
    return ""


def _last(name: str) -> str:
    return name.rpartition(SEPARATOR)[2].casefold()
