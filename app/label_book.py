"""The annotations of the scans that are open, the label set, and what is in hand of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from app.acts import Change
from app.history import History
from app.sketches import Sketch
from inference.painting.requests import SeedMethod
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
    joined: bool = False
    """Whether a stroke paints only what hangs together with the pixel where it begins."""
    fresh: bool = False
    """Whether the next stroke begins a mask of its own."""
    picking: bool = False
    """Whether the next click chooses the values that are painted."""
    tolerance: float | None = None
    """How far values may lie from that of a seed; None is by the window of the frame."""
    volume: bool = False
    """Whether a region grows through all slices."""
    method: SeedMethod = "random_walk"
    opacity: float = 0.35
    """Of the inside of masks, 0 to 1."""
    moves_on: bool | None = None
    """Whether a class that is said leads to what comes next; None is where one class holds."""


class LabelBook:
    """The labels of a project as far as they are at hand: those of the sources in sight."""

    def __init__(self) -> None:
        self.label_set = LabelSet()
        self.label = ""
        """The label that the next annotation gets; "" for none."""
        self.hand = LabelHand()
        self.selected: tuple[str, ...] = ()
        self.sketch: Sketch | None = None
        """A region that is tried, and not taken yet."""
        self.visible = True
        self.history = History()
        self.early: list[Callable[[], None]] = []
        """Acts that wait until it is known where the person stands among them."""
        self.read_only = ""
        """Why nothing can be changed, in a sentence; "" where all can be."""
        self.recalled: set[str] = set()
        """The sources whose annotations the store was asked for."""
        self.ready: set[str] = set()
        """The sources whose annotations have come."""
        self.owed: set[str] = set()
        """The sources whose annotations are asked for once all is kept that was passed over."""
        self._passed: set[str] = set()
        """The sources nobody had looked at when an act changed something of them."""
        self.cut_with: dict[int, tuple[Annotation, ...]] = {}
        """What the plane in each viewport was last asked to show."""
        self._annotations: dict[str, Annotation] = {}
        self._on: defaultdict[FrameKey, dict[str, Annotation]] = defaultdict(dict)
        self._frames: defaultdict[str, set[int]] = defaultdict(set)
        self._touched: set[str] = set()
        self.version = 0
        """Another number whenever annotations or labels are others than before."""
        self._lists: dict[str, tuple[Annotation, ...]] = {}

    # What there is

    def find(self, annotation_id: str) -> Annotation | None:
        return self._annotations.get(annotation_id)

    def on(self, key: FrameKey) -> tuple[Annotation, ...]:
        """The annotations on one frame, in the order they were made; WHOLE is a frame too."""
        return tuple(self._on.get(key, {}).values())

    def of_source(self, source_id: str) -> tuple[Annotation, ...]:
        """All annotations of a source, by frame; the same tuple until one of them changes."""
        found = self._lists.get(source_id)
        if found is None:
            frames = sorted(self._frames.get(source_id, ()))
            found = tuple(one for frame in frames for one in self.on((source_id, frame)))
            self._lists[source_id] = found
        return found

    def labelled(self, names: Container[str]) -> tuple[Annotation, ...]:
        """The annotations at hand that have one of these labels."""
        return tuple(one for one in self._annotations.values() if one.label in names)

    def knows(self, annotation: Annotation) -> bool:
        """Whether what is at hand is newer than what was kept of an annotation."""
        return annotation.annotation_id in self._touched or annotation.source_id in self.ready

    def classes_on(self, key: FrameKey) -> tuple[Annotation, ...]:
        """The classes that a frame has, those of its source as a whole first."""
        both = (*self.on((key[0], WHOLE)), *self.on(key))
        return tuple(one for one in both if one.kind == "class")

    @property
    def chosen(self) -> tuple[Annotation, ...]:
        """The selected annotations that are there."""
        found = (self.find(one) for one in self.selected)
        return tuple(one for one in found if one is not None)

    @property
    def moves_on(self) -> bool:
        """Whether what comes next is shown as soon as a class was said."""
        chosen = self.hand.moves_on
        return self.label_set.pick == "single" if chosen is None else chosen

    # What changes

    def select(self, ids: tuple[str, ...]) -> None:
        """Select annotations; () selects none."""
        self.selected = ids

    def use(self, label_set: LabelSet) -> None:
        """Work with these labels; the one in hand stays if it is among them."""
        self.version += 1
        self.label_set = label_set
        if self.label and label_set.find(self.label) is None:
            self.label = ""

    def add(self, source_id: str, annotations: Iterable[Annotation]) -> None:
        """Take in what was kept of a source; what was changed in the meantime stays."""
        self.ready.add(source_id)
        for one in annotations:
            if one.annotation_id not in self._touched:
                self._put(one)

    def near(self, changes: Iterable[Change]) -> list[Change]:
        """The changes that can be seen: not those of annotations on sources nobody looked at.

        These come from the disk with their source. An import brings a hundred thousand.
        """
        found = []
        for change in changes:
            one = change.after or change.before
            if isinstance(one, Annotation) and one.source_id not in self.recalled:
                self._passed.add(one.source_id)
            else:
                found.append(change)
        return found

    def lacks(self, source_id: str) -> bool:
        """Whether something of a source may be on its way to the disk and nowhere else."""
        return source_id in self._passed

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
        self.version += 1
        old = self._annotations.get(one.annotation_id)
        if old is not None and old.key != one.key:
            self._drop(one.annotation_id)
        self._annotations[one.annotation_id] = one
        self._on[one.key][one.annotation_id] = one
        self._frames[one.source_id].add(one.frame)
        self._lists.pop(one.source_id, None)

    def _drop(self, annotation_id: str) -> None:
        self.version += 1
        old = self._annotations.pop(annotation_id, None)
        if old is not None:
            del self._on[old.key][annotation_id]
            self._lists.pop(old.source_id, None)
        self.selected = tuple(one for one in self.selected if one != annotation_id)
