"""Palette colour tables of a header, plain or in segments (PS3.3 C.7.6.3.1.5–6 and C.7.9.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from inference.display import looked_up
from inference.sources.dicom_fields import numbers, value_of

_COLOURS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_MOST_ENTRIES = 1 << 16


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours for stored values from `first` on: uint8 RGB [entries, 3], clamped at both ends."""

    first: int
    colours: np.ndarray

    def apply(self, stored: np.ndarray) -> np.ndarray:
        """Stored values [rows, columns] as uint8 RGB [rows, columns, 3]."""
        return looked_up(stored, self.first, self.colours)


def palette_of(dataset: Dataset, *, signed: bool) -> Palette:
    """The palette of a header; `signed` says whether stored values can be negative.

    Raises one of MALFORMED where the header gives none, or one whose parts do not fit each other.
    """
    little = dataset.original_encoding[1] is not False
    tables, firsts = [], []
    for colour in _COLOURS:
        descriptor = numbers(dataset, f"{colour}PaletteColorLookupTableDescriptor")
        if len(descriptor) != 3:
            raise ValueError("a palette without descriptor")
        count, first, bits = (int(value) for value in descriptor)
        segments = value_of(dataset, f"Segmented{colour}PaletteColorLookupTableData")
        plain = value_of(dataset, f"{colour}PaletteColorLookupTableData")
        wide = np.dtype("<u2" if little else ">u2")
        if plain is None and segments is not None:
            found = _expanded(np.frombuffer(segments, wide if bits > 8 else np.uint8), wide)
        else:
            found = _plain(plain, (count & 0xFFFF) or _MOST_ENTRIES, wide)
        tables.append(_eight_bits(found, bits))
        firsts.append((first & 0xFFFF) - (0x10000 if signed and first & 0x8000 else 0))
    if len({len(table) for table in tables}) > 1 or not len(tables[0]):
        raise ValueError("the three tables of a palette are empty or differ in length")
    return Palette(firsts[0], np.stack(tables, axis=1))


def _plain(data: object, count: int, wide: np.dtype) -> np.ndarray:
    """`count` entries of a byte or of two each: their number and the length tell which."""
    if not isinstance(data, bytes) or len(data) < count:
        raise ValueError("a palette without its entries")
    if len(data) >= 2 * count:
        return np.frombuffer(data, wide)[:count]
    packed = np.frombuffer(data[: len(data) // 2 * 2], np.uint8)
    if wide.str == ">u2":  # bytes are packed two to a word, the first in the lower half
        packed = packed.reshape(-1, 2)[:, ::-1].reshape(-1)
    return packed[:count] if len(packed) >= count else np.frombuffer(data, np.uint8)[:count]


def _eight_bits(entries: np.ndarray, bits: int) -> np.ndarray:
    """The highest eight bits; words that hold eight bits all the same are taken as they are."""
    shift = bits - 8 if bits > 8 and int(entries.max(initial=0)) > 0xFF else 0
    return np.asarray(entries >> shift, dtype=np.uint16).astype(np.uint8)


def _expanded(data: np.ndarray, wide: np.dtype) -> np.ndarray:
    """The entries that segments stand for, as uint16 (PS3.3 C.7.9.2)."""
    found: list[np.ndarray] = []
    place = total = 0
    while place + 2 < len(data):
        before = len(found)
        place = _segment(data, place, found, wide)
        total += sum(map(len, found[before:]))
        if total > _MOST_ENTRIES:
            raise ValueError("a segmented palette of too many entries")
    return np.concatenate(found) if found else np.zeros(0, np.uint16)


def _segment(data: np.ndarray, place: int, found: list[np.ndarray], wide: np.dtype) -> int:
    """Append what one segment stands for; returns where the next begins."""
    kind, count = int(data[place]), int(data[place + 1])
    place += 2
    if kind == _DISCRETE:
        found.append(data[place : place + count].astype(np.uint16))
        return place + count
    if kind == _LINEAR and found:
        # `count` steps from the last entry, which is not repeated, to the one that is given.
        start, end = int(found[-1][-1]), int(data[place])
        steps = np.arange(1, count + 1) / max(1, count)
        found.append(np.rint(start + (end - start) * steps).astype(np.uint16))
        return place + 1
    if kind == _INDIRECT and found:
        words = 4 // data.dtype.itemsize
        low, high = np.frombuffer(data[place : place + words].tobytes(), wide)
        other = (int(high) << 16 | int(low)) // data.dtype.itemsize  # given in bytes
        total = 0
        for _ in range(count):
            if data[other] == _INDIRECT:
                raise ValueError("an indirect segment that leads to another")
            other = _segment(data, other, found, wide)
            total += len(found[-1])
            if total > _MOST_ENTRIES:
                raise ValueError("an indirect segment of too many entries")
        return place + words
    raise ValueError("a segment of unknown kind, or a first one without entries")
