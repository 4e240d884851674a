"""A region that is tried by growing or by the wand, before it is taken into a mask."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inference.display import Voi
from inference.mask_bits import unpack_mask
from inference.painting.growing import grow, otsu
from inference.painting.requests import SeedMethod, SeedRequest
from inference.painting.seeds import segment
from inference.painting.strokes import Brush, Place, dab
from inference.records import Frame, FrameKey
from inference.task import Task

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in pixel edges."""


@dataclass(frozen=True)
class Wish:
    """What a region is to be found by: places inside and outside of it, a box around it.

    Of a region that grows, values lie from `low` to `high`, or where both are None at most
    `tolerance` from the value of each seed. One of the wand has a `method` instead.
    """

    key: FrameKey
    inside: tuple[Place, ...] = ()
    outside: tuple[Place, ...] = ()
    box: Box | None = None
    low: float | None = None
    high: float | None = None
    tolerance: float = 0.0
    method: SeedMethod | None = None


@dataclass(frozen=True, eq=False)
class Sketch:
    """A wish, and the mask that answers it or one just before it, bool [rows, columns]."""

    wish: Wish
    mask: np.ndarray | None = None
    answered: Wish | None = None
    """The wish that `mask` answers."""
    pressed: tuple[Place, float] | None = None
    """While the hand drags: where it began, and the tolerance that it began with."""

    @property
    def done(self) -> bool:
        """Whether what is seen is what was wished."""
        return self.wish == self.answered


@dataclass(frozen=True, eq=False)
class SketchRequest:
    """A region to be found on a frame, which is seen through `voi`."""

    wish: Wish
    frame: Frame
    voi: Voi | None = None


@dataclass(frozen=True, eq=False)
class DivideRequest:
    """The values of a frame that are to be divided: those under a brush, without `place` all."""

    frame: Frame
    place: Place | None
    radius_px: float


def find_region(request: SketchRequest, task: Task) -> np.ndarray | None:
    """The region that was wished for, bool [rows, columns]; None where there is none.

    One that grows is what hangs together with the seeds inside, without what does with those
    outside. Padding is never part of it.
    """
    wish, frame = request.wish, request.frame
    if wish.method is not None:
        places = (wish.inside, wish.outside, wish.box)
        asked = SeedRequest(frame, wish.method, *places, voi=request.voi)
        mask = segment(asked, task).mask
        return unpack_mask(mask, frame.shape) if mask is not None else None
    values, measured = grey_values(frame), frame.measured()
    found = np.zeros(frame.shape, dtype=bool)
    for seeds, inside in ((wish.inside, True), (wish.outside, False)):
        for seed in seeds:
            task.check()
            low, high = limits(wish, value_at(values, seed))
            found[grow(values, seed, low, high, within=measured)] = inside
    return found if found.any() else None


def find_division(request: DivideRequest, task: Task) -> float | None:
    """The value that Otsu's method divides them at; None where all are alike."""
    frame = request.frame
    there = frame.measured()
    within = np.ones(frame.shape, bool) if there is None else there
    if request.place is not None:
        under = np.zeros(frame.shape, bool)
        dab(under, request.place, request.place, Brush(request.radius_px))
        within = within & under
    return otsu(grey_values(frame)[within])


def limits(wish: Wish, value: float) -> tuple[float, float]:
    """The values that a region takes in around a seed of this value."""
    if wish.low is None and wish.high is None:
        return (value - wish.tolerance, value + wish.tolerance)
    return (
        -np.inf if wish.low is None else wish.low,
        np.inf if wish.high is None else wish.high,
    )


def grey_values(frame: Frame) -> np.ndarray:
    """Rescaled values, float32 [rows, columns]; of a colour picture the mean of its colours."""
    values = frame.values()
    return np.asarray(values.mean(axis=2)) if frame.colour else values


def value_in(frame: Frame, place: Place) -> float:
    """The rescaled value of the pixel of a frame that holds a place."""
    row, column = _pixel(frame.shape, place)
    stored = frame.stored[row : row + 1, column : column + 1]
    return float(grey_values(replace(frame, stored=stored))[0, 0])


def value_at(values: np.ndarray, place: Place) -> float:
    """The value of the pixel that holds a place, of those [rows, columns]."""
    return float(values[_pixel((values.shape[0], values.shape[1]), place)])


def _pixel(shape: tuple[int, int], place: Place) -> tuple[int, int]:
    """(row, column) of the pixel that holds a place, or of the nearest one."""
    rows, columns = shape
    return min(max(int(place[1]), 0), rows - 1), min(max(int(place[0]), 0), columns - 1)
