"""DICOM files as sources; the work is in the modules beside it, loaded when a file needs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from inference.records import Affine, DicomObject, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile

_FIRST_GROUPS = (0x0002, 0x0004, 0x0008)
_VALUE_REPRESENTATIONS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR "
    b"US UT UV".split()
)
_LARGEST_FIRST_ELEMENT = 1024


def recognises(head: bytes) -> bool:
    """DICM after the preamble (PS3.10 7.1), or a data set that starts without either."""
    if head[128:132] == b"DICM":
        return True
    return _starts_data_set(head, "little") or _starts_data_set(head, "big")


def _starts_data_set(head: bytes, order: Literal["little", "big"]) -> bool:
    """Whether the first eight bytes can be a first element of a DICOM data set (PS3.5 7.1)."""
    if len(head) < 8:
        return False
    group = int.from_bytes(head[0:2], order)
    element = int.from_bytes(head[2:4], order)
    if group not in _FIRST_GROUPS or element > 0x0100:
        return False
    if head[4:6] in _VALUE_REPRESENTATIONS:
        return True
    length = int.from_bytes(head[4:8], order)
    return length % 2 == 0 and length <= _LARGEST_FIRST_ELEMENT


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused | DicomObject]:
    """Headers of all files first, then each series as a source; objects without pictures too."""
    from inference.sources.dicom_series import open_series

    yield from open_series(files)


def series_of(path: Path) -> str | None:
    """The series that a file names; None where its header cannot be read, or there is none."""
    from inference.sources.dicom_series import series_of as find

    return find(path)


def is_object(path: Path) -> bool:
    """Whether a file holds a segmentation or a map, which belongs over the pictures of a scan."""
    from inference.sources.dicom_series import is_object as find

    return find(path)


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """Decode one frame of one file; raises UserError where it cannot be."""
    from inference.sources.dicom_frame import read_frame as read

    return read(key, ref, affine)
