"""The pages of a TIFF file as their directories describe them, read without any pixel."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from inference.sources.length_units import millimetres_in

_PAGES_LIMIT = 100_000
_VALUES_LIMIT = 2**20
_FORMATS = {1: "B", 2: "s", 3: "H", 4: "L", 6: "b", 8: "h", 9: "l", 16: "Q", 17: "q", 18: "Q"}
"""How values of a field type are packed (TIFF 6.0 section 2; BigTIFF adds the last three)."""

_RATIONAL = 5
_USED = frozenset((254, 256, 257, 258, 259, 262, 270, 273, 274, 277, 279, 282, 283, 324, 325, 339))
"""The fields that `_page` asks for; others may be damaged, or be larger than the picture."""
_KINDS = {1: "u", 2: "i", 3: "f"}
"""SampleFormat: whole numbers, those with a sign, floating point (TIFF 6.0 section 19)."""

_Fields = dict[int, tuple[float, ...] | bytes]


@dataclass(frozen=True)
class Page:
    """One picture of the file. `shape` is (rows, columns) as stored, before it is turned."""

    number: int
    shape: tuple[int, int]
    samples: int
    bits: int
    kind: str
    """"u", "i" or "f"."""
    photometric: int
    compression: int
    orientation: int
    description: str
    resolution: tuple[float, float]
    """Pixels a unit along a column and along a row; 0 where it is not said."""
    order: str
    """"<" or ">", for values of several bytes."""
    strips: tuple[tuple[int, int], ...]
    """(first byte, number of bytes) of each strip; none for a page in tiles."""
    end: int
    """The byte after the last strip or tile."""

    @property
    def form(self) -> tuple[int, int, int, int, str]:
        """What pages have in common that can stand in one source."""
        return (*self.shape, self.samples, self.bits, self.kind)


def read_pages(file: BinaryIO) -> list[Page]:
    """All full pages in their order; smaller copies and masks of pages are left out.

    Raises ValueError or struct.error where the directories cannot be followed.
    """
    start = file.read(16)
    order = {b"II": "<", b"MM": ">"}[start[:2]]
    big = struct.unpack_from(f"{order}H", start, 2)[0] == 43
    place = int(struct.unpack_from(f"{order}Q" if big else f"{order}L", start, 8 if big else 4)[0])
    pages: list[Page] = []
    seen: set[int] = set()
    number = 0
    while place and place not in seen:
        if number == _PAGES_LIMIT:
            raise ValueError("more pages than any stack has")
        seen.add(place)
        fields, place = _directory(file, order, place, big=big)
        # NewSubfileType: bit 0 a smaller copy, bit 2 a mask (TIFF 6.0 section 8).
        if not int(_first(fields, 254, 0)) & 0b101:
            pages.append(_page(number, order, fields))
        number += 1
    return pages


def _directory(file: BinaryIO, order: str, place: int, *, big: bool) -> tuple[_Fields, int]:
    """The values of one directory, and where the next begins (0 = there is none)."""
    file.seek(place)
    link, width = (8, 20) if big else (4, 12)
    link_format = "Q" if big else "L"
    (count,) = struct.unpack(order + ("Q" if big else "H"), file.read(8 if big else 2))
    if count > _VALUES_LIMIT:
        raise ValueError(f"{count} entries in a directory")
    entries = file.read(count * width)
    (after,) = struct.unpack(order + link_format, file.read(link))
    fields: _Fields = {}
    for entry in range(count):
        tag, kind = struct.unpack_from(f"{order}HH", entries, entry * width)
        (number,) = struct.unpack_from(order + link_format, entries, entry * width + 4)
        if tag not in _USED or tag in fields:
            continue
        inline = entries[entry * width + 4 + link : (entry + 1) * width]
        found = _values(file, order, kind, number, inline)
        if found is not None:
            fields[tag] = found
    return fields, int(after)


def _values(
    file: BinaryIO, order: str, kind: int, number: int, inline: bytes
) -> tuple[float, ...] | bytes | None:
    """The values of one field; None for types and numbers that no field of ours has."""
    letter = "LL" if kind == _RATIONAL else _FORMATS.get(kind)
    if letter is None or not 0 < number <= _VALUES_LIMIT:
        return None
    size = struct.calcsize(f"{order}{letter}") * number
    data = inline[:size]
    if size > len(inline):
        file.seek(struct.unpack(order + ("Q" if len(inline) == 8 else "L"), inline)[0])
        data = file.read(size)
    if kind == 2:
        return data
    if kind == _RATIONAL:
        pairs = struct.unpack(f"{order}{2 * number}L", data)
        return tuple(
            above / below if below else 0.0
            for above, below in zip(pairs[::2], pairs[1::2], strict=True)
        )
    return struct.unpack(f"{order}{number}{letter}", data)


def _first(fields: _Fields, tag: int, default: float) -> float:
    found = fields.get(tag)
    return found[0] if isinstance(found, tuple) else default


def _page(number: int, order: str, fields: _Fields) -> Page:
    bits = fields.get(258, (1.0,))
    if len(set(bits)) != 1:
        raise ValueError("samples of several sizes in one pixel")
    tiled = 324 in fields
    places, sizes = (fields.get(tag, ()) for tag in ((324, 325) if tiled else (273, 279)))
    pieces = tuple((int(place), int(size)) for place, size in zip(places, sizes, strict=False))
    described = fields.get(270, b"")
    return Page(
        number=number,
        shape=(int(_first(fields, 257, 0)), int(_first(fields, 256, 0))),
        samples=int(_first(fields, 277, 1)),
        bits=int(bits[0]),
        kind=_KINDS[int(_first(fields, 339, 1))],
        photometric=int(_first(fields, 262, 1)),
        compression=int(_first(fields, 259, 1)),
        orientation=int(_first(fields, 274, 1)),
        description=described.decode("utf-8", "replace").rstrip("\0")
        if isinstance(described, bytes)
        else "",
        resolution=(_first(fields, 283, 0), _first(fields, 282, 0)),
        order=order,
        strips=() if tiled else pieces,
        end=max((place + size for place, size in pieces), default=0),
    )


def spacing_of(page: Page) -> tuple[tuple[float, float, float | None] | None, str]:
    """mm (between rows, columns, pages or None) if a microscope's program says so, and its name.

    The resolution tags alone are those of printers, and say nothing of the object.
    """
    for name, read in (("ImageJ", _by_imagej), ("OME", _by_ome)):
        found = read(page)
        if found is not None:
            return found, f"{name} in the description"
    return None, "none"


def pictures_of_imagej(page: Page) -> int:
    """How many pictures ImageJ says that it wrote; 0 if it wrote nothing.

    Of stacks over 4 GB it describes the first page alone.
    """
    return int(_positive(_imagej(page).get("images", "")) or 0)


def _imagej(page: Page) -> dict[str, str]:
    """The lines of ImageJ's description, empty if another program wrote the file."""
    if not page.description.startswith("ImageJ="):
        return {}
    return dict(re.findall(r"^(\w+)=(.*?)\s*$", page.description, re.MULTILINE))


def _by_imagej(page: Page) -> tuple[float, float, float | None] | None:
    named = _imagej(page)
    size = millimetres_in(named.get("unit", ""))
    down, across = page.resolution
    if size is None or down <= 0 or across <= 0:
        return None
    between = _positive(named.get("spacing", ""))
    return size / down, size / across, None if between is None else between * size


def _by_ome(page: Page) -> tuple[float, float, float | None] | None:
    pixels = re.search(r"<(?:\w+:)?Pixels\s[^>]*>", page.description)
    if pixels is None or "<OME" not in page.description:
        return None
    named = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', pixels[0]))

    def size(axis: str) -> float | None:
        unit = millimetres_in(named.get(f"PhysicalSize{axis}Unit", "µm"))
        found = _positive(named.get(f"PhysicalSize{axis}", ""))
        return None if unit is None or found is None else found * unit

    down, across = size("Y"), size("X")
    return None if down is None or across is None else (down, across, size("Z"))


def _positive(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 < found < float("inf") else None
