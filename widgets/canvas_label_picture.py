"""All shapes of a frame as one picture of the viewport, drawn in a few calls for any number.

What is smaller than two pixels becomes a dot. While the picture is panned, what there is moves
along and only the strips that come into sight are drawn, to within half a pixel; while it is zoomed
many shapes have plainer lines. When it rests all of it is drawn once more, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtGui import QImage

from widgets.canvas_label_lines import POINT_PX, Lines, dashed, draw_lines, rings, to_physical
from widgets.canvas_label_shapes import outline
from widgets.canvas_labels import LabelSheet, ShownLabel
from widgets.canvas_shapes import corners
from widgets.canvas_transform import Placement
from widgets.images import to_image

DOT_PX = 2.0

_RIMMED_MOVING = 400
_SMOOTH_MOVING = 3000
"""Of more shapes in sight the rims, and of more smoothness and dashes, wait for the rest."""

_RIM = (0, 0, 0, 215)
_STRIP_SHARE = 0.25
"""A pan that brings more of the viewport into sight draws all of it."""

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in physical pixels of the viewport."""


@dataclass
class Kept:
    """What was drawn for `placement` and has moved by `offset` physical pixels since."""

    placement: Placement
    plain: bool
    pixels: np.ndarray
    image: QImage
    offset: tuple[int, int] = (0, 0)


class LabelPicture:
    """The shapes of its sheet but those that are drawn apart, kept while nothing changes."""

    def __init__(self) -> None:
        self.sheet = LabelSheet()
        self._apart: frozenset[str] = frozenset()
        self._kept: Kept | None = None
        self.visible = True

    def refresh(self, apart: frozenset[str]) -> None:
        """Draw anew, without the shapes of these ids."""
        self._apart, self._kept = apart, None

    def image(self, placement: Placement, *, moving: bool) -> QImage | None:
        """All of the viewport in physical pixels; None if there are no shapes."""
        if not self.visible or not self.sheet.shapes:
            return None
        plain = moving and len(self.sheet.shapes) > _RIMMED_MOVING
        kept = self._kept
        if kept is not None and plain:
            offset = _offset(kept.placement, placement)
            if offset is not None and self._scroll(kept, offset):
                return kept.image
        if kept is None or (kept.placement, kept.plain, kept.offset) != (placement, plain, (0, 0)):
            high, wide = (
                round(side * placement.ratio) for side in (placement.height, placement.width)
            )
            pixels = np.zeros((high, wide, 4), np.uint8)
            kept = self._kept = Kept(placement, plain, pixels, to_image(pixels))
            self._draw(kept, (0, 0, wide, high), plain=plain)
        return kept.image

    def _scroll(self, kept: Kept, offset: tuple[int, int]) -> bool:
        """Move what was drawn and draw the strips that come into sight; False if these are wide."""
        dx, dy = offset[0] - kept.offset[0], offset[1] - kept.offset[1]
        high, wide = kept.pixels.shape[:2]
        if abs(dx) > wide * _STRIP_SHARE or abs(dy) > high * _STRIP_SHARE:
            return False
        if (dx, dy) == (0, 0):
            return True
        moved = np.zeros_like(kept.pixels)
        (there_x, here_x), (there_y, here_y) = _shift(dx, wide), _shift(dy, high)
        moved[there_y, there_x] = kept.pixels[here_y, here_x]
        kept.pixels, kept.image, kept.offset = moved, to_image(moved), offset
        if dx:
            self._draw(kept, (0 if dx > 0 else wide + dx, 0, dx if dx > 0 else wide, high))
        if dy:
            self._draw(kept, (0, 0 if dy > 0 else high + dy, wide, dy if dy > 0 else high))
        return True

    def _draw(self, kept: Kept, box: Box, *, plain: bool = False) -> None:
        """Draw what lies in a box of the viewport, which is cleared."""
        pixels = kept.pixels[box[1] : box[3], box[0] : box[2]]
        pixels[:] = 0
        away = (kept.offset[0] - box[0], kept.offset[1] - box[1])
        placement = kept.placement
        seen = self._seen(placement, (*away, box[2] - box[0], box[3] - box[1]))
        if not len(seen):
            return
        dots = self._are_dots(seen, placement)
        self._draw_dots(pixels, seen[dots], placement, away)
        width = max(round(placement.ratio), 1)
        few = len(seen) <= _RIMMED_MOVING
        smooth = not plain or len(seen) <= _SMOOTH_MOVING
        lines = self._lines(seen[~dots], placement, away, whole=not smooth)
        if few or not plain:
            for one in lines:
                draw_lines(pixels, one, _RIM, 2 * width, smooth=few)
        for one in lines * (2 if few else 1):  # smooth slanted lines are faint; twice is as 1.5 px
            draw_lines(pixels, one, (*one.colour[::-1], 255), width, smooth=smooth)

    def _seen(self, placement: Placement, box: Box) -> np.ndarray:
        """The shapes in a box of this size, whose corner lies so far from where it was."""
        ratio, margin = placement.ratio, 2 * POINT_PX
        left, top = -box[0] / ratio, -box[1] / ratio
        right, bottom = left + box[2] / ratio, top + box[3] / ratio
        seen = shapes_in(
            self.sheet, placement, (left - margin, top - margin, right + margin, bottom + margin)
        )
        apart = [self.sheet.places[one] for one in self._apart if one in self.sheet.places]
        return seen[~np.isin(seen, apart)]

    def _are_dots(self, shapes: np.ndarray, placement: Placement) -> np.ndarray:
        boxes = self.sheet.outlines.boxes[shapes]
        sides = (boxes[:, 2:] - boxes[:, :2]) * (1.0, placement.aspect)
        single = np.diff(self.sheet.outlines.starts)[shapes] == 1
        small = sides.max(axis=1) * placement.scale * placement.ratio < DOT_PX
        return np.asarray(small & ~single)

    def _draw_dots(
        self, pixels: np.ndarray, shapes: np.ndarray, placement: Placement, away: tuple[int, int]
    ) -> None:
        """Two pixels square each, in its colour."""
        boxes = self.sheet.outlines.boxes[shapes]
        middles = to_physical((boxes[:, :2] + boxes[:, 2:]) / 2, placement) + away
        colours = np.array([ink.colour[::-1] for ink in self.sheet.inks], np.uint8)
        inks = np.insert(colours[self.sheet.inked[shapes]], 3, 255, axis=1)
        across, down = np.floor(middles - 0.5).astype(np.int64).T
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = across + dx, down + dy
            inside = (x >= 0) & (y >= 0) & (x < pixels.shape[1]) & (y < pixels.shape[0])
            pixels[y[inside], x[inside]] = inks[inside]

    def _lines(
        self, shapes: np.ndarray, placement: Placement, away: tuple[int, int], *, whole: bool
    ) -> list[Lines]:
        """The lines of shapes, those of one ink together; none is dashed if `whole`."""
        outlines, found = self.sheet.outlines, []
        inked = self.sheet.inked[shapes]
        for number in np.unique(inked).tolist():
            ink = self.sheet.inks[number]
            points, counts = outlines.gathered(shapes[inked == number])
            places = to_physical(points, placement) + away
            lines = Lines(places, counts, ink.kind != "line", ink.colour)
            if ink.kind == "point":
                lines = rings(lines, placement.ratio)
            found.append(dashed(lines, placement.ratio) if ink.proposed and not whole else lines)
        return found


def shapes_in(
    sheet: LabelSheet, placement: Placement, box: tuple[float, float, float, float]
) -> np.ndarray:
    """The numbers of the shapes that may lie in a box of the viewport, ascending."""
    first, last = placement.to_image(box[0], box[1]), placement.to_image(box[2], box[3])
    left, right = sorted((first[0], last[0]))
    top, bottom = sorted((first[1], last[1]))
    return sheet.outlines.index.within(left, top, right, bottom)


def shown_line(shown: ShownLabel, placement: Placement) -> np.ndarray:
    """The line of a shape, or of the box of a mask, in logical pixels of the viewport, [n, 2]."""
    bits = shown.annotation.mask
    if bits is None:
        points, _ = outline(shown.annotation.kind, shown.annotation.points)
    else:
        right, bottom = bits.left + bits.columns, bits.top + bits.rows
        points = corners(((bits.left, bits.top), (right, bottom)))
    return to_physical(np.array(points), placement) / placement.ratio


def _offset(drawn: Placement, wanted: Placement) -> tuple[int, int] | None:
    """How far the frame has moved, in whole physical pixels; None if it is not only moved."""
    if replace(drawn.view, center=wanted.view.center) != wanted.view:
        return None
    if replace(drawn, view=wanted.view) != wanted:
        return None
    x, y = drawn.to_widget(*wanted.view.center)
    ratio = wanted.ratio
    return (round((wanted.width / 2 - x) * ratio), round((wanted.height / 2 - y) * ratio))


def _shift(way: int, size: int) -> tuple[slice, slice]:
    """Where the pixels that stay in sight go, and where they were."""
    if way >= 0:
        return slice(way, size), slice(0, size - way)
    return slice(0, size + way), slice(-way, size)
