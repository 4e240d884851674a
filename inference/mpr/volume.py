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
    lends unit, photometric interpretation and windows to every plane cut from the volume. `missing`
    are the slices that could not be read: whatever `stored` has there is no measurement.
    """

    source_id: str
    stored: np.ndarray
    grid: Grid
    slopes: np.ndarray
    intercepts: np.ndarray
    template: Frame
    padding: tuple[float, float] | None = None
    missing: tuple[int, ...] = ()

    @cached_property
    def uniform(self) -> bool:
        """Whether one slope and intercept hold for all slices, so that stored values compare."""
        return bool(np.ptp(self.slopes) == 0 and np.ptp(self.intercepts) == 0)

    @cached_property
    def flat(self) -> np.ndarray:
        """The voxels in one row, for gathering."""
        return self.stored.reshape(-1)

    @cached_property
    def lost(self) -> np.ndarray | None:
        """bool [slices]: True where a slice is missing; None where none is."""
        if not self.missing:
            return None
        found = np.zeros(len(self.stored), bool)
        found[list(self.missing)] = True
        return found

    def unmeasured(
        self, stored: np.ndarray, slices: np.ndarray | int | None = None
    ) -> np.ndarray | None:
        """True where values are padding, no numbers, or of a missing slice; None where none are.

        `slices` says of which slice each value is, as an array that broadcasts to `stored`; None
        where no slice is missing.
        """
        found: np.ndarray | None = None
        if self.padding is not None:
            found = (stored >= self.padding[0]) & (stored <= self.padding[1])
        if stored.dtype.kind == "f":
            odd = ~np.isfinite(stored)
            found = odd if found is None else found | odd
        if self.lost is not None and slices is not None:
            lost = np.broadcast_to(self.lost[slices], stored.shape)
            found = lost if found is None else found | lost
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
        if whole and _WIDEST.min <= min(low, value) and max(high, value) <= _WIDEST.max:
            return np.dtype(np.int16), value
        # Exactly as planes hold it, or it would not be known again among their values.
        return np.dtype(np.float32), float(np.float32(value))

    def _measured_range(self) -> tuple[float, float]:
        """Smallest and largest measurement, as stored where slopes are uniform, else rescaled."""
        ends: list[float] = []
        for number, stored in enumerate(self.stored):
            bad = self.unmeasured(stored, number)
            if bad is not None and bad.all():
                continue
            mask = None if bad is None else np.invert(bad).view(np.uint8)
            found = cv2.minMaxLoc(stored, mask=mask)[:2]
            if self.uniform:
                ends += found
            else:
                ends += [end * self.slopes[number] + self.intercepts[number] for end in found]
        return (min(ends), max(ends)) if ends else (0.0, 0.0)


def volume_of(source: Source, stored: np.ndarray, frames: Sequence[Frame | None]) -> Volume:
    """The volume of a source: its voxels [frames, rows, columns], and what each frame means.

    `frames` is one frame for each slice, None where it could not be read; their pixels are not
    looked at and may be absent. `stored` is kept as it is if it is contiguous int16, uint16, uint8
    or float32, else copied as that. Raises UserError where the source is no volume, ValueError
    where no slice of it could be read.
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
    read = {index: frame for index, frame in enumerate(frames) if frame is not None}
    if not read:
        raise ValueError("a volume has at least one slice that was read")
    paddings = [frame.padding for frame in read.values() if frame.padding is not None]
    template = read[min(read, key=lambda index: abs(index - slices // 2))]
    known = [frame or template for frame in frames]
    return Volume(
        source.source_id,
        np.ascontiguousarray(stored, dtype=_kept(stored.dtype)),
        grid,
        np.array([frame.slope for frame in known]),
        np.array([frame.intercept for frame in known]),
        replace(template, stored=np.empty((0, 0), stored.dtype), planes=(), shutter=None),
        paddings[0] if paddings else None,
        tuple(index for index in range(slices) if index not in read),
    )


def _kept(dtype: np.dtype) -> np.dtype:
    """The type in which voxels are kept: int8 has no fast paths, wider integers none either."""
    if dtype in (np.int16, np.uint16, np.uint8, np.float32):
        return dtype
    return np.dtype(np.int16 if dtype == np.int8 else np.float32)


def _limits(dtype: np.dtype) -> tuple[float, float]:
    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    return float(info.min), float(info.max)
