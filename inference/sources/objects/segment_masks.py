"""The masks in a DICOM segmentation: unpacked frame by frame, cut to what they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from inference.errors import UserError
from inference.sources.base import VOLUME_BYTES_LIMIT
from inference.sources.dicom_fields import items, macro, number, whole, word
from inference.sources.dicom_header import Header
from inference.sources.dicom_pixels import decode
from inference.sources.files import unreadable
from inference.task import Task

_BACKGROUND = "125040"
"""The type of what is no structure (PS3.16 Annex D), which label maps describe too."""

_REPORTED = 64
"""Progress is told once in so many frames: telling takes longer than unpacking one."""

_NATIVE = {8: "u1", 16: "<u2"}


@dataclass(frozen=True, eq=False)
class Crop:
    """What one segment covers on one frame of the object: uint8 [r, c], 255 = wholly in.

    A parametric map has float32 there instead, NaN where it has no value.
    """

    plane: int
    number: int
    """The segment's own number, as the file counts."""
    row: int
    column: int
    mask: np.ndarray


def crops_of(header: Header, task: Task) -> Iterator[Crop]:
    """All that is not empty, frame by frame (PS3.3 A.51, C.8.20.2).

    Raises UserError where the pixels are no masks, cannot be decoded, or would fill the memory.
    """
    _refuse_others(header)
    refuse_oversize(header, whole(header.dataset, "BitsAllocated") or 8)
    frame_of = _frames(header)
    cut = _CUTS[type_of(header)](header)
    for frame in range(header.frames):
        task.check()
        if frame % _REPORTED == 0:
            task.progress(frame, header.frames)
        yield from cut(frame_of(frame), frame)


def background_of(header: Header) -> frozenset[int]:
    """The labels of a label map that mean no structure; other segmentations have none.

    They are the padding value, what is described as background, and 0 unless it is a structure.
    """
    if type_of(header) != "LABELMAP":
        return frozenset()
    found = {0}
    for item in items(header.dataset, "SegmentSequence"):
        number = whole(item, "SegmentNumber")
        if number is not None:
            found.add(number) if _is_background(item) else found.discard(number)
    padding = whole(header.dataset, "PixelPaddingValue")
    return frozenset(found if padding is None else {*found, padding})


def _is_background(segment: Dataset) -> bool:
    codes = items(segment, "SegmentedPropertyTypeCodeSequence")
    return bool(codes) and word(codes[0], "CodeValue") == _BACKGROUND


def type_of(header: Header) -> str:
    """BINARY, FRACTIONAL or LABELMAP; pixels of one bit are binary whatever the header says."""
    named = word(header.dataset, "SegmentationType")
    if whole(header.dataset, "BitsAllocated") == 1:
        return "BINARY"
    return named if named is not None and named in _CUTS else "LABELMAP"


def _refuse_others(header: Header) -> None:
    """Masks are unsigned, of 1, 8 or 16 bits, and of one sample (PS3.3 C.8.20.2)."""
    dataset = header.dataset
    bits, signed = whole(dataset, "BitsAllocated"), whole(dataset, "PixelRepresentation") or 0
    plain = header.pixel_keyword == "PixelData" and header.samples == 1 and not signed
    if not plain or bits not in (1, *_NATIVE):
        raise UserError(
            f"{header.path.name} was not laid over the scan: its pixels are not those of a "
            "segmentation.",
            "It can be read tag by tag.",
            path=str(header.path),
        )


def refuse_oversize(header: Header, bits: int) -> None:
    """Raise UserError where all frames at so many bits a pixel would fill the memory."""
    size = header.frames * header.rows * header.columns * bits // 8
    if size > VOLUME_BYTES_LIMIT:
        raise UserError(
            f"{header.path.name} was not laid over the scan: its {header.frames} frames would "
            f"take {size / 2**30:.1f} GiB.",
            path=str(header.path),
        )


def _frames(header: Header) -> Callable[[int], np.ndarray]:
    """A function that gives the stored values of a frame: [rows, columns], 0 or 1 for one bit."""
    bits = whole(header.dataset, "BitsAllocated") or 8
    if header.pixel_length is None or header.transfer_syntax == ExplicitVRBigEndian:
        # Palettes colour the labels of a label map; here the labels themselves are wanted.
        plain = replace(header, photometric="MONOCHROME2")
        return lambda frame: decode(plain, frame).pixels
    count = header.rows * header.columns
    try:
        with header.stream() as stream:
            stream.seek(header.pixel_offset)
            data = stream.read((header.frames * count * bits + 7) // 8)
    except OSError as error:
        raise unreadable(header.path, error) from error
    shape = (header.rows, header.columns)
    if bits == 1:
        packed = np.frombuffer(data, np.uint8)
        return lambda frame: _unpacked(packed, frame * count, count).reshape(shape)
    values = np.frombuffer(data, _NATIVE[bits], header.frames * count)
    return lambda frame: values[frame * count : (frame + 1) * count].reshape(shape)


def _unpacked(packed: np.ndarray, first: int, count: int) -> np.ndarray:
    """`count` bits from bit `first` on: frames follow each other without a gap (PS3.5 8.1.1)."""
    start, end = first // 8, (first + count + 7) // 8
    bits = np.unpackbits(packed[start:end], bitorder="little")
    return bits[first - 8 * start : first - 8 * start + count]


_Cut = Callable[[np.ndarray, int], Iterator[Crop]]


def _binary(header: Header) -> _Cut:
    return lambda values, frame: _one_segment(
        header, frame, values, lambda inner: np.where(inner, np.uint8(255), np.uint8(0))
    )


def _fractional(header: Header) -> _Cut:
    """Values up to Maximum Fractional Value, spread over a byte (PS3.3 C.8.20.2.3)."""
    most = number(header.dataset, "MaximumFractionalValue") or 255.0
    shares = np.arange(65536 if whole(header.dataset, "BitsAllocated") == 16 else 256) / most
    table = np.rint(np.clip(shares, 0.0, 1.0) * 255.0).astype(np.uint8)
    return lambda values, frame: _one_segment(header, frame, values, lambda inner: table[inner])


def _one_segment(
    header: Header, frame: int, values: np.ndarray, to_mask: Callable[[np.ndarray], np.ndarray]
) -> Iterator[Crop]:
    found = box_of(values)
    if found is None:
        return
    identity = macro(header.dataset, frame, "SegmentIdentificationSequence")
    segment = whole(identity, "ReferencedSegmentNumber")
    rows, columns = found
    yield Crop(frame, segment or 0, rows.start, columns.start, to_mask(values[rows, columns]))


def _labelled(header: Header) -> _Cut:
    """Each value is the number of a segment (PS3.3 C.8.20.2)."""
    empty = background_of(header)

    def cut(values: np.ndarray, frame: int) -> Iterator[Crop]:
        found = box_of(values)
        if found is None:
            return
        inner = values[found]
        for label in np.flatnonzero(np.bincount(inner.ravel())):
            if label not in empty:
                mask = inner == label
                own = box_of(mask)
                if own is not None:
                    rows, columns = own
                    top, left = found[0].start + rows.start, found[1].start + columns.start
                    covered = mask[own].astype(np.uint8) * np.uint8(255)
                    yield Crop(frame, int(label), top, left, covered)

    return cut


_CUTS: Mapping[str, Callable[[Header], _Cut]] = {
    "BINARY": _binary,
    "FRACTIONAL": _fractional,
    "LABELMAP": _labelled,
}


def box_of(values: np.ndarray) -> tuple[slice, slice] | None:
    """The smallest box around what is not 0; None where all is."""
    rows = np.flatnonzero(values.any(axis=1))
    if not len(rows):
        return None
    kept = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(values[kept].any(axis=0))
    return kept, slice(int(columns[0]), int(columns[-1]) + 1)
