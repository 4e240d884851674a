"""Turns the visible part of a frame into grey levels fast enough to follow the hand.

The part is scaled once as stored values and kept; a change of the window then costs one table
look-up a screen pixel, whatever the frame's size.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.display import Voi, default_window, grey, table_view, window_over
from inference.records import Frame, GreyTable, Window
from widgets.canvas_transform import Part
from widgets.images import to_image

PIXELS_SEEN_FROM = 8.0
"""From so many screen pixels a column on, pixels are drawn as the squares that they are."""

_ROTATIONS = {
    1: cv2.ROTATE_90_CLOCKWISE,
    2: cv2.ROTATE_180,
    3: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_SCALABLE = (np.uint8, np.int16, np.uint16, np.float32, np.float64)


class Picture:
    """The grey or colour picture of one frame under one window."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._stored = np.zeros((1, 1), np.uint8)
        self._extent = (0, 0)
        self._voi: Voi | None = None
        self._own_window: Window | None = None
        self._inverted = False
        self._shutter_visible = True
        self._shutter: tuple[Part, np.ndarray] | None = None
        self._table: tuple[tuple[object, ...], np.ndarray] | None = None
        self._scaled: tuple[tuple[Part, int], np.ndarray] | None = None

    def set_frame(self, frame: Frame | None) -> None:
        if frame is self._frame:
            return
        self._frame = frame
        self._scaled = self._own_window = self._shutter = None
        if frame is not None:
            known = frame.stored.dtype in _SCALABLE
            self._stored = frame.stored if known else frame.stored.astype(np.float32)
            self._extent = _extent(self._stored)

    def set_window(self, voi: Voi | None) -> None:
        self._voi = voi

    def set_inverted(self, inverted: bool) -> None:
        self._inverted = inverted

    def set_shutter_visible(self, visible: bool) -> None:
        """Blacken what the frame's shutter covers (PS3.3 C.7.6.11), or show it."""
        self._shutter_visible = visible

    def shown_window(self) -> Window | None:
        """The window in force: the one set, else the frame's own; None for colour.

        In place of a VOI LUT the window over its values, from which a drag goes on.
        """
        if self._frame is None or self._frame.colour:
            return None
        if isinstance(self._voi, GreyTable):
            return window_over(self._voi)
        if self._voi is not None:
            return self._voi
        if self._own_window is None:
            self._own_window = default_window(self._frame)
        return self._own_window

    def image(self, part: Part, *, moving: bool) -> QImage:
        """The part as it is to be drawn, at the size of its place on the screen."""
        if self._frame is None:
            raise ValueError("there is no frame to draw")
        shown = replace(self._frame, stored=self._scale(part, moving=moving))
        view = table_view(shown)
        if view is not None:
            levels = cv2.LUT(view, self._levels(self._frame))
        else:
            levels = grey(shown, self._voi_of(shown))
            levels = cv2.bitwise_not(levels) if self._inverted else levels
        return to_image(self._shuttered(levels, part))

    def _shuttered(self, levels: np.ndarray, part: Part) -> np.ndarray:
        frame = self._frame
        if frame is None or frame.shutter is None or not self._shutter_visible:
            return levels
        if frame.shutter.shape != frame.shape:
            return levels
        return np.asarray(cv2.bitwise_and(levels, levels, mask=self._open(frame.shutter, part)))

    def _open(self, shutter: np.ndarray, part: Part) -> np.ndarray:
        if self._shutter is None or self._shutter[0] != part:
            self._shutter = (part, scaled_part(shutter, part, cv2.INTER_NEAREST))
        return self._shutter[1]

    def _levels(self, frame: Frame) -> np.ndarray:
        """The grey of each stored value; slices of one series share it, so scrolling is free."""
        voi = self._voi_of(frame)
        key = (
            self._stored.dtype,
            self._extent,
            frame.slope,
            frame.intercept,
            frame.inverted,
            voi,
            self._inverted,
        )
        if self._table is None or self._table[0] != key:
            table = _table(replace(frame, stored=self._stored), self._extent, voi)
            self._table = (key, np.invert(table) if self._inverted else table)
        return self._table[1]

    def _voi_of(self, frame: Frame) -> Voi | None:
        """What makes grey of the frame; None for colour.

        From minimum to maximum is that of the whole frame, whatever part of it is drawn.
        """
        return self._voi or frame.table or self.shown_window()

    def _scale(self, part: Part, *, moving: bool) -> np.ndarray:
        how = interpolation(part, moving=moving)
        if self._scaled is not None and self._scaled[0] == (part, how):
            return self._scaled[1]
        self._scaled = ((part, how), scaled_part(self._stored, part, how))
        return self._scaled[1]


def _extent(stored: np.ndarray) -> tuple[int, int]:
    """The stored values that a table must cover, widened so that neighbouring slices agree."""
    if stored.dtype.kind not in "iu" or stored.ndim != 2:
        return (0, 0)
    low, high, _, _ = cv2.minMaxLoc(stored)
    limits = np.iinfo(stored.dtype)
    step = 1024
    return (
        max(int(low) // step * step, int(limits.min)),
        min((int(high) // step + 1) * step, int(limits.max)),
    )


def _table(frame: Frame, extent: tuple[int, int], voi: Voi | None) -> np.ndarray:
    """Grey levels to be indexed by `table_view`, right for stored values within `extent` only.

    A whole table of 16-bit values costs 1 ms at each step of a drag; a CT needs a tenth of it.
    """
    span = np.arange(extent[0], extent[1] + 1)
    table = np.zeros(1 << (8 * frame.stored.dtype.itemsize), np.uint8)
    levels = grey(replace(frame, stored=span[None].astype(np.float64)), voi)[0]
    table[span.astype(frame.stored.dtype).view(f"u{frame.stored.dtype.itemsize}")] = levels
    return table


def scaled_part(array: np.ndarray, part: Part, how: int) -> np.ndarray:
    """The part of `array` [rows, columns, …] as it is seen: scaled, mirrored, turned."""
    cut = array[part.row0 : part.row1, part.column0 : part.column1]
    return turned(cv2.resize(cut, part.upright, interpolation=how), part.turns, part.mirrored)


def turned(array: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    """`array` [rows, columns, …] flipped left to right if `mirrored`, then turned clockwise.

    A contiguous array, and the same one if nothing is to be done.
    """
    if mirrored:
        array = cv2.flip(array, 1)
    return cv2.rotate(array, _ROTATIONS[turns]) if turns else array


def interpolation(part: Part, *, moving: bool) -> int:
    """LINEAR while moving and when enlarged, AREA when made smaller at rest, then the squares."""
    width, height = part.upright
    scale = width / (part.column1 - part.column0)
    if scale >= PIXELS_SEEN_FROM:
        return cv2.INTER_NEAREST
    shrunk = scale < 1 or height < part.row1 - part.row0
    return cv2.INTER_AREA if shrunk and not moving else cv2.INTER_LINEAR
