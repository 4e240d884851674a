"""What objects draw over a frame: segments, contours and maps of values, as one picture."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.display_overlay import overlay_rgba, robust_limit
from inference.records import (
    IN_FROM,
    ContourPiece,
    ObjectOverlay,
    Segment,
    SegmentPiece,
    ValuePiece,
)
from widgets.canvas_overlay import premultiplied
from widgets.canvas_picture import scaled_part, turned
from widgets.canvas_pieces import draw_contour, draw_piece, sample
from widgets.canvas_readout import plus_number
from widgets.canvas_tints import lay_over
from widgets.canvas_transform import Part
from widgets.images import to_image
from widgets.theme import RGB

LEGEND_NAMES = 8

_SAMPLED_MAPS = 16
"""So many frames of a map, evenly taken, give the scale of all."""


@dataclass
class Shelf:
    """One object's pieces by the frame that they lie on."""

    overlay: ObjectOverlay
    pieces: dict[int, list[SegmentPiece]] = field(default_factory=lambda: defaultdict(list))
    contours: dict[int, list[ContourPiece]] = field(default_factory=lambda: defaultdict(list))
    values: dict[int, ValuePiece] = field(default_factory=dict)
    scale: tuple[float, bool] | None = None
    """The value of the full colour, and whether there are negative ones."""

    def value_scale(self) -> tuple[float, bool]:
        """The same for all frames, so that a colour means one value throughout."""
        if self.scale is None:
            step = -(-len(self.overlay.values) // _SAMPLED_MAPS)
            taken = [np.nan_to_num(piece.values) for piece in self.overlay.values[::step]]
            limits = [robust_limit(values) for values in taken if values.any()]
            self.scale = (max(limits, default=1.0), any(values.min() < 0 for values in taken))
        return self.scale


class ObjectsPicture:
    """All objects over one frame; composed once for each frame and part of it that is looked at."""

    def __init__(self) -> None:
        self._shelves: tuple[Shelf, ...] = ()
        self._shape = (0, 0)
        self._index = 0
        self._hidden: frozenset[tuple[str, int]] = frozenset()
        self._composed: tuple[tuple[Part, int], QImage] | None = None

    def set_shape(self, shape: tuple[int, int]) -> None:
        """The frame's rows and columns; maps of another shape are not drawn."""
        if shape != self._shape:
            self._shape, self._composed = shape, None

    def set_objects(
        self, objects: tuple[ObjectOverlay, ...], index: int, hidden: frozenset[tuple[str, int]]
    ) -> bool:
        """Show what the objects have for frame `index`; False if that is what is shown already."""
        known = {id(shelf.overlay): shelf for shelf in self._shelves}
        same = [id(one) for one in objects] == list(known)
        if same and (index, hidden) == (self._index, self._hidden):
            return False
        self._shelves = tuple(known.get(id(one)) or _sorted(one) for one in objects)
        self._index, self._hidden, self._composed = index, hidden, None
        return True

    def image(self, part: Part, ratio: float = 1.0) -> QImage | None:
        """What lies over the part; None if that is nothing.

        `ratio` is physical pixels per logical one: on a fine screen lines have more of them.
        """
        if not any(self._of_frame(shelf) for shelf in self._shelves):
            return None
        place = (part, max(round(ratio), 1))
        if self._composed is None or self._composed[0] != place:
            self._composed = (place, to_image(self._compose(*place)))
        return self._composed[1]

    def legend(self) -> tuple[tuple[str, RGB], ...]:
        """The names of the segments on this frame with their colours, each once."""
        found: dict[tuple[str, int], tuple[str, RGB]] = {}
        for shelf in self._shelves:
            numbers = [piece.segment for piece in self._pieces(shelf)]
            numbers += [contour.segment for contour in self._contours(shelf)]
            for number in numbers:
                segment = shelf.overlay.segments[number]
                place = (shelf.overlay.object_id, number)
                found.setdefault(place, (segment_name(segment), segment.colour))
        return tuple(found.values())

    def map_scale(self) -> tuple[float, bool] | None:
        """Of the uppermost map of values: the value of its full colour, and its sign."""
        for shelf in reversed(self._shelves):
            if self._value(shelf) is not None:
                return shelf.value_scale()
        return None

    def map_words(self) -> tuple[str, ...]:
        """What the values of the uppermost map are, with their unit where they have one."""
        for shelf in reversed(self._shelves):
            if self._value(shelf) is not None:
                words, unit = shelf.overlay.words, shelf.overlay.unit
                if unit:
                    return (*words, f"Values in {unit}")
                return words or ("Values without a unit",)
        return ()

    def words_at(self, column: int, row: int) -> tuple[str, ...]:
        """The segments that hold a pixel, and the values of maps there."""
        found: dict[str, None] = {}
        for shelf in self._shelves:
            segments = shelf.overlay.segments
            for number in self._segments_at(shelf, column, row):
                found[segment_name(segments[number])] = None
            piece = self._value(shelf)
            if piece is not None and np.isfinite(piece.values[row, column]):
                value = plus_number(float(piece.values[row, column]))
                found[f"map {value} {shelf.overlay.unit or ''}".strip()] = None
        return tuple(found)

    def _segments_at(self, shelf: Shelf, column: int, row: int) -> list[int]:
        found = []
        for piece in self._pieces(shelf):
            down, right = row - piece.row, column - piece.column
            rows, columns = piece.mask.shape
            if 0 <= down < rows and 0 <= right < columns and piece.mask[down, right] >= IN_FROM:
                found.append(piece.segment)
        crossings: dict[int, int] = defaultdict(int)
        for contour in self._contours(shelf):
            if contour.closed and len(contour.points) > 2:
                place = (column + 0.5, row + 0.5)
                inside = cv2.pointPolygonTest(contour.points.astype(np.float32), place, False) >= 0
                crossings[contour.segment] += inside
        return found + [segment for segment, count in crossings.items() if count % 2]

    def _of_frame(self, shelf: Shelf) -> bool:
        return bool(self._value(shelf) or self._pieces(shelf) or self._contours(shelf))

    def _value(self, shelf: Shelf) -> ValuePiece | None:
        piece = shelf.values.get(self._index)
        return piece if piece is not None and piece.values.shape == self._shape else None

    def _pieces(self, shelf: Shelf) -> list[SegmentPiece]:
        return [one for one in shelf.pieces.get(self._index, ()) if self._shown(shelf, one.segment)]

    def _contours(self, shelf: Shelf) -> list[ContourPiece]:
        return [
            one for one in shelf.contours.get(self._index, ()) if self._shown(shelf, one.segment)
        ]

    def _shown(self, shelf: Shelf, segment: int) -> bool:
        return (shelf.overlay.object_id, segment) not in self._hidden

    def _compose(self, part: Part, line: int) -> np.ndarray:
        width, height = part.upright
        drawn = np.zeros((height, width, 4), np.uint8)
        flat = Part(part.row0, part.row1, part.column0, part.column1, 0, 0, width, height)
        for shelf in self._shelves:
            value = self._value(shelf)
            if value is not None:
                lay_over(drawn, _map_pixels(shelf, value, flat))
        grid = sample(part)
        for shelf in self._shelves:
            segments = shelf.overlay.segments
            for piece in self._pieces(shelf):
                draw_piece(drawn, piece, segments[piece.segment].colour, grid, line)
        for shelf in self._shelves:
            segments = shelf.overlay.segments
            for contour in self._contours(shelf):
                draw_contour(drawn, contour, segments[contour.segment].colour, flat, line)
        return turned(drawn, part.turns, part.mirrored)


def segment_name(segment: Segment) -> str:
    """What a segment is called, by its number if it has no name."""
    return segment.label or f"Segment {segment.number}"


def shortened_legend(names: tuple[tuple[str, RGB], ...]) -> tuple[tuple[str, RGB | None], ...]:
    """At most eight names with their colours, then a line that counts the rest."""
    if len(names) <= LEGEND_NAMES:
        return names
    return (*names[:LEGEND_NAMES], (f"and {len(names) - LEGEND_NAMES} more", None))


def _sorted(overlay: ObjectOverlay) -> Shelf:
    shelf = Shelf(overlay)
    for piece in overlay.pieces:
        shelf.pieces[piece.frame].append(piece)
    for contour in overlay.contours:
        shelf.contours[contour.frame].append(contour)
    shelf.values.update({piece.frame: piece for piece in overlay.values})
    return shelf


def _map_pixels(shelf: Shelf, piece: ValuePiece, part: Part) -> np.ndarray:
    limit, signed = shelf.value_scale()
    rgba, _ = overlay_rgba(np.nan_to_num(piece.values), signed, limit=limit)
    return scaled_part(premultiplied(rgba), part, cv2.INTER_NEAREST)
