"""What a brush does to a mask, pixel by pixel, while the hand moves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Place = tuple[float, float]
"""(column, row) in pixel edges: (0.5, 0.5) is the centre of the first pixel."""

_ROUNDING = 1e-9
"""In pixels: a centre that lies on the rim is painted, whichever way its distance was rounded."""

_BAND = 64
"""Rows painted at once: a long slanting stroke costs what it covers and not the box around it."""


class Rect(NamedTuple):
    """Pixels [top, bottom) by [left, right); empty where nothing was touched."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def empty(self) -> bool:
        return self.top >= self.bottom or self.left >= self.right


@dataclass(frozen=True)
class Brush:
    """What is painted with. `radius` is in pixels; two give (columns, rows).

    A brush that is round in millimetres has the radii mm / spacing of either axis. With `low` and
    `high` it paints only where the value lies between them, both included.
    """

    radius: float | tuple[float, float]
    erase: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def radii(self) -> tuple[float, float]:
        """(along columns, along rows), in pixels."""
        return self.radius if isinstance(self.radius, tuple) else (self.radius, self.radius)


def dab(
    mask: np.ndarray,
    start: Place,
    end: Place,
    brush: Brush,
    *,
    values: np.ndarray | None = None,
    within: np.ndarray | None = None,
) -> Rect:
    """Paint the way from `start` to `end` into `mask`, bool [rows, columns], in place.

    A pixel is painted if its centre lies within the radius of the way. With a brush so small that
    it could fall between the centres, the pixels that the way passes through are painted as well.
    `values` (rescaled, [rows, columns]) are needed for a threshold; what is not a number is never
    painted by one. `within` is bool [rows, columns]. Gives the box that was touched.
    Raises ValueError for a threshold without values.
    """
    if values is None and not (brush.low is None and brush.high is None):
        raise ValueError("a brush with a threshold needs the values that it is painted over")
    columns, rows = brush.radii
    top = _first(min(start[1], end[1]) - rows)
    bottom = _end(max(start[1], end[1]) + rows)
    thin = 0.25 / columns**2 + 0.25 / rows**2 > 1 if columns > 0 and rows > 0 else True
    if thin:
        top = min(top, math.floor(min(start[1], end[1])))
        bottom = max(bottom, math.floor(max(start[1], end[1])) + 1)
    top, bottom = max(top, 0), min(bottom, mask.shape[0])
    if top >= bottom:
        return Rect(0, 0, 0, 0)
    lines = np.arange(top, bottom)
    first, last = _spans(start, end, (columns, rows), lines + 0.5)
    first, last = np.ceil(first - 0.5 - _ROUNDING), np.floor(last - 0.5 + _ROUNDING) + 1
    if thin:
        passed = _passed(start, end, lines)
        first, last = np.minimum(first, passed[0]), np.maximum(last, passed[1])
    limits = np.clip((first, last), 0, mask.shape[1]).astype(np.int64)
    return _paint(mask, top, limits, brush, (values, within))


def _first(edge: float) -> int:
    return math.ceil(edge - 0.5 - _ROUNDING)


def _end(edge: float) -> int:
    return math.floor(edge - 0.5 + _ROUNDING) + 1


def _spans(start: Place, end: Place, radii: Place, heights: np.ndarray) -> np.ndarray:
    """From where to where the brush's way reaches along each height, [2, n]; inf, -inf for none.

    The way is the hull of the brush at both ends: convex, so that one span a row says it all.
    """
    spans = [_disc(place, radii, heights) for place in (start, end)]
    if start != end and min(radii) > 0:
        spans.append(_strip(start, end, radii, heights))
    return np.stack([np.min([s[0] for s in spans], axis=0), np.max([s[1] for s in spans], axis=0)])


def _disc(place: Place, radii: Place, heights: np.ndarray) -> np.ndarray:
    columns, rows = radii
    room = rows**2 - (heights - place[1]) ** 2
    met = (room >= -_ROUNDING) & (rows > 0)
    half = np.sqrt(np.maximum(room, 0)) * (columns / rows if rows > 0 else 0)
    return _where(met, place[0] - half, place[0] + half)


def _strip(start: Place, end: Place, radii: Place, heights: np.ndarray) -> np.ndarray:
    """The rectangle between both ends, worked out where the brush is a circle of radius one."""
    columns, rows = radii
    left, right = (start, end) if start[0] <= end[0] else (end, start)
    across, down = (right[0] - left[0]) / columns, (right[1] - left[1]) / rows
    length = math.hypot(across, down)
    if length == 0:
        return _where(np.zeros(heights.shape, bool), heights, heights)
    along = _between(across / length, down / length * (heights - left[1]) / rows, 0, length)
    aside = _between(-down / length, across / length * (heights - left[1]) / rows, -1, 1)
    first, last = np.maximum(along[0], aside[0]), np.minimum(along[1], aside[1])
    return _where(first <= last, left[0] + first * columns, left[0] + last * columns)


def _between(slope: float, offsets: np.ndarray, low: float, high: float) -> np.ndarray:
    """The x for which slope · x + offset lies in [low, high], [2, n]."""
    if slope == 0:
        met = (offsets >= low - _ROUNDING) & (offsets <= high + _ROUNDING)
        free = np.full(offsets.shape, math.inf)
        return _where(met, -free, free)
    with np.errstate(over="ignore"):
        return np.sort(np.stack([(low - offsets) / slope, (high - offsets) / slope]), axis=0)


def _where(met: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    return np.stack([np.where(met, first, math.inf), np.where(met, last, -math.inf)])


def _passed(start: Place, end: Place, lines: np.ndarray) -> np.ndarray:
    """The pixels [first, last) that the way itself passes through in each row, [2, n]."""
    (x0, y0), (x1, y1) = sorted((start, end), key=lambda place: place[1])
    met = (lines >= math.floor(y0)) & (lines <= math.floor(y1))
    slope = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
    entry = np.where(lines <= y0, x0, x0 + slope * (lines - y0))
    leave = np.where(lines + 1 >= y1, x1, x0 + slope * (lines + 1 - y0))
    first = np.floor(np.minimum(entry, leave))
    last = np.maximum(np.ceil(np.maximum(entry, leave)), first + 1)
    return _where(met, first, last)


def _paint(
    mask: np.ndarray,
    top: int,
    limits: np.ndarray,
    brush: Brush,
    layers: tuple[np.ndarray | None, np.ndarray | None],
) -> Rect:
    """Paint the columns [limits[0], limits[1]) of each row from `top` on."""
    values, within = layers
    met = limits[0] < limits[1]
    if not met.any():
        return Rect(0, 0, 0, 0)
    for begin in range(0, limits.shape[1], _BAND):
        first, last = limits[:, begin : begin + _BAND]
        some = met[begin : begin + _BAND]
        if not some.any():
            continue
        left, right = int(first[some].min()), int(last[some].max())
        columns = np.arange(left, right)
        place = (slice(top + begin, top + begin + first.size), slice(left, right))
        chosen = (columns >= first[:, None]) & (columns < last[:, None])
        if values is not None:
            _keep_between(chosen, values[place], brush)
        if within is not None:
            chosen &= within[place]
        mask[place][chosen] = not brush.erase
    rows = np.flatnonzero(met)
    sides = int(limits[0, met].min()), int(limits[1, met].max())
    return Rect(top + int(rows[0]), sides[0], top + int(rows[-1]) + 1, sides[1])


def _keep_between(chosen: np.ndarray, values: np.ndarray, brush: Brush) -> None:
    if brush.low is not None:
        chosen &= values >= brush.low
    if brush.high is not None:
        chosen &= values <= brush.high
