"""From a click or a box to the outline of a thing, without a model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from inference.display import grey
from inference.errors import UserError
from inference.mask_bits import pack_mask
from inference.painting.partition import grab_cut, random_walk, watershed
from inference.painting.requests import SeedMethod, SeedRequest, SeedResult
from inference.painting.strokes import Brush, Place, Rect, dab
from inference.task import Task

_LEAST_AROUND_PX = 8
"""Ground around a box, at least: the outside must be known by something."""

_AROUND = 0.25
"""Ground around a box on each side, by its size."""

_REACH = 0.25
"""How far from a click the thing may reach where no box is given, by the frame's shorter side."""

_LEAST_REACH_PX = 48

_LITTLE = 2
"""So many times what was clicked on, at least, a thing is expected to be."""

_ALIKE = (
    "GrabCut found little more than the place itself: the thing and what is around it have the"
    " same greys. Try another window, or random walk."
)

_LOOSE = 0.1
"""A box found by another method is drawn so much of its size wider on each side."""

_STEP = 4
"""So many times finer at once: the band that is divided again stays narrow."""

_SURE_PX = 1.5
"""So many coarse pixels from the outline, a coarse answer is taken as it is."""


@dataclass(frozen=True, eq=False)
class _Seeds:
    """The part of a picture that is divided, and what is known of it; all of one size."""

    picture: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    within: np.ndarray
    """Where something was measured."""
    probable: np.ndarray
    """A first guess of the inside."""


@dataclass(frozen=True)
class _Method:
    divide: Callable[[_Seeds, Task], np.ndarray]
    most_px: int
    """Pixels that it divides in about half a second; a larger part is made coarser first."""
    boxed: bool = False
    """Only knows a thing by its greys, so that it needs a box with little else in it."""


_METHODS: dict[SeedMethod, _Method] = {
    "grab_cut": _Method(
        lambda at, task: grab_cut(
            at.picture, at.probable, at.inside, at.outside, task, within=at.within
        ),
        512**2,
        boxed=True,
    ),
    "watershed": _Method(
        lambda at, task: watershed(at.picture, at.inside, at.outside, within=at.within), 3000**2
    ),
    "random_walk": _Method(
        lambda at, task: random_walk(at.picture, at.inside, at.outside, within=at.within) >= 0.5,
        160**2,
    ),
}


def segment(request: SeedRequest, task: Task) -> SeedResult:
    """Divide the frame around the clicks into the thing and the rest.

    What is not measured (padding) is never part of it. Of what is found only the parts that hold a
    click are kept. GrabCut without a box takes one around what the watershed finds. A part of the
    frame too large for the method is divided coarsely first; then the last pixels at the outline
    are found by a random walk between those that are sure. It is noted where GrabCut, which goes by
    greys alone, cannot tell the thing from its ground. Raises UserError where there is nothing
    to start from, or no ground to tell the thing from.
    """
    if not (request.inside or request.box):
        raise UserError("Nothing says where to look.", "Click into the thing or draw a box.")
    method = _METHODS[request.method]
    if method.boxed and not request.box:
        request = _boxed(request, task)
    region = _region(request)
    seeds = _seeds(request, region)
    _refuse_one_sided(seeds)
    task.check()
    found = _divided(seeds, method, task)
    task.check()
    mask = np.zeros(request.frame.shape, dtype=bool)
    held = _holding(found & seeds.within, seeds.inside)
    if method.boxed and np.count_nonzero(held) < _LITTLE * np.count_nonzero(seeds.inside):
        task.note(_ALIKE)
    mask[region.top : region.bottom, region.left : region.right] = held
    return SeedResult(request.frame.key, request.method, pack_mask(mask))


def _divided(seeds: _Seeds, method: _Method, task: Task) -> np.ndarray:
    """By the method, coarsely where it must be, and then finer step by step."""
    factor = max(math.ceil(math.sqrt(seeds.inside.size / method.most_px)), 1)
    found = method.divide(_coarser(seeds, factor), task)
    while factor > 1:
        finer = max(factor // _STEP, 1)
        found = _finer(_coarser(seeds, finer), found, factor / finer, task)
        factor = finer
    return found


def _boxed(request: SeedRequest, task: Task) -> SeedRequest:
    """With a box around what the watershed finds."""
    found = segment(replace(request, method="watershed"), task).mask
    if found is None:
        return request
    wide, high = 1 + _LOOSE * found.columns, 1 + _LOOSE * found.rows
    right, bottom = found.left + found.columns, found.top + found.rows
    box = (found.left - wide, found.top - high, right + wide, bottom + high)
    return replace(request, box=box)


def _region(request: SeedRequest) -> Rect:
    """The part of the frame that is looked at: the box, or what a click reaches, and some more."""
    rows, columns = request.frame.shape
    if request.box:
        left, top, right, bottom = request.box
        wide = max(_LEAST_AROUND_PX, _AROUND * abs(right - left))
        high = max(_LEAST_AROUND_PX, _AROUND * abs(bottom - top))
        across, down = [left, right], [top, bottom]
    else:
        wide = high = max(_LEAST_REACH_PX, _REACH * min(rows, columns))
        across = [place[0] for place in request.inside]
        down = [place[1] for place in request.inside]
    return Rect(
        _within(math.floor(min(down) - high), rows),
        _within(math.floor(min(across) - wide), columns),
        _within(math.ceil(max(down) + high), rows),
        _within(math.ceil(max(across) + wide), columns),
    )


def _within(edge: int, size: int) -> int:
    return min(max(edge, 0), size)


def _seeds(request: SeedRequest, region: Rect) -> _Seeds:
    place = (slice(region.top, region.bottom), slice(region.left, region.right))
    picture = np.ascontiguousarray(grey(request.frame, request.voi)[place])
    measured = replace(request.frame, stored=request.frame.stored[place]).measured()
    within = np.ones(picture.shape[:2], bool) if measured is None else measured
    clicks = request.inside or (_middle(request.box),)
    inside = _discs(clicks, request.radius_px, region, within)
    outside = _discs(request.outside, request.radius_px, region, within)
    around = _around(request, region)
    outside = (outside | around) & within & ~inside
    return _Seeds(picture, inside, outside, within, ~around & within)


def _middle(box: tuple[float, float, float, float] | None) -> Place:
    left, top, right, bottom = box or (0.0, 0.0, 0.0, 0.0)
    return (left + right) / 2, (top + bottom) / 2


def _discs(
    places: tuple[Place, ...], radius_px: float, region: Rect, within: np.ndarray
) -> np.ndarray:
    found = np.zeros(within.shape, dtype=bool)
    for column, row in places:
        at = (column - region.left, row - region.top)
        dab(found, at, at, Brush(radius_px), within=within)
    return found


def _around(request: SeedRequest, region: Rect) -> np.ndarray:
    """What lies outside of the box; without one the rim.

    A rim that is the frame's own is none, as things may reach beyond the frame; unless there is no
    other, as on a small frame.
    """
    rows, columns = request.frame.shape
    cut = (region.top > 0, region.left > 0, region.bottom < rows, region.right < columns)
    above, before, below, after = cut if any(cut) else (True,) * 4
    left, top, right, bottom = request.box or (
        region.left + before,
        region.top + above,
        region.right - after,
        region.bottom - below,
    )
    at = np.arange(region.left, region.right) + 0.5
    heights = np.arange(region.top, region.bottom)[:, None] + 0.5
    across = (at >= min(left, right)) & (at < max(left, right))
    down = (heights >= min(top, bottom)) & (heights < max(top, bottom))
    return np.asarray(~(across & down))


def _holding(mask: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The parts of a mask, joined by sides, that hold some pixel of `inside`."""
    labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)[1]
    held = np.zeros(int(labels.max()) + 1, bool)
    held[labels[inside]] = True
    held[0] = False
    return np.asarray(held[labels])


def _refuse_one_sided(seeds: _Seeds) -> None:
    if not seeds.inside.any():
        raise UserError(
            "The clicks lie on no measured pixel.", "Click into the thing, on the picture itself."
        )
    if not seeds.outside.any():
        raise UserError(
            "Nothing says what is outside of the thing.",
            "Draw a box with some ground around it, or click outside of the thing as well.",
        )


def _coarser(seeds: _Seeds, factor: int) -> _Seeds:
    """Each pixel the mean of factor × factor; what is known of one of them is known of it."""
    if factor == 1:
        return seeds
    rows, columns = seeds.inside.shape
    size = (math.ceil(columns / factor), math.ceil(rows / factor))

    def mean(picture: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))

    def share(mask: np.ndarray) -> np.ndarray:
        return mean(mask.astype(np.float32))

    inside, within = share(seeds.inside) > 0, share(seeds.within) >= 0.5
    outside = (share(seeds.outside) > 0) & ~inside
    return _Seeds(
        mean(seeds.picture), inside, outside, within | inside, share(seeds.probable) >= 0.5
    )


def _finer(seeds: _Seeds, coarse: np.ndarray, factor: float, task: Task) -> np.ndarray:
    """A coarser answer at the size of `seeds`: the pixels near its outline are divided again."""
    task.check()
    rows, columns = seeds.inside.shape
    shares = cv2.resize(coarse.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    found = np.asarray(shares >= 0.5)
    side = 2 * math.ceil(_SURE_PX * factor) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    sure = cv2.erode(found.view(np.uint8), kernel) > 0
    possible = cv2.dilate(found.view(np.uint8), kernel) > 0
    inside = (sure & ~seeds.outside) | seeds.inside
    outside = (~possible & ~seeds.inside) | seeds.outside
    band = cv2.dilate((~inside & ~outside).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    chances = random_walk(seeds.picture, inside, outside, within=band & seeds.within)
    return np.asarray(np.where(band, chances >= 0.5, inside))
