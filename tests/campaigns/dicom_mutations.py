"""Damage done to DICOM headers element by element: lengths, order, encodings, what is nested."""

from __future__ import annotations

import struct
from functools import cache
from io import BytesIO
from itertools import pairwise
from random import Random

from pydicom import dcmread
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from inference.sources.dicom_fields import UNPARSED, quietly
from tests.campaigns.mutations import BYTES, Damage

_LENGTHS = (0, 1, 2, 3, 7, 16, 255, 0x4141, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE)
_UNDEFINED = 0xFFFFFFFF
_REPRESENTATIONS = [
    *(b"AE", b"CS", b"DS", b"FD", b"IS", b"LO", b"OB", b"OW", b"PN", b"SQ", b"UI", b"UL", b"UN"),
    *(b"US", b"UT", b"SV", b"ZZ", b"\0\0", b"aa"),
]
_ITEM, _ITEM_END, _SEQUENCE_END = (
    struct.pack("<HHL", 0xFFFE, element, 0) for element in (0xE000, 0xE00D, 0xE0DD)
)


@cache
def elements_of(content: bytes) -> tuple[bool, tuple[tuple[int, int], ...]]:
    """Whether the VR is implicit, and where each top element before the pixels begins and ends.

    No places for what pydicom cannot read, and for big endian.
    """
    stream = BytesIO(content)
    try:
        with quietly():
            dataset = dcmread(stream, stop_before_pixels=True, force=True)
    except UNPARSED:
        return False, ()
    implicit, little = dataset.original_encoding
    if not little or dataset.file_meta.get("TransferSyntaxUID") == "1.2.840.10008.1.2.1.99":
        return bool(implicit), ()
    begins = sorted(_begin(element, implicit=bool(implicit)) for element in dataset.values())
    return bool(implicit), tuple(pairwise([*begins, stream.tell()]))


def _begin(element: DataElement | RawDataElement, *, implicit: bool) -> int:
    place = element.value_tell if isinstance(element, RawDataElement) else element.file_tell
    return int(place or 0) - (12 if not implicit and element.VR in EXPLICIT_VR_LENGTH_32 else 8)


def _one(content: bytes, draw: Random) -> tuple[bool, int, int]:
    implicit, places = elements_of(content)
    if not places:
        return implicit, len(content), len(content)
    return implicit, *draw.choice(places)


def double_element(content: bytes, draw: Random) -> bytes:
    """An element stands there a second time, behind itself or anywhere else."""
    _, begin, end = _one(content, draw)
    _, at, _ = _one(content, draw)
    at = draw.choice((at, end))
    return content[:at] + content[begin:end] + content[at:]


def drop_element(content: bytes, draw: Random) -> bytes:
    """An element is missing."""
    _, begin, end = _one(content, draw)
    return content[:begin] + content[end:]


def swap_elements(content: bytes, draw: Random) -> bytes:
    """Two elements stand in the wrong order."""
    (_, a, b), (_, c, d) = sorted((_one(content, draw), _one(content, draw)))
    if b > c:
        return content
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def set_length(content: bytes, draw: Random) -> bytes:
    """The length of an element is another than that of its value."""
    implicit, begin, end = _one(content, draw)
    if end - begin < 8:
        return content
    length = draw.choice((*_LENGTHS, _UNDEFINED, end - begin - 7, end - begin - 9))
    at, width = begin + 4, 4
    if not implicit:
        long = content[begin + 4 : begin + 6].decode("latin-1") in EXPLICIT_VR_LENGTH_32
        at, width = (begin + 8, 4) if long else (begin + 6, 2)
    written = (length & (1 << 8 * width) - 1).to_bytes(width, "little")
    return content[:at] + written + content[at + width :]


def set_representation(content: bytes, draw: Random) -> bytes:
    """An element says that its value is of another kind."""
    _, begin, _ = _one(content, draw)
    return content[: begin + 4] + draw.choice(_REPRESENTATIONS) + content[begin + 6 :]


def set_tag(content: bytes, draw: Random) -> bytes:
    """An element takes another's tag, a private one, or that of a delimiter."""
    _, begin, _ = _one(content, draw)
    _, other, _ = _one(content, draw)
    tags = (b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0", b"\x09\x00\x0d\x10", b"\x08\x00\x00\x00")
    return content[:begin] + draw.choice((*tags, content[other : other + 4])) + content[begin + 4 :]


def set_value(content: bytes, draw: Random) -> bytes:
    """A byte of one element's value becomes another: the length stays."""
    _, begin, end = _one(content, draw)
    if end - begin <= 8:
        return content
    at = draw.randrange(begin + 8, end)
    other = draw.choice((0, 9, 0x1B, 0x20, 0x2D, 0x30, 0x31, 0x39, 0x5C, 0xE9, 0xFF))
    return content[:at] + bytes([other]) + content[at + 1 :]


def insert_element(content: bytes, draw: Random) -> bytes:
    """An element of an unusual kind is put in, one time of two where its tag belongs."""
    implicit, places = elements_of(content)
    if not places:
        return content
    part = draw.choice(_parts(implicit=implicit))
    tag = struct.unpack("<HH", part[:4])
    following = (begin for begin, _ in places if struct.unpack_from("<HH", content, begin) > tag)
    at = next(following, places[-1][1]) if draw.random() < 0.5 else draw.choice(places)[0]
    return content[:at] + part + content[at:]


@cache
def _parts(*, implicit: bool) -> tuple[bytes, ...]:
    """Elements as pydicom writes them, and a few that it would not."""
    nested = Dataset()
    nested.SpecificCharacterSet = "ISO_IR 192"
    nested.PatientName = "Müller^Jörg"
    nested.add_new(0x00091001, "UN", b"abc\0")
    inner = Dataset()
    inner.add_new(0x00400275, "SQ", Sequence([nested]))
    found = []
    for undefined_sequence in (False, True):
        for undefined_item in (False, True):
            inner.is_undefined_length_sequence_item = undefined_item
            for tag in (0x00081140, 0x00091010, 0x00400275):
                outer = Dataset()
                outer.add_new(tag, "SQ", Sequence([inner, Dataset()]))
                outer[tag].is_undefined_length = undefined_sequence
                found.append(_written(outer, implicit=implicit))
    for charset in ("ISO_IR 100", "ISO_IR 192", ["", "ISO 2022 IR 87"], "ISO_IR 999", "utf8", ""):
        outer = Dataset()
        with quietly():
            outer.SpecificCharacterSet = charset
        found.append(_written(outer, implicit=implicit))
    for group in (0x0008, 0x0028, 0x0009):
        found.append(struct.pack("<HH", group, 0) + (b"" if implicit else b"UL"))
        found[-1] += struct.pack("<LL" if implicit else "<HL", 4, 12)
    if not implicit:
        items = _ITEM[:4] + b"\xff\xff\xff\xff" + _ITEM_END + _SEQUENCE_END
        for head in (b"\x09\x00\x10\x10", b"\x08\x00\x40\x11"):
            found.append(head + b"UN\0\0\xff\xff\xff\xff" + items)
            found.append(head + b"UN\0\0" + struct.pack("<L", len(items)) + items)
            found.append(head + b"OB\0\0\xff\xff\xff\xff" + items)
    return tuple(found)


def _written(dataset: Dataset, *, implicit: bool) -> bytes:
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, implicit
    with quietly():
        write_dataset(stream, dataset)
    return bytes(stream.getvalue())


ELEMENTS: tuple[Damage, ...] = (
    double_element, drop_element, swap_elements, set_length, set_representation, set_tag,
    set_value, set_value, insert_element, insert_element,
)  # fmt: skip

DICOM: tuple[Damage, ...] = (*BYTES, *ELEMENTS)
