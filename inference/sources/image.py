"""PNG and JPEG pictures: one frame each, grey as stored, colour as RGB."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each, within_budget
from inference.sources.codestream import codestream_size
from inference.sources.files import printable, read_whole, source_id_of

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
    pixels, warnings = _decode(Path(ref.path))
    photometric = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    return Frame(key, pixels, photometric=photometric, affine=affine, warnings=warnings)


def _source(file: FoundFile) -> Source:
    pixels, warnings = _decode(file.path)
    colour = pixels.ndim == 3
    folder = file.path.resolve().parent
    return Source(
        source_id=source_id_of([(file.digest, 0)]),
        kind="image",
        title=printable(file.path.name),
        study_id=hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12],
        study_title=printable(folder.name) or "Pictures",
        who="",
        modality=None,
        body_part=None,
        photometric="RGB" if colour else "MONOCHROME2",
        samples=3 if colour else 1,
        shape=(int(pixels.shape[0]), int(pixels.shape[1])),
        spacing_mm=None,
        spacing_source="none",
        affine=None,
        positions_mm=None,
        order_rule="none",
        transfer_syntax=None,
        unit=None,
        refs=(FrameRef(str(file.path)),),
        lossy=None if _is_png(file.path) else "lossy, JPEG",
        warnings=warnings,
    )


def _is_png(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8) == _PNG_START


def _decode(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    import cv2

    data = read_whole(path)
    png = data.startswith(_PNG_START)
    whole = _png_is_whole(data) if png else data.rfind(_JPEG_END) > 0
    if not whole:
        raise UserError(
            f"{path.name} is damaged or stops in the middle.",
            "Fetch the file again from where it came.",
            path=str(path),
        )
    _check_size(path, data)
    alpha = png and data[25] in (_PNG_GREY_ALPHA, _PNG_COLOUR_ALPHA)
    flags = cv2.IMREAD_UNCHANGED if alpha else cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        found = None
    if found is None:
        raise UserError(f"{path.name} is damaged: it cannot be decoded.", path=str(path))
    return _plain(np.asarray(found), grey_alpha=alpha and data[25] == _PNG_GREY_ALPHA)


def _check_size(path: Path, data: bytes) -> None:
    if data.startswith(_PNG_START):
        columns, rows = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    else:
        rows, columns = codestream_size(data) or (0, 0)
    if not within_budget(rows, columns, 8 if data.startswith(_PNG_START) else 3):
        raise UserError(
            f"{path.name} was not opened: it says that it has {rows} × {columns} pixels.",
            "Check whether the file is damaged.",
            path=str(path),
        )


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


def _plain(found: np.ndarray, *, grey_alpha: bool) -> tuple[np.ndarray, tuple[str, ...]]:
    """Grey as it is, colour as 8-bit RGB; what is see-through is laid over black."""
    warnings = []
    if found.ndim == 3 and found.shape[2] == 4:
        full = np.iinfo(found.dtype).max
        opaque = found[..., 3:].astype(np.float32) / full
        if float(opaque.min()) < 1.0:
            warnings.append("The picture is partly see-through; it was laid over black.")
        found = np.rint(found[..., :3] * opaque).astype(found.dtype)
    if found.ndim == 3 and grey_alpha:
        found = found[..., 0]
    if found.ndim == 3:
        if found.dtype == np.uint16:
            warnings.append("The colours have 16 bits; they are shown with 8.")
            found = (found >> 8).astype(np.uint8)
        found = found[..., ::-1]
    return np.ascontiguousarray(found), tuple(warnings)
