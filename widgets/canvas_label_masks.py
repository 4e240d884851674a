"""The masks of a frame as one picture, kept and brought up to date by rectangles.

Every pixel of the frame knows the uppermost mask that it belongs to; small masks lie over large
ones. The screen's pixels look their mask up, and those at an edge become its outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.mask_bits import unpack_box
from inference.records import MaskBits
from widgets.canvas_labels import LabelStyle, ShownLabel
from widgets.canvas_pieces import Grid, sample
from widgets.canvas_transform import Part
from widgets.images import to_image
from widgets.theme import RGB

LINE_PX = 1.5
PROPOSED_SHARE = 0.5
"""How opaque a mask that a model proposes is, as a share of others."""

SELECTED: RGB = (255, 255, 255)
"""The outline of a selected mask; its inside keeps the colour."""

_DASH_BITS = 3
"""A proposed mask's outline is dashed: 4 screen pixels across, less than 3 down."""

_FEW = 253
"""So many masks, the one being painted and a proposal have numbers of eight bits."""

Rect = tuple[int, int, int, int]
"""(top, left, bottom, right) of pixels of the frame."""


@dataclass(frozen=True)
class Tint:
    """How one mask is drawn."""

    colour: RGB
    proposed: bool = False
    selected: bool = False


@dataclass
class Composed:
    """The picture of a part; `upright` is the same memory before it was mirrored and turned."""

    part: Part
    line_px: int
    grid: Grid
    upright: np.ndarray
    image: QImage


class MaskPicture:
    """All masks of one frame, with the one being painted and a proposal of a click over them."""

    def __init__(self) -> None:
        self._shape = (0, 0)
        self._shown: tuple[ShownLabel, ...] = ()
        self._boxes: dict[int, np.ndarray] = {}
        """The pixels of each mask's box, by the identity of its annotation."""
        self._below = np.zeros((0, 0), np.uint8)
        self._numbers = np.zeros((0, 0), np.uint8)
        self._working: tuple[np.ndarray, RGB] | None = None
        self._worked_id = ""
        self._preview: tuple[np.ndarray, RGB] | None = None
        self._style = LabelStyle()
        self._selected: tuple[str, ...] = ()
        self._stale = False
        self._composed: Composed | None = None

    # What there is

    def set_shape(self, shape: tuple[int, int]) -> None:
        if shape != self._shape:
            self._shape = shape
            self._refresh()

    def set_masks(self, masks: tuple[ShownLabel, ...]) -> None:
        """The masks of the frame; small ones will lie over large ones."""
        if masks == self._shown:
            return
        self._shown = masks
        known = self._boxes
        self._boxes = {
            id(one.annotation): known[id(one.annotation)]
            for one in masks
            if id(one.annotation) in known
        }
        self._refresh()

    def set_style(self, style: LabelStyle, selected: tuple[str, ...]) -> None:
        if (style, selected) != (self._style, self._selected):
            self._style, self._selected, self._composed = style, selected, None

    def set_working(self, mask: np.ndarray | None, colour: RGB, annotation_id: str) -> None:
        """The mask that is being painted, in place of the one with its id; None for none.

        A new one, without an id, has nothing in it yet, so that nothing is to be drawn anew.
        """
        if mask is None and self._working is None:
            return
        begun = mask is not None and self._working is None and not annotation_id
        self._working = (mask, colour) if mask is not None else None
        self._worked_id = annotation_id if mask is not None else ""
        if not begun or self._stale:
            self._refresh()
        elif self._numbers is self._below:
            self._numbers = self._below.copy()

    def set_preview(self, mask: np.ndarray | None, colour: RGB) -> None:
        """A mask that is not taken yet; None for none."""
        if mask is not None or self._preview is not None:
            self._preview = (mask, colour) if mask is not None else None
            self._refresh()

    def mask_of(self, annotation_id: str) -> np.ndarray | None:
        """A copy of a mask, bool [rows, columns]; None if there is none of this id."""
        for one in self._shown:
            if one.annotation.annotation_id == annotation_id:
                mask = np.zeros(self._shape, dtype=bool)
                self._paste(mask, one, True)
                return mask
        return None

    def id_at(self, column: int, row: int) -> str:
        """The uppermost mask that holds a pixel, "" for none."""
        self._fill()
        rows, columns = self._numbers.shape
        inside = 0 <= column < columns and 0 <= row < rows
        number = int(self._below[row, column]) if inside else 0
        return self._stack()[number - 1].annotation.annotation_id if number else ""

    @property
    def empty(self) -> bool:
        return not self._shown and self._working is None and self._preview is None

    # How it is drawn

    def image(self, part: Part, ratio: float) -> QImage | None:
        """What lies over the part; None if that is nothing."""
        if self.empty or not self._style.visible:
            return None
        self._fill()
        line_px = max(round(LINE_PX * ratio), 1)
        kept = self._composed
        if kept is None or (kept.part, kept.line_px) != (part, line_px):
            pixels = np.zeros((part.height, part.width, 4), np.uint8)
            upright = np.rot90(pixels, part.turns)
            upright = upright[:, ::-1] if part.mirrored else upright
            kept = Composed(part, line_px, sample(part), upright, to_image(pixels))
            self._compose(kept, (0, 0, *upright.shape[:2]))
            self._composed = kept
        return kept.image

    def touch(self, rect: Rect) -> None:
        """Bring the picture up to date after the working mask changed within `rect`."""
        if self._stale:
            return
        top, left, bottom, right = rect
        self._overlay(np.s_[top:bottom, left:right])
        kept = self._composed
        if kept is None:
            return
        before = tuple(step - 1 for step in kept.grid.shrunk)
        y0, y1 = np.searchsorted(kept.grid.rows, (top - before[0], bottom))
        x0, x1 = np.searchsorted(kept.grid.columns, (left - before[1], right))
        far, (high, wide) = kept.line_px, kept.upright.shape[:2]
        seen = (max(y0 - far, 0), max(x0 - far, 0), min(y1 + far, high), min(x1 + far, wide))
        if y0 < y1 and x0 < x1:
            self._compose(kept, (int(seen[0]), int(seen[1]), int(seen[2]), int(seen[3])))

    def _refresh(self) -> None:
        self._stale, self._composed = True, None

    def _stack(self) -> list[ShownLabel]:
        """From below to above."""
        others = [one for one in self._shown if one.annotation.annotation_id != self._worked_id]
        return sorted(others, key=_size, reverse=True)

    def _fill(self) -> None:
        """Enter all masks anew, if any has changed."""
        if not self._stale:
            return
        stack = self._stack()
        self._below = np.zeros(self._shape, np.uint8 if len(stack) <= _FEW else np.uint16)
        for number, one in enumerate(stack, 1):
            self._paste(self._below, one, number)
        self._numbers = self._below
        self._stale = False
        if self._working is not None or self._preview is not None:
            self._numbers = self._below.copy()
            self._overlay(np.s_[:, :])

    def _overlay(self, part: tuple[slice, slice]) -> None:
        """What is painted and what is proposed, over the other masks."""
        self._numbers[part] = self._below[part]
        number = len(self._stack())
        for above in (self._working, self._preview):
            number += 1
            if above is not None and above[0].shape == self._shape:
                self._numbers[part][above[0][part]] = number

    def _paste(self, whole: np.ndarray, one: ShownLabel, value: int) -> None:
        bits = one.annotation.mask
        if bits is None:
            return
        box = self._boxes.get(id(one.annotation))
        if box is None:
            box = self._boxes[id(one.annotation)] = unpack_box(bits)
        there, here = _overlap(bits, whole.shape)
        whole[there][box[here]] = value

    def _tints(self) -> list[Tint]:
        tints = [
            Tint(one.colour, one.proposed, one.annotation.annotation_id in self._selected)
            for one in self._stack()
        ]
        for above, proposed in ((self._working, False), (self._preview, True)):
            tints.append(Tint(above[1] if above is not None else SELECTED, proposed))
        return tints

    def _compose(self, kept: Composed, seen: Rect) -> None:
        """Draw the screen's rows and columns `seen` of a part before its turn."""
        top, left, bottom, right = seen
        far, (high, wide) = kept.line_px, kept.upright.shape[:2]
        y0, x0 = max(top - far, 0), max(left - far, 0)
        y1, x1 = min(bottom + far, high), min(right + far, wide)
        numbers = self._sampled(kept, slice(y0, y1), slice(x0, x1))
        edge = _edges(numbers, far)
        tints = self._tints()
        dashed = np.array([False, *(tint.proposed for tint in tints)])
        if dashed.any():
            down, across = np.ogrid[y0:y1, x0:x1]
            gaps = ((3 * down + 2 * across) >> _DASH_BITS) & 1 == 1
            edge &= ~(gaps & dashed[numbers])
        lookup = np.stack([self._palette(tints, line=False), self._palette(tints, line=True)])
        size = len(tints) + 1
        chosen: type[np.unsignedinteger] = np.uint8 if 2 * size <= 256 else np.uint32
        marked = edge.view(np.uint8).astype(chosen, copy=False) * chosen(size)
        pixels = lookup.reshape(-1).take(numbers.astype(chosen, copy=False) + marked)
        inner = pixels[top - y0 : bottom - y0, left - x0 : right - x0]
        shape = (*inner.shape, 4)
        kept.upright[top:bottom, left:right] = (
            np.ascontiguousarray(inner).view(np.uint8).reshape(shape)
        )

    def _sampled(self, kept: Composed, down: slice, across: slice) -> np.ndarray:
        """The number of the mask at each of the screen's pixels.

        Where the picture is shrunk, it is that of the uppermost mask of all pixels that go there.
        """
        rows, columns = kept.grid.rows[down], kept.grid.columns[across]
        high, wide = kept.grid.shrunk
        first, start = int(rows[0]), int(columns[0])
        cut = self._numbers[first : int(rows[-1]) + high, start : int(columns[-1]) + wide]
        if high > 1 or wide > 1:
            cut = np.asarray(cv2.dilate(cut, np.ones((high, wide), np.uint8), anchor=(0, 0)))
        return np.asarray(cut.take(rows - first, axis=0).take(columns - start, axis=1))

    def _palette(self, tints: list[Tint], *, line: bool) -> np.ndarray:
        """Premultiplied BGRA of each number, as uint32."""
        colours = np.zeros((len(tints) + 1, 4), np.uint8)
        for number, tint in enumerate(tints, 1):
            share = 1.0 if line else self._style.opacity
            share *= PROPOSED_SHARE if tint.proposed and not line else 1.0
            red, green, blue = SELECTED if line and tint.selected else tint.colour
            colours[number] = np.round(np.array((blue, green, red, 255)) * share)
        return colours.view(np.uint32).reshape(-1)


def _size(shown: ShownLabel) -> int:
    mask = shown.annotation.mask
    return mask.count if mask is not None else 0


def _edges(numbers: np.ndarray, line_px: int) -> np.ndarray:
    """Where a mask ends within `line_px` pixels; also at the rim of the picture.

    It does not end where another lies over it: nobody knows there where it ends.
    """
    kernel = np.ones((2 * line_px + 1, 2 * line_px + 1), np.uint8)
    low = cv2.erode(numbers, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(low != numbers)


def _overlap(
    bits: MaskBits, shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a mask's box lies on a frame, and which part of the box that is."""
    there, here = [], []
    places = ((bits.top, bits.rows, shape[0]), (bits.left, bits.columns, shape[1]))
    for first, count, size in places:
        start, end = min(max(first, 0), size), min(max(first + count, 0), size)
        there.append(slice(start, end))
        here.append(slice(start - first, end - first))
    return (there[0], there[1]), (here[0], here[1])
