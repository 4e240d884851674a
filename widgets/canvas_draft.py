"""A measure while it is being drawn: by dragging, by clicking from point to point, or by both."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF

from inference.records import FrameKey, Measure, MeasureKind
from widgets.canvas_measures import REACH_PX
from widgets.canvas_shapes import POINTS_NEEDED, Place, is_whole
from widgets.canvas_transform import Placement

DRAWING = "drawing"
"""The id of a measure that is not finished."""

CLICK_PX = 4.0
"""A press that moves less than this is a click."""


class Draft:
    """Points that are fixed, and a last one that follows the pointer."""

    def __init__(self, key: FrameKey, kind: MeasureKind, start: Place, at: QPointF) -> None:
        self._key = key
        self.kind = kind
        self._points = [start, start]
        self._pressed: QPointF | None = at
        self._clicked = False
        """Whether the button was up already: from then on each release fixes a point."""

    @property
    def measure(self) -> Measure:
        """What there is so far; it can be measured if it is whole."""
        return Measure(DRAWING, self._key, self.kind, tuple(self._points))

    @property
    def whole(self) -> bool:
        return is_whole(self.kind, tuple(self._points))

    def press(self, at: QPointF) -> None:
        self._pressed = at

    def follow(self, place: Place) -> None:
        """Take the last point along."""
        self._points[-1] = place

    def release(self, placement: Placement, at: QPointF) -> Measure | None:
        """The finished measure, if this release gave it its last point."""
        if self._pressed is None:
            return None
        way = at - self._pressed
        click = math.hypot(way.x(), way.y()) < CLICK_PX
        first = not self._clicked
        self._pressed, self._clicked = None, True
        if first and click:
            self._points[-1] = self._points[0]
            return None
        if POINTS_NEEDED[self.kind] is None and self._near_start(placement, REACH_PX):
            return self.close() or self.fix()
        return self.fix()

    def fix(self) -> Measure | None:
        """Keep the last point where it is; the finished measure, if it was the last of all."""
        if len(self._points) == POINTS_NEEDED[self.kind]:
            return Measure("", self._key, self.kind, tuple(self._points)) if self.whole else None
        if self._points[-1] != self._points[-2]:
            self._points.append(self._points[-1])
        return None

    def close(self) -> Measure | None:
        """The polygon of the points that are fixed; None for other kinds and for too few."""
        points = tuple(self._points[:-1])
        if POINTS_NEEDED[self.kind] is not None or not is_whole(self.kind, points):
            return None
        return Measure("", self._key, self.kind, points)

    def is_speck(self, placement: Placement) -> bool:
        """Whether it is no more than one click so far."""
        return len(self._points) == 2 and self._near_start(placement, 2 * CLICK_PX)

    def _near_start(self, placement: Placement, reach_px: float) -> bool:
        ends = [placement.to_widget(*self._points[place]) for place in (0, -1)]
        return math.dist(*ends) <= reach_px
