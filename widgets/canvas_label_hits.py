"""Which line or handle of a label is under the pointer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from widgets.canvas_label_picture import shown_line
from widgets.canvas_label_shapes import handles, outline
from widgets.canvas_labels import LabelSheet, ShownLabel
from widgets.canvas_measures import REACH_PX, stretch_distance
from widgets.canvas_transform import Placement


@dataclass(frozen=True)
class LineHit:
    """A shape, and which side of it is near: the one that begins with this point."""

    shown: ShownLabel
    side: int


def hit_handle(shown: ShownLabel, placement: Placement, point: QPointF) -> int | None:
    """The nearest handle of a shape within six pixels; None if none is."""
    at = (point.x(), point.y())
    kind, points = shown.annotation.kind, shown.annotation.points
    reaches = [math.dist(placement.to_widget(*place), at) for place in handles(kind, points)]
    nearest = min(range(len(reaches)), key=reaches.__getitem__)
    return nearest if reaches[nearest] <= REACH_PX else None


def hit_line(sheet: LabelSheet, placement: Placement, point: QPointF) -> LineHit | None:
    """The uppermost shape whose line is within six pixels, and its nearest side."""
    place = placement.to_image(point.x(), point.y())
    wide = REACH_PX / placement.scale
    high = wide / placement.aspect
    for shown in sheet.near(place, (wide, high)):
        reach, side = _nearest_side(shown, placement, (point.x(), point.y()))
        if reach <= REACH_PX:
            return LineHit(shown, side)
    return None


def _nearest_side(
    shown: ShownLabel, placement: Placement, at: tuple[float, float]
) -> tuple[float, int]:
    _, closed = outline(shown.annotation.kind, shown.annotation.points)
    line = [(float(x), float(y)) for x, y in shown_line(shown, placement)]
    ends = [*line[1:], line[0]] if closed or len(line) == 1 else line[1:]
    reaches = [
        (stretch_distance(at, start, end), side)
        for side, (start, end) in enumerate(zip(line, ends, strict=False))
    ]
    return min(reaches)
