"""The elements of a data set one after another, cut out of bytes that are in memory already."""

from __future__ import annotations

import warnings
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from io import BytesIO
from struct import Struct

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement, empty_value_for_VR
from pydicom.filereader import read_sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_16, EXPLICIT_VR_LENGTH_32

from inference.sources.dicom_fields import MALFORMED, tag_at

_PIXELS = (0x7FE00008, 0x7FE00009, 0x7FE00010)
_CHARACTER_SET = 0x00080005
_OWN = frozenset(
    (
        0x00080012,  # Instance Creation Date
        0x00080013,  # Instance Creation Time
        0x00080018,  # SOP Instance UID
        0x00080022,  # Acquisition Date
        0x00080023,  # Content Date
        0x0008002A,  # Acquisition DateTime
        0x00080032,  # Acquisition Time
        0x00080033,  # Content Time
        0x00083010,  # Irradiation Event UID
        0x00181150,  # Exposure Time
        0x00181151,  # X-Ray Tube Current
        0x00181152,  # Exposure
        0x00200013,  # Instance Number
        0x00200032,  # Image Position (Patient)
        0x00201041,  # Slice Location
        0x00280106,  # Smallest Image Pixel Value
        0x00280107,  # Largest Image Pixel Value
    )
)
"""What differs from slice to slice and changes nothing in what a pixel means."""
_FIRST = 0x00080000
"""Groups below are those of commands and of the file itself."""
_UNDEFINED = 0xFFFFFFFF

explicit_element = Struct("<HH2sH").unpack_from
"""Group, element, VR and short length (PS3.5 7.1.2)."""
_implicit = Struct("<HHL").unpack_from
_long = Struct("<L").unpack_from

_SHORT = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_16}
_LONG = {str(vr).encode(): str(vr) for vr in EXPLICIT_VR_LENGTH_32}
"""Value representations whose length has 16 bits, and 32 bits (PS3.5 7.1.2)."""

Elements = MutableMapping[BaseTag, RawDataElement | DataElement]


class UnusualError(Exception):
    """Something that pydicom's own reader has to look at."""


@dataclass(frozen=True)
class Own:
    """An element that is the instance's own: from `first` to `last`, its value from `place` on."""

    tag: BaseTag
    first: int
    place: int
    last: int


@dataclass(eq=False)
class Walk:
    """What one pass over the elements gathers; `end` is where the pixel element begins."""

    elements: Elements = field(default_factory=dict)
    encoding: str | list[str] = default_encoding
    own: list[Own] = field(default_factory=list)
    end: int = 0


def walk(start: bytes, at: int, *, implicit: bool) -> Walk:
    """The elements from `at` to the pixels. Raises UnusualError or struct.error where it cannot."""
    return (_walk_implicit if implicit else _walk_explicit)(start, at)


def value_place(start: bytes, at: int, vr: bytes, length: int) -> tuple[str, int, int]:
    """(VR, offset of the value, its length) of the explicit element that begins at `at`."""
    place = at + 8
    if vr in _SHORT:
        name = _SHORT[vr]
    elif vr in _LONG:
        name = _LONG[vr]
        (length,) = _long(start, place)
        place += 4
    else:
        raise UnusualError
    if length != _UNDEFINED and place + length > len(start):
        raise UnusualError
    return name, place, length


def _walk_explicit(start: bytes, at: int) -> Walk:
    found = Walk()
    elements = found.elements
    size = len(start)
    least = _FIRST
    while True:
        begin = at
        group, element, vr, length = explicit_element(start, at)
        number = group << 16 | element
        if number in _PIXELS:
            found.end = at
            return found
        if not least <= number < _PIXELS[0]:  # out of order, twice, or a delimiter
            raise UnusualError
        least = number + 1
        tag = tag_at(number)
        if vr in _SHORT:  # most of them, so they go the shortest way
            name, place = _SHORT[vr], at + 8
            at = place + length
            if at > size:
                raise UnusualError
        else:
            name, place, length = value_place(start, at, vr, length)
            if length == _UNDEFINED:
                elements[tag], at = _sequence(start, tag, name, place, found.encoding)
                continue
            at = place + length
        value = start[place:at] if length else no_value(name)
        elements[tag] = RawDataElement(tag, name, length, value, place, False, True)
        if number in _OWN or group & 1:
            found.own.append(Own(tag, begin, place, at))
        elif number == _CHARACTER_SET:
            found.encoding = _encoding(name, value)


def _walk_implicit(start: bytes, at: int) -> Walk:
    found = Walk()
    elements = found.elements
    size = len(start)
    if start[at + 4 : at + 6] in (*_SHORT, *_LONG):  # not what the transfer syntax says
        raise UnusualError
    least = _FIRST
    while True:
        begin = at
        group, element, length = _implicit(start, at)
        number = group << 16 | element
        if number in _PIXELS:
            found.end = at
            return found
        place = at + 8
        at = place + length
        # An undefined length is beyond any size; the order as in explicit VR.
        if at > size or not least <= number < _PIXELS[0]:
            raise UnusualError
        least = number + 1
        tag = tag_at(number)
        value = start[place:at] or None
        elements[tag] = RawDataElement(tag, None, length, value, place, True, True)
        if number in _OWN or group & 1:
            found.own.append(Own(tag, begin, place, at))
        elif number == _CHARACTER_SET:
            found.encoding = _encoding("CS", value)


def _sequence(
    start: bytes, tag: BaseTag, name: str, place: int, encoding: str | list[str]
) -> tuple[DataElement, int]:
    """A sequence of undefined length, by pydicom's own reader, and where it ends."""
    if name != "SQ":
        raise UnusualError
    stream = BytesIO(start)
    stream.seek(place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what pydicom warns of is not plain
            items = read_sequence(stream, False, True, _UNDEFINED, encoding)
    except (*MALFORMED, OSError, Warning) as error:
        raise UnusualError from error
    return DataElement(tag, name, items, place, is_undefined_length=True), stream.tell()


@cache
def no_value(vr: str) -> bytes | None:
    """What pydicom takes for the value of an empty element."""
    found = empty_value_for_VR(vr, raw=True)
    return found if isinstance(found, bytes) else None


@lru_cache(maxsize=64)
def _encoding(vr: str, value: bytes | None) -> list[str]:
    """The codecs of a Specific Character Set; UnusualError where pydicom has to guess them."""
    if vr != "CS":
        raise UnusualError
    try:
        names = (value or b"").decode("ascii").rstrip("\0 ").split("\\")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return list(convert_encodings([name.strip() for name in names]))
    except (*MALFORMED, Warning) as error:
        raise UnusualError from error
