"""What people said of the frame in sight: shapes with their places, and masks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.records import Annotation, AnnotationKind
from widgets.canvas_label_index import CellIndex
from widgets.canvas_label_shapes import DRAWN_KINDS, is_whole, outline
from widgets.canvas_shapes import Place
from widgets.theme import LABEL_COLOURS, RGB


@dataclass(frozen=True)
class ShownLabel:
    """An annotation of the frame in sight, as it is to be seen.

    One that is `proposed` is a model's, not yet taken; one that is `locked` cannot be changed.
    """

    annotation: Annotation
    colour: RGB
    words: str = ""
    proposed: bool = False
    locked: bool = False


@dataclass(frozen=True)
class LabelStyle:
    """Whether labels are seen, how opaque the inside of a mask is, 0 to 1, and their words."""

    visible: bool = True
    opacity: float = 0.35
    words: bool = True


@dataclass(frozen=True, eq=False)
class LabelTool:
    """What a labelling tool works with.

    A brush reaches `radius_px` columns of the frame. It paints where rescaled values are from `low`
    to `high` and, where it is given, `within` is true, bool [rows, columns]. `annotation_id` is
    the mask that brush and eraser go on with; "" begins a new one.
    """

    colour: RGB = LABEL_COLOURS[1]
    radius_px: float = 8.0
    low: float | None = None
    high: float | None = None
    annotation_id: str = ""
    within: np.ndarray | None = None


@dataclass(frozen=True)
class Outlines:
    """The lines of many shapes behind one another, float [n, 2] of (column, row).

    Those of shape k are `points[starts[k] : starts[k + 1]]`; `boxes` holds its edges.
    """

    points: np.ndarray
    starts: np.ndarray
    boxes: np.ndarray
    index: CellIndex

    def gathered(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The points of these shapes behind one another, and how many each has."""
        counts = np.diff(self.starts)[shapes]
        first = np.repeat(self.starts[shapes] - np.cumsum(counts) + counts, counts)
        return self.points[first + np.arange(counts.sum())], counts


@dataclass(frozen=True)
class Ink:
    """What shapes that are drawn in one go have in common."""

    colour: RGB
    kind: AnnotationKind
    proposed: bool


class LabelSheet:
    """The labels of one frame; what has not changed is not sorted again."""

    def __init__(self) -> None:
        self._shown: tuple[ShownLabel, ...] = ()
        self._known: dict[int, np.ndarray] = {}
        """The line of each annotation that is shown, by the identity of its record."""
        self.shapes: tuple[ShownLabel, ...] = ()
        self.masks: tuple[ShownLabel, ...] = ()
        self.places: dict[str, int] = {}
        """Which of `shapes` an annotation is."""
        self.outlines = _gathered([])
        self.inks: tuple[Ink, ...] = ()
        self.inked = np.zeros(0, np.int64)
        """Which of `inks` each shape is drawn with."""

    def set_shown(self, shown: tuple[ShownLabel, ...]) -> bool:
        """Take the labels of the frame in sight; False if they are what there is already."""
        if shown == self._shown:
            return False
        self._shown = shown
        self.masks = tuple(one for one in shown if one.annotation.mask is not None)
        known, self._known = self._known, {}
        self.shapes = tuple(
            one for one in shown if id(one.annotation) in known or _is_shape(one.annotation)
        )
        for one in self.shapes:
            line = known.get(id(one.annotation))
            self._known[id(one.annotation)] = _line(one.annotation) if line is None else line
        self.places = {one.annotation.annotation_id: place for place, one in enumerate(self.shapes)}
        self.outlines = _gathered([self._known[id(one.annotation)] for one in self.shapes])
        inks = [(one.colour, one.annotation.kind, one.proposed) for one in self.shapes]
        numbers = {ink: number for number, ink in enumerate(dict.fromkeys(inks))}
        self.inks = tuple(Ink(*ink) for ink in numbers)
        self.inked = np.array([numbers[ink] for ink in inks], np.int64)
        return True

    def shape(self, annotation_id: str) -> ShownLabel | None:
        """The shape of this id."""
        place = self.places.get(annotation_id)
        return self.shapes[place] if place is not None else None

    def has(self, annotation_id: str) -> bool:
        """Whether anything in sight has this id."""
        return any(one.annotation.annotation_id == annotation_id for one in self._shown)

    def near(self, place: Place, reach: Place) -> list[ShownLabel]:
        """The shapes whose boxes come so near, (columns, rows), to a place; the uppermost first."""
        (column, row), (wide, high) = place, reach
        found = self.outlines.index.within(column - wide, row - high, column + wide, row + high)
        return [self.shapes[number] for number in found[::-1]]

    def around(self, place: Place) -> ShownLabel | None:
        """The smallest closed shape that a place lies in."""
        found = [one for one in self.near(place, (0.0, 0.0)) if _holds(one, place)]
        return min(found, key=_extent, default=None)


def _is_shape(annotation: Annotation) -> bool:
    return annotation.kind in DRAWN_KINDS and is_whole(annotation.kind, annotation.points)


def _line(annotation: Annotation) -> np.ndarray:
    return np.array(outline(annotation.kind, annotation.points)[0], np.float64)


def _gathered(lines: list[np.ndarray]) -> Outlines:
    starts = np.cumsum([0, *(len(line) for line in lines)])
    points = np.concatenate(lines) if lines else np.zeros((0, 2))
    low = np.minimum.reduceat(points, starts[:-1]) if lines else np.zeros((0, 2))
    high = np.maximum.reduceat(points, starts[:-1]) if lines else np.zeros((0, 2))
    boxes = np.hstack([low, high])
    return Outlines(points, starts, boxes, CellIndex(boxes))


def _holds(shown: ShownLabel, place: Place) -> bool:
    points, closed = outline(shown.annotation.kind, shown.annotation.points)
    return closed and cv2.pointPolygonTest(np.array(points, np.float32), place, False) >= 0


def _extent(shown: ShownLabel) -> float:
    line, _ = outline(shown.annotation.kind, shown.annotation.points)
    return float(cv2.contourArea(np.array(line, np.float32)))
