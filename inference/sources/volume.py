"""What volume files have in common: a grid of values on disk, shown slice by slice."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal

import numpy as np

from inference.errors import UserError
from inference.records import Affine, Frame, FrameKey, FrameRef, Source, affine_of
from inference.sources.base import VOLUME_BYTES_LIMIT, FoundFile, within_budget
from inference.sources.files import digest_of, open_regular, printable, source_id_of, unreadable

Packing = Literal["raw", "gzip", "bzip2", "zlib"]

_SQUARE_TOLERANCE = 1e-3
_PACKED_BADLY = (EOFError, OSError, zlib.error)


@dataclass(frozen=True, eq=False)
class Volume:
    """A volume as its header describes it.

    `counts` = (columns, rows, slices, volumes), in the order in which the values stand, columns
    first. A pixel is `samples` values: 1, or 3 for RGB. `lps` is 4×4 and takes (column, row,
    slice, 1) to LPS mm; None where the file does not say.
    """

    path: Path
    counts: tuple[int, int, int, int]
    dtype: np.dtype
    spacing_mm: tuple[float, float, float]
    """Between columns, rows, slices; 0 where the file does not say."""
    lps: np.ndarray | None
    spacing_source: str
    data: Path
    """The file with the values, often the same."""
    start: int = 0
    """At which byte of `data` the values, or what they are packed in, begin."""
    packing: Packing = "raw"
    skip: int = 0
    """How many unpacked bytes come before the values."""
    samples: int = 1
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def slice_bytes(self) -> int:
        """How many bytes one slice takes once it is unpacked."""
        return self.counts[0] * self.counts[1] * self.dtype.itemsize * self.samples


def source_of(file: FoundFile, volume: Volume) -> Source:
    """The source whose frames are the slices of the (first) volume, ascending along the normal.

    Raises UserError where the volume is larger than can be shown or not wholly there.
    """
    _check_size(volume)
    slices = volume.counts[2]
    affine, reverse = _ascending(volume)
    numbers = range(slices - 1, -1, -1) if reverse else range(slices)
    folder = file.path.resolve().parent
    digest = _digest(file, volume)
    return Source(
        source_id=source_id_of((digest, number) for number in numbers),
        kind="volume",
        title=printable(file.path.name),
        study_id=hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:12],
        study_title=printable(folder.name) or "Volumes",
        who="",
        modality=None,
        body_part=None,
        photometric="RGB" if volume.samples == 3 else "MONOCHROME2",
        samples=volume.samples,
        shape=(volume.counts[1], volume.counts[0]),
        spacing_mm=(spacing := _spacing(volume, affine)),
        spacing_source=volume.spacing_source if spacing else "none",
        affine=None if affine is None else affine_of(affine),
        positions_mm=None,
        order_rule="none" if affine is None else "position",
        transfer_syntax=None,
        unit=None,
        refs=tuple(FrameRef(str(file.path), number) for number in numbers),
        warnings=_warnings(volume, affine),
    )


def read_slice(volume: Volume, key: FrameKey, number: int, affine: Affine | None) -> Frame:
    """Slice `number` in file order [rows, columns]; raises UserError where it cannot be read."""
    _check_size(volume)
    columns, rows, slices, _ = volume.counts
    if not 0 <= number < slices:
        raise UserError(
            f"{volume.path.name} has changed: it has no slice {number} any more.",
            path=str(volume.path),
        )
    pixels = np.frombuffer(_slice_bytes(volume, number), volume.dtype)
    shape = (rows, columns, 3) if volume.samples == 3 else (rows, columns)
    kind = pixels.dtype.kind + str(pixels.dtype.itemsize)
    dtype = np.dtype(np.float32) if kind in ("f8", "i8", "u8") else pixels.dtype.newbyteorder("=")
    across, down, _ = volume.spacing_mm
    return Frame(
        key,
        np.ascontiguousarray(pixels.reshape(shape), dtype=dtype),
        slope=volume.slope,
        intercept=volume.intercept,
        photometric="RGB" if volume.samples == 3 else "MONOCHROME2",
        spacing_mm=(down, across) if across > 0 and down > 0 else None,
        affine=affine,
    )


def damaged_or_short(path: Path) -> UserError:
    """The sentence for a volume whose values are not all there."""
    return UserError(
        f"{path.name} is damaged or stops in the middle.",
        "Fetch the file again from where it came.",
        path=str(path),
    )


def _check_size(volume: Volume) -> None:
    columns, rows, slices, _ = volume.counts
    bytes_per_pixel = volume.dtype.itemsize * volume.samples
    if (
        not within_budget(rows, columns, bytes_per_pixel)
        or volume.slice_bytes * slices > VOLUME_BYTES_LIMIT
    ):
        raise UserError(
            f"{volume.path.name} was not opened: its header promises {slices} slices of {rows} × "
            f"{columns} pixels, more than can be shown.",
            "Check whether the file is damaged.",
            path=str(volume.path),
        )
    if volume.packing == "raw":
        try:
            there = volume.data.stat().st_size
        except OSError as error:
            raise unreadable(volume.data, error) from error
        if there < volume.start + volume.skip + volume.slice_bytes * slices:
            raise damaged_or_short(volume.data)
    elif volume.skip > VOLUME_BYTES_LIMIT:  # what is skipped has to be unpacked as well
        raise damaged_or_short(volume.data)


def _digest(file: FoundFile, volume: Volume) -> str:
    """The digest of all that the volume consists of, its values in a file of their own included."""
    if volume.data == file.path:
        return file.digest
    return hashlib.sha256(f"{file.digest} {digest_of(volume.data)}".encode()).hexdigest()


def _slice_bytes(volume: Volume, number: int) -> bytes:
    size, place = volume.slice_bytes, volume.slice_bytes * number
    try:
        if volume.packing == "raw":
            with open_regular(volume.data) as file:
                file.seek(volume.start + volume.skip + place)
                found = file.read(size)
        else:
            about = volume.data.stat()
            whole = volume.slice_bytes * volume.counts[2]
            part = _Part(volume.start, volume.packing, volume.skip, whole)
            state = (about.st_mtime_ns, about.st_size)
            found = _unpacked(str(volume.data), part, state)[place : place + size]
    except OSError as error:
        raise unreadable(volume.data, error) from error
    if len(found) < size:
        raise damaged_or_short(volume.data)
    return found


@dataclass(frozen=True)
class _Part:
    """`size` bytes of what is packed from byte `start` on, the first `skip` of it left out."""

    start: int
    packing: Packing
    skip: int
    size: int


@lru_cache(maxsize=1)
def _unpacked(path: str, part: _Part, state: tuple[int, int]) -> bytes:
    """A packed part of a file, or less of it where it is damaged.

    `state` tells one version of the file from the next.
    """
    with open_regular(Path(path)) as file:
        file.seek(part.start)
        try:
            return _UNPACK[part.packing](file, part.skip + part.size)[part.skip :]
        except _PACKED_BADLY:
            return b""


def _read_zlib(file: IO[bytes], size: int) -> bytes:
    machine = zlib.decompressobj()
    found = machine.decompress(file.read(), size)
    machine.decompress(machine.unconsumed_tail, 1)
    return found


def _read_gzip(file: IO[bytes], size: int) -> bytes:
    with gzip.GzipFile(fileobj=file) as unpacked:
        found = unpacked.read(size)
        unpacked.read(1)
    return found


def _read_bzip2(file: IO[bytes], size: int) -> bytes:
    with bz2.BZ2File(file) as unpacked:
        found = unpacked.read(size)
        unpacked.read(1)
    return found


_UNPACK: dict[Packing, Callable[[IO[bytes], int], bytes]] = {
    "gzip": _read_gzip,
    "bzip2": _read_bzip2,
    "zlib": _read_zlib,
}
"""Each asks for a byte more than it gives: at the end of the values the check sum is compared."""


def _ascending(volume: Volume) -> tuple[np.ndarray | None, bool]:
    """The affine with slices counted up along row direction × column direction.

    Where the file counts them down its last slice comes first: true is returned as well.
    """
    if volume.lps is None:
        return None, False
    affine = volume.lps.copy()
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    if float(normal @ affine[:3, 2]) >= 0:
        return affine, False
    affine[:3, 3] += (volume.counts[2] - 1) * affine[:3, 2]
    affine[:3, 2] *= -1.0
    return affine, True


def _spacing(volume: Volume, affine: np.ndarray | None) -> tuple[float, float, float | None] | None:
    """(between rows, columns, slices) in mm, slices along the normal; None where none is valid."""
    several = volume.counts[2] > 1
    if affine is None:
        columns, rows, slices = volume.spacing_mm
        usable = columns > 0 and rows > 0
        return (rows, columns, slices if slices > 0 and several else None) if usable else None
    lengths = np.linalg.norm(affine[:3, :2], axis=0)
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    between = abs(float(normal @ affine[:3, 2])) / float(np.linalg.norm(normal))
    return float(lengths[1]), float(lengths[0]), between if several else None


def _warnings(volume: Volume, affine: np.ndarray | None) -> tuple[str, ...]:
    found = []
    if volume.counts[3] > 1:
        found.append(f"The file holds {volume.counts[3]} volumes; the first is shown.")
    if affine is None:
        found.append("The file does not say where it lies in the patient.")
    else:
        axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
        if float(np.abs(axes.T @ axes - np.eye(3)).max()) > _SQUARE_TOLERANCE:
            found.append("The axes of the volume are not at right angles.")
    return tuple(found)
