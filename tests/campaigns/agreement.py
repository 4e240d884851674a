"""The quick ways into a DICOM file against the slow ones: what they find has to be the same.

A header cut out of a file's first bytes is compared with pydicom's own reader, element by element;
what is taken over from a header that is alike, with what this header says when it is read alone.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset

from app.native_pixels import native_request, read_native
from app.source_volume import native_frame
from inference.errors import UserError
from inference.records import Frame, Source
from inference.requests import read_request
from inference.sources.base import START_BYTES
from inference.sources.dicom_facts import FactFinder, Facts
from inference.sources.dicom_fields import MALFORMED, quietly
from inference.sources.dicom_frame import head_of
from inference.sources.dicom_header import Header, read_header
from inference.sources.dicom_scan import Scanned, scan
from inference.sources.registry import read_frames
from inference.task import Task
from tests.campaigns.likeness import difference

_OWN_META = (0x00020000, 0x00020003)
"""What the scan leaves out of the file meta information, as each file has its own."""


class DisagreementError(Exception):
    """The quick way found something else than the slow one."""


def compare_scan(content: bytes) -> bool:
    """Whether the header was scanned at all.

    Raises DisagreementError where pydicom reads another one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scan(content[:START_BYTES])
    if found is None:
        return False
    stream = BytesIO(content)
    with quietly():
        try:
            expected = dcmread(stream, stop_before_pixels=True, force=True)
        except (*MALFORMED, OSError) as error:
            raise DisagreementError(f"pydicom cannot read what was scanned: {error}") from error
        said = _what_differs(found, expected, stream.tell())
    if said is not None:
        raise DisagreementError(said)
    return True


def _what_differs(found: Scanned, expected: Dataset, end: int) -> str | None:
    mine = found.dataset
    whole = (
        ("end of the header", found.end, end),
        ("encoding", mine.original_encoding, expected.original_encoding),
        ("character set", mine.original_character_set, expected.original_character_set),
    )
    for name, one, other in whole:
        if one != other:
            return f"{name}: {one} and {other}"
    return _elements_difference(mine, expected) or _meta_difference(
        mine.file_meta, expected.file_meta
    )


def _meta_difference(mine: Dataset, expected: Dataset) -> str | None:
    left = {element.tag: element for element in mine}
    right = {element.tag: element for element in expected if element.tag not in _OWN_META}
    return None if left == right else f"file meta information: {left} and {right}"


def _elements_difference(mine: Dataset, expected: Dataset) -> str | None:
    """The first element that differs as it stands in the file, in nested items as well."""
    if list(mine.keys()) != list(expected.keys()):
        return f"tags: {list(mine.keys())} and {list(expected.keys())}"
    for tag in mine.keys():  # noqa: SIM118 - iterating over a data set converts each value
        one, other = mine.get_item(tag), expected.get_item(tag)
        if isinstance(one, RawDataElement) and isinstance(other, RawDataElement):
            one, other = one._replace(value_tell=0), other._replace(value_tell=0)
        else:  # converted by one of the two, as headers that are alike share their sequences
            one, other = mine[tag], expected[tag]
        if isinstance(one, DataElement) and isinstance(other, DataElement) and one.VR == "SQ":
            nested = _sequences_difference(one, other)
            if nested is not None:
                return f"{tag} {nested}"
            continue
        if one != other:
            return f"{tag}: {one} and {other}"
    return None


def _sequences_difference(one: DataElement, other: DataElement) -> str | None:
    ours, theirs = one.value or (), other.value or ()
    if (other.VR, one.is_undefined_length, len(ours)) != (
        "SQ", other.is_undefined_length, len(theirs)
    ):  # fmt: skip
        return "is another kind of sequence"
    for mine, expected in zip(ours, theirs, strict=True):
        if mine.original_character_set != expected.original_character_set:
            return "has items in another character set"
        found = _elements_difference(mine, expected)
        if found is not None:
            return found
    return None


Told = tuple[Header, Frame, Facts] | str


def compare_alike(path: Path, content: bytes, finder: FactFinder) -> bool:
    """Whether the file gives a picture; raises DisagreementError where earlier headers changed it.

    The file at `path` holds `content`; `finder` has seen the headers before.
    """
    quick = _told(path, content, finder)
    slow = _told(path, b"", FactFinder())
    found = difference(quick, slow)
    if found is not None:
        raise DisagreementError(found)
    return not isinstance(slow, str)


def _told(path: Path, content: bytes, finder: FactFinder) -> Told:
    """What a header, and all that is derived from it, says of its first frame; or its refusal."""
    try:
        header = read_header(path, content[:START_BYTES], len(content))
    except UserError as error:
        return error.message
    with quietly():
        facts = finder.facts_of(header, 0, 0)
        head = head_of(header, 0)
    # What is kept beside the answer, and may differ: how it was found.
    return replace(header, dataset=Dataset(), likeness=b""), head, facts


def compare_native(source: Source) -> int:
    """How many frames were compared.

    Raises DisagreementError where one decodes to another frame.
    """
    for index in range(len(source.native)):
        read = read_native(native_request(source, (index,), None), Task())
        if read.troubles:
            raise DisagreementError(f"{source.refs[index].path}: {read.troubles[0][1].message}")
        (decoded,) = read_frames(read_request(source, (index,)), Task())
        said = difference(native_frame(source, index, read.arrays[0]), decoded, "frame")
        if said is not None:
            raise DisagreementError(f"{source.refs[index].path}: {said}")
    return len(source.native)
