"""Volumes of label numbers as NIfTI-1 files, gzipped, in a scan's own geometry.

The sform alone says where they lie: (column, row, slice) to millimetres to the right, to the
front and up (https://nifti.nimh.nih.gov/nifti-1), where DICOM's point to the left and the back.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

from inference.records import Affine

_HEADER_BYTES = 348
_FIRST_VALUE = 352
_UINT8, _UINT16 = (2, 8), (512, 16)
"""datatype and bitpix."""

_MILLIMETRES = 2
_SCANNER = 1
"""sform_code: coordinates of the scanner."""

_LABELS = 1002
"""NIFTI_INTENT_LABEL: the values are numbers of a list of names."""

_SQUARE = 1e-4
"""Cosine between two axes from which on they are no right angle: ITK's own tolerance."""

_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_LEVEL = 4


def is_upright(affine: Affine) -> bool:
    """Whether the three axes stand at right angles, as a volume's have to."""
    axes = np.array(affine)[:3, :3]
    axes = axes / np.linalg.norm(axes, axis=0)
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() <= _SQUARE)


def write_volume(path: Path, affine: Affine, numbers: np.ndarray) -> None:
    """Write whole numbers [slices, rows, columns], in 8 bits if they fit; `affine` is LPS."""
    narrow = int(numbers.max(initial=0)) < 256
    header = _header(numbers.shape, _TO_RAS @ np.array(affine), _UINT8 if narrow else _UINT16)
    with path.open("wb") as file, gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
        packed.write(header)
        for plane in numbers:
            packed.write(np.ascontiguousarray(plane, "u1" if narrow else "<u2").tobytes())


def _header(shape: tuple[int, ...], affine: np.ndarray, kind: tuple[int, int]) -> bytes:
    """The 348 bytes of the header and the four that say there is no extension."""
    slices, rows, columns = shape
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    found = bytearray(_FIRST_VALUE)
    struct.pack_into("<i", found, 0, _HEADER_BYTES)
    struct.pack_into("<8h", found, 40, 3, columns, rows, slices, 1, 1, 1, 1)
    struct.pack_into("<3h", found, 68, _LABELS, *kind)
    struct.pack_into("<8f", found, 76, 1.0, *sizes, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<3f", found, 108, _FIRST_VALUE, 1.0, 0.0)
    struct.pack_into("<B", found, 123, _MILLIMETRES)
    struct.pack_into("<2h", found, 252, 0, _SCANNER)
    struct.pack_into("<12f", found, 280, *affine[:3].reshape(-1))
    struct.pack_into("<4s", found, 344, b"n+1\0")
    return bytes(found)
