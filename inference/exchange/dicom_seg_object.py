"""A DICOM SEG as a whole (PS3.3 A.51): binary segments on the very planes of a scan.

It is written element by element, not by a library: films of one plane, frames of a multi-frame
image and radiographs without a Frame of Reference can be labelled as well as a plain series.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage, generate_uid

from inference.errors import UserError
from inference.exchange.dicom_codes import code_item, codes_for, lab_of_colour, plain_text
from inference.exchange.dicom_seg_frames import (
    DIMENSIONS,
    Space,
    common_groups,
    own_groups,
)
from inference.exchange.dicom_seg_segments import DrawnSegment, DrawnSegments
from inference.exports.compression import copy_compression
from inference.exports.derived_object import (
    BYTES_LIMIT,
    add_dimensions,
    add_series,
    add_space,
    begin,
    item_of,
    referenced_series,
)
from inference.exports.source_images import SourceImage
from inference.mask_bits import unpack_mask
from inference.provenance import LEPTON_VERSION
from inference.records import Source
from inference.sources.dicom_fields import words
from inference.sources.dicom_words import uid_of
from inference.sources.objects.parametric_map import MANUFACTURER
from inference.task import Task

_NUMBERS_FROM = 8000
"""Series Numbers of labels begin here."""

_SEGMENTS_LIMIT = 65535
"""Segment Number is a US."""

_WHOLE_BYTES = 8
"""So many frames of one bit a pixel always fill whole bytes."""


def segmentation(
    scan: Source,
    images: Mapping[int, SourceImage],
    drawn: DrawnSegments,
    task: Task,
    *,
    identified: bool,
) -> Dataset:
    """The whole object of segments and the images of a scan, by frame, that they were drawn on.

    Raises UserError where there are more pixels or segments than a file holds.
    """
    ordered = [images[frame] for frame in drawn.frames]
    first = ordered[0].dataset
    found = begin(first, SegmentationStorage, identified=identified)
    add_series(found, first, "SEG", _NUMBERS_FROM, "Labels")
    _add_equipment(found)
    space = Space(_add_space(found, ordered), _step_mm(scan))
    _add_image(found, ordered, drawn)
    common = common_groups(ordered, space=space)
    found.SharedFunctionalGroupsSequence = [common]
    place_of = {frame: place for place, frame in enumerate(drawn.frames, start=1)}
    found.PerFrameFunctionalGroupsSequence = [
        own_groups(images[frame], common, number, place_of[frame], space=space)
        for number, frame in _frames(drawn.segments)
    ]
    add_dimensions(found, DIMENSIONS)
    found.ReferencedSeriesSequence = referenced_series(ordered)
    _add_pixels(found, drawn, task)
    return found


def _frames(segments: Sequence[DrawnSegment]) -> Iterator[tuple[int, int]]:
    """(Segment Number, frame of the source) of each frame of the object, in its order."""
    for number, segment in enumerate(segments, start=1):
        for frame in sorted(segment.masks):
            yield number, frame


def _add_equipment(found: Dataset) -> None:
    """Enhanced General Equipment (PS3.3 C.7.5.2)."""
    found.Manufacturer = MANUFACTURER
    found.ManufacturerModelName = MANUFACTURER
    found.DeviceSerialNumber = "unknown"
    found.SoftwareVersions = LEPTON_VERSION


def _add_space(found: Dataset, images: Sequence[SourceImage]) -> bool:
    """Where the frames lie in the patient.

    Without a Frame of Reference they lie where the images do that they name (A.51.3), and the
    image says itself which way it lies (C.7.6.1).
    """
    located = add_space(found, images)
    if not located:
        found.PatientOrientation = list(words(images[0].dataset, "PatientOrientation")) or None
    return located


def _step_mm(scan: Source) -> float | None:
    """How far even slices lie apart along their normal."""
    if scan.affine is None or scan.frames == 1 or scan.positions_mm is not None:
        return None
    axes = np.array(scan.affine)[:3, :3]
    normal = np.cross(axes[:, 0], axes[:, 1])
    return float(abs(normal @ axes[:, 2]) / np.linalg.norm(normal))


def _add_image(found: Dataset, images: Sequence[SourceImage], drawn: DrawnSegments) -> None:
    """Segmentation Image (C.8.20.2)."""
    first = images[0].dataset
    found.Rows, found.Columns = drawn.shape
    found.ImageType = ["DERIVED", "PRIMARY"]
    found.ContentLabel = "LABELS"
    found.ContentDescription = None
    found.ContentCreatorName = None
    copy_compression(found, (image.dataset for image in images))
    found.SamplesPerPixel = 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.PixelRepresentation = 0
    found.BitsAllocated = found.BitsStored = 1
    found.HighBit = 0
    found.SegmentationType = "BINARY"
    found.SegmentsOverlap = "YES" if drawn.overlap() else "NO"
    series = uid_of(first, "SeriesInstanceUID")
    found.SegmentSequence = [
        _segment(number, segment, series) for number, segment in enumerate(drawn.segments, start=1)
    ]


def _segment(number: int, segment: DrawnSegment, series: str) -> Dataset:
    """Segment Description (C.8.20.4); an instance keeps its UID in all files of a series."""
    category, kind = codes_for(segment.label)
    found = item_of(
        SegmentNumber=number,
        SegmentLabel=plain_text(segment.label.name),
        SegmentAlgorithmType="SEMIAUTOMATIC" if segment.models else "MANUAL",
        SegmentedPropertyCategoryCodeSequence=[code_item(category)],
        SegmentedPropertyTypeCodeSequence=[code_item(kind)],
        RecommendedDisplayCIELabValue=lab_of_colour(segment.label.colour),
    )
    if segment.models:
        found.SegmentAlgorithmName = plain_text(", ".join(sorted(segment.models)))
    if segment.instance:
        found.TrackingID = segment.instance
        found.TrackingUID = generate_uid(entropy_srcs=[series, segment.instance])
    return found


def _add_pixels(found: Dataset, drawn: DrawnSegments, task: Task) -> None:
    """One bit a pixel, the first in the lowest bit, frames without a gap (PS3.5 8.1.1)."""
    frames = list(_frames(drawn.segments))
    size = (len(frames) * math.prod(drawn.shape) + 7) // 8
    if size > BYTES_LIMIT or len(drawn.segments) > _SEGMENTS_LIMIT:
        raise UserError(
            "These masks are too many for one DICOM file.", "Export them as NIfTI or PNG masks."
        )
    found.NumberOfFrames = len(frames)
    packed = bytearray()
    for start in range(0, len(frames), _WHOLE_BYTES):
        task.check()
        masks = [
            unpack_mask(drawn.segments[number - 1].masks[frame], drawn.shape)
            for number, frame in frames[start : start + _WHOLE_BYTES]
        ]
        packed += np.packbits(np.stack(masks), bitorder="little").tobytes()
    packed += b"\0" * (len(packed) % 2)
    found.PixelData = bytes(packed)
    found["PixelData"].VR = "OB"
