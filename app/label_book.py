"""The annotations of the scans that are open, the label set, and what is in hand of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.history import History
from inference.records import (
    WHOLE,
    Annotation,
    FrameKey,
    LabelSet,
)

BRUSH_PX = 8.0


@dataclass(frozen=True)
class LabelHand:
    """How the tools of labelling are set: brush radius in pixels, and the values it paints."""

    radius_px: float = BRUSH_PX
    low: float | None = None
    high: float | None = None
    """Rescaled values; None is without an end."""
    whole: bool = True
    """Whether classes are said of the scan as a whole, or of the slice in sight."""


class LabelBook:
    """The labels of a project as far as they are at hand: those of the sources in sight."""

    def __init__(self) -> None:
        self.label_set = LabelSet()
        self.label = ""
        """The label that the next annotation gets; "" for none."""
        self.hand = LabelHand()
        self.selected: tuple[str, ...] = ()
        self.visible = True
        self.history = History()
        self.read_only = ""
        """Why nothing can be changed, in a sentence; "" where all can be."""
        self.recalled: set[str] = set()
        """The sources whose annotations the store was asked for."""
        self.ready: set[str] = set()
        """The sources whose annotations have come."""
        self._annotations: dict[str, Annotation] = {}
        self._on: defaultdict[FrameKey, dict[str, Annotation]] = defaultdict(dict)
        self._frames: defaultdict[str, set[int]] = defaultdict(set)
        self._touched: set[str] = set()

    # What there is

    def find(self, annotation_id: str) -> Annotation | None:
        return self._annotations.get(annotation_id)

    def on(self, key: FrameKey) -> tuple[Annotation, ...]:
        """The annotations on one frame, in the order they were made; WHOLE is a frame too."""
        return tuple(self._on.get(key, {}).values())

    def of_source(self, source_id: str) -> tuple[Annotation, ...]:
        """All annotations of a source, by frame."""
        frames = sorted(self._frames.get(source_id, ()))
        return tuple(one for frame in frames for one in self.on((source_id, frame)))

    def frames_of(self, source_id: str) -> tuple[int, ...]:
        """The frames of a source that have annotations, in order; without WHOLE."""
        frames = self._frames.get(source_id, ())
        return tuple(sorted(one for one in frames if one != WHOLE and self._on[(source_id, one)]))

    def classes_on(self, key: FrameKey) -> tuple[Annotation, ...]:
        """The classes that a frame has, those of its source as a whole first."""
        both = (*self.on((key[0], WHOLE)), *self.on(key))
        return tuple(one for one in both if one.kind == "class")

    @property
    def chosen(self) -> tuple[Annotation, ...]:
        """The selected annotations that are there."""
        found = (self.find(one) for one in self.selected)
        return tuple(one for one in found if one is not None)

    # What changes

    def select(self, ids: tuple[str, ...]) -> None:
        """Select annotations; () selects none."""
        self.selected = ids

    def use(self, label_set: LabelSet) -> None:
        """Work with these labels; the one in hand stays if it is among them."""
        self.label_set = label_set
        if self.label and label_set.find(self.label) is None:
            self.label = ""

    def add(self, source_id: str, annotations: Iterable[Annotation]) -> None:
        """Take in what was kept of a source; what was changed in the meantime stays."""
        self.ready.add(source_id)
        for one in annotations:
            if one.annotation_id not in self._touched:
                self._put(one)

    def apply(self, thing: str, now: object, other: object) -> None:
        """Let an annotation, or the label set, be as it is `now`; `other` is it before or after."""
        if isinstance(now or other, LabelSet):
            self.use(now if isinstance(now, LabelSet) else LabelSet())
            return
        self._touched.add(thing)
        if isinstance(now, Annotation):
            self._put(now)
        else:
            self._drop(thing)

    def _put(self, one: Annotation) -> None:
        old = self._annotations.get(one.annotation_id)
        if old is not None and old.key != one.key:
            self._drop(one.annotation_id)
        self._annotations[one.annotation_id] = one
        self._on[one.key][one.annotation_id] = one
        self._frames[one.source_id].add(one.frame)

    def _drop(self, annotation_id: str) -> None:
        old = self._annotations.pop(annotation_id, None)
        if old is not None:
            del self._on[old.key][annotation_id]
        self.selected = tuple(one for one in self.selected if one != annotation_id)
