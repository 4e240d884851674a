"""From stored values to grey levels: pure functions on frames (PS3.3 C.11.1–2, PS3.4 N.2).

The way is stored bits → Modality LUT or rescale → VOI (a window or a table) → inversion → 0…255.
Padding goes the same way as any value; only the default window leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference.records import Frame, GreyTable, VoiFunction, Window

LEVELS = 255
"""The brightest grey level."""

MINIMUM_TO_MAXIMUM = "minimum to maximum"
"""The explanation of a window that no file gave."""

_STEEPEST = 700.0
"""Beyond this exponent a float64 overflows; the sigmoid is 0 or 1 long before."""

Voi = Window | GreyTable
"""What chooses the values that are told apart: a window or a VOI LUT."""


def stored_bits(words: np.ndarray, bits_stored: int, high_bit: int) -> np.ndarray:
    """The stored values in pixel words whose type has the sign of Pixel Representation.

    The `bits_stored` bits up to `high_bit` count; what lies above and below them is no part of
    the value (PS3.5 8.1.1). Raises ValueError where the words are too narrow for them.
    """
    width = 8 * words.dtype.itemsize
    if not 0 < bits_stored <= high_bit + 1 <= width:
        raise ValueError(f"no {bits_stored} bits up to bit {high_bit} in words of {width}")
    up, down = width - 1 - high_bit, width - bits_stored
    # Moving up to the word's sign bit and down again drops the rest and extends the sign.
    return np.asarray(np.right_shift(np.left_shift(words, up), down))


def looked_up(values: np.ndarray, first: int, entries: np.ndarray) -> np.ndarray:
    """A Modality LUT applied to integers: values beyond its ends take its end entries.

    PS3.3 C.11.1.1.1: `first` is the value that is mapped to the first entry.
    """
    index = np.clip(values.astype(np.int64) - first, 0, len(entries) - 1)
    return np.asarray(entries[index])


def default_window(frame: Frame) -> Window:
    """The first VOI of the file; without one, from the smallest to the largest measured value.

    For a VOI table it is the window over the values that the table tells apart.
    """
    if frame.table is not None:
        return window_over(frame.table)
    if frame.windows:
        return frame.windows[0]
    low, high = _extent(frame)
    if high <= low:
        return Window(low + 0.5, 1.0, "LINEAR", MINIMUM_TO_MAXIMUM)
    return Window((low + high) / 2, high - low, "LINEAR_EXACT", MINIMUM_TO_MAXIMUM)


def window_over(table: GreyTable) -> Window:
    """The window over the values that a VOI table tells apart."""
    count, step = len(table.entries), table.step
    if step != 1:
        reach = (count - 1) * step
        return Window(table.first + reach / 2, reach, "LINEAR_EXACT", table.explanation)
    return Window(table.first + count / 2, count, "LINEAR", table.explanation)


def grey(frame: Frame, voi: Voi | None = None) -> np.ndarray:
    """The frame as displayed: uint8 [rows, columns], or its RGB [rows, columns, 3] as it is.

    Without a `voi` the frame's own VOI is taken: its table, its first window, or minimum to
    maximum.
    """
    if frame.colour:
        return frame.stored
    view = table_view(frame)
    if view is not None:
        return np.asarray(np.take(grey_table(frame, voi), view))
    with np.errstate(invalid="ignore", over="ignore"):  # a float may be a signalling NaN
        values = frame.stored.astype(np.float64) * frame.slope + frame.intercept
        return _levels(frame, values, voi)


def grey_table(frame: Frame, voi: Voi | None = None) -> np.ndarray:
    """Grey level for each stored value: uint8 [256] or [65536], to be indexed by `table_view`.

    Made for `cv2.LUT`, which maps 3000 × 3000 pixels in 3 ms where indexing takes 16 ms. Raises
    ValueError for frames of more than 16 bits, which have no such table.
    """
    width = frame.stored.dtype.itemsize
    if frame.colour or frame.stored.dtype.kind not in "iu" or width > 2:
        raise ValueError(f"no grey table for {frame.stored.dtype} [{frame.stored.ndim} axes]")
    unsigned = np.arange(1 << (8 * width), dtype=np.uint32).astype(f"u{width}")
    stored = unsigned.view(frame.stored.dtype)
    return _levels(frame, stored.astype(np.float64) * frame.slope + frame.intercept, voi)


def table_view(frame: Frame) -> np.ndarray | None:
    """The stored values as the unsigned numbers that index `grey_table`; None if it has none."""
    width = frame.stored.dtype.itemsize
    if frame.colour or frame.stored.dtype.kind not in "iu" or width > 2:
        return None
    return np.asarray(frame.stored.view(f"u{width}"))


def _levels(frame: Frame, values: np.ndarray, voi: Voi | None) -> np.ndarray:
    """uint8 levels of rescaled float64 values; what is no number is black.

    Inversion comes last: MONOCHROME1 (PS3.3 C.7.6.3.1.2) and the shape INVERSE (C.11.6.1.2) say
    how the output of the VOI is shown.
    """
    chosen = voi or frame.table or default_window(frame)
    share = _tabled(values, chosen) if isinstance(chosen, GreyTable) else windowed(values, chosen)
    if frame.inverted:
        share = 1.0 - share
    level = np.floor(np.nan_to_num(share, nan=0.0) * LEVELS + 0.5)
    return np.asarray(level, dtype=np.uint8)


def windowed(values: np.ndarray, window: Window) -> np.ndarray:
    """Rescaled values as shares of full brightness, 0…1, in the shape of `values`.

    LINEAR is defined for widths of at least 1 only; below that LINEAR_EXACT stands in for it.
    """
    function = window.function
    if function == "LINEAR" and window.width < 1:
        function = "LINEAR_EXACT"
    return _FUNCTIONS[function](values, window.center, max(window.width, 1e-12))


def _linear(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.2.1."""
    if width <= 1:
        return np.where(values > center - 0.5, 1.0, 0.0)
    return np.clip((values - (center - 0.5)) / (width - 1.0) + 0.5, 0.0, 1.0)


def _linear_exact(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.3.2."""
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


def _sigmoid(values: np.ndarray, center: float, width: float) -> np.ndarray:
    """PS3.3 C.11.2.1.3.1."""
    power = np.clip(-4.0 * (values - center) / width, -_STEEPEST, _STEEPEST)
    return np.asarray(1.0 / (1.0 + np.exp(power)))


_FUNCTIONS: dict[VoiFunction, Callable[[np.ndarray, float, float], np.ndarray]] = {
    "LINEAR": _linear,
    "LINEAR_EXACT": _linear_exact,
    "SIGMOID": _sigmoid,
}


def _tabled(values: np.ndarray, table: GreyTable) -> np.ndarray:
    """PS3.3 C.11.2.1.1; entries are 16-bit grey, and values between two go to the nearest."""
    place = np.nan_to_num(np.floor((values - table.first) / table.step + 0.5))
    index = np.clip(place, 0, len(table.entries) - 1).astype(np.int64)
    return np.where(np.isnan(values), np.nan, table.entries[index] / 65535.0)


def _extent(frame: Frame) -> tuple[float, float]:
    """Smallest and largest rescaled value, without padding unless there is nothing else."""
    measured = frame.measured()
    stored = frame.stored if measured is None or not measured.any() else frame.stored[measured]
    if stored.dtype.kind == "f":
        stored = stored[np.isfinite(stored)]
    if stored.size == 0:
        return 0.0, 0.0
    ends = [float(end) * frame.slope + frame.intercept for end in (stored.min(), stored.max())]
    return min(ends), max(ends)
