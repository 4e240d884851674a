"""Which pixels annotations cover: as a region of some frames, or as a volume of label numbers.

A pixel belongs to a shape if its centre lies inside, by the even-odd rule for outlines that cross
themselves. Points, lines and classes cover nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from inference.errors import UserError
from inference.mask_bits import unpack_box
from inference.measured_shapes import SHAPES, Inside, Shape, inside
from inference.records import Annotation, AnnotationKind, LabelSet, MaskBits
from inference.records.labels import SEPARATOR

OUTLINED: Mapping[AnnotationKind, Shape] = {
    "box": SHAPES["rectangle"],
    "rotated_box": SHAPES["polygon"],
    "polygon": SHAPES["polygon"],
}
"""Shapes that enclose pixels, and the rule by which a centre lies inside."""

COVERING: frozenset[AnnotationKind] = frozenset({"mask", *OUTLINED})
"""The kinds of annotation that cover pixels of their frame."""

_NARROW = 255
"""So many labels are told apart in 8 bits."""


def covered_by(annotation: Annotation, shape: tuple[int, int]) -> Inside:
    """The pixels that an annotation covers on its frame of (rows, columns), as far as it reaches.

    Raises ValueError where the bits of a mask do not fill their box.
    """
    if annotation.mask is not None:
        return _unpacked(annotation.mask, shape)
    rule = OUTLINED.get(annotation.kind)
    if rule is None:
        return Inside(0, 0, np.zeros((0, 0), dtype=bool))
    return inside(rule, annotation.points, shape)


def label_region(
    annotations: Iterable[Annotation], frames: Sequence[int], shape: tuple[int, int]
) -> np.ndarray:
    """All that annotations of one source cover, bool [frames, rows, columns].

    `frames` are the indices that are wanted, in their order; what lies on others is left out.
    """
    places = {frame: place for place, frame in enumerate(frames)}
    found = np.zeros((len(frames), *shape), dtype=bool)
    for one in annotations:
        if one.frame in places:
            covered = covered_by(one, shape)
            part = covered.of(found[places[one.frame]])
            part |= covered.mask
    return found


def label_volume(
    annotations: Iterable[Annotation], label_set: LabelSet, frames: int, shape: tuple[int, int]
) -> np.ndarray:
    """The labels of one source by number, [frames, rows, columns]: for training and metrics.

    Number n is the n-th label of the set, 0 is none; uint8 up to 255 labels, uint16 above. Where
    labels overlap, the one further down in the hierarchy stands, so that a tumour is not lost in
    its organ; of two on the same level the one further down in the list. Raises UserError for a
    label that the set does not have.
    """
    numbers = {one.name: number for number, one in enumerate(label_set.labels, start=1)}
    kind = np.uint8 if len(numbers) <= _NARROW else np.uint16
    found = np.zeros((frames, *shape), dtype=kind)
    covering = [one for one in annotations if one.kind in COVERING and 0 <= one.frame < frames]
    for one in covering:
        if one.label not in numbers:
            raise UserError(
                f"The label “{one.label}” is used, but the label set does not have it.",
                "Add it to the set, or give its annotations another label.",
            )
    for one in sorted(covering, key=lambda one: (one.label.count(SEPARATOR), numbers[one.label])):
        covered = covered_by(one, shape)
        covered.of(found[one.frame])[covered.mask] = numbers[one.label]
    return found


def _unpacked(bits: MaskBits, shape: tuple[int, int]) -> Inside:
    """A mask within its box; what lies beyond the frame is cut off."""
    top, left = max(bits.top, 0), max(bits.left, 0)
    bottom, right = (
        max(min(end, limit), first)
        for end, limit, first in (
            (bits.top + bits.rows, shape[0], top),
            (bits.left + bits.columns, shape[1], left),
        )
    )
    box = unpack_box(bits)
    part = box[top - bits.top : bottom - bits.top, left - bits.left : right - bits.left]
    return Inside(top, left, part)
