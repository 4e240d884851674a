"""What stored DICOM values mean: rescale, look-up tables, padding, windows, unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from inference.records import GreyTable, VoiFunction, Window
from inference.sources.dicom_fields import items, macro, number, numbers, value_of, word, words

_FUNCTIONS: dict[str, VoiFunction] = {
    "LINEAR": "LINEAR",
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A LUT of a header (PS3.3 C.11.1.1.1): `entries[value - first]`, clamped at both ends."""

    first: int
    bits: int
    entries: np.ndarray
    explanation: str

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The entry for each value, as uint16 [rows, columns]."""
        index = np.clip(values.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[index]


def rescale_of(dataset: Dataset, frame: int) -> tuple[float, float]:
    """Slope and intercept of a frame; 1 and 0 where the header gives none (PS3.3 C.11.1)."""
    holder = macro(dataset, frame, "PixelValueTransformationSequence")
    slope = number(holder, "RescaleSlope")
    intercept = number(holder, "RescaleIntercept")
    if slope is None or intercept is None or slope == 0:
        return 1.0, 0.0
    return slope, intercept


def unit_of(dataset: Dataset, frame: int) -> str | None:
    """HU for CT, else the header's own word; None where it says "unspecified" or nothing.

    CT values without Rescale Type are HU (PS3.3 C.11.1.1.2), localizers excepted: there the type
    has to be named.
    """
    holder = macro(dataset, frame, "PixelValueTransformationSequence")
    named = word(holder, "RescaleType") or word(dataset, "Units")
    if "ModalityLUTSequence" in dataset:
        lut = items(dataset, "ModalityLUTSequence")
        named = word(lut[0], "ModalityLUTType") if lut else None
    if named:
        return None if named == "US" else named
    rescaled = number(holder, "RescaleSlope") is not None
    localizer = "LOCALIZER" in words(dataset, "ImageType")
    if word(dataset, "Modality") == "CT" and rescaled and not localizer:
        return "HU"
    return None


def padding_of(dataset: Dataset) -> tuple[float, float] | None:
    """The inclusive range of stored values that are no measurement (PS3.3 C.7.5.1.1.2)."""
    value = number(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, "PixelPaddingRangeLimit")
    other = value if limit is None else limit
    return min(value, other), max(value, other)


def windows_of(dataset: Dataset, frame: int) -> tuple[Window, ...]:
    """The windows that the header offers, in its order (PS3.3 C.11.2.1.2)."""
    holder = macro(dataset, frame, "FrameVOILUTSequence")
    centers, widths = numbers(holder, "WindowCenter"), numbers(holder, "WindowWidth")
    said = words(holder, "WindowCenterWidthExplanation")
    function = _FUNCTIONS.get(word(holder, "VOILUTFunction") or "LINEAR", "LINEAR")
    return tuple(
        Window(center, width, function, said[index] if index < len(said) else "")
        for index, (center, width) in enumerate(zip(centers, widths, strict=False))
        if width > 0
    )


def voi_table_of(dataset: Dataset, frame: int, *, signed: bool) -> GreyTable | None:
    """The first VOI LUT as a table of 16-bit grey: 65535 stands for the brightest that it can say.

    Its entries are spread from the bits that its descriptor gives (PS3.3 C.11.2.1.1).
    """
    holder = macro(dataset, frame, "FrameVOILUTSequence")
    found = items(holder, "VOILUTSequence")
    table = _table(found[0], signed=signed) if found else None
    if table is None:
        return None
    full = (1 << table.bits) - 1
    grey = np.rint(np.minimum(table.entries, full) * (65535.0 / full)).astype(np.uint16)
    return GreyTable(float(table.first), grey, table.explanation)


def modality_table_of(dataset: Dataset, *, signed: bool) -> LookupTable | None:
    """The Modality LUT, which stands instead of slope and intercept (PS3.3 C.11.1)."""
    found = items(dataset, "ModalityLUTSequence")
    return _table(found[0], signed=signed) if found else None


def _table(item: Dataset, *, signed: bool) -> LookupTable | None:
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
