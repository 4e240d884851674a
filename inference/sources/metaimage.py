"""MetaImage volumes (.mha, or .mhd with a file of values): one frame a slice, in LPS+ mm.

Source of the format: MetaIO documentation, "MetaImage" and "Appendix A".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each
from inference.sources.text_header import (
    data_file,
    not_shown,
    numbers_in,
    read_text_header,
    senseless,
)
from inference.sources.volume import Volume, read_slice, source_of

_FIELD = re.compile(rb"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*([^\r\n]*?)[ \t]*\r?\n")
_FIRST_FIELDS = ("objecttype", "ndims", "comment", "objectsubtype")
_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2",
    "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG": "i4", "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
"""A long has four bytes in MetaIO, on every system (metaTypes.h)."""


def recognises(head: bytes) -> bool:
    """Lines of "name = value" that begin as MetaIO writes them."""
    first = _FIELD.match(head)
    return (
        first is not None
        and first[1].decode("ascii").lower() in _FIRST_FIELDS
        and b"NDims" in head
        and b"DimSize" in head
    )


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Each volume as a source whose frames are its slices; the pixels stay on disk."""
    return one_source_each(files, lambda file: source_of(file, _volume(file.path)))


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """One slice [rows, columns] or RGB; raises UserError where the volume cannot be read."""
    return read_slice(_volume(Path(ref.path)), key, ref.number, affine)


def companion(path: Path) -> Path | None:
    """The one file beside a header with its values; UserError where it cannot be had."""
    fields, _ = _fields(read_text_header(path))
    name = fields.get("elementdatafile", "LOCAL")
    return None if name.upper() == "LOCAL" else data_file(path, name)


def _fields(head: bytes) -> tuple[dict[str, str], int]:
    """All fields by their name in small letters, and the byte after the last of them."""
    fields: dict[str, str] = {}
    place = 0
    while (found := _FIELD.match(head, place)) is not None:
        fields[found[1].decode("ascii").lower()] = found[2].decode("utf-8", "replace")
        place = found.end()
        if "elementdatafile" in fields:  # always the last one
            break
    return fields, place


def _volume(path: Path) -> Volume:
    fields, end = _fields(read_text_header(path))
    try:
        return _described(path, fields, end)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise senseless(path, "MetaImage") from error


def _described(path: Path, fields: dict[str, str], end: int) -> Volume:
    if not _yes(fields, "binarydata", default=True):
        raise not_shown(path, "holds values written as text")
    sizes = tuple(int(size) for size in fields["dimsize"].split())
    if not 2 <= len(sizes) <= 4 or int(fields["ndims"]) != len(sizes) or min(sizes) < 1:
        raise ValueError(f"{sizes} are no sizes")
    code = _TYPES[fields["elementtype"].upper()]
    samples = int(fields.get("elementnumberofchannels", "1"))
    if samples != 1 and (samples, code) != (3, "u1"):
        raise not_shown(path, f"holds {samples} values a pixel")
    big = _yes(fields, "binarydatabyteordermsb", "elementbyteordermsb", default=False)
    packed = _yes(fields, "compresseddata", default=False)
    spacing = _spacing(fields, len(sizes))
    dtype = np.dtype((">" if big else "<") + code)
    counts = (*sizes, 1, 1)[:4]
    data, start = _place(path, fields, end, int(np.prod(sizes)) * dtype.itemsize * samples)
    return Volume(
        path=path,
        counts=(counts[0], counts[1], counts[2], counts[3]),
        dtype=dtype,
        spacing_mm=spacing,
        lps=_lps(fields, len(sizes), spacing),
        spacing_source="MetaImage ElementSpacing",
        data=data,
        start=start,
        packing="zlib" if packed else "raw",
        samples=samples,
    )


def _yes(fields: dict[str, str], *names: str, default: bool) -> bool:
    found = next((fields[name] for name in names if name in fields), None)
    return default if found is None else found[:1] in ("T", "t", "1")


def _place(path: Path, fields: dict[str, str], end: int, size: int) -> tuple[Path, int]:
    """The file with the values and the byte at which they begin."""
    name = fields["elementdatafile"]
    if name.upper() == "LOCAL":
        return path, end
    if name.upper().startswith("LIST") or "%" in name:
        raise not_shown(path, "names several files of values")
    data = data_file(path, name)
    start = int(fields.get("headersize", "0"))
    # A size of -1 stands for "whatever comes before the last bytes" (MetaIO, HeaderSize).
    return data, start if start >= 0 else max(0, data.stat().st_size - size)


def _spacing(fields: dict[str, str], dimensions: int) -> tuple[float, float, float]:
    """Between columns, rows, slices in mm, as the documentation of ElementSpacing has it."""
    text = fields.get("elementspacing", fields.get("elementsize", ""))
    found = [abs(size) if np.isfinite(size) else 0.0 for size in numbers_in(text)]
    if found and len(found) != dimensions:
        raise ValueError(f"{text} are no spacings")
    across, down, between = [*found, 0.0, 0.0, 0.0][:3]
    return across, down, between if dimensions > 2 else 0.0


def _lps(
    fields: dict[str, str], dimensions: int, spacing: tuple[float, float, float]
) -> np.ndarray | None:
    """To LPS mm, which is what ITK's files are in; None where direction and place are not given."""
    place = next((fields[name] for name in ("offset", "position", "origin") if name in fields), "")
    names = ("transformmatrix", "rotation", "orientation")
    axes = next((fields[name] for name in names if name in fields), "")
    if not (place and axes) or dimensions < 3 or min(spacing) <= 0:
        return None
    matrix = np.eye(4)
    # Each stretch of `dimensions` numbers is the direction of one axis.
    turned = np.array(numbers_in(axes)).reshape(dimensions, dimensions)[:3, :3].T
    matrix[:3, :3] = turned * np.array(spacing)
    matrix[:3, 3] = numbers_in(place)[:3]
    usable = np.isfinite(matrix).all() and abs(float(np.linalg.det(turned))) > 1e-6
    return matrix if usable else None
