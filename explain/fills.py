"""Takes a marked part out of a frame: what stands there instead, in the frame's stored values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from explain.baselines import BLUR_SHARE
from explain.harmonic import harmonic
from explain.records import Fill
from inference.cards import ModelCard
from inference.display import default_window, grey
from inference.errors import UserError
from inference.records import Frame


@dataclass(frozen=True, eq=False)
class Hole:
    """A frame and what is to be taken out of it.

    `values` is float64 [rows, columns, samples] as stored. `inside` is what is taken out, `known`
    what stays, both bool [rows, columns] and of measured pixels alone. `nothing` is what the
    model's baseline is in the frame's rescaled values or displayed levels, [samples].
    """

    frame: Frame
    card: ModelCard
    values: np.ndarray
    inside: np.ndarray
    known: np.ndarray
    nothing: np.ndarray
    check: Callable[[], None]
    """Called between steps that take their time; it may raise."""


def fill_in(
    frame: Frame,
    region: np.ndarray,
    fill: Fill,
    card: ModelCard,
    nothing: Any,
    *,
    check: Callable[[], None] = lambda: None,
) -> Frame:
    """The frame without what lies in `region`, bool [rows, columns]; of the same type of values.

    `nothing` is the model's baseline before normalisation, a number for each of its channels. Its
    default window stays that of the untouched frame. Padding stays padding. Raises UserError
    where nothing is left to fill from.
    """
    measured = _measured(frame)
    inside = region & measured
    if not inside.any():
        return frame
    stored = frame.stored.astype(np.float64)
    values = stored if frame.colour else stored[..., None]
    channels = np.asarray(nothing, dtype=np.float64)
    samples = values.shape[2]
    target = channels if samples == len(channels) else np.full(samples, channels.mean())
    hole = Hole(frame, card, values, inside, measured & ~region, target, check)
    if not hole.known.any():
        raise UserError(
            "The region covers the whole picture, so nothing is left to go by.",
            "Mark a smaller region.",
        )
    values[inside] = FILLS[fill](hole)
    if frame.stored.dtype.kind in "iu":
        limits = np.iinfo(frame.stored.dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    changed = (values if frame.colour else values[..., 0]).astype(frame.stored.dtype)
    return replace(frame, stored=changed, windows=_windows(frame))


def _measured(frame: Frame) -> np.ndarray:
    measured = frame.measured()
    everywhere = np.ones(frame.shape, dtype=bool) if measured is None else measured
    if frame.stored.dtype.kind == "f":
        everywhere = everywhere & np.isfinite(frame.stored)
    return everywhere


def _windows(frame: Frame) -> tuple[Any, ...]:
    """A frame without a window is shown from minimum to maximum, which the change may move."""
    if frame.colour or frame.windows or frame.table is not None:
        return frame.windows
    return (default_window(frame),)


def _mean(hole: Hole) -> np.ndarray:
    return np.asarray(hole.values[hole.known].mean(axis=0))


def _baseline(hole: Hole) -> np.ndarray:
    """What the model takes for nothing there; of displayed pixels the nearest that is one."""
    frame = hole.frame
    if frame.colour:
        return hole.nothing
    if hole.card.input == "displayed":
        levels = grey(frame)[hole.known | hole.inside].astype(np.float64)
        nearest = np.abs(levels - hole.nothing[0]).argmin()
        return np.asarray(hole.values[hole.known | hole.inside][nearest])
    return (hole.nothing - frame.intercept) / frame.slope


def _blurred(hole: Hole) -> np.ndarray:
    """A Gaussian mean over measured pixels, on a grid so coarse that it is four pixels wide."""
    sigma = BLUR_SHARE * max(hole.inside.shape)
    box = _box(hole.inside, int(np.ceil(3 * sigma)))
    counted = (hole.inside | hole.known)[box].astype(np.float32)
    weighted = np.where(counted[..., None] > 0, hole.values[box], 0.0).astype(np.float32)
    both = np.dstack([weighted, counted])
    shrink = max(sigma / 4, 1.0)
    rows, columns = counted.shape
    small = (max(1, round(columns / shrink)), max(1, round(rows / shrink)))
    coarse = cv2.resize(both, small, interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(coarse, (0, 0), sigma / shrink, borderType=cv2.BORDER_CONSTANT)
    fine = np.asarray(cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR))
    found = fine[hole.inside[box]].astype(np.float64)
    return np.asarray(found[:, :-1] / np.maximum(found[:, -1:], 1e-9))


def _in_painted(hole: Hole) -> np.ndarray:
    box = _box(hole.inside, 1)
    filled = harmonic(hole.values[box], hole.inside[box], hole.known[box], hole.check)
    # What touches no pixel that stays has nothing to go on with.
    return np.where(np.isfinite(filled), filled, hole.values[hole.known].mean(axis=0))


def _box(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    """The smallest box around what is set, and `margin` pixels more on each side."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


FILLS: dict[Fill, Callable[[Hole], np.ndarray]] = {
    "in-paint": _in_painted,
    "blur": _blurred,
    "mean": _mean,
    "baseline": _baseline,
}
"""What stands there instead: [n, samples] or [samples], in the frame's stored values."""
