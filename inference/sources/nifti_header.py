"""The header of a NIfTI file: layout of the values, scaling, and the way to patient millimetres."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_FIELDS: dict[str, tuple[str, int, str, int]] = {
    "dim": ("8h", 40, "8q", 16),
    "datatype": ("h", 70, "h", 12),
    "pixdim": ("8f", 76, "8d", 104),
    "vox_offset": ("f", 108, "q", 168),
    "scl_slope": ("f", 112, "d", 176),
    "scl_inter": ("f", 116, "d", 184),
    "xyzt_units": ("b", 123, "i", 500),
    "qform_code": ("h", 252, "i", 344),
    "sform_code": ("h", 254, "i", 348),
    "quatern": ("3f", 256, "3d", 352),
    "qoffset": ("3f", 268, "3d", 376),
    "srow": ("12f", 280, "12d", 400),
}
"""Name: type and offset in NIfTI-1 (nifti1.h), then in NIfTI-2 (nifti2.h)."""

_SIZES = {348: 0, 540: 2}
"""Header size in bytes: where its type and offset stand in a row of _FIELDS."""

_TYPES = {
    2: "u1",
    4: "i2",
    8: "i4",
    16: "f4",
    64: "f8",
    256: "i1",
    512: "u2",
    768: "u4",
    1024: "i8",
    1280: "u8",
}
"""`datatype` codes of real numbers; complex and colour volumes are not shown."""

_MILLIMETRES = {1: 1000.0, 3: 0.001}
"""`xyzt_units`: metres and micrometres; anything else counts as millimetres."""

HEADER_BYTES = 540


@dataclass(frozen=True, eq=False)
class NiftiHeader:
    """`counts` = (columns, rows, slices, volumes).

    `lps` takes (column, row, slice, 1) to LPS mm; None where the file has no orientation.
    """

    counts: tuple[int, int, int, int]
    dtype: np.dtype | None
    offset: int
    slope: float
    intercept: float
    spacing_mm: tuple[float, float, float]
    """Between columns, rows, slices, by `pixdim`."""
    lps: np.ndarray | None
    form: str
    """Where the geometry comes from: "sform", "qform" or "pixdim"."""


def header_layout(head: bytes) -> tuple[str, int] | None:
    """(byte order, header size) if these bytes start a one-file NIfTI, else None."""
    for order in ("<", ">"):
        for size, magic in ((348, slice(344, 348)), (540, slice(4, 8))):
            if len(head) >= size and head[:4] == struct.pack(f"{order}i", size):
                return (order, size) if head[magic] in (b"n+1\0", b"n+2\0") else None
    return None


def parse_header(head: bytes) -> NiftiHeader | None:
    """The header, or None if these bytes start no NIfTI file with sensible counts and offset."""
    layout = header_layout(head)
    if layout is None:
        return None
    order, size = layout

    def field(name: str) -> tuple[float, ...]:
        column = _SIZES[size]
        return struct.unpack_from(
            order + str(_FIELDS[name][column]), head, int(_FIELDS[name][column + 1])
        )

    dim = [int(value) for value in field("dim")]
    if not 1 <= dim[0] <= 7 or min(dim[1 : dim[0] + 1]) < 1:
        return None
    offset = field("vox_offset")[0]
    if not (math.isfinite(offset) and offset >= size):
        return None  # in one file the values come after the header (nifti1.h, vox_offset)
    counts = [*dim[1 : dim[0] + 1], 1, 1, 1][:3]
    volumes = math.prod(dim[4 : dim[0] + 1])
    slope, intercept = field("scl_slope")[0], field("scl_inter")[0]
    if not math.isfinite(slope) or slope == 0 or not math.isfinite(intercept):
        slope, intercept = 1.0, 0.0
    scale = _MILLIMETRES.get(int(field("xyzt_units")[0]) & 7, 1.0)
    pixdim = field("pixdim")
    sizes = [abs(value) * scale if math.isfinite(value) else 0.0 for value in pixdim[1:4]]
    ras, form = _ras(field, pixdim)
    code = _TYPES.get(int(field("datatype")[0]))
    return NiftiHeader(
        (counts[0], counts[1], counts[2], volumes),
        None if code is None else np.dtype(order + code),
        int(offset),
        slope,
        intercept,
        (sizes[0], sizes[1], sizes[2]),
        None if ras is None else np.diag([-scale, -scale, scale, 1.0]) @ ras,
        form,
    )


def _ras(
    field: Callable[[str], tuple[float, ...]], pixdim: tuple[float, ...]
) -> tuple[np.ndarray | None, str]:
    """The 4×4 matrix to RAS+ in the file's unit: sform, else qform (nifti1.h, methods 3 and 2)."""
    if field("sform_code")[0] > 0:
        matrix = np.eye(4)
        matrix[:3] = np.array(field("srow")).reshape(3, 4)
        return _usable(matrix, "sform")
    if field("qform_code")[0] > 0:
        matrix = np.eye(4)
        matrix[:3, :3] = _rotation(field("quatern")) * np.abs(pixdim[1:4])
        if pixdim[0] < 0:
            matrix[:3, 2] *= -1.0
        matrix[:3, 3] = field("qoffset")
        return _usable(matrix, "qform")
    return None, "pixdim"


def _usable(matrix: np.ndarray, form: str) -> tuple[np.ndarray | None, str]:
    if np.isfinite(matrix).all() and abs(float(np.linalg.det(matrix[:3, :3]))) > 1e-12:
        return matrix, form
    return None, "pixdim"


def _rotation(quaternion: tuple[float, ...]) -> np.ndarray:
    """The rotation of a unit quaternion given by its last three parts (nifti1.h, method 2)."""
    b, c, d = quaternion
    a = math.sqrt(max(0.0, 1.0 - (b * b + c * c + d * d)))
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
