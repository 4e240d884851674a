"""NIfTI volumes: one frame a slice, in patient millimetres LPS+."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source, affine_of
from inference.sources.base import VOLUME_BYTES_LIMIT, FoundFile, one_source_each, within_budget
from inference.sources.files import printable, read_head, source_id_of, unreadable
from inference.sources.nifti_header import (
    HEADER_BYTES,
    NiftiHeader,
    header_layout,
    parse_header,
)

_GZIP_START = b"\x1f\x8b"
_SQUARE_TOLERANCE = 1e-3


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
    return one_source_each(files, _source)


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """One slice [rows, columns]; raises UserError where the volume cannot be read."""
    path = Path(ref.path)
    header = _header(path)
    if not 0 <= ref.number < header.counts[2]:
        raise UserError(
            f"{path.name} has changed: it has no slice {ref.number} any more.", path=ref.path
        )
    pixels = _slice(path, header, ref.number)
    pixels = pixels.reshape(header.counts[1], header.counts[0])
    kind = pixels.dtype.kind + str(pixels.dtype.itemsize)
    wide = kind in ("f8", "i8", "u8")
    return Frame(
        key,
        np.ascontiguousarray(pixels, dtype=np.float32 if wide else pixels.dtype.newbyteorder("=")),
        slope=header.slope,
        intercept=header.intercept,
        spacing_mm=(header.spacing_mm[1], header.spacing_mm[0]),
        affine=affine,
    )


def _header(path: Path) -> NiftiHeader:
    header = parse_header(_unzipped(read_head(path)))
    if header is None:
        raise UserError(f"{path.name} is damaged: its NIfTI header makes no sense.", path=str(path))
    if header.dtype is None:
        raise UserError(
            f"{path.name} holds complex or colour values, which are not shown.", path=str(path)
        )
    columns, rows, slices, _ = header.counts
    if (
        not within_budget(rows, columns, header.dtype.itemsize)
        or header.slice_bytes * slices > VOLUME_BYTES_LIMIT
    ):
        raise UserError(
            f"{path.name} was not opened: its header promises {slices} slices of {rows} × "
            f"{columns} pixels, more than can be shown.",
            "Check whether the file is damaged.",
            path=str(path),
        )
    return header


def _slice(path: Path, header: NiftiHeader, number: int) -> np.ndarray:
    """The values of one slice in file order; of a packed file the volume is kept unpacked."""
    size, start = header.slice_bytes, header.slice_bytes * number
    try:
        if read_head(path).startswith(_GZIP_START):
            about = path.stat()
            data = _unpacked(str(path), about.st_mtime_ns, about.st_size)[start : start + size]
        else:
            with path.open("rb") as file:
                file.seek(header.offset + start)
                data = file.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        data = b""
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) < size:
        raise _short(path)
    return np.frombuffer(data, header.dtype)


@lru_cache(maxsize=1)
def _unpacked(path: str, mtime_ns: int, size: int) -> bytes:
    """All values of the first volume of a gzipped file."""
    header = _header(Path(path))
    with gzip.open(path) as file:
        file.read(header.offset)
        return file.read(header.slice_bytes * header.counts[2])


def _short(path: Path) -> UserError:
    return UserError(
        f"{path.name} is damaged or stops in the middle.",
        "Fetch the file again from where it came.",
        path=str(path),
    )


def _source(file: FoundFile) -> Source:
    header = _header(file.path)
    slices = header.counts[2]
    packed = read_head(file.path).startswith(_GZIP_START)
    if not packed and file.size < header.offset + header.slice_bytes * slices:
        raise _short(file.path)
    affine, reverse = _ascending(header)
    numbers = range(slices - 1, -1, -1) if reverse else range(slices)
    folder = file.path.resolve().parent
    return Source(
        source_id=source_id_of((file.digest, number) for number in numbers),
        kind="volume",
        title=printable(file.path.name),
        study_id=hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12],
        study_title=printable(folder.name) or "Volumes",
        who="",
        modality=None,
        body_part=None,
        photometric="MONOCHROME2",
        samples=1,
        shape=(header.counts[1], header.counts[0]),
        spacing_mm=_spacing(header, affine),
        spacing_source=f"NIfTI {header.form}",
        affine=None if affine is None else affine_of(affine),
        positions_mm=None,
        order_rule="none" if affine is None else "position",
        transfer_syntax=None,
        unit=None,
        refs=tuple(FrameRef(str(file.path), number) for number in numbers),
        warnings=_warnings(header, affine),
    )


def _ascending(header: NiftiHeader) -> tuple[np.ndarray | None, bool]:
    """The affine with slices counted up along row direction × column direction.

    Where the file counts them down its last slice comes first: true is returned as well.
    """
    if header.lps is None:
        return None, False
    affine = header.lps.copy()
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    if float(normal @ affine[:3, 2]) >= 0:
        return affine, False
    affine[:3, 3] += (header.counts[2] - 1) * affine[:3, 2]
    affine[:3, 2] *= -1.0
    return affine, True


def _spacing(
    header: NiftiHeader, affine: np.ndarray | None
) -> tuple[float, float, float | None] | None:
    """(between rows, columns, slices) in mm, slices along the normal; None where none is valid."""
    if affine is None:
        columns, rows, slices = header.spacing_mm
        usable = columns > 0 and rows > 0
        return (rows, columns, slices if slices > 0 else None) if usable else None
    lengths = np.linalg.norm(affine[:3, :2], axis=0)
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    between = abs(float(normal @ affine[:3, 2])) / float(np.linalg.norm(normal))
    return float(lengths[1]), float(lengths[0]), between if header.counts[2] > 1 else None


def _warnings(header: NiftiHeader, affine: np.ndarray | None) -> tuple[str, ...]:
    found = []
    if header.counts[3] > 1:
        found.append(f"The file holds {header.counts[3]} volumes; the first is shown.")
    if affine is None:
        found.append("The file does not say where it lies in the patient.")
    else:
        axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
        if float(np.abs(axes.T @ axes - np.eye(3)).max()) > _SQUARE_TOLERANCE:
            found.append("The axes of the volume are not at right angles.")
    return tuple(found)
