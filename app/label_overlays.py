"""Annotations of a scan's slices on planes cut through its volume: areas, points and lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from app.object_cuts import ObjectCuts
from app.panes import LabelsOnPlane
from inference.label_regions import COVERING, covered_by
from inference.mask_bits import pack_mask
from inference.mpr.cut import Slab
from inference.mpr.grid import Grid
from inference.mpr.stack import PlaneStack
from inference.mpr.volume import Volume
from inference.records import Annotation, ObjectOverlay, Segment, SegmentPiece

ON_SLICES_ALONE = "Labels are drawn on slices alone"
_INSIDE = 255
_NO_COLOUR = (0, 0, 0)


class LabelCuts:
    """Cuts annotations; used by one thread, on which it remembers those of the last scan."""

    def __init__(self) -> None:
        self._cuts = ObjectCuts()
        self._pieces: dict[str, tuple[Annotation, SegmentPiece]] = {}
        self._last: tuple[tuple[Annotation, ...], ObjectOverlay] | None = None

    def cut(
        self,
        annotations: tuple[Annotation, ...],
        volume: Volume,
        stack: PlaneStack,
        index: int,
        slab: Slab | None = None,
    ) -> LabelsOnPlane:
        """What lies on plane `index` of a stack; its annotations have that index for a frame."""
        if not annotations:
            return LabelsOnPlane()
        overlay = self._overlay(annotations, volume.grid.shape[1:])
        found = self._cuts.cut(overlay, volume, stack, index, slab)
        masks = tuple(_masks(overlay, found, stack.shape, index))
        near = _Near.of(volume.grid, stack, index, slab)
        thin = tuple(drawn for one in annotations for drawn in near.drawn(one))
        return LabelsOnPlane((*masks, *thin), (ON_SLICES_ALONE,) if found.warnings else ())

    def _overlay(
        self, annotations: tuple[Annotation, ...], shape: tuple[int, ...]
    ) -> ObjectOverlay:
        """The same annotations as segments of one object, a segment for each label.

        Only those that are new or changed are worked out again.
        """
        if self._last is not None and self._last[0] is annotations:
            return self._last[1]
        covering = [one for one in annotations if one.kind in COVERING]
        names = sorted({one.label for one in covering})
        numbers = {name: number for number, name in enumerate(names)}
        known, self._pieces = self._pieces, {}
        for one in covering:
            old = known.get(one.annotation_id)
            made = old[1] if old is not None and old[0] is one else _piece(one, shape)
            self._pieces[one.annotation_id] = (one, replace(made, segment=numbers[one.label]))
        overlay = ObjectOverlay(
            "labels",
            annotations[0].source_id,
            tuple(Segment(number, name, _NO_COLOUR) for name, number in numbers.items()),
            tuple(piece for _, piece in self._pieces.values()),
        )
        self._last = (annotations, overlay)
        return overlay


def _piece(one: Annotation, shape: tuple[int, ...]) -> SegmentPiece:
    covered = covered_by(one, (shape[0], shape[1]))
    mask = np.where(covered.mask, np.uint8(_INSIDE), np.uint8(0))
    return SegmentPiece(one.frame, 0, covered.row, covered.column, mask)


def _masks(
    overlay: ObjectOverlay, found: ObjectOverlay, shape: tuple[int, int], index: int
) -> Iterator[Annotation]:
    """One mask for each label on a plane of `shape`."""
    for piece in found.pieces:
        mask = np.zeros(shape, dtype=bool)
        rows, columns = piece.mask.shape
        place = mask[piece.row : piece.row + rows, piece.column : piece.column + columns]
        place |= piece.mask > 0
        label, source_id = overlay.segments[piece.segment].label, overlay.source_id
        name = f"plane/{label}"
        yield Annotation(name, source_id, index, "mask", label, mask=pack_mask(mask))


@dataclass(frozen=True, eq=False)
class _Near:
    """A plane with what lies nearest to it: `low` to `high` millimetres along its normal."""

    grid: Grid
    index: int
    origin: np.ndarray
    straightened: np.ndarray
    """[3, 3]: takes millimetres from the first pixel to (columns, rows, mm along the normal)."""
    low: float
    high: float

    @classmethod
    def of(cls, grid: Grid, stack: PlaneStack, index: int, slab: Slab | None) -> _Near:
        basis = np.stack([stack.column_mm, stack.row_mm, stack.normal], axis=1)
        depths = stack.origins @ stack.normal
        if slab is not None:
            low, high = -slab.thickness_mm / 2, slab.thickness_mm / 2
        else:
            usual = abs(float(stack.step_mm @ stack.normal))
            low, high = (-usual / 2, usual / 2)
            if index > 0:
                low = float(depths[index - 1] - depths[index]) / 2
            if index + 1 < stack.count:
                high = float(depths[index + 1] - depths[index]) / 2
        return cls(grid, index, stack.origins[index], np.linalg.inv(basis), low, high)

    def drawn(self, one: Annotation) -> Iterator[Annotation]:
        """The points and the parts of lines that lie here."""
        if one.kind == "point":
            ((column, row, depth),) = self._places(one)
            if self.low < depth <= self.high:
                yield self._turned(one, ((column, row),))
        elif one.kind == "line":
            for first, last in pairwise(self._places(one)):
                part = self._clipped(first, last)
                if part is not None:
                    yield self._turned(one, part)

    def _places(self, one: Annotation) -> np.ndarray:
        """[n, 3]: the points as (column, row) in pixel edges of the plane, and their depth."""
        points = np.array(one.points, dtype=float) - 0.5
        grid = self.grid
        places_mm = grid.origins[one.frame] + points @ np.stack([grid.column_mm, grid.row_mm])
        return np.asarray((places_mm - self.origin) @ self.straightened.T + (0.5, 0.5, 0.0))

    def _clipped(
        self, first: np.ndarray, last: np.ndarray
    ) -> tuple[tuple[float, float], ...] | None:
        """The part of a straight line that lies here; None where it does not."""
        way = float(last[2] - first[2])
        ends = [0.0, 1.0]
        if way:
            shares = sorted(((self.low - first[2]) / way, (self.high - first[2]) / way))
            ends = [max(shares[0], 0.0), min(shares[1], 1.0)]
        elif not self.low < first[2] <= self.high:
            return None
        if ends[0] >= ends[1]:
            return None
        cut = [first + share * (last - first) for share in ends]
        return tuple((float(place[0]), float(place[1])) for place in cut)

    def _turned(self, one: Annotation, points: tuple[tuple[float, float], ...]) -> Annotation:
        return replace(one, frame=self.index, points=points)
