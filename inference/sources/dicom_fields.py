"""Header values as plain numbers and words: None where one is missing or malformed."""

from __future__ import annotations

import math
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag, Tag

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


@contextmanager
def quietly() -> Iterator[None]:
    """Drop what pydicom warns of while values are asked for: they come out as None instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@cache
def _tag(keyword: str) -> BaseTag:
    """The tag of a keyword; asking a data set by keyword costs three times as much."""
    found = tag_for_keyword(keyword)
    if found is None:
        raise LookupError(f"{keyword} is no keyword of the DICOM dictionary")
    return Tag(found)


def value_of(dataset: Dataset, keyword: str) -> Any:
    """A value as pydicom gives it; None if missing, empty or malformed."""
    tag = _tag(keyword)
    try:
        found = dataset[tag].value if tag in dataset else None
    except MALFORMED:
        return None
    return None if found in (None, "", b"") else found


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All finite numbers of an element; empty if one of them is none."""
    found = value_of(dataset, keyword)
    if found is None:
        return ()
    try:
        several = isinstance(found, Sequence) and not isinstance(found, (str, bytes))
        values = tuple(float(item) for item in (found if several else (found,)))
    except MALFORMED:
        return ()
    return values if all(math.isfinite(value) for value in values) else ()


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


def macro(dataset: Dataset, frame: int, keyword: str) -> Dataset:
    """Where the values of one functional group stand for one frame (PS3.3 C.7.6.16.1).

    The frame's own item comes first, then the one that all frames share, then the top level,
    where single-frame objects keep the same elements.
    """
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
