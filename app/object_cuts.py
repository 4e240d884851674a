"""What DICOM objects draw on planes cut through a volume: segments, filled contours, maps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from inference.mpr.cut import Slab
from inference.mpr.overlays import cut_mask, cut_values
from inference.mpr.stack import PlaneStack
from inference.mpr.volume import Volume
from inference.records import IN_FROM, ContourPiece, ObjectOverlay, SegmentPiece, ValuePiece

MOST_LABELS = 255
MOST_BYTES = 512 << 20
"""Objects whose labels take more are drawn on the slices alone."""
ON_SLICES_ALONE = "Objects are drawn on slices alone"
KEPT = 2
"""So many objects stay labelled; the next plane of the same scan wants them again."""


@dataclass
class Layer:
    """Segments that do not overlap, as labels by slice; label n is segment `numbers[n - 1]`."""

    numbers: list[int] = field(default_factory=list)
    masks: dict[int, np.ndarray] = field(default_factory=dict)


class ObjectCuts:
    """Cuts what objects draw; used by one thread, on which it remembers the last objects."""

    def __init__(self) -> None:
        self._known: list[tuple[ObjectOverlay, list[Layer] | None]] = []

    def cut(
        self,
        overlay: ObjectOverlay,
        volume: Volume,
        stack: PlaneStack,
        index: int,
        slab: Slab | None = None,
    ) -> ObjectOverlay:
        """An overlay for plane `index` of a stack, of the plane's size; its frame is `index`.

        On a slab lies what any of its planes has. Contours are filled: a plane across slices
        meets them in points. Its warnings are those about the cut.
        """
        pieces: list[SegmentPiece] = []
        layers = self._layers(overlay, volume.grid.shape[1:])
        for layer in layers or ():
            labels = cut_mask(layer.masks, volume, stack, index, slab)
            pieces += _pieces(labels, layer.numbers, index)
        maps = {piece.frame: piece.values for piece in overlay.values}
        values = cut_values(maps, volume, stack, index, slab) if maps else None
        return replace(
            overlay,
            pieces=tuple(pieces),
            contours=(),
            warnings=() if layers is not None else (ON_SLICES_ALONE,),
            values=() if values is None else (ValuePiece(index, values),),
        )

    def _layers(self, overlay: ObjectOverlay, shape: tuple[int, ...]) -> list[Layer] | None:
        for known, layers in self._known:
            if known is overlay:
                return layers
        made = _layered(overlay, (shape[0], shape[1]))
        self._known = [(overlay, made), *self._known[: KEPT - 1]]
        return made


def _layered(overlay: ObjectOverlay, shape: tuple[int, int]) -> list[Layer] | None:
    """The segments of an object in as few layers as their overlaps need; None if too large."""
    by_segment: dict[int, list[SegmentPiece]] = defaultdict(list)
    for piece in (*overlay.pieces, *_filled(overlay.contours, shape)):
        by_segment[piece.segment].append(piece)
    layers: list[Layer] = []
    for segment, pieces in sorted(by_segment.items()):
        layer = next((one for one in layers if _has_room(one, pieces)), None)
        if layer is None:
            layer = Layer()
            layers.append(layer)
        layer.numbers.append(segment)
        for piece in pieces:
            mask = layer.masks.setdefault(piece.frame, np.zeros(shape, np.uint8))
            _under(mask, piece)[piece.mask >= IN_FROM] = len(layer.numbers)
        if sum(mask.nbytes for one in layers for mask in one.masks.values()) > MOST_BYTES:
            return None
    return layers


def _has_room(layer: Layer, pieces: Iterable[SegmentPiece]) -> bool:
    """Whether a layer has a label left, and nothing where these pieces lie."""
    return len(layer.numbers) < MOST_LABELS and not any(
        piece.frame in layer.masks
        and bool(_under(layer.masks[piece.frame], piece)[piece.mask >= IN_FROM].any())
        for piece in pieces
    )


def _under(mask: np.ndarray, piece: SegmentPiece) -> np.ndarray:
    """The part of a frame's mask that a piece lies on."""
    rows, columns = piece.mask.shape
    return mask[piece.row : piece.row + rows, piece.column : piece.column + columns]


def _pieces(labels: np.ndarray, numbers: list[int], index: int) -> Iterator[SegmentPiece]:
    """The labels of a plane as pieces, each no larger than it must be."""
    for label in np.unique(labels[labels > 0]):
        mask = np.where(labels == label, np.uint8(255), np.uint8(0))
        x, y, width, height = cv2.boundingRect(mask)
        part = np.ascontiguousarray(mask[y : y + height, x : x + width])
        yield SegmentPiece(index, numbers[int(label) - 1], y, x, part)


def _filled(contours: tuple[ContourPiece, ...], shape: tuple[int, int]) -> Iterator[SegmentPiece]:
    """The insides of closed contours as far as they lie on frames of `shape`.

    One within another of the same segment is a hole.
    """
    together: dict[tuple[int, int], list[np.ndarray]] = defaultdict(list)
    for contour in contours:
        if contour.closed and len(contour.points) > 2:
            together[(contour.frame, contour.segment)].append(contour.points)
    for (frame, segment), points in together.items():
        everywhere = np.concatenate(points)
        column, row = np.maximum(np.floor(everywhere.min(axis=0)), 0).astype(int)
        ends = np.minimum(np.ceil(everywhere.max(axis=0)), shape[::-1]).astype(int)
        columns, rows = ends - (column, row)
        if columns > 0 and rows > 0:
            moved = [one - (column, row) for one in points]
            mask = _inside(moved, (int(rows), int(columns)))
            yield SegmentPiece(frame, segment, int(row), int(column), mask)


def _inside(outlines: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """255 where a pixel's centre is inside an odd number of closed outlines, uint8 `shape`.

    Going along the pixels' centres from the left, each outline that is crossed changes sides.
    """
    rows, columns = shape
    centres = np.arange(rows) + 0.5
    crossed = np.zeros((rows, columns + 1), np.int32)
    for outline in outlines:
        x0, y0 = outline.T[..., None].astype(float)
        x1, y1 = np.roll(outline, -1, axis=0).T[..., None].astype(float)
        edge, at = np.nonzero((y0 <= centres) != (y1 <= centres))
        share = (centres[at] - y0[edge, 0]) / (y1 - y0)[edge, 0]
        x = x0[edge, 0] + share * (x1 - x0)[edge, 0]
        first = np.clip(np.ceil(x - 0.5), 0, columns).astype(int)
        np.add.at(crossed, (at, first), 1)
    odd = np.cumsum(crossed[:, :columns], axis=1) % 2
    return np.asarray(odd * 255, np.uint8)
