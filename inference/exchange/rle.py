"""Masks as COCO writes them: the lengths of runs down the columns, as numbers or as text.

https://github.com/cocodataset/cocoapi, common/maskApi.c: runs alternate from the background on.
As text each is a number in units of five bits, lowest first, bit 5 of a unit says that another
follows, and 48 is added; from the fourth on the difference to the run before the last is written.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from inference.exchange.reading import EntryError

_UNITS_LIMIT = 8
"""A run of 2**32 pixels needs seven units."""


def runs_of(mask: np.ndarray) -> list[int]:
    """The runs of a mask, bool [rows, columns]; their sum is the number of its pixels."""
    flat = np.asarray(mask, dtype=bool).reshape(-1, order="F")
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    places = [0, *ends.tolist(), flat.size]
    runs = [later - earlier for earlier, later in itertools.pairwise(places)]
    return [0, *runs] if flat.size and flat[0] else runs


def mask_of_runs(runs: Sequence[int], shape: tuple[int, int]) -> np.ndarray:
    """The mask, bool [rows, columns]; raises EntryError where the runs do not fill `shape`."""
    rows, columns = shape
    if any(run < 0 for run in runs):
        raise EntryError("a run of the mask is negative")
    if sum(runs) != rows * columns:
        raise EntryError(f"the runs of the mask fill {sum(runs):,} of {rows * columns:,} pixels")
    values = np.arange(len(runs)) % 2 == 1
    flat = np.repeat(values, np.array(runs, dtype=np.int64))
    return np.ascontiguousarray(flat.reshape(shape, order="F"))


def text_of_runs(runs: Sequence[int]) -> str:
    """The runs as text."""
    found = bytearray()
    for place, run in enumerate(runs):
        rest = run - runs[place - 2] if place > 2 else run
        more = True
        while more:
            unit = rest & 0x1F
            rest >>= 5
            more = rest != (-1 if unit & 0x10 else 0)
            found.append((unit | 0x20 if more else unit) + 48)
    return found.decode("ascii")


def runs_of_text(text: str) -> list[int]:
    """The runs that a text holds; raises EntryError where it is none."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        unit = ord(letter) - 48
        if not 0 <= unit < 64 or shift >= 5 * _UNITS_LIMIT:
            raise EntryError("the runs of the mask cannot be read")
        value |= (unit & 0x1F) << shift
        shift += 5
        if not unit & 0x20:
            if unit & 0x10:
                value -= 1 << shift
            runs.append(value + runs[-2] if len(runs) > 2 else value)
            value = shift = 0
    if shift:
        raise EntryError("the runs of the mask end in the middle")
    return runs
