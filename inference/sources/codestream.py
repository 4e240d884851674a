"""The picture size that a compressed stream itself names, read before any decoder sees it."""

from __future__ import annotations

import struct

_JPEG_START = b"\xff\xd8"
_JPEG_2000_START = b"\xff\x4f\xff\x51"
_FRAME_MARKERS = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
"""SOF0–SOF15 of JPEG (T.81 B.1.1.3; without DHT, JPG, DAC) and SOF55 of JPEG-LS (T.87 C.1.2)."""
_LONE_MARKERS = frozenset((*range(0xD0, 0xD9), 0x01, 0xFF))


def codestream_size(data: bytes) -> tuple[int, int] | None:
    """(rows, columns) of a JPEG, JPEG-LS or JPEG 2000 codestream; None if it names none."""
    if data[:2] == _JPEG_START:
        return _jpeg_size(data)
    start = data.find(_JPEG_2000_START, 0, 512)
    if start >= 0 and len(data) >= start + 24:
        # SIZ (T.800 A.5.1): length, capabilities, then the reference grid and its offset.
        right, bottom, left, top = struct.unpack(">4L", data[start + 8 : start + 24])
        return bottom - top, right - left
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAME_MARKERS:
            rows, columns = struct.unpack(">HH", data[place + 5 : place + 9])
            return int(rows), int(columns)
        if marker in _LONE_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
