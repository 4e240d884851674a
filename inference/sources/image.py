"""PNG and JPEG pictures: one frame each, grey as stored, colour as RGB."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each, within_budget
from inference.sources.codestream import codestream_size
from inference.sources.files import read_whole
from inference.sources.picture import (
    SIXTEEN_BITS,
    damaged_picture,
    over_black,
    picture_source,
    promises_too_much,
)

_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_PNG_GREY_ALPHA, _PNG_COLOUR_ALPHA = 4, 6


def recognises(head: bytes) -> bool:
    """The first bytes of PNG (W3C PNG 5.2) or JPEG (T.81 B.1.1.3)."""
    return head.startswith((_PNG_START, _JPEG_START))


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Each picture as a source of one frame; decoded once, so that a damaged one is refused."""
    return one_source_each(files, _source)


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """The picture as uint8 or uint16 [rows, columns], or uint8 RGB; raises UserError if damaged."""
    pixels, _, warnings = _decode(Path(ref.path))
    photometric = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    return Frame(key, pixels, photometric=photometric, affine=affine, warnings=warnings)


def _source(file: FoundFile) -> Source:
    pixels, lossy, warnings = _decode(file.path)
    shape = (int(pixels.shape[0]), int(pixels.shape[1]))
    return picture_source(file, shape, colour=pixels.ndim == 3, lossy=lossy, warnings=warnings)


def _decode(path: Path) -> tuple[np.ndarray, str | None, tuple[str, ...]]:
    """The pixels, the lossy compression in words, and warnings."""
    import cv2

    data = read_whole(path)
    png = data.startswith(_PNG_START)
    whole = _png_is_whole(data) if png else data.rfind(_JPEG_END) > 0
    if not whole:
        raise damaged_picture(path.name, str(path))
    _check_size(path, data)
    alpha = png and data[25] in (_PNG_GREY_ALPHA, _PNG_COLOUR_ALPHA)
    flags = cv2.IMREAD_UNCHANGED if alpha else cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        found = None
    if found is None:
        raise UserError(f"{path.name} is damaged: it cannot be decoded.", path=str(path))
    grey_alpha = alpha and data[25] == _PNG_GREY_ALPHA
    return _plain(np.asarray(found), None if png else "Lossy JPEG", grey_alpha=grey_alpha)


def _check_size(path: Path, data: bytes) -> None:
    if data.startswith(_PNG_START):
        columns, rows = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    else:
        rows, columns = codestream_size(data) or (0, 0)
    if not within_budget(rows, columns, 8 if data.startswith(_PNG_START) else 3):
        raise promises_too_much(path.name, str(path), rows, columns)


def _png_is_whole(data: bytes) -> bool:
    """Whether each chunk is there with the right check sum, IEND last (W3C PNG 5.3)."""
    place = len(_PNG_START)
    if data[place + 4 : place + 8] != b"IHDR":
        return False
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        body = data[place + 4 : place + 8 + length]
        check = data[place + 8 + length : place + 12 + length]
        if len(check) < 4 or zlib.crc32(body) != int.from_bytes(check, "big"):
            return False
        if body[:4] == b"IEND":
            return True
        place += 12 + length
    return False


def _plain(
    found: np.ndarray, lossy: str | None, *, grey_alpha: bool
) -> tuple[np.ndarray, str | None, tuple[str, ...]]:
    """Grey as it is, colour as 8-bit RGB; what is see-through is laid over black."""
    warnings: tuple[str, ...] = ()
    if found.ndim == 3 and found.shape[2] == 4:
        found, warnings = over_black(found)
    if found.ndim == 3 and grey_alpha:
        found = found[..., 0]
    if found.ndim == 3:
        if found.dtype == np.uint16:
            warnings = (*warnings, SIXTEEN_BITS)
            found = (found >> 8).astype(np.uint8)
        found = found[..., ::-1]
    return np.ascontiguousarray(found), lossy, warnings
