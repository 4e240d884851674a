"""Label sets: colours that can be told apart, keys that are free, and labels taken from models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from inference.cards import ModelCard
from inference.records import Annotation, AnnotationKind, Label, LabelSet, Pick

Colour = tuple[int, int, int]

PALETTE: tuple[Colour, ...] = (
    (64, 196, 255),
    (255, 167, 38),
    (126, 217, 87),
    (240, 98, 146),
    (190, 160, 255),
    (255, 224, 102),
    (0, 168, 132),
    (255, 94, 77),
    (84, 112, 255),
    (205, 162, 120),
    (214, 222, 230),
    (224, 64, 224),
)
"""Colours of labels, each with a contrast of 3 to 1 or more over black."""

SHAPES: tuple[AnnotationKind, ...] = ("box", "rotated_box", "polygon", "mask", "point", "line")
"""The kinds of annotation that mark a part of a picture."""

_BACKGROUND = "background"
_KEYS = "123456789"


def next_colour(taken: Iterable[Colour]) -> Colour:
    """The colour of the palette that is used least, the first of them."""
    used = list(taken)
    return min(PALETTE, key=used.count)


def free_key(taken: Iterable[str]) -> str:
    """The first digit that no label has; "" where all are taken.

    Letters are left to be chosen by hand: most of them are the keys of tools.
    """
    used = set(taken)
    return next((key for key in _KEYS if key not in used), "")


def with_labels(label_set: LabelSet, labels: Iterable[Label]) -> LabelSet:
    """The set with those labels added that it lacks by name; colours and keys do not collide."""
    found = list(label_set.labels)
    for one in labels:
        if any(other.name == one.name for other in found):
            continue
        colours, keys = [each.colour for each in found], [each.key for each in found if each.key]
        colour = one.colour if one.colour not in colours else next_colour(colours)
        key = one.key if one.key and one.key not in keys else free_key(keys)
        found.append(replace(one, colour=colour, key=key))
    return replace(label_set, labels=tuple(found))


def labels_of(card: ModelCard) -> tuple[Label, ...]:
    """The labels that a model tells apart: of frames, or of the pixels of a segmentation."""
    segments = card.task == "segment"
    kinds: tuple[AnnotationKind, ...] = SHAPES if segments else ("class",)
    names = [name for name in card.labels if not (segments and name.casefold() == _BACKGROUND)]
    colours: list[Colour] = []
    for _ in names:
        colours.append(next_colour(colours))
    return tuple(
        Label(name.replace("/", "-"), colour, kinds=kinds)
        for name, colour in zip(names, colours, strict=True)
    )


def with_model(label_set: LabelSet, card: ModelCard) -> LabelSet:
    """The set with a model's labels; an empty set takes over whether one or several hold."""
    if not label_set.labels:
        pick: Pick = "multi" if card.activation == "sigmoid" else "single"
        label_set = replace(label_set, pick=pick)
    return with_labels(label_set, labels_of(card))


def renamed(
    annotations: Iterable[Annotation], names: Mapping[str, str]
) -> tuple[tuple[Annotation, Annotation], ...]:
    """The annotations whose label has another name now, each before and after."""
    return tuple(
        (one, replace(one, label=names[one.label])) for one in annotations if one.label in names
    )


def lacking(label: Label | None, annotation: Annotation) -> tuple[str, ...]:
    """The names of what is required of an annotation and was not said."""
    if label is None:
        return ()
    said = {name for name, value in annotation.attributes if value not in (None, "")}
    found = [one.name for one in label.attributes if one.required and one.name not in said]
    if label.scale is not None and annotation.value is None:
        found.insert(0, "value")
    return tuple(found)


def level_of(label_set: LabelSet, label: Label) -> int:
    """How many of the set's labels this one lies within."""
    names = {one.name for one in label_set.labels}
    parts = label.name.split("/")
    return sum("/".join(parts[:end]) in names for end in range(1, len(parts)))


def words_of(label_set: LabelSet, label: Label) -> str:
    """What of its name a label shows beneath those it lies within."""
    names = {one.name for one in label_set.labels}
    parts = label.name.split("/")
    ends = [end for end in range(1, len(parts)) if "/".join(parts[:end]) in names]
    return "/".join(parts[max(ends, default=0) :])


def in_order(label_set: LabelSet) -> tuple[Label, ...]:
    """The labels as they are listed: each before those within it, as they were otherwise."""
    names = {one.name: place for place, one in enumerate(label_set.labels)}

    def place(label: Label) -> tuple[int, ...]:
        parts = label.name.split("/")
        above = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        return tuple(names[name] for name in above if name in names)

    return tuple(sorted(label_set.labels, key=place))
