"""Look-up tables as DICOM headers write them (PS3.3 C.11.1.1.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from inference.display import looked_up
from inference.sources.dicom_fields import numbers, value_of, word


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A LUT of a header: `entries[value - first]` of `bits` each, clamped at both ends."""

    first: int
    bits: int
    entries: np.ndarray
    explanation: str

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The entry for each value, as uint16 [rows, columns]."""
        return looked_up(values, self.first, self.entries)

    def spread(self) -> np.ndarray:
        """The entries as uint16, 65535 for the largest that `bits` can say."""
        full = (1 << self.bits) - 1
        spread = np.rint(np.minimum(self.entries, full) * (65535.0 / full))
        return np.asarray(spread, dtype=np.uint16)


def table_of(item: Dataset, *, signed: bool) -> LookupTable | None:
    """The table in one item of a LUT sequence; None where its parts do not fit each other.

    `signed` says whether the values that go in can be negative.
    """
    descriptor = numbers(item, "LUTDescriptor")
    data = value_of(item, "LUTData")
    if len(descriptor) != 3 or data is None:
        return None
    count = int(descriptor[0]) & 0xFFFF or 65536
    first = int(descriptor[1])
    # The first value follows the pixels' sign whatever VR the descriptor was written with.
    first = (first & 0xFFFF) - (0x10000 if signed and first & 0x8000 else 0)
    bits = int(descriptor[2])
    entries = _entries(data, count)
    if entries is None or not 1 <= bits <= 16:
        return None
    return LookupTable(first, bits, entries, word(item, "LUTExplanation") or "")


def _entries(data: object, count: int) -> np.ndarray | None:
    """LUT Data as uint16, from words, or from bytes that hold one or two each."""
    if isinstance(data, bytes):
        wide = np.frombuffer(data, "<u2") if len(data) >= 2 * count else None
        found = wide if wide is not None else np.frombuffer(data, np.uint8).astype(np.uint16)
    elif isinstance(data, int):
        found = np.array([data], dtype=np.int64).astype(np.uint16)
    else:
        found = (np.asarray(data, dtype=np.int64) & 0xFFFF).astype(np.uint16)
    return found[:count] if len(found) >= count else None
