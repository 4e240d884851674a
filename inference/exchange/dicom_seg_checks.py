"""Whether a DICOM SEG of others is whole: looked at before anything of it is taken over."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pydicom.dataset import Dataset

from inference.exchange.reading import EntryError
from inference.sources.dicom_fields import items, macro, number, whole
from inference.sources.dicom_header import Header
from inference.sources.objects.segment_masks import Crop, type_of


def check_whole(header: Header) -> None:
    """Raise EntryError where segments, functional groups and pixels do not fit one another."""
    _check_segments(items(header.dataset, "SegmentSequence"))
    _check_frames(header)
    _check_length(header)
    if type_of(header) != "LABELMAP":
        _check_named(header)


def _check_segments(segments: Collection[Dataset]) -> None:
    """PS3.3 C.8.20.2: each has a number of its own."""
    if not segments:
        raise EntryError("Segment Sequence (0062,0002) is missing, so it has no segments")
    seen: set[int] = set()
    for place, item in enumerate(segments, start=1):
        found = whole(item, "SegmentNumber")
        if found is None or found < 0:
            raise EntryError(f"segment {place} has no Segment Number (0062,0004)")
        if found in seen:
            raise EntryError(f"two segments have the Segment Number (0062,0004) {found}")
        seen.add(found)


def _check_frames(header: Header) -> None:
    promised = number(header.dataset, "NumberOfFrames")
    if promised is None:
        raise EntryError("Number of Frames (0028,0008) is missing")
    if promised != header.frames:
        raise EntryError(
            f"Pixel Data (7FE0,0010) holds {header.frames} of the {promised:.0f} frames that "
            "Number of Frames (0028,0008) gives"
        )
    groups = len(items(header.dataset, "PerFrameFunctionalGroupsSequence"))
    if groups != header.frames:
        raise EntryError(
            f"Per-Frame Functional Groups Sequence (5200,9230) describes {groups} frames, and "
            f"there are {header.frames}"
        )


def _check_length(header: Header) -> None:
    """Pixels that are not compressed take as many bytes as they must, and one to be even."""
    if header.pixel_length is None:
        return
    bits = whole(header.dataset, "BitsAllocated") or 1
    size = (header.frames * header.rows * header.columns * bits + 7) // 8
    if header.pixel_length > size + size % 2:
        raise EntryError(
            f"Pixel Data (7FE0,0010) holds {header.pixel_length} bytes, where {header.frames} "
            f"frames of {header.rows} × {header.columns} pixels take {size}"
        )


def _check_named(header: Header) -> None:
    """Each frame is of a segment that is described (Segment Identification Macro, C.8.20.3.1)."""
    known = {whole(item, "SegmentNumber") for item in items(header.dataset, "SegmentSequence")}
    for frame in range(header.frames):
        identity = macro(header.dataset, frame, "SegmentIdentificationSequence")
        named = whole(identity, "ReferencedSegmentNumber")
        if named is None:
            raise EntryError(f"frame {frame + 1} has no Referenced Segment Number (0062,000B)")
        if named not in known:
            raise EntryError(f"frame {frame + 1} is of segment {named}, which is not described")


def check_described(header: Header, crops: Iterable[Crop]) -> None:
    """Raise EntryError where a label map has numbers that are no segments."""
    known = {whole(item, "SegmentNumber") for item in items(header.dataset, "SegmentSequence")}
    for crop in crops:
        if crop.number not in known:
            raise EntryError(
                f"frame {crop.plane + 1} holds segment {crop.number}, which is not described"
            )
