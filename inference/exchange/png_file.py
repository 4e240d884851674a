"""Index pictures as PNG files (ISO/IEC 15948): written with a palette, read as their numbers.

Read are the header, the palette and the pixels; every other chunk is passed over, so that none of
a foreign file reaches the decoder. The header is looked at before anything is unpacked.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from inference.exchange.reading import EntryError, read_bytes

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FILE_BYTES_LIMIT = 256 * 2**20
_GREY, _PALETTE = 0, 3
_PLAIN = ((0, 0, 1, 1),)
_WOVEN = (
    *((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)),
    *((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)),
)
"""First row and column and the steps of each pass over the picture; woven as in clause 8.2."""

_KEPT = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


def write_png(path: Path, numbers: np.ndarray, palette: Sequence[tuple[int, int, int]]) -> None:
    """Write numbers [rows, columns]: 8 bits with `palette` where it has 256 colours at most.

    Otherwise, and where there is none, grey in as many bits as the numbers need.
    """
    from PIL import Image

    narrow = len(palette) <= 256 and int(numbers.max(initial=0)) < 256
    picture = Image.fromarray(numbers.astype(np.uint8 if narrow else np.uint16))
    if narrow and palette:
        picture.putpalette([part for colour in palette for part in colour])
    with path.open("wb") as file:
        picture.save(file, format="PNG")


def read_png(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """The numbers of a grey or palette picture of `shape`, [rows, columns].

    Raises EntryError where it is none, or is damaged.
    """
    data = read_bytes(path, _FILE_BYTES_LIMIT)
    if not data.startswith(_SIGNATURE):
        raise EntryError("it is no PNG file")
    chunks = [one for one in _chunks(data) if one[0] in _KEPT]
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise EntryError("it does not start with a header")
    columns, rows, bits, colour, _, _, woven = struct.unpack(">IIBBBBB", chunks[0][1])
    if (rows, columns) != shape:
        real = f"{shape[1]} × {shape[0]}"
        raise EntryError(f"it has {columns} × {rows} pixels, and its frame {real}")
    if colour not in (_GREY, _PALETTE):
        raise EntryError("it is a colour picture, and a mask has one number for each pixel")
    data = b"".join(content for kind, content in chunks if kind == b"IDAT")
    _check_length(data, _length(rows, columns, bits, _WOVEN if woven else _PLAIN))
    numbers = _decoded(b"".join(_packed(*one) for one in chunks))
    if numbers.shape != shape:
        raise EntryError("its pixels are damaged")
    if colour == _GREY and bits in (2, 4):
        numbers = numbers // (255 // ((1 << bits) - 1))  # Pillow spreads them over 8 bits
    return numbers


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk; raises EntryError at the first damaged one."""
    place = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length = int.from_bytes(data[place : place + 4])
        kind = data[place + 4 : place + 8]
        end = place + 8 + length
        content = data[place + 8 : end]
        if len(data) < end + 4 or int.from_bytes(data[end : end + 4]) != zlib.crc32(kind + content):
            raise EntryError("it is damaged or cut off")
        yield kind, content
        place = end + 4


def _packed(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def _length(
    rows: int, columns: int, bits: int, passes: tuple[tuple[int, int, int, int], ...]
) -> int:
    """Bytes of the pixels when they are unpacked, with the one that begins each line."""
    sizes = (
        (len(range(top, rows, down)), len(range(left, columns, across)))
        for top, left, down, across in passes
    )
    return sum(lines * (1 + (cells * bits + 7) // 8) for lines, cells in sizes if cells)


def _check_length(data: bytes, length: int) -> None:
    """Raise EntryError where there are fewer pixels than promised, which Pillow lets pass."""
    unpacker = zlib.decompressobj()
    try:
        found = len(unpacker.decompress(data, length))
    except zlib.error as error:
        raise EntryError("its pixels are damaged") from error
    if found < length:
        raise EntryError("its pixels are cut off")


def _decoded(chunks: bytes) -> np.ndarray:
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(io.BytesIO(_SIGNATURE + chunks)) as picture:
            return np.array(picture)
    except (OSError, SyntaxError, ValueError, EOFError, LookupError, struct.error) as error:
        raise EntryError("its pixels are damaged") from error
