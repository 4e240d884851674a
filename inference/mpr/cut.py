"""Planes and slabs cut from a volume, as ordinary frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from inference.mpr.meeting import lines_on
from inference.mpr.sampling import Sampled, stored_on, values_on
from inference.mpr.stack import PlaneStack
from inference.mpr.volume import Volume
from inference.records import Calibration, Frame

SlabMode = Literal["maximum", "mean", "minimum"]

CALIBRATION = "geometry of the volume"
"""What lengths on a cut plane are measured by, in words."""


@dataclass(frozen=True)
class Slab:
    """What stands for the planes within half of `thickness_mm` before and behind a plane."""

    mode: SlabMode
    thickness_mm: float


def cut(volume: Volume, stack: PlaneStack, index: int, slab: Slab | None = None) -> Frame:
    """Plane `index` of a stack through the volume, or a slab centred on it.

    Stored values are kept as integers, rounded, where one slope holds for all slices; otherwise
    the frame holds rescaled float32. What is no measurement or outside the volume has the value
    that `Frame.padding` names. A slab takes the planes of the stack whose distance is at most half
    its thickness; a plane through voxel centres alone shows them as stored.
    """
    plane = stack.matrix(index)
    head = replace(
        volume.template,
        key=(f"{volume.source_id}/{stack.name}", index),
        spacing_mm=stack.spacing_mm,
        affine=stack.affine(index),
        calibrations=(Calibration(stack.spacing_mm, CALIBRATION),),
        padding=volume.padding,
        slope=float(volume.slopes[0]),
        intercept=float(volume.intercepts[0]),
    )
    if slab is None:
        lines = lines_on(volume.grid, plane, stack.shape)
        stored = None if lines is None else stored_on(volume, lines)
        if stored is not None and lines is not None and (volume.uniform or lines.fixed == 0):
            number = int(lines.at) if lines.fixed == 0 else 0
            slope, intercept = float(volume.slopes[number]), float(volume.intercepts[number])
            kept = np.ascontiguousarray(stored)
            return replace(head, stored=kept, slope=slope, intercept=intercept)
        return _frame(volume, head, values_on(volume, [plane], stack.shape, _only))
    planes = [stack.matrix(near) for near in stack.within(index, slab.thickness_mm)]
    return _frame(volume, head, values_on(volume, planes, stack.shape, _MODES[slab.mode]))


def _frame(volume: Volume, head: Frame, sampled: Sampled) -> Frame:
    """A frame of sampled values, in the volume's stored type if that can hold them."""
    values, valid = sampled
    dtype, padding = volume.stored.dtype, volume.padding
    if not volume.uniform:
        head = replace(head, slope=1.0, intercept=0.0)
        dtype, padding = np.dtype(np.float32), None
    if valid is not None:
        dtype, outside = volume.outside
        padding = (outside, outside)
        if values.dtype.kind != "f":
            values = values.astype(dtype, copy=False)
        values = np.where(valid, values, values.dtype.type(outside))
    if dtype.kind in "iu" and values.dtype.kind == "f":
        values = np.rint(values)
    return replace(head, stored=values.astype(dtype, copy=False), padding=padding)


def _only(pieces: Iterable[Sampled]) -> Sampled:
    """A single plane."""
    values, valid = next(iter(pieces))
    return values[0], None if valid is None else valid[0]


def _maximum(pieces: Iterable[Sampled]) -> Sampled:
    return _extreme(pieces, np.maximum, -np.inf)


def _minimum(pieces: Iterable[Sampled]) -> Sampled:
    return _extreme(pieces, np.minimum, np.inf)


def _extreme(pieces: Iterable[Sampled], choose: np.ufunc, worst: float) -> Sampled:
    """The largest or smallest measurement at each pixel."""
    best: np.ndarray | None = None
    for values, valid in pieces:
        shown = values if valid is None else np.where(valid, values, np.float32(worst))
        found = choose.reduce(shown, axis=0)
        best = found if best is None else choose(best, found)
    if best is None:
        raise ValueError("a slab has at least one plane")
    measured = np.isfinite(best)
    return best, None if measured.all() else measured


def _mean(pieces: Iterable[Sampled]) -> Sampled:
    """The mean of the measurements at each pixel."""
    total, count = np.zeros(1), np.zeros(1)
    for values, valid in pieces:
        shown = values if valid is None else np.where(valid, values, np.float32(0.0))
        total = total + shown.sum(axis=0, dtype=np.float64)
        count = count + (float(len(values)) if valid is None else valid.sum(axis=0))
    measured = np.broadcast_to(count > 0, total.shape)
    mean = (total / np.maximum(count, 1.0)).astype(np.float32)
    return mean, None if measured.all() else measured


_MODES: dict[SlabMode, Callable[[Iterable[Sampled]], Sampled]] = {
    "maximum": _maximum,
    "mean": _mean,
    "minimum": _minimum,
}
