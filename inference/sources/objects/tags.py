"""All elements of a DICOM file as rows to read: nested, named, shortened, never the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag

from inference.errors import UserError
from inference.records import TagRow, Tags
from inference.requests import TagsRequest
from inference.sources.bounded import BoundedReader
from inference.sources.dicom import recognises
from inference.sources.dicom_fields import UNPARSED, quietly
from inference.sources.dicom_header import damaged, read_dataset
from inference.sources.files import open_regular, read_head
from inference.task import Task

ROWS_LIMIT = 20_000
CHARACTERS_LIMIT = 300
"""How much of a value is shown."""

_VALUES_LIMIT = 64
_DEPTH_LIMIT = 32
_PIXELS = 0x7FE00008
"""The first of the elements that hold pixels (PS3.3 C.7.6.24)."""

_BROKEN = "(cannot be read)"


def read_tags(request: TagsRequest, task: Task) -> Tags:
    """Every element before the pixels, in the file's order (PS3.5 7.1), as far as it can be read.

    Raises UserError where the file is no DICOM or damaged from its start.
    """
    path = Path(request.path)
    if not recognises(read_head(path)):
        raise UserError(f"{path.name} is no DICOM file, so it has no tags.", path=request.path)
    with quietly():
        try:
            dataset, broken = read_dataset(path), None
        except UserError:
            dataset, broken = _begun(path)
        found = list(islice(_all(dataset, broken), ROWS_LIMIT + 1))
    task.check()
    return Tags(request.path, tuple(found[:ROWS_LIMIT]), len(found) > ROWS_LIMIT)


def _begun(path: Path) -> tuple[Dataset, BaseTag]:
    """What stands before the element at which a file cannot be read any more, and its tag.

    Raises UserError where nothing does.
    """
    passed: list[BaseTag] = []

    def watch(tag: BaseTag, vr: str | None, length: int) -> bool:
        passed.append(tag)
        return int(tag) >= _PIXELS

    try:
        with open_regular(path) as raw, BoundedReader(raw) as file:
            with suppress(*UNPARSED):
                read_partial(file, watch, force=True)
            if len(passed) < 2:
                raise damaged(path)
            file.seek(0)
            return read_partial(file, lambda tag, vr, size: tag >= passed[-1], force=True), passed[
                -1
            ]
    except UNPARSED as error:
        raise damaged(path) from error


def _all(dataset: Dataset, broken: BaseTag | None) -> Iterator[TagRow]:
    yield from _rows(getattr(dataset, "file_meta", FileMetaDataset()), 0)
    yield from _rows(dataset, 0)
    if broken is not None:
        yield TagRow(0, _written(broken), "", "(the file is damaged from here on)", "")


def _rows(dataset: Dataset, depth: int) -> Iterator[TagRow]:
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
        except UNPARSED:
            yield TagRow(depth, _written(tag), "", _BROKEN, "")
            continue
        yield _row(dataset, element, depth)
        if element.VR == "SQ" and depth < _DEPTH_LIMIT:
            yield from _items(element, depth + 1)


def _items(element: DataElement, depth: int) -> Iterator[TagRow]:
    for number, item in enumerate(element.value or (), start=1):
        yield TagRow(depth, "", "", f"Item {number}", "")
        yield from _rows(item, depth + 1)


def _row(dataset: Dataset, element: DataElement, depth: int) -> TagRow:
    tag = element.tag
    return TagRow(depth, _written(tag), str(element.VR), _name(dataset, element), _value(element))


def _written(tag: BaseTag) -> str:
    return f"({tag.group:04X},{tag.element:04X})"


def _name(dataset: Dataset, element: DataElement) -> str:
    """The dictionary's name; for a private element its creator's, or the creator itself."""
    try:
        name = element.name
    except UNPARSED:
        name = ""
    tag = element.tag
    if not tag.is_private or tag.is_private_creator:
        return name
    creator = dataset.get((tag.group, tag.element >> 8))
    owner = str(creator.value) if creator is not None else ""
    plain = name.strip("[]")
    known = plain and not plain.startswith("Private tag data")
    return " · ".join(filter(None, (owner or "Private", plain if known else "")))


def _value(element: DataElement) -> str:
    try:
        return _shortened(element)
    except UNPARSED:
        return _BROKEN


def _shortened(element: DataElement) -> str:
    value = element.value
    if element.VR == "SQ":
        count = len(value or ())
        return "1 item" if count == 1 else f"{count} items"
    if isinstance(value, (bytes, bytearray)):
        return _binary(value, element.VR)
    if value is None:
        return ""
    if element.VM > 1:
        parts = [str(one) for one in islice(value, _VALUES_LIMIT)]
        more = f" … ({element.VM} values)" if element.VM > _VALUES_LIMIT else ""
        return _cut("\\".join(parts)) + more
    return _cut(str(value))


def _binary(value: bytes | bytearray, vr: str) -> str:
    """Short text in unknown elements is shown as text, anything else by its size."""
    if vr == "UN" and 0 < len(value) <= CHARACTERS_LIMIT:
        text = bytes(value).rstrip(b"\0 ")
        if text.isascii() and text.decode("ascii").isprintable():
            return text.decode("ascii")
    return f"{len(value)} bytes"


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= CHARACTERS_LIMIT:
        return plain
    return f"{plain[:CHARACTERS_LIMIT]}… ({len(plain)} characters)"
