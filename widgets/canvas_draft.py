"""A shape while it is being drawn: by dragging, by clicking from point to point, or by both."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QPointF

from widgets.canvas_measures import REACH_PX
from widgets.canvas_shapes import Place
from widgets.canvas_transform import Placement

DRAWING = "drawing"
"""The id of a measure that is not finished."""

CLICK_PX = 4.0
"""A press that moves less than this is a click."""

TRACE_PX = 3.0
"""What is drawn freehand has a point every so often."""

Points = tuple[Place, ...]
Kind = TypeVar("Kind", bound=str)


@dataclass(frozen=True)
class Form(Generic[Kind]):
    """What kind of shape is drawn, and when it is finished.

    `needed` points end it; with None it is ended by hand, where it is `closed` also by a click on
    its first point, and else by a drag from end to end. One that is `traced` can be drawn freehand.
    """

    kind: Kind
    needed: int | None
    is_whole: Callable[[Points], bool]
    closed: bool = True
    traced: bool = False


class Draft(Generic[Kind]):
    """Points that are fixed, and a last one that follows the pointer."""

    def __init__(self, form: Form[Kind], start: Place, at: QPointF) -> None:
        self.form = form
        self.freehand = False
        """Whether any of it was drawn freehand."""
        self._points = [start, start]
        self._pressed: QPointF | None = at
        self._clicked = False
        """Whether the button was up already: from then on each release fixes a point."""
        self._tracing = False

    @property
    def points(self) -> Points:
        """What there is so far."""
        return tuple(self._points)

    @property
    def whole(self) -> bool:
        return self.form.is_whole(self.points)

    def press(self, at: QPointF) -> None:
        self._pressed = at

    def follow(self, place: Place) -> None:
        """Take the last point along."""
        self._points[-1] = place

    def trace(self, placement: Placement, at: QPointF) -> None:
        """Leave a point behind where the button is held and the pointer has gone a little way."""
        if self._pressed is None or not self.form.traced:
            return
        way = at - self._pressed
        self._tracing = self._tracing or math.hypot(way.x(), way.y()) >= CLICK_PX
        ends = [placement.to_widget(*place) for place in self._points[-2:]]
        if self._tracing and math.dist(*ends) >= TRACE_PX:
            self.freehand = True
            self._points.append(self._points[-1])

    def release(self, placement: Placement, at: QPointF) -> Points | None:
        """The finished points, if this release gave the last one."""
        if self._pressed is None:
            return None
        way = at - self._pressed
        click = math.hypot(way.x(), way.y()) < CLICK_PX
        first, traced = not self._clicked, self._tracing
        self._pressed, self._clicked, self._tracing = None, True, False
        if first and click:
            self._points[-1] = self._points[0]
            return None
        if first and (traced or (self.form.needed is None and not self.form.closed)):
            self.fix()
            return self.close()
        if self.form.needed is None and self.form.closed and self._near_start(placement, REACH_PX):
            return self.close() or self.fix()
        return self.fix()

    def fix(self) -> Points | None:
        """Keep the last point where it is; the finished points, if it was the last of all."""
        if len(self._points) == self.form.needed:
            return self.points if self.whole else None
        if self._points[-1] != self._points[-2]:
            self._points.append(self._points[-1])
        return None

    def close(self) -> Points | None:
        """The points that are fixed, of a shape that is ended by hand; None if they are too few."""
        points = self.points[:-1]
        return points if self.form.needed is None and self.form.is_whole(points) else None

    def take_back(self) -> bool:
        """Forget the point that was fixed last; False if that is the first one."""
        if len(self._points) < 3:
            return False
        del self._points[-2]
        return True

    def is_speck(self, placement: Placement) -> bool:
        """Whether it is no more than one click so far."""
        return len(self._points) == 2 and self._near_start(placement, 2 * CLICK_PX)

    def _near_start(self, placement: Placement, reach_px: float) -> bool:
        ends = [placement.to_widget(*self._points[place]) for place in (0, -1)]
        return math.dist(*ends) <= reach_px
