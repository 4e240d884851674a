"""WebP pictures, lossy or lossless: one frame each, RGB."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np

from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each, within_budget
from inference.sources.files import read_whole
from inference.sources.picture import (
    damaged_picture,
    over_black,
    picture_source,
    promises_too_much,
)

_DAMAGED = (OSError, ValueError, EOFError, SyntaxError, RuntimeError, struct.error)
"""What Pillow raises on pictures that it cannot decode."""


def recognises(head: bytes) -> bool:
    """A RIFF container of the form WEBP (RFC 9649 2.4)."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Each picture as a source of one frame; decoded once, so that a damaged one is refused."""
    return one_source_each(files, _source)


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """The picture as uint8 RGB [rows, columns, 3]; raises UserError if it is damaged."""
    pixels, _, said = _decode(Path(ref.path))
    return Frame(key, pixels, photometric="RGB", affine=affine, warnings=said)


def _source(file: FoundFile) -> Source:
    pixels, lossy, said = _decode(file.path)
    shape = (int(pixels.shape[0]), int(pixels.shape[1]))
    return picture_source(file, shape, colour=True, lossy=lossy, warnings=said)


def _decode(path: Path) -> tuple[np.ndarray, str | None, tuple[str, ...]]:
    """The first picture upright, its lossy compression in words, and warnings."""
    from PIL import Image, ImageOps

    data = read_whole(path)
    names = _chunk_names(data)
    if names is None:
        raise damaged_picture(path.name, str(path))
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=("WEBP",)) as image,
        ):
            columns, rows = image.size
            if not within_budget(rows, columns, 4):
                raise promises_too_much(path.name, str(path), rows, columns)
            pictures = int(getattr(image, "n_frames", 1))
            shown = ImageOps.exif_transpose(image)
            pixels = np.asarray(shown.convert("RGBA" if shown.mode == "RGBA" else "RGB"))
    except _DAMAGED as error:
        raise damaged_picture(path.name, str(path)) from error
    said: tuple[str, ...] = ()
    if pixels.shape[2] == 4:
        pixels, said = over_black(pixels)
    if pictures > 1:
        said = (*said, f"The file holds {pictures} pictures; the first is shown.")
    lossy = "Lossy WebP" if b"VP8 " in names else None
    return np.ascontiguousarray(pixels), lossy, said


def _chunk_names(data: bytes) -> set[bytes] | None:
    """The names of all chunks (RFC 9649 2.3), those within frames included; None if cut off."""
    (size,) = struct.unpack_from("<L", data, 4)
    if len(data) < size + 8:
        return None
    names: set[bytes] = set()
    place = 12
    while place + 8 <= size + 8:
        name = data[place : place + 4]
        (length,) = struct.unpack_from("<L", data, place + 4)
        names.add(name)
        # A frame of an animation begins with 16 bytes of its own, then come chunks again (2.7.1.1).
        place += 24 if name == b"ANMF" else 8 + length + length % 2
    return names
