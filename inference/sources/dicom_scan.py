"""A plain DICOM header, found in the first bytes of its file.

pydicom's own reader takes two thirds of the time of opening a series: it asks the file for each
element anew. Here the same raw elements are cut out of bytes in memory; what a value means is still
pydicom's word. Whatever is out of the ordinary is left to its reader.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass
from functools import lru_cache

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    PrivateTransferSyntaxes,
)

from inference.sources.dicom_elements import (
    Elements,
    Own,
    UnusualError,
    Walk,
    explicit_element,
    no_value,
    value_place,
    walk,
)
from inference.sources.dicom_fields import tag_at

_PREAMBLE = 132
_PIXEL_HEAD_BYTES = 12
"""Tag, VR and length of the pixel element, in implicit VR with the first bytes of its value."""

_MODALITY = 0x00080060
_TRANSFER_SYNTAX = 0x00020010
_OWN_META = (0x0000, 0x0003)
"""The group's length and the instance's UID, which the data set holds as well."""

_UNUSUAL = {
    str(syntax)
    for syntax in (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, *PrivateTransferSyntaxes)
}


@dataclass(frozen=True, eq=False)
class Scanned:
    """The data set before the pixels, and the offset at which the pixel element begins.

    `likeness` is equal for headers that say the same of their pixels: the header without what each
    instance has of its own; b"" where that cannot be told.
    """

    dataset: Dataset
    end: int
    likeness: bytes


@dataclass(frozen=True, eq=False)
class _Layout:
    """A header that was walked through, by which those that are built alike are read."""

    syntax: str
    begin: int
    walked: Walk
    heads: tuple[tuple[Own, bytes], ...]
    """The instance's own elements, and the bytes before the value of each."""
    shared: bytes
    """All the rest of the header, one piece after another."""
    likeness: bytes


_layouts: deque[_Layout] = deque(maxlen=4)
"""Those met last: slices of a series differ in the length of few values, such as 9 and 10."""


def scan(start: bytes) -> Scanned | None:
    """The header in a file's first bytes.

    None where the header is longer than they are, or in any way out of the ordinary.
    """
    if start[128:_PREAMBLE] != b"DICM":
        return None
    try:
        meta, begin = _scan_meta(start)
        named = meta.get(tag_at(_TRANSFER_SYNTAX))
        syntax = (named.value or b"").rstrip(b"\0 ").decode("ascii") if named else ""
        if not syntax or syntax in _UNUSUAL:
            return None
        layout = _layout_of(start, begin, syntax)
    except (UnusualError, struct.error, UnicodeDecodeError):
        return None
    end = layout.walked.end - layout.begin + begin
    if end + _PIXEL_HEAD_BYTES > len(start):  # the file stops right here
        return None
    dataset = Dataset(_filled(start, begin, layout))
    implicit = syntax == ImplicitVRLittleEndian
    dataset.set_original_encoding(implicit, True, layout.walked.encoding)
    dataset.file_meta = _meta_of(tuple(meta.values()))
    return Scanned(dataset, end, layout.likeness)


def _layout_of(start: bytes, begin: int, syntax: str) -> _Layout:
    """That of an earlier header if this one is built alike, else its own.

    Alike are headers whose bytes are equal but for the values of the instance's own elements: then
    each step of the walk would be the same.
    """
    for layout in _layouts:
        if layout.syntax == syntax and _is_alike(start, begin - layout.begin, layout):
            return layout
    walked = walk(start, begin, implicit=syntax == ImplicitVRLittleEndian)
    heads = tuple((own, start[own.first : own.place]) for own in walked.own)
    shared = _shared(start, begin, 0, walked)
    modality = walked.elements.get(tag_at(_MODALITY))
    # The scale of positron emission depends on times and private elements.
    told = modality is not None and b"PT" not in (modality.value or b"")
    likeness = syntax.encode() + shared if told else b""
    found = _Layout(syntax, begin, walked, heads, shared, likeness)
    _layouts.append(found)
    return found


def _is_alike(start: bytes, moved: int, layout: _Layout) -> bool:
    return all(
        start[own.first + moved : own.place + moved] == head for own, head in layout.heads
    ) and (_shared(start, layout.begin, moved, layout.walked) == layout.shared)


def _shared(start: bytes, begin: int, moved: int, walked: Walk) -> bytes:
    """The header from `begin` on without the instance's own elements, all by `moved` further on."""
    kept, done = [], begin + moved
    for own in walked.own:
        kept.append(start[done : own.first + moved])
        done = own.last + moved
    # With the pixel element's tag, so that the header ends where the other one ends.
    kept.append(start[done : walked.end + moved + 4])
    return b"".join(kept)


def _filled(start: bytes, begin: int, layout: _Layout) -> Elements:
    """The elements of a layout with this instance's own values."""
    moved = begin - layout.begin
    found = dict(layout.walked.elements)
    for own, _ in layout.heads:
        old = found[own.tag]
        first, last = own.place + moved, own.last + moved
        value = start[first:last] if last > first else no_value(str(old.VR)) if old.VR else None
        implicit = layout.syntax == ImplicitVRLittleEndian
        found[own.tag] = RawDataElement(own.tag, old.VR, last - first, value, first, implicit, True)
    return found


@lru_cache(maxsize=64)
def _meta_of(elements: tuple[RawDataElement, ...]) -> FileMetaDataset:
    """The file meta information as a data set, which the files of a series share."""
    return FileMetaDataset({element.tag: element for element in elements})


def _scan_meta(start: bytes) -> tuple[dict[BaseTag, RawDataElement], int]:
    """Group 2, which is always explicit little endian (PS3.10 7.1), without each file's own."""
    found: dict[BaseTag, RawDataElement] = {}
    at = _PREAMBLE
    while True:
        group, element, vr, length = explicit_element(start, at)
        if group != 0x0002:
            return found, at
        name, place, length = value_place(start, at, vr, length)
        at = place + length
        tag = tag_at(group << 16 | element)
        if element not in _OWN_META:
            found[tag] = RawDataElement(tag, name, length, start[place:at], 0, False, True)
