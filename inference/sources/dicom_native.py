"""Pixels that stand uncompressed in their files: where, and what each header says of them.

They need no decoder, so that whoever holds the volume can read them into it (decision 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from inference.records import Frame, FrameRef, NativePixels
from inference.sources.base import FoundFile
from inference.sources.dicom_colour import is_coloured
from inference.sources.dicom_fields import is_given, whole
from inference.sources.dicom_frame import head_of
from inference.sources.dicom_header import Header
from inference.sources.dicom_planes import embedded_groups

_PLAIN = (str(ImplicitVRLittleEndian), str(ExplicitVRLittleEndian))


@dataclass(frozen=True, eq=False)
class NativeFrame:
    """One frame's pixels, and what they mean."""

    pixels: NativePixels
    head: Frame

    def in_file(self, header: Header, number: int, file: FoundFile) -> NativeFrame:
        """The same at its place in a file."""
        frame_bytes = header.rows * header.columns * np.dtype(self.pixels.dtype).itemsize
        pixels = replace(
            self.pixels,
            offset=header.pixel_offset + number * frame_bytes,
            file_bytes=file.size,
            changed_ns=file.changed_ns,
        )
        return NativeFrame(pixels, self.head)


def native_pixels(
    refs: Sequence[FrameRef], found: Mapping[FrameRef, NativeFrame]
) -> tuple[tuple[NativePixels, ...], tuple[Frame, ...]]:
    """For Source.native and Source.heads: one for each frame, or none at all.

    All frames have to be of one type, as they are to stand in one volume.
    """
    frames = [found[ref] for ref in refs if ref in found]
    kinds = {(frame.pixels.dtype, frame.pixels.bits) for frame in frames}
    if len(frames) < len(refs) or len(kinds) != 1:
        return (), ()
    numbers: dict[tuple[object, ...], int] = {}
    heads: list[Frame] = []
    native = []
    for frame in frames:
        number = numbers.setdefault(_meaning(frame.head), len(heads))
        if number == len(heads):
            heads.append(frame.head)
        native.append(replace(frame.pixels, head=number))
    return tuple(native), tuple(heads)


def native_of(header: Header, number: int) -> NativeFrame | None:
    """Plain grey pixels with the stored bits lowest (PS3.5 8.1.1), their place still to be told.

    None where a frame has to be decoded.
    """
    dataset = header.dataset
    if header.pixel_length is None or header.pixel_keyword != "PixelData":
        return None
    allocated, stored = whole(dataset, "BitsAllocated"), whole(dataset, "BitsStored")
    if stored is None or allocated not in (8, 16) or str(header.transfer_syntax) not in _PLAIN:
        return None
    if whole(dataset, "HighBit") not in (None, stored - 1):
        return None
    if is_coloured(header) or is_given(dataset, "ModalityLUTSequence") or embedded_groups(header):
        return None
    head = head_of(header, number)
    if head.planes or head.shutter is not None:
        return None  # masks as large as the pixels would have to go with the description
    sign = "i" if whole(dataset, "PixelRepresentation") == 1 else "u"
    dtype = f"<{sign}2" if allocated == 16 else f"|{sign}1"
    return NativeFrame(NativePixels(0, dtype, bits=0 if stored == allocated else stored), head)


def _meaning(head: Frame) -> tuple[object, ...]:
    """What two heads must have in common to be one; tables are only equal to themselves."""
    return (
        head.slope,
        head.intercept,
        head.unit,
        head.photometric,
        head.inverted,
        head.padding,
        head.windows,
        head.spacing_mm,
        head.aspect,
        head.calibrations,
        head.directions,
        head.warnings,
        id(head.table) if head.table is not None else None,
        tuple(map(id, head.other_tables)),
    )
