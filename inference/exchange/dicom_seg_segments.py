"""Annotations put together as the segments of a DICOM SEG: one for each label and instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from inference.label_regions import OUTLINED, covered_by
from inference.mask_bits import pack_mask, unpack_box, unpack_mask
from inference.records import Annotation, AnnotationKind, Label, LabelSet, MaskBits

SEGMENTED: tuple[AnnotationKind, ...] = ("mask", *OUTLINED)
"""What becomes pixels of a segment."""


@dataclass(eq=False)
class DrawnSegment:
    """One segment to be: `masks` by frame, `models` that it was accepted or edited from."""

    label: Label
    instance: str
    masks: dict[int, MaskBits] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)


@dataclass(eq=False)
class DrawnSegments:
    """The segments of one source, and what happened to annotations on the way.

    `shape` is that of its frames, (rows, columns).
    """

    shape: tuple[int, int]
    segments: list[DrawnSegment] = field(default_factory=list)
    turned: Counter[AnnotationKind] = field(default_factory=Counter)
    """Shapes that became pixels."""
    joined: int = 0
    """Masks that went into another of the same segment on the same frame."""
    hollow: int = 0
    """Annotations without a single pixel."""

    @property
    def frames(self) -> list[int]:
        """The frames of the source that have something on them, in their order."""
        return sorted({frame for segment in self.segments for frame in segment.masks})

    def overlap(self) -> bool:
        """Whether any two segments share a pixel."""
        return any(self._overlap_on(frame) for frame in self.frames)

    def _overlap_on(self, frame: int) -> bool:
        taken = np.zeros(self.shape, dtype=bool)
        for segment in self.segments:
            bits = segment.masks.get(frame)
            if bits is None:
                continue
            part = taken[bits.top : bits.top + bits.rows, bits.left : bits.left + bits.columns]
            mask = unpack_box(bits)
            if (part & mask).any():
                return True
            part |= mask
        return False


def draw_segments(
    annotations: Iterable[Annotation], labels: LabelSet, shape: tuple[int, int]
) -> DrawnSegments:
    """The segments of one source with frames of `shape`, in the order of the label set.

    Annotations without an instance go into one segment of their label. Masks lie in their frame.
    """
    order = {label.name: place for place, label in enumerate(labels.labels)}
    found = DrawnSegments(shape)
    by_key: dict[tuple[int, str], DrawnSegment] = {}
    for one in annotations:
        bits = _pixels_of(one, shape)
        if bits is None:
            found.hollow += 1
            continue
        key = (order[one.label], one.instance)
        segment = by_key.setdefault(key, DrawnSegment(labels.labels[key[0]], one.instance))
        found.turned[one.kind] += one.kind != "mask"
        if one.made_from is not None:
            segment.models.add(one.made_from.model_id)
        there = segment.masks.get(one.frame)
        found.joined += there is not None
        segment.masks[one.frame] = bits if there is None else _union(there, bits, shape)
    found.segments = [by_key[key] for key in sorted(by_key)]
    return found


def _pixels_of(annotation: Annotation, shape: tuple[int, int]) -> MaskBits | None:
    if annotation.mask is not None:
        return annotation.mask
    covered = covered_by(annotation, shape)
    return placed_mask(covered.mask, covered.row, covered.column)


def placed_mask(mask: np.ndarray, row: int, column: int) -> MaskBits | None:
    """A mask, bool [r, c], that begins at (row, column) of its frame; None where it is empty."""
    bits = pack_mask(mask)
    return None if bits is None else replace(bits, top=bits.top + row, left=bits.left + column)


def _union(one: MaskBits, other: MaskBits, shape: tuple[int, int]) -> MaskBits:
    bits = pack_mask(unpack_mask(one, shape) | unpack_mask(other, shape))
    assert bits is not None
    return bits
