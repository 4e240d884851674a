"""Header values as plain numbers and words: None where one is missing or malformed."""

from __future__ import annotations

import math
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag

MALFORMED = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    RuntimeError,
    AssertionError,
    EOFError,
    struct.error,
    zlib.error,
    InvalidDicomError,
    BytesLengthException,
)
"""What pydicom and its decoders raise on damaged files (75,575 mutated files, DESIGN 6)."""

UNPARSED = (*MALFORMED, OSError)
"""What a value in memory may raise: pydicom says OSError where a nested sequence breaks off."""


_BINARY = {"US": "<H", "SS": "<h", "UL": "<L", "SL": "<l", "FL": "<f", "FD": "<d"}
_REMEMBERED_BYTES = 256
"""Longer values (contours, tables) are not said again, and would fill the memory."""

_TEXTUAL = ("AE", "AS", "CS", "DA", "LO", "SH", "TM", "UI")
"""Values whose backslashes part them (PS3.5 6.2)."""


@contextmanager
def quietly() -> Iterator[None]:
    """Drop what pydicom warns of while values are asked for: they come out as None instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=1 << 14)
def tag_at(number: int) -> BaseTag:
    """The tag of this number, mostly the same object: then a data set finds it without comparing.

    pydicom's tags compare in Python, which takes longer than all the rest of a look-up.
    """
    return BaseTag(number)


@cache
def _tag(keyword: str) -> BaseTag:
    """The tag of a keyword; asking a data set by keyword costs three times as much."""
    found = tag_for_keyword(keyword)
    if found is None:
        raise LookupError(f"{keyword} is no keyword of the DICOM dictionary")
    return tag_at(found)


def element_of(dataset: Dataset, keyword: str) -> DataElement | RawDataElement | None:
    """An element as the data set holds it, its value not yet converted; None if there is none.

    Where a value was not read, pydicom goes to fetch it: such an element may be malformed, and is
    then none.
    """
    tag = _tag(keyword)
    try:
        return dataset.get_item(tag) if tag in dataset.keys() else None  # noqa: SIM118 - 3 x as fast
    except UNPARSED:
        return None


def is_given(dataset: Dataset, keyword: str) -> bool:
    """Whether an element is there with a value, well formed or not."""
    found = element_of(dataset, keyword)
    return found is not None and found.value not in (None, "", b"")


def value_of(dataset: Dataset, keyword: str) -> Any:
    """A value as pydicom gives it; None if missing, empty or malformed."""
    tag = _tag(keyword)
    try:
        found = dataset[tag].value if tag in dataset.keys() else None  # noqa: SIM118 - as above
    except UNPARSED:
        return None
    return None if found in (None, "", b"") else found


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All finite numbers of an element; empty if one of them is none."""
    element = element_of(dataset, keyword)
    if element is None:
        return ()
    if isinstance(element, RawDataElement) and element.is_little_endian:
        short = len(element.value or b"") <= _REMEMBERED_BYTES
        read = _plain_numbers if short else _plain_numbers.__wrapped__
        plain = read(element.VR or _usual_vr(element.tag), element.value)
        if plain is not None:
            return plain
    found = value_of(dataset, keyword)
    if found is None:
        return ()
    try:
        several = isinstance(found, Sequence) and not isinstance(found, (str, bytes))
        values = tuple(float(item) for item in (found if several else (found,)))
    except MALFORMED:
        return ()
    return values if all(math.isfinite(value) for value in values) else ()


@lru_cache(maxsize=1 << 12)
def _plain_numbers(vr: str, value: bytes | None) -> tuple[float, ...] | None:
    """The numbers in little-endian bytes; None where pydicom has to look at them.

    Slices of a series say the same again and again, so most answers are known already.
    """
    try:
        if vr in ("DS", "IS") and value:
            texts = value.decode("ascii").split("\\")
            read = int if vr == "IS" else float
            found = tuple(float(read(text)) for text in texts)
        elif vr in _BINARY and value:
            found = tuple(float(one) for (one,) in struct.iter_unpack(_BINARY[vr], value))
        else:
            return None
    except (ValueError, OverflowError, struct.error):
        return None
    return found if all(math.isfinite(one) for one in found) else None


@lru_cache(maxsize=1 << 12)
def _plain_words(vr: str, value: bytes | None) -> tuple[str, ...] | None:
    """The words in bytes that are the same in every character set; None where they may not be."""
    if vr not in _TEXTUAL or not value or not value.isascii() or b"\x1b" in value:
        return None
    found = tuple(text.strip(" \0") for text in value.decode("ascii").split("\\"))
    return found if any(found) else ()


@lru_cache(maxsize=1 << 12)
def _usual_vr(tag: int) -> str:
    """What the dictionary says of an element whose file says nothing (implicit VR)."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return ""


def number(dataset: Dataset, keyword: str) -> float | None:
    """The number of an element that holds one number."""
    found = numbers(dataset, keyword)
    return found[0] if len(found) == 1 else None


def whole(dataset: Dataset, keyword: str) -> int | None:
    """The number of an element that holds one whole number."""
    found = number(dataset, keyword)
    return int(found) if found is not None and found == int(found) else None


def words(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """All words of an element, trimmed."""
    element = element_of(dataset, keyword)
    if element is None:
        return ()
    if isinstance(element, RawDataElement):
        plain = _plain_words(element.VR or _usual_vr(element.tag), element.value)
        if plain is not None:
            return plain
    found = value_of(dataset, keyword)
    if found is None:
        return ()
    several = isinstance(found, Sequence) and not isinstance(found, (str, bytes))
    try:
        return tuple(str(item).strip(" \0") for item in (found if several else (found,)))
    except MALFORMED:
        return ()


def word(dataset: Dataset, keyword: str) -> str | None:
    """The text of an element on one line; None if it is empty."""
    found = " ".join(" ".join(words(dataset, keyword)).split())
    return found or None


def items(dataset: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """The items of a sequence."""
    found = value_of(dataset, keyword)
    if not isinstance(found, Sequence) or isinstance(found, (str, bytes)):
        return ()
    try:
        return tuple(item for item in found if isinstance(item, Dataset))
    except MALFORMED:
        return ()


_PER_FRAME = _tag("PerFrameFunctionalGroupsSequence")
_SHARED = _tag("SharedFunctionalGroupsSequence")


def macro(dataset: Dataset, frame: int, keyword: str) -> Dataset:
    """Where the values of one functional group stand for one frame (PS3.3 C.7.6.16.1).

    The frame's own item comes first, then the one that all frames share, then the top level,
    where single-frame objects keep the same elements.
    """
    held = dataset.keys()
    if _PER_FRAME not in held and _SHARED not in held:
        return dataset
    for holder in (
        _item(dataset, "PerFrameFunctionalGroupsSequence", frame),
        _item(dataset, "SharedFunctionalGroupsSequence", 0),
    ):
        found = _item(holder, keyword, 0) if holder is not None else None
        if found is not None:
            return found
    return dataset


def _item(dataset: Dataset, keyword: str, index: int) -> Dataset | None:
    found = value_of(dataset, keyword)
    try:
        item = found[index] if found is not None and index < len(found) else None
    except MALFORMED:
        return None
    return item if isinstance(item, Dataset) else None
