"""NIfTI volumes: one frame a slice, in patient millimetres LPS+."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each
from inference.sources.files import read_head
from inference.sources.nifti_header import HEADER_BYTES, header_layout, parse_header
from inference.sources.volume import Volume, read_slice, source_of

_GZIP_START = b"\x1f\x8b"


def recognises(head: bytes) -> bool:
    """NIfTI-1 or NIfTI-2 in one file, plain or gzipped, whatever its name."""
    return header_layout(_unzipped(head)) is not None


def _unzipped(head: bytes) -> bytes:
    """The first bytes behind the compression, if there is one."""
    if not head.startswith(_GZIP_START):
        return head
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, HEADER_BYTES)
    except zlib.error:
        return b""


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Each volume as a source whose frames are its slices; the pixels stay on disk."""
    return one_source_each(files, lambda file: source_of(file, _volume(file.path)))


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """One slice [rows, columns]; raises UserError where the volume cannot be read."""
    return read_slice(_volume(Path(ref.path)), key, ref.number, affine)


def _volume(path: Path) -> Volume:
    head = read_head(path)
    header = parse_header(_unzipped(head))
    if header is None:
        raise UserError(f"{path.name} is damaged: its NIfTI header makes no sense.", path=str(path))
    if header.dtype is None:
        raise UserError(
            f"{path.name} holds complex or colour values, which are not shown.", path=str(path)
        )
    return Volume(
        path=path,
        counts=header.counts,
        dtype=header.dtype,
        spacing_mm=header.spacing_mm,
        lps=header.lps,
        spacing_source=f"NIfTI {header.form}",
        data=path,
        packing="gzip" if head.startswith(_GZIP_START) else "raw",
        skip=header.offset,
        slope=header.slope,
        intercept=header.intercept,
    )
