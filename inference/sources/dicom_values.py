"""What stored DICOM values mean: rescale, look-up tables, padding, windows, unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from pydicom.dataset import Dataset

from inference.records import GreyTable, VoiFunction, Window
from inference.sources.dicom_fields import items, macro, number, numbers, whole, word, words
from inference.sources.dicom_lut import LookupTable, table_of
from inference.sources.dicom_suv import uptake_of

_FUNCTIONS: dict[str, VoiFunction] = {
    "LINEAR": "LINEAR",
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}

_UNIT_CODES = {"1": None, "[hnsf'U]": "HU", "{SUVbw}g/ml": "SUVbw", "GY": "Gy", "RELATIVE": None}
"""Codes of units (UCUM, Dose Units) that people write in another way."""


@dataclass(frozen=True)
class Scale:
    """A measured value is stored × slope + intercept, in `unit` (None where it has no unit).

    `further` is what it was multiplied by, and what then was added, after the header's own
    rescale: windows and VOI tables of the header, which count in rescaled values (PS3.3
    C.11.2.1), have to follow it.
    """

    slope: float
    intercept: float
    unit: str | None
    further: tuple[float, float] = (1.0, 0.0)
    warning: str = ""
    rescaled: bool = True
    """Whether the header gives a rescale of its own that can be used."""


def scale_of(dataset: Dataset, frame: int) -> Scale:
    """What the values of one frame measure.

    First the rescale of that frame (PS3.3 C.11.1), then what the kind of image adds: SUV for PET,
    Gy for RT Dose, a real world value mapping where there is no rescale.
    """
    holder = macro(dataset, frame, "PixelValueTransformationSequence")
    rescale = _rescale(holder)
    unit = _named_unit(dataset, holder, rescaled=rescale is not None)
    plain = Scale(*(rescale or (1.0, 0.0)), unit, rescaled=rescale is not None)
    rule = _FURTHER.get(word(dataset, "Modality") or "")
    if rule is not None:
        return rule(dataset, plain)
    if plain.rescaled or items(dataset, "ModalityLUTSequence"):
        return plain
    return _real_world(dataset, frame, plain)


def unit_of(dataset: Dataset, frame: int) -> str | None:
    """The unit of a frame's values: HU, SUVbw, Gy, else the header's own word; None without one."""
    return scale_of(dataset, frame).unit


def _rescale(holder: Dataset) -> tuple[float, float] | None:
    """Slope and intercept; None where one is not given, or the slope would erase all."""
    slope = number(holder, "RescaleSlope")
    intercept = number(holder, "RescaleIntercept")
    if slope is None or intercept is None or slope == 0:
        return None
    return slope, intercept


def _named_unit(dataset: Dataset, holder: Dataset, *, rescaled: bool) -> str | None:
    """HU for CT, else the header's own word; None where it says "unspecified" or nothing.

    Units are those of rescaled values: stored ones that are not rescaled have none. CT values
    without Rescale Type are HU (PS3.3 C.11.1.1.2), localizers excepted: there the type has to be
    named.
    """
    named = (word(dataset, "Units") or word(holder, "RescaleType")) if rescaled else None
    lut = items(dataset, "ModalityLUTSequence")
    if lut:
        named = word(lut[0], "ModalityLUTType")
    scanner = word(dataset, "Modality") == "CT"
    if named:
        return None if named == "US" or (named == "HU" and not scanner) else named
    if scanner and rescaled and "LOCALIZER" not in words(dataset, "ImageType"):
        return "HU"
    return None


_NOT_RESCALED = "There is no SUV: the header does not give the rescale slope and intercept."


def _with_uptake(dataset: Dataset, plain: Scale) -> Scale:
    if not plain.rescaled:
        return replace(plain, warning=_NOT_RESCALED)
    uptake = uptake_of(dataset)
    if uptake.factor is None:
        return replace(plain, warning=uptake.lack)
    return _multiplied(plain, uptake.factor, "SUVbw")


def _with_dose(dataset: Dataset, plain: Scale) -> Scale:
    """PS3.3 C.8.8.3: stored values times Dose Grid Scaling are doses in Dose Units."""
    scaling = number(dataset, "DoseGridScaling")
    unit = word(dataset, "DoseUnits")
    if scaling is None or scaling <= 0:
        return plain
    return _multiplied(plain, scaling, _UNIT_CODES.get(unit or "RELATIVE", unit))


_FURTHER: dict[str, Callable[[Dataset, Scale], Scale]] = {
    "PT": _with_uptake,
    "RTDOSE": _with_dose,
}
"""What a modality adds to the rescale."""


def _real_world(dataset: Dataset, frame: int, plain: Scale) -> Scale:
    """The first linear mapping to real world values (PS3.3 C.7.6.16.2.11)."""
    holder = macro(dataset, frame, "RealWorldValueMappingSequence")
    if holder is dataset:
        found = items(dataset, "RealWorldValueMappingSequence")
        if not found:
            return plain
        holder = found[0]
    slope = number(holder, "RealWorldValueSlope")
    intercept = number(holder, "RealWorldValueIntercept")
    codes = items(holder, "MeasurementUnitsCodeSequence")
    code = word(codes[0], "CodeValue") if codes else None
    if slope is None or intercept is None or slope == 0:
        return plain
    return Scale(slope, intercept, _UNIT_CODES.get(code or "1", code), (slope, intercept))


def _multiplied(plain: Scale, factor: float, unit: str | None) -> Scale:
    return Scale(plain.slope * factor, plain.intercept * factor, unit, (factor, 0.0))


def padding_of(dataset: Dataset) -> tuple[float, float] | None:
    """The inclusive range of stored values that are no measurement (PS3.3 C.7.5.1.1.2).

    The numbers follow the pixels' sign, whatever VR they were written with.
    """
    value = whole(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = whole(dataset, "PixelPaddingRangeLimit")
    ends = [_as_pixel(dataset, end) for end in (value, value if limit is None else limit)]
    return min(ends), max(ends)


def _as_pixel(dataset: Dataset, value: int) -> float:
    bits = whole(dataset, "BitsAllocated") or 16
    value &= (1 << bits) - 1
    negative = whole(dataset, "PixelRepresentation") == 1 and value >> (bits - 1)
    return float(value - (1 << bits) if negative else value)


def windows_of(
    dataset: Dataset, frame: int, further: tuple[float, float] = (1.0, 0.0)
) -> tuple[Window, ...]:
    """The windows that the header offers, in its order (PS3.3 C.11.2.1.2), in measured values."""
    holder = macro(dataset, frame, "FrameVOILUTSequence")
    centers, widths = numbers(holder, "WindowCenter"), numbers(holder, "WindowWidth")
    if not centers or not widths:
        return ()
    said = words(holder, "WindowCenterWidthExplanation")
    function = _FUNCTIONS.get(word(holder, "VOILUTFunction") or "LINEAR", "LINEAR")
    found = (
        Window(center, width, function, said[index] if index < len(said) else "")
        for index, (center, width) in enumerate(zip(centers, widths, strict=False))
        if width > 0
    )
    return tuple(found) if further == (1.0, 0.0) else tuple(_moved(one, further) for one in found)


def _moved(window: Window, further: tuple[float, float]) -> Window:
    """The window that shows values × factor + offset as `window` shows the values.

    LINEAR counts in whole steps of 1, which a factor makes others: LINEAR_EXACT with half a step
    less on either side is the same line (PS3.3 C.11.2.1.2.1 and C.11.2.1.3.2).
    """
    factor, offset = further
    if window.function == "LINEAR" and window.width > 1:
        window = replace(
            window, center=window.center - 0.5, width=window.width - 1, function="LINEAR_EXACT"
        )
    return replace(window, center=window.center * factor + offset, width=window.width * abs(factor))


def window_warnings(windows: tuple[Window, ...]) -> tuple[str, ...]:
    """What is said of windows that their own function does not allow (PS3.3 C.11.2.1.2.1)."""
    narrow = [one for one in windows if one.function == "LINEAR" and one.width < 1]
    return tuple(
        f"The file's window of width {one.width:g} is narrower than LINEAR allows; "
        "it is shown with LINEAR_EXACT."
        for one in narrow
    )


def voi_tables_of(
    dataset: Dataset, frame: int, *, signed: bool, further: tuple[float, float] = (1.0, 0.0)
) -> tuple[GreyTable, ...]:
    """The VOI LUTs as tables of 16-bit grey: 65535 stands for the brightest that each can say.

    Their entries are spread from the bits that the descriptor gives (PS3.3 C.11.2.1.1).
    """
    holder = macro(dataset, frame, "FrameVOILUTSequence")
    found = (table_of(item, signed=signed) for item in items(holder, "VOILUTSequence"))
    return tuple(_grey_table(table, *further) for table in found if table is not None)


def _grey_table(table: LookupTable, factor: float, offset: float) -> GreyTable:
    """The table for values × factor + offset.

    A negative factor turns it round, and its grey levels, as such a frame is shown inverted.
    """
    first, entries = table.first, table.spread()
    if factor < 0:
        first, entries = first + len(entries) - 1, np.uint16(65535) - entries[::-1]
    return GreyTable(first * factor + offset, entries, table.explanation, abs(factor))


def modality_table_of(dataset: Dataset, *, signed: bool) -> LookupTable | None:
    """The Modality LUT, which stands instead of slope and intercept (PS3.3 C.11.1)."""
    found = items(dataset, "ModalityLUTSequence")
    return table_of(found[0], signed=signed) if found else None
