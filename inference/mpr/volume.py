"""A series as a volume: its stored voxels, where they lie, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from inference.errors import UserError
from inference.mpr.grid import Grid, grid_of
from inference.records import Frame, Source

_WIDEST = np.iinfo(np.int16)


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels [slices, rows, columns] as stored, contiguous; rescaled = stored * slope + intercept.

    `slopes` and `intercepts` are float64 [slices]. `padding` is the inclusive range of stored
    values that are no measurement; NaN never is one. `template` is a frame without pixels that
    lends unit, photometric interpretation and windows to every plane cut from the volume.
    """

    source_id: str
    stored: np.ndarray
    grid: Grid
    slopes: np.ndarray
    intercepts: np.ndarray
    template: Frame
    padding: tuple[float, float] | None = None

    @cached_property
    def uniform(self) -> bool:
        """Whether one slope and intercept hold for all slices, so that stored values compare."""
        return bool(np.ptp(self.slopes) == 0 and np.ptp(self.intercepts) == 0)

    @cached_property
    def flat(self) -> np.ndarray:
        """The voxels in one row, for gathering."""
        return self.stored.reshape(-1)

    def unmeasured(self, stored: np.ndarray) -> np.ndarray | None:
        """True where stored values are padding or no numbers; None where none are."""
        found: np.ndarray | None = None
        if self.padding is not None:
            found = (stored >= self.padding[0]) & (stored <= self.padding[1])
        if stored.dtype.kind == "f":
            odd = ~np.isfinite(stored)
            found = odd if found is None else found | odd
        return found if found is not None and found.any() else None

    @cached_property
    def outside(self) -> tuple[np.dtype, float]:
        """What stands for "not measured" in planes cut from the volume: their type, and the value.

        The volume's own padding where it has one. Otherwise as far below the measured values as
        these reach (above them where dark is high), so that it is black under every sensible
        window, while tables over the values stay short; in int16 if that holds both, else
        float32. Finding the range takes one pass over all voxels.
        """
        if self.padding is not None and self.uniform:
            limits = _limits(self.stored.dtype)
            return self.stored.dtype, min(max(self.padding[0], limits[0]), limits[1])
        low, high = self._measured_range()
        reach = high - low + 1
        dark_is_high = self.uniform and (self.slopes[0] < 0) != self.template.inverted
        if not self.uniform:
            dark_is_high = self.template.inverted
        value = high + reach if dark_is_high else low - reach
        whole = self.uniform and self.stored.dtype.kind in "iu"
        fits = _WIDEST.min <= min(low, value) and max(high, value) <= _WIDEST.max
        return np.dtype(np.int16 if whole and fits else np.float32), value

    def _measured_range(self) -> tuple[float, float]:
        """Smallest and largest measurement, as stored where slopes are uniform, else rescaled."""
        ends: list[float] = []
        for number, stored in enumerate(self.stored):
            bad = self.unmeasured(stored)
            if bad is not None and bad.all():
                continue
            mask = None if bad is None else np.invert(bad).view(np.uint8)
            found = cv2.minMaxLoc(stored, mask=mask)[:2]
            if self.uniform:
                ends += found
            else:
                ends += [end * self.slopes[number] + self.intercepts[number] for end in found]
        return (min(ends), max(ends)) if ends else (0.0, 0.0)


def volume_of(source: Source, stored: np.ndarray, frames: Sequence[Frame]) -> Volume:
    """The volume of a source: its voxels [frames, rows, columns], and what each frame means.

    `frames` is one frame for each slice; their pixels are not looked at and may be absent. `stored`
    is kept as it is if it is contiguous int16, uint16, uint8 or float32, else copied as that.
    Raises UserError where the source is no volume.
    """
    if source.samples != 1 or stored.ndim != 3:
        raise UserError("Colour pictures cannot be cut as a volume.", "Choose a series in grey.")
    if source.affine is None:
        raise UserError(
            "Nothing is known of where these slices lie, so no planes can be cut through them.",
            "Choose a series with position and orientation.",
        )
    slices, rows, columns = stored.shape
    grid = grid_of(source.affine, (slices, rows, columns), source.positions_mm)
    if not grid.ascends:
        raise UserError(
            "The slices do not follow each other in space, so no planes can be cut through them.",
            "Choose a series whose slices lie side by side, or another order of its frames.",
        )
    paddings = [frame.padding for frame in frames if frame.padding is not None]
    template = frames[slices // 2]
    return Volume(
        source.source_id,
        np.ascontiguousarray(stored, dtype=_kept(stored.dtype)),
        grid,
        np.array([frame.slope for frame in frames]),
        np.array([frame.intercept for frame in frames]),
        replace(template, stored=np.empty((0, 0), stored.dtype), planes=(), shutter=None),
        paddings[0] if paddings else None,
    )


def _kept(dtype: np.dtype) -> np.dtype:
    """The type in which voxels are kept: int8 has no fast paths, wider integers none either."""
    if dtype in (np.int16, np.uint16, np.uint8, np.float32):
        return dtype
    return np.dtype(np.int16 if dtype == np.int8 else np.float32)


def _limits(dtype: np.dtype) -> tuple[float, float]:
    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return float(info.min), float(info.max)
