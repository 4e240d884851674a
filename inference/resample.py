"""Resampling along one axis at a time: source grid to model grid and back, in exact geometry.

Indices are those of voxel centres. Free of torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

Taps = tuple[tuple[int, np.ndarray], ...]
"""For each output index: the first input index, and the weights from there on (none: empty)."""


@dataclass(frozen=True, eq=False)
class Axis:
    """How `model_length` model samples lie over `source_length` source samples.

    Model index i is at `start + i * step`, in the coordinate in which source sample k is at
    `places[k]`; places ascend, and are 0, 1, 2 … where the samples are evenly spaced.
    """

    source_length: int
    model_length: int
    start: float
    step: float
    places: tuple[float, ...] | None = None

    def to_source(self, model_index: np.ndarray | float) -> np.ndarray:
        """Fractional source indices of model indices."""
        place = self.start + np.asarray(model_index, dtype=float) * self.step
        if self.places is None:
            return place
        return _through(place, np.array(self.places), np.arange(self.source_length, dtype=float))

    def to_model(self, source_index: np.ndarray | float) -> np.ndarray:
        """Fractional model indices of source indices."""
        index = np.asarray(source_index, dtype=float)
        if self.places is not None:
            ticks = np.arange(self.source_length, dtype=float)
            index = _through(index, ticks, np.array(self.places))
        return (index - self.start) / self.step

    @cached_property
    def ratio(self) -> float:
        """Source samples a model sample, on the average."""
        if self.places is None or self.source_length < 2:
            return self.step
        return self.step * (self.source_length - 1) / (self.places[-1] - self.places[0])

    @property
    def whole(self) -> int | None:
        """Where only whole samples are cut off or padded: the source index of model index 0."""
        if self.places is None and self.step == 1.0 and self.start == round(self.start):
            return round(self.start)
        return None

    @cached_property
    def forth(self) -> Taps:
        """Linear interpolation; where the model is coarser, a triangle as wide as its samples."""
        at = self.to_source(np.arange(self.model_length))
        reach = max(self.ratio, 1.0)
        return tuple(_triangle(float(place), reach, self.source_length) for place in at)

    @cached_property
    def back(self) -> Taps:
        """Linear interpolation; where the model is finer, the mean over the source's pixel."""
        edges = self.to_model(np.arange(self.source_length + 1) - 0.5)
        if self.ratio < 1.0:
            return tuple(
                _box(float(low), float(high), self.model_length) for low, high in pairwise(edges)
            )
        at = self.to_model(np.arange(self.source_length))
        return tuple(_triangle(float(place), 1.0, self.model_length) for place in at)


def axis(source_length: int, model_length: int, step: float) -> Axis:
    """An axis with both grids centred on each other; `step` in source samples a model sample.

    At full scale it is shifted to whole samples, so that values are cut or padded, not smoothed.
    """
    start = (source_length - 1 - step * (model_length - 1)) / 2
    if step == 1.0:
        start = float(np.floor(start + 0.5))
    return Axis(source_length, model_length, start, step)


def axis_at(places: np.ndarray, model_length: int, step: float) -> Axis:
    """The same for samples that are not evenly spaced; `step` in the unit of `places`."""
    middle = float(places[0] + places[-1]) / 2
    start = middle - step * (model_length - 1) / 2
    return Axis(len(places), model_length, start, step, tuple(places.tolist()))


def to_model(values: np.ndarray, axes: tuple[Axis, ...], pad: float) -> np.ndarray:
    """Resample the last axes of float32 `values`; outside the source stands `pad`."""
    result = values
    first = values.ndim - len(axes)
    for number, one in _cheapest_first(axes, forth=True):
        result = _along(result, one.forth, first + number, one.whole, one.model_length)
    for number, one in enumerate(axes):
        outside = [index for index, (_, weights) in enumerate(one.forth) if not len(weights)]
        if outside:
            np.moveaxis(result, first + number, 0)[outside] = pad
    return result


def to_source(values: np.ndarray, axes: tuple[Axis, ...]) -> np.ndarray:
    """Take model-space float32 `values` back along the last axes; 0 where the model saw nothing."""
    result = values
    first = values.ndim - len(axes)
    for number, one in _cheapest_first(axes, forth=False):
        shift = None if one.whole is None else -one.whole
        result = _along(result, one.back, first + number, shift, one.source_length)
    return result


def _cheapest_first(axes: tuple[Axis, ...], *, forth: bool) -> list[tuple[int, Axis]]:
    """The axes that shrink the array most come first."""
    growth = 1 if forth else -1
    return sorted(
        enumerate(axes),
        key=lambda item: (item[1].model_length / item[1].source_length) ** growth,
    )


def _along(
    values: np.ndarray, taps: Taps, number: int, shift: int | None, length: int
) -> np.ndarray:
    if shift == 0 and values.shape[number] == length:
        return values
    moved = np.moveaxis(values, number, -2)
    made = np.zeros((*moved.shape[:-2], length, moved.shape[-1]), dtype=np.float32)
    if shift is not None:
        low, high = max(0, -shift), min(length, moved.shape[-2] - shift)
        if low < high:
            made[..., low:high, :] = moved[..., low + shift : high + shift, :]
    else:
        for index, (start, weights) in enumerate(taps):
            if len(weights):
                window = moved[..., start : start + len(weights), :]
                np.matmul(weights, window, out=made[..., index, :])
    return np.moveaxis(made, -2, number)


def _triangle(place: float, reach: float, length: int) -> tuple[int, np.ndarray]:
    """Weights that fall off linearly from `place` to zero at `reach`; none outside the samples."""
    if not -0.5 <= place <= length - 0.5:
        return (0, np.empty(0, np.float32))
    low = max(int(np.floor(place - reach)) + 1, 0)
    high = min(int(np.ceil(place + reach)), length)
    weights = 1.0 - np.abs(np.arange(low, high) - place) / reach
    return (low, (weights / weights.sum()).astype(np.float32))


def _box(low: float, high: float, length: int) -> tuple[int, np.ndarray]:
    """Weights of the samples whose unit cells lie between `low` and `high`, by overlap."""
    low, high = max(low, -0.5), min(high, length - 0.5)
    if not low < high:
        return (0, np.empty(0, np.float32))
    first, last = int(np.floor(low + 0.5)), int(np.ceil(high + 0.5))
    cells = np.arange(first, last)
    overlap = np.minimum(cells + 0.5, high) - np.maximum(cells - 0.5, low)
    return (first, (overlap / overlap.sum()).astype(np.float32))


def _through(at: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Linear interpolation through ascending `known` places, carried on beyond both ends."""
    before = values[0] + (at - known[0]) * (values[1] - values[0]) / (known[1] - known[0])
    after = values[-1] + (at - known[-1]) * (values[-1] - values[-2]) / (known[-1] - known[-2])
    # Where a single place is asked for, np.interp gives a number that holds nothing to be set.
    beyond = np.where(at > known[-1], after, np.interp(at, known, values))
    return np.asarray(np.where(at < known[0], before, beyond))
