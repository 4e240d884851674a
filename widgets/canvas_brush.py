"""Paints masks by hand: a private working mask, changed where the brush passes and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from inference.painting.strokes import Brush, Rect, dab
from inference.records import Frame, FrameKey
from widgets.canvas_label_masks import MaskPicture
from widgets.canvas_labels import LabelTool
from widgets.canvas_shapes import Place
from widgets.canvas_transform import Placement, pixel_aspect

SMALLEST_PX, LARGEST_PX = 0.5, 1000.0
GROWTH = 1.2
"""A step of the keys or the wheel makes a brush so much larger."""


class BrushHand(QObject):
    """Brush and eraser; `painted` carries the whole mask at the end of a stroke.

    What was painted stays in sight until the owner shows the annotation that it became.
    """

    painted = Signal(str, object)
    resized = Signal(float)
    touched = Signal(object)
    """The pixels of the frame that a step has painted, a `Rect`."""
    redraw = Signal()

    def __init__(self, parent: QObject, masks: MaskPicture) -> None:
        super().__init__(parent)
        self._masks = masks
        self._frame: Frame | None = None
        self._key: FrameKey | None = None
        self._working: np.ndarray | None = None
        self._last: Place | None = None
        self._at: QPointF | None = None
        self._stroking = False
        self._erasing: bool | None = None
        self.settings = LabelTool()

    # What there is

    @property
    def active(self) -> bool:
        """Whether a brush or an eraser is in hand."""
        return self._erasing is not None

    def take(self, erasing: bool | None) -> None:
        """Brush (False), eraser (True) or neither; a stroke under way is finished."""
        if erasing != self._erasing:
            self.finish()
            self._erasing, self._last = erasing, None
            self.redraw.emit()

    def set_tool(self, settings: LabelTool) -> None:
        """Other settings; going on with another mask finishes the stroke on this one."""
        if settings.annotation_id != self.settings.annotation_id:
            self.finish()
            self._last = None
        self.settings = settings
        self.redraw.emit()

    def set_frame(self, frame: Frame | None) -> None:
        """Another frame finishes the stroke on this one."""
        key = frame.key if frame is not None else None
        if key != self._key or (frame and self._frame and frame.shape != self._frame.shape):
            self.finish()
            self._let_go()
            self._key, self._last = key, None
        self._frame = frame

    def settle(self) -> None:
        """The owner has shown what it has: what is painted no longer stands for it."""
        if not self._stroking:
            self._let_go()

    def circle(self, placement: Placement) -> tuple[float, float, float] | None:
        """Where the brush is and how far it reaches on the screen; None while it is elsewhere."""
        if self._erasing is None or self._at is None:
            return None
        return (self._at.x(), self._at.y(), self.settings.radius_px * placement.scale)

    # The hand

    def hover(self, point: QPointF | None) -> None:
        """Where the pointer is, None once it has left."""
        self._at = point

    def press(self, placement: Placement, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Begin a stroke; with Shift by a straight line from the end of the last one."""
        if self._erasing is None or self._frame is None:
            return False
        self._begin()
        place = placement.to_image(point.x(), point.y())
        straight = modifiers & Qt.KeyboardModifier.ShiftModifier and self._last is not None
        self._last = self._last if straight else place
        self._paint(place)
        return True

    def move(self, placement: Placement, point: QPointF) -> None:
        """Paint the way to here."""
        self._at = point
        if self._stroking:
            self._paint(placement.to_image(point.x(), point.y()))

    def release(self, placement: Placement, point: QPointF) -> None:
        self.move(placement, point)
        self.finish()

    def finish(self) -> None:
        """Hand over what the stroke has painted, if one is under way."""
        if not self._stroking or self._working is None:
            return
        self._stroking = False
        if self.settings.annotation_id or self._working.any():
            self.painted.emit(self.settings.annotation_id, self._working.copy())
        else:
            self._let_go()

    def resize(self, steps: int) -> None:
        """Make the brush larger or smaller by some steps, and say so."""
        radius = self.settings.radius_px * GROWTH**steps
        radius = min(max(radius, SMALLEST_PX), LARGEST_PX)
        self.settings = replace(self.settings, radius_px=radius)
        self.resized.emit(radius)
        self.redraw.emit()

    # How it is done

    def _begin(self) -> None:
        assert self._frame is not None
        self._stroking = True
        if self._working is None:
            name = self.settings.annotation_id
            mask = self._masks.mask_of(name) if name else None
            self._working = np.zeros(self._frame.shape, dtype=bool) if mask is None else mask
            self._masks.set_working(self._working, self.settings.colour, name)
            self.redraw.emit()

    def _paint(self, place: Place) -> None:
        assert self._frame is not None
        assert self._working is not None
        settings, radius = self.settings, self.settings.radius_px
        radii = (radius, radius / pixel_aspect(self._frame))
        start, self._last = self._last or place, place
        part, (left, top) = _around(start, place, radii, self._frame.shape)
        values = self._values(self._frame, part)
        low, high = (settings.low, settings.high) if values is not None else (None, None)
        within = settings.within
        fits = within is not None and within.shape == self._frame.shape
        rect = dab(
            self._working[part],
            (start[0] - left, start[1] - top),
            (place[0] - left, place[1] - top),
            Brush(radii, bool(self._erasing), low, high),
            values=values,
            within=within[part] if within is not None and fits else None,
        )
        if not rect.empty:
            touched = Rect(rect.top + top, rect.left + left, rect.bottom + top, rect.right + left)
            self._masks.touch(touched)
            self.touched.emit(touched)

    def _values(self, frame: Frame, part: tuple[slice, slice]) -> np.ndarray | None:
        """The values of a part that a threshold goes by, not a number in padding.

        None without a threshold, and for a colour picture, which has none.
        """
        if frame.colour or (self.settings.low is None and self.settings.high is None):
            return None
        cut = replace(frame, stored=frame.stored[part])
        values, measured = cut.values(), cut.measured()
        if measured is not None:
            values[~measured] = np.nan
        return values

    def _let_go(self) -> None:
        if self._working is not None:
            self._working = None
            self._masks.set_working(None, self.settings.colour, "")
            self.redraw.emit()


def _around(
    start: Place, end: Place, radii: tuple[float, float], shape: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[int, int]]:
    """The part of a frame that a brush can reach on its way, and the (column, row) it begins at."""
    limits = []
    for axis, size in ((0, shape[1]), (1, shape[0])):
        ends = (start[axis], end[axis])
        first = math.floor(min(ends) - radii[axis]) - 1
        last = math.ceil(max(ends) + radii[axis]) + 1
        limits.append((min(max(first, 0), size), min(max(last, 0), size)))
    (left, right), (top, bottom) = limits
    return (slice(top, bottom), slice(left, right)), (left, top)
