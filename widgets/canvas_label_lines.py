"""Many lines drawn in one go onto the pixels of a picture: whole or dashed, and rings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from widgets.canvas_transform import Placement
from widgets.theme import RGB

POINT_PX = 4.0
"""How far the ring around a point reaches."""

DASH_PX, GAP_PX = 5.0, 4.0

_SUBPIXEL_BITS = 4
_RING = np.stack([fn(np.arange(12) * np.pi / 6) * POINT_PX for fn in (np.cos, np.sin)], axis=1)

_DASHES_MOST = 4000
"""Of one stretch, however far it goes beyond the viewport."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of one colour: points in physical pixels behind one another, and how many each has."""

    points: np.ndarray
    counts: np.ndarray
    closed: bool
    colour: RGB


def to_physical(points: np.ndarray, placement: Placement) -> np.ndarray:
    """(column, row) [n, 2] to physical pixels of the viewport."""
    start = np.array(placement.to_widget(0.0, 0.0))
    column, row = np.array(placement.to_widget(1.0, 0.0)), np.array(placement.to_widget(0.0, 1.0))
    ways = np.stack([column - start, row - start])
    return np.asarray((points @ ways + start) * placement.ratio)


def draw_lines(
    pixels: np.ndarray, lines: Lines, ink: tuple[int, int, int, int], width: int, *, smooth: bool
) -> None:
    """OpenCV's coordinates are those of pixel centres, ours of their edges."""
    places = np.clip(lines.points, -1e6, 1e6) - 0.5
    fixed = np.round(places * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    ends = np.cumsum(lines.counts).tolist()
    parts = [fixed[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    kind = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.polylines(pixels, parts, lines.closed, ink, width, kind, _SUBPIXEL_BITS)


def rings(lines: Lines, ratio: float) -> Lines:
    """A ring around each point."""
    around = (lines.points[:, None] + _RING * ratio).reshape(-1, 2)
    return Lines(around, np.full(len(lines.points), len(_RING)), True, lines.colour)


def dashed(lines: Lines, ratio: float) -> Lines:
    """Each straight stretch as dashes of its own."""
    last = np.cumsum(lines.counts) - 1
    follower = np.arange(1, len(lines.points) + 1)
    follower[last] = last - lines.counts + 1
    begins = np.arange(len(lines.points))
    begins = begins if lines.closed else np.delete(begins, last)
    starts, ways = lines.points[begins], lines.points[follower[begins]] - lines.points[begins]
    lengths = np.maximum(np.hypot(*ways.T), 1e-9)
    step = (DASH_PX + GAP_PX) * ratio
    counts = np.clip(np.ceil(lengths / step), 1, _DASHES_MOST).astype(np.int64)
    begin = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) * step
    end = np.minimum(begin + DASH_PX * ratio, np.repeat(lengths, counts))
    first, along = np.repeat(starts, counts, 0), np.repeat(ways / lengths[:, None], counts, 0)
    dashes = np.stack([first + along * begin[:, None], first + along * end[:, None]], axis=1)
    return Lines(dashes.reshape(-1, 2), np.full(len(dashes), 2), False, lines.colour)
