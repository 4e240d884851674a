"""Colour JPEG and JPEG 2000: what the stream says of its colours goes before the header."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

import numpy as np

ColourSpace = Literal["RGB", "YBR"]

_APP0, _APP14 = 0xE0, 0xEE
_START_OF_SCAN, _START_OF_TILE = 0xDA, 0x90
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LAST = (_START_OF_SCAN, _START_OF_TILE)
_RGB_NAMES = (b"RGB", b"rgb")
_ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""An APP14 segment that says "no transform": what decoders take for RGB."""

_JPEG_2000_START = b"\xff\x4f\xff\x51"
_CODING_STYLE = 0x52

MIS_TAGGED = "The header names other colours than the JPEG stream itself; the stream was followed."


def stream_colours(data: bytes) -> ColourSpace | None:
    """What a JPEG stream of three components says of itself; None where it says nothing.

    JFIF is always YCbCr (T.871), Adobe's APP14 names the transform (T.872 6.5.3), and components
    may be named by their letters.
    """
    found: ColourSpace | None = None
    for marker, segment in _segments(data):
        if marker == _APP0 and segment[:5] == b"JFIF\0":
            return "YBR"
        if marker == _APP14 and segment[:5] == b"Adobe" and len(segment) >= 12:
            found = "RGB" if segment[11] == 0 else "YBR"
        if marker in _FRAME_MARKERS and len(segment) >= 15 and found is None:
            found = "RGB" if segment[6:15:3] in _RGB_NAMES else None
    return found


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, what follows its length) of each segment before the compressed data."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] not in _LAST:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        yield marker, data[place + 4 : end]
        place = end


def transforms_colours(data: bytes) -> bool:
    """Whether a JPEG 2000 stream has its own colour transform: then RGB comes out of it.

    The transform is named in the coding style (T.800 A.6.1).
    """
    start = data.find(_JPEG_2000_START, 0, 512)
    segments = _segments(data[start:]) if start >= 0 else ()
    return any(
        marker == _CODING_STYLE and len(segment) > 4 and segment[4] == 1
        for marker, segment in segments
    )


def decode_colours(data: bytes, photometric: str) -> tuple[np.ndarray, str]:
    """A colour JPEG as uint8 RGB [rows, columns, 3], and a sentence if its header was wrong.

    Raises ValueError where the stream cannot be decoded.
    """
    from PIL import Image

    said = stream_colours(data)
    named: ColourSpace = "RGB" if photometric == "RGB" else "YBR"
    if said is None and named == "RGB":
        # Without a word in the stream a decoder would take its components for YCbCr.
        data = data[:2] + _ADOBE_RGB + data[2:]
    try:
        with Image.open(BytesIO(data), formats=("JPEG",)) as picture:
            pixels = np.array(picture.convert("RGB"))
    except OSError as error:
        raise ValueError("a JPEG stream that cannot be decoded") from error
    return pixels, MIS_TAGGED if said not in (None, named) else ""
