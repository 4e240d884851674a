"""What is said of annotations and classes in words: rows of lists, chips, where a model differs."""

from __future__ import annotations

import numpy as np

from app.label_sets import lacking, words_of
from app.session import Session
from app.store.records import Version
from app.views.wording import time_of
from inference.records import WHOLE, Annotation, FrameKey, LabelSet, Prediction
from inference.records.labels import AnnotationKind
from widgets.label_list import AnnotationRow
from widgets.theme import RGB

UNKNOWN: RGB = (155, 164, 174)
"""The colour of what has a name that the label set lacks."""

HALF = 0.5
"""The share from which a model with independent answers says yes."""

KINDS: dict[AnnotationKind, tuple[str, str]] = {
    "class": ("label", "Class"),
    "box": ("box", "Box"),
    "rotated_box": ("rotated_box", "Rotated box"),
    "polygon": ("label_polygon", "Polygon"),
    "mask": ("brush", "Mask"),
    "point": ("point", "Point"),
    "line": ("label_line", "Line"),
    "span": ("document", "Words"),
    "interval": ("scroll", "Time"),
}
"""Icon and name of each kind of annotation."""


def colour_of(label_set: LabelSet, name: str) -> RGB:
    """The colour that a label is drawn in."""
    found = label_set.find(name)
    return found.colour if found is not None else UNKNOWN


def frame_key(session: Session, number: int) -> FrameKey | None:
    """The slice in sight; None where nothing is open, or a cut that is no slice."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None or pane.is_cut:
        return None
    return (source.source_id, pane.index)


def row_of(session: Session, one: Annotation) -> AnnotationRow:
    """How an annotation is listed."""
    label_set, source = session.labels.label_set, session.sources.get(one.source_id)
    label = label_set.find(one.label)
    icon, kind = KINDS[one.kind]
    title = one.label.rpartition("/")[2] if label is None else words_of(label_set, label)
    if one.value is not None:
        title = f"{title} {one.value:g}"
    parts = [kind]
    if one.frame != WHOLE and source is not None and source.frames > 1:
        parts.append(f"slice {one.frame + 1}")
    if one.author:
        parts.append(one.author)
    if one.made_at:
        parts.append(time_of(one.made_at))
    if one.made_from is not None:
        card = session.card(one.made_from.model_id)
        model = card.title if card is not None else one.made_from.model_id
        parts.append(f"from {model} {one.made_from.score:.2f}")
    lacks = ", ".join(lacking(label, one))
    return AnnotationRow(icon, colour_of(label_set, one.label), title, " · ".join(parts), lacks)


def unfinished(label_set: LabelSet, annotations: tuple[Annotation, ...]) -> str:
    """How many annotations lack what is required of them, as a sentence; "" for none."""
    by_name = {one.name: one for one in label_set.labels}
    count = sum(bool(lacking(by_name.get(one.label), one)) for one in annotations)
    if not count:
        return ""
    noun = "annotation lacks" if count == 1 else "annotations lack"
    return f"{count} {noun} what is required."


def class_chips(session: Session, number: int) -> tuple[tuple[str, RGB], ...]:
    """The classes of the scan and the slice in a viewport, in words and colour."""
    label_set = session.labels.label_set
    return tuple(
        (_class_words(one), colour_of(label_set, one.label)) for one in _classes(session, number)
    )


def disagreement(session: Session, number: int) -> str:
    """Where the model in a viewport says otherwise than the person, in words; "" where it agrees.

    Labels are compared by their names; a model that knows none of the person's says nothing here.
    """
    prediction = session.panes[number].prediction
    if prediction is None or prediction.mask is not None:
        return ""
    known = {label.casefold() for label in prediction.labels}
    named = [one for one in _classes(session, number) if _plain(one) in known]
    if not named:
        return ""
    names = {_plain(one) for one in named}
    at = _contradicted(prediction, names)
    if at is None:
        return ""
    score = f"{prediction.labels[at]} {float(prediction.scores[at]):.2f}"
    return f"model says {score}, labelled {', '.join(_class_words(one) for one in named)}"


def version_lines(versions: tuple[Version, ...]) -> tuple[str, ...]:
    """Who changed what of an annotation and when, the newest first."""
    lines = []
    before: Annotation | None = None
    for one in versions:
        when = time_of(one.made_at) if one.made_at else ""
        now = " · holds now" if one.holds else ""
        parts = (when, one.author, _change_words(before, one.annotation))
        lines.append(" · ".join(part for part in parts if part) + now)
        before = one.annotation
    return tuple(reversed(lines))


def _change_words(before: Annotation | None, after: Annotation | None) -> str:
    if after is None:
        return "deleted"
    if before is None:
        return f"made as “{_class_words(after)}”"
    if before.label != after.label:
        return f"“{before.label}” became “{after.label}”"
    if before.value != after.value:
        return f"now “{_class_words(after)}”"
    if before.attributes != after.attributes:
        changed = dict(set(after.attributes) ^ set(before.attributes))
        return f"said {', '.join(sorted(changed))}"
    return "drawn anew"


def _contradicted(prediction: Prediction, names: set[str]) -> int | None:
    """The answer that a person's words contradict; None where they agree."""
    labels = [label.casefold() for label in prediction.labels]
    if prediction.activation != "sigmoid":
        return None if labels[prediction.top] in names else prediction.top
    wrong = [
        abs(float(score) - HALF) if (score >= HALF) != (label in names) else -1.0
        for label, score in zip(labels, prediction.scores, strict=True)
    ]
    at = int(np.argmax(wrong))
    return at if wrong[at] >= 0 else None


def _plain(one: Annotation) -> str:
    return one.label.rpartition("/")[2].casefold()


def _class_words(one: Annotation) -> str:
    name = one.label.rpartition("/")[2]
    return name if one.value is None else f"{name} {one.value:g}"


def _classes(session: Session, number: int) -> tuple[Annotation, ...]:
    """The classes that a viewport's slice has; of a cut those of the whole scan."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return ()
    found = session.labels.classes_on((source.source_id, pane.index))
    return tuple(one for one in found if one.frame == WHOLE or not pane.is_cut)
