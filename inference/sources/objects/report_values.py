"""The value of one item of a structured report, in words (PS3.3 C.17.3.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset
from pydicom.uid import UID

from inference.sources.dicom_fields import items, numbers, word, words
from inference.sources.dicom_words import plain_name, uid_of
from inference.sources.objects.listing import named_class
from inference.sources.objects.units import unit_words


def value_words(item: Dataset) -> str:
    """What an item says; "" for containers, whose items say it."""
    write = _WRITERS.get(word(item, "ValueType") or "")
    return write(item) if write is not None else ""


def meaning_of(item: Dataset, keyword: str) -> str:
    """The words of a code (PS3.3 8.8), "" where there is none."""
    found = items(item, keyword)
    if not found:
        return ""
    code = found[0]
    return word(code, "CodeMeaning") or word(code, "CodeValue") or ""


def code_of(item: Dataset, keyword: str) -> str:
    """The value of a code, "" where there is none."""
    found = items(item, keyword)
    return (word(found[0], "CodeValue") or "") if found else ""


def _instance(item: Dataset) -> str:
    """What a reference leads to: its kind, its instance, the frames that are meant."""
    found = items(item, "ReferencedSOPSequence")
    if not found:
        return "unknown"
    uid = uid_of(found[0], "ReferencedSOPInstanceUID")
    frames = [f"{number:.0f}" for number in numbers(found[0], "ReferencedFrameNumber")]
    parts = [f"{referred_class(found[0])} {uid}".strip()]
    if frames:
        parts.append(f"frame {frames[0]}" if len(frames) == 1 else f"frames {', '.join(frames)}")
    return ", ".join(parts)


def referred_class(reference: Dataset) -> str:
    """The kind of what is referred to, such as "CT Image"."""
    return named_class(uid_of(reference, "ReferencedSOPClassUID"))


def _text(item: Dataset) -> str:
    return "\n".join("\n".join(words(item, "TextValue")).split("\r\n")).replace("\r", "\n").strip()


def _code(item: Dataset) -> str:
    return meaning_of(item, "ConceptCodeSequence")


def _number(item: Dataset) -> str:
    measured = items(item, "MeasuredValueSequence")
    value = word(measured[0], "NumericValue") if measured else None
    if value is None:
        return meaning_of(item, "NumericValueQualifierCodeSequence") or "no value"
    unit = unit_words(code_of(measured[0], "MeasurementUnitsCodeSequence"))
    return f"{value} {unit}".strip()


def _name(item: Dataset) -> str:
    return plain_name(word(item, "PersonName") or "")


def _date(item: Dataset) -> str:
    return _date_words(word(item, "Date") or "")


def _time(item: Dataset) -> str:
    return _time_words(word(item, "Time") or "")


def _moment(item: Dataset) -> str:
    """DT of PS3.5 6.2, with its difference to UTC if it has one."""
    plain, *zone = re.split(r"(?=[+-])", word(item, "DateTime") or "", maxsplit=1)
    utc = f" UTC{zone[0][0]}{_time_words(zone[0][1:])}" if zone else ""
    return f"{_date_words(plain[:8])} {_time_words(plain[8:])}".strip() + utc


def _date_words(found: str) -> str:
    """DA of PS3.5 6.2 with dashes; anything else as it stands."""
    plain = len(found) == 8 and found.isdecimal()
    return f"{found[:4]}-{found[4:6]}-{found[6:]}" if plain else found


def _time_words(found: str) -> str:
    """TM of PS3.5 6.2 with colons, to the second; anything else as it stands."""
    digits = found.partition(".")[0]
    plain = len(digits) in (4, 6) and digits.isdecimal()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2)) if plain else found


def _uid(item: Dataset) -> str:
    found = uid_of(item, "UID")
    return UID(found).name if found else ""


def _place(item: Dataset) -> str:
    """A figure on an image, in (column, row), or in the patient in millimetres."""
    shape = (word(item, "GraphicType") or "figure").lower()
    data = numbers(item, "GraphicData")
    size = 3 if (word(item, "ValueType") or "") == "SCOORD3D" else 2
    points = [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
    unit = " mm" if size == 3 else ""
    if len(points) == 1:
        return f"{shape} at ({', '.join(f'{value:g}' for value in points[0])}){unit}"
    return f"{shape} of {len(points)} points"


def _span(item: Dataset) -> str:
    kind = (word(item, "TemporalRangeType") or "").lower()
    for keyword in ("ReferencedTimeOffsets", "ReferencedSamplePositions", "ReferencedDateTime"):
        found = words(item, keyword)
        if found:
            return f"{kind} {', '.join(found)}".strip()
    return kind


_WRITERS: Mapping[str, Callable[[Dataset], str]] = {
    "TEXT": _text,
    "CODE": _code,
    "NUM": _number,
    "PNAME": _name,
    "DATE": _date,
    "TIME": _time,
    "DATETIME": _moment,
    "UIDREF": _uid,
    "IMAGE": _instance,
    "COMPOSITE": _instance,
    "WAVEFORM": _instance,
    "SCOORD": _place,
    "SCOORD3D": _place,
    "TCOORD": _span,
}
