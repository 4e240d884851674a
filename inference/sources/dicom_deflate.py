"""Deflated DICOM: unpacked within a budget, so that a small file cannot fill the memory."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from inference.errors import UserError
from inference.sources.base import VOLUME_BYTES_LIMIT


def inflate(path: Path) -> bytes:
    """The data set of a file in Deflated Explicit VR Little Endian (PS3.5 A.5), unpacked.

    Raises UserError where it would swell over the budget, ValueError or zlib.error where the file
    is damaged.
    """
    data = path.read_bytes()
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    found = machine.decompress(data[_end_of_meta(data) :], VOLUME_BYTES_LIMIT)
    if machine.unconsumed_tail:
        raise UserError(
            f"{path.name} would unpack to more than {VOLUME_BYTES_LIMIT >> 30} GiB.", path=str(path)
        )
    return found


def inflate_frame(data: bytes, bits: int) -> bytes:
    """A frame of Deflated Image Frame Compression (PS3.5 A.4.13), which pydicom does not know.

    `bits` is what the frame's pixels take; no more is unpacked.
    """
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, (bits + 7) // 8 + 1)


def _end_of_meta(data: bytes) -> int:
    """Where the file meta information ends: its group length says so (PS3.10 7.1)."""
    if data[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise ValueError("a deflated file without the length of its meta information")
    (length,) = struct.unpack("<L", data[140:144])
    return 144 + int(length)
