"""The header of one DICOM file: read without its pixels, checked before anything is decoded."""

from __future__ import annotations

import logging
import re
import struct
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from pydicom import config, dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from inference.errors import UserError
from inference.sources.base import within_budget
from inference.sources.bounded import BoundedReader
from inference.sources.dicom_deflate import inflate
from inference.sources.dicom_fields import MALFORMED, is_given, number, quietly, whole, word
from inference.sources.dicom_scan import scan
from inference.sources.files import open_regular, unreadable

# What matters of pydicom's complaints comes out as our own sentences; the rest would go to stderr.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
config.settings.reading_validation_mode = config.IGNORE

_PIXEL_ELEMENTS = {0x0008: "FloatPixelData", 0x0009: "DoubleFloatPixelData", 0x0010: "PixelData"}
_UNDEFINED_LENGTH = 0xFFFFFFFF
_BITS_ALLOCATED = (1, 8, 16, 32, 64)
_NEEDED = ("Rows", "Columns", "BitsAllocated", "PhotometricInterpretation")

_PLAIN_WORDS = (
    (r"found implicit VR", "The file names its encoding wrongly; it was read as implicit VR."),
    (r"found explicit VR", "The file names its encoding wrongly; it was read as explicit VR."),
    (r"End of file reached before", "The file ends before its last element is complete."),
)
"""Which of pydicom's warnings concern the person who looks at the picture, in plain words."""


_Place = tuple[str, str, int, int | None]


@dataclass(frozen=True, eq=False)
class _Begun:
    """A data set up to its pixels, where they stand, and of how many bytes that counts."""

    dataset: Dataset
    place: _Place | None
    size: int
    inflated: bytes | None = None
    warnings: tuple[str, ...] = ()
    likeness: bytes = b""


@dataclass(frozen=True, eq=False)
class Header:
    """What a file says about its pixels, and where in the file they begin.

    `frames` is the number of frames that are wholly there. `pixel_offset` is the byte at which the
    pixel element's value begins in `stream()`; `pixel_length` is None where it is encapsulated.
    """

    path: Path
    dataset: Dataset
    transfer_syntax: UID
    pixel_keyword: str
    pixel_vr: str
    pixel_offset: int
    pixel_length: int | None
    frames: int
    rows: int
    columns: int
    samples: int
    photometric: str
    inflated: bytes | None
    """The whole data set of a deflated file, whose offsets mean nothing on disk."""
    warnings: tuple[str, ...]
    likeness: bytes = b""
    """Equal for headers that say the same of their pixels (Scanned.likeness)."""

    def stream(self) -> BinaryIO:
        """The bytes that `pixel_offset` counts in, open for reading; the caller closes them."""
        if self.inflated is not None:
            return BytesIO(self.inflated)
        return BoundedReader(open_regular(self.path))


def read_header(path: Path, start: bytes = b"", size: int = 0) -> Header:
    """Everything before the pixels. Raises UserError, with what the file is, if it is no image.

    With its first bytes and its size at hand the file is only opened if its header is unusual.
    """
    try:
        begun = _begin_in(start, size)
        if begun is None:
            with open_regular(path) as raw, BoundedReader(raw) as file:
                begun = _begin(file, path)
        with quietly():
            return _read(path, begun)
    except OSError as error:
        raise not_read(path, error) from error
    except MALFORMED as error:
        raise damaged(path) from error


def read_dataset(path: Path) -> Dataset:
    """All elements before the pixels, whatever the file is; nothing of it is checked.

    Raises UserError where it cannot be read.
    """
    try:
        with open_regular(path) as raw, BoundedReader(raw) as file:
            return _begin(file, path).dataset
    except OSError as error:
        raise not_read(path, error) from error
    except MALFORMED as error:
        raise damaged(path) from error


def not_read(path: Path, error: OSError) -> UserError:
    """The sentence for a file that could not be read through to its pixels.

    The system names a number with its errors; pydicom has none where a sequence breaks off.
    """
    return damaged(path) if error.errno is None else unreadable(path, error)


def damaged(path: Path) -> UserError:
    """The sentence for a file whose structure cannot be followed."""
    return UserError(
        f"{path.name} is damaged: its DICOM header cannot be read.",
        "Fetch the file again from where it came.",
        path=str(path),
    )


class NoPictureError(UserError):
    """A file that can be read and is no picture, with all that it says instead."""

    def __init__(self, path: Path, dataset: Dataset, warnings: tuple[str, ...]) -> None:
        super().__init__(f"{path.name} holds no picture.", path=str(path))
        self.dataset = dataset
        self.warnings = warnings


def _begin(file: BinaryIO, path: Path) -> _Begun:
    """By pydicom's own reader, which knows all that is unusual, and what it warns of."""
    inflated = None
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        dataset: Dataset = dcmread(file, stop_before_pixels=True, force=True)
        if _transfer_syntax(dataset) == DeflatedExplicitVRLittleEndian:
            inflated = inflate(path)
            meta, file = dataset.file_meta, BytesIO(inflated)
            dataset = dcmread(file, stop_before_pixels=True, force=True)
            dataset.file_meta = meta
    place = _find_pixels(file, little_endian=dataset.original_encoding[1] is not False)
    return _Begun(dataset, place, file.seek(0, 2), inflated, _in_plain_words(raised))


def _begin_in(start: bytes, size: int) -> _Begun | None:
    """The same in a file's first bytes; None where they do not suffice."""
    found = scan(start)
    if found is None:
        return None
    place = _find_pixels(BytesIO(start[found.end : found.end + 12]), found.end)
    return _Begun(found.dataset, place, size, likeness=found.likeness)


_KNOWN = 16
_known: dict[bytes, Header] = {}
"""The last headers that others may be like: the rest of a series says the same as its first."""


def _read(path: Path, begun: _Begun) -> Header:
    dataset = begun.dataset
    missing = [keyword for keyword in _NEEDED if not is_given(dataset, keyword)]
    if missing:
        if begun.place is None or len(missing) == len(_NEEDED):
            raise NoPictureError(path, dataset, begun.warnings)
        reason = f"its header lacks {' and '.join(missing)}"
        raise UserError(f"{path.name} cannot be shown: {reason}.", path=str(path))
    if begun.place is None:
        raise UserError(f"{path.name} has a picture's header but no pixels.", path=str(path))
    keyword, vr, offset, length = begun.place
    known = _known.get(begun.likeness)
    if known is not None and known.pixel_length == length and begun.size - offset >= (length or 0):
        return replace(known, path=path, dataset=dataset, pixel_offset=offset)
    rows, columns = whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0
    samples = whole(dataset, "SamplesPerPixel") or 1
    _refuse_oversize(path, dataset, rows, columns, samples)
    there = begun.size - offset
    frames, short = _frames_there(path, dataset, rows * columns * samples, length, there)
    found = Header(
        path,
        dataset,
        _transfer_syntax(dataset),
        keyword,
        vr,
        offset,
        length,
        frames,
        rows,
        columns,
        samples,
        word(dataset, "PhotometricInterpretation") or "",
        begun.inflated,
        (*begun.warnings, *filter(None, (short,))),
        begun.likeness,
    )
    if begun.likeness and length is not None and not found.warnings:
        _known[begun.likeness] = found
        while len(_known) > _KNOWN:
            del _known[next(iter(_known))]
    return found


def _in_plain_words(raised: list[warnings.WarningMessage]) -> tuple[str, ...]:
    found = (_plain(str(item.message)) for item in raised)
    return tuple(dict.fromkeys(sentence for sentence in found if sentence))


def _plain(message: str) -> str:
    return next((plain for pattern, plain in _PLAIN_WORDS if re.search(pattern, message)), "")


_NO_META = FileMetaDataset()
_uid = lru_cache(maxsize=64)(UID)


def _transfer_syntax(dataset: Dataset) -> UID:
    """The named transfer syntax, or without one what pydicom found the file to be written in."""
    named = word(getattr(dataset, "file_meta", _NO_META), "TransferSyntaxUID")
    if named:
        return _uid(named)
    implicit, little = dataset.original_encoding
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian


def _refuse_oversize(path: Path, dataset: Dataset, rows: int, columns: int, samples: int) -> None:
    bits = whole(dataset, "BitsAllocated")
    stored = whole(dataset, "BitsStored") if "BitsStored" in dataset else bits
    if rows < 1 or columns < 1 or samples not in (1, 3):
        raise UserError(
            f"{path.name} cannot be shown: its header gives {rows} rows, {columns} columns and "
            f"{samples} samples a pixel.",
            path=str(path),
        )
    if bits not in _BITS_ALLOCATED or stored is None or not 1 <= stored <= bits:
        raise UserError(
            f"{path.name} cannot be shown: its header gives {stored} bits stored in {bits}.",
            path=str(path),
        )
    if not within_budget(rows, columns, samples * max(1, bits // 8)):
        size = rows * columns * samples * max(1, bits // 8) / 2**30
        raise UserError(
            f"{path.name} was not opened: its header promises a frame of {rows} × {columns} "
            f"pixels ({size:.1f} GiB), more than can be shown.",
            "Check whether the file is damaged.",
            path=str(path),
        )


def _find_pixels(file: BinaryIO, at: int = 0, *, little_endian: bool = True) -> _Place | None:
    """(keyword, VR, offset of the value, its length or None) of the pixel element ahead.

    `at` is where in the whole `file` begins.
    """
    order = "<" if little_endian else ">"
    start = file.read(8)
    if len(start) < 8:
        return None
    group, element, length = struct.unpack(f"{order}HHL", start)
    if group != 0x7FE0 or element not in _PIXEL_ELEMENTS:
        return None
    vr = "OW"
    if start[4:6] in (b"OB", b"OW", b"OF", b"OD", b"UN"):
        vr = start[4:6].decode("ascii")
        (length,) = struct.unpack(f"{order}L", file.read(4))
    return (
        _PIXEL_ELEMENTS[element],
        vr,
        at + file.tell(),
        None if length == _UNDEFINED_LENGTH else int(length),
    )


def _frames_there(
    path: Path, dataset: Dataset, pixels: int, length: int | None, there: int
) -> tuple[int, str]:
    """How many frames are whole, and a sentence if that is fewer than the header promises.

    `pixels` counts a frame's samples, `length` is the pixel element's own and None where it is
    encapsulated, `there` is what the file still holds.
    """
    promised = max(1, int(number(dataset, "NumberOfFrames") or 1))
    if length is None:
        # Each frame has at least one fragment with an item header of eight bytes (PS3.5 A.4).
        if promised > max(1, there // 8):
            raise damaged(path)
        return promised, ""
    frame_bits = pixels * (whole(dataset, "BitsAllocated") or 8)
    if word(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        frame_bits = frame_bits * 2 // 3  # two colour samples for two pixels (C.7.6.3.1.2)
    have_bits = min(length, there) * 8
    if have_bits >= promised * frame_bits:
        return promised, ""
    if have_bits < frame_bits:
        rows = whole(dataset, "Rows") or 1
        raise UserError(
            f"{path.name} stops in the middle ({have_bits * rows // frame_bits} of {rows} rows).",
            "Fetch the file again from where it came.",
            path=str(path),
        )
    whole_frames = have_bits // frame_bits
    return whole_frames, f"{path.name} stops in the middle: {whole_frames} of {promised} frames."
