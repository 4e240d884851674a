"""A DICOM SEG as a whole (PS3.3 A.51): binary segments on the very planes of a scan.

It is written element by element, not by a library: films of one plane, frames of a multi-frame
image and radiographs without a Frame of Reference can be labelled as well as a plain series.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SegmentationStorage, generate_uid

from inference.errors import UserError
from inference.exchange.dicom_codes import code_item, codes_for, lab_of_colour, plain_text
from inference.exchange.dicom_seg_frames import (
    DIMENSIONS,
    Space,
    common_groups,
    item_of,
    own_groups,
)
from inference.exchange.dicom_seg_segments import DrawnSegment, DrawnSegments
from inference.exports.compression import copy_compression
from inference.exports.patient import copy_patient
from inference.exports.source_images import SourceImage
from inference.mask_bits import unpack_mask
from inference.provenance import LEPTON_VERSION
from inference.records import Source
from inference.sources.dicom_fields import whole, word, words
from inference.sources.dicom_words import uid_of
from inference.sources.objects.parametric_map import MANUFACTURER
from inference.task import Task

_BYTES_LIMIT = 0xFFFFFFFE
"""An element's length has 32 bits and is even."""

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
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy_patient(found, first, identified=identified)
    _add_object(found, first)
    space = Space(_add_space(found, ordered), _step_mm(scan))
    _add_image(found, ordered, drawn)
    common = common_groups(ordered, space=space)
    found.SharedFunctionalGroupsSequence = [common]
    place_of = {frame: place for place, frame in enumerate(drawn.frames, start=1)}
    found.PerFrameFunctionalGroupsSequence = [
        own_groups(images[frame], common, number, place_of[frame], space=space)
        for number, frame in _frames(drawn.segments)
    ]
    _add_dimensions(found)
    found.ReferencedSeriesSequence = _referenced(ordered)
    _add_pixels(found, drawn, task)
    return found


def _frames(segments: Sequence[DrawnSegment]) -> Iterator[tuple[int, int]]:
    """(Segment Number, frame of the source) of each frame of the object, in its order."""
    for number, segment in enumerate(segments, start=1):
        for frame in sorted(segment.masks):
            yield number, frame


def _add_object(found: Dataset, first: Dataset) -> None:
    """Series, equipment and SOP Common (PS3.3 C.7.3.1, C.8.20.1, C.7.5.2, C.12.1)."""
    found.SOPClassUID = SegmentationStorage
    found.SOPInstanceUID = generate_uid()
    found.SeriesInstanceUID = generate_uid()
    found.Modality = "SEG"
    # Of type 1 here. Far from the numbers of scans, and told apart by that of the source.
    found.SeriesNumber = 8000 + (whole(first, "SeriesNumber") or 0) % 1000
    found.SeriesDescription = "Labels"
    found.InstanceNumber = 1
    part = word(first, "BodyPartExamined")
    if part:
        found.BodyPartExamined = part
    side = word(first, "Laterality") or word(first, "ImageLaterality")
    if side in ("R", "L"):
        found.Laterality = side
    found.Manufacturer = MANUFACTURER
    found.ManufacturerModelName = MANUFACTURER
    found.DeviceSerialNumber = "unknown"
    found.SoftwareVersions = LEPTON_VERSION
    _add_times(found, first)


def _add_times(found: Dataset, first: Dataset) -> None:
    """Now, in the zone of the study, which all times of a file share (C.12.1.1.8)."""
    now, offset = datetime.now(UTC), word(first, "TimezoneOffsetFromUTC") or ""
    try:
        there = now.astimezone(datetime.strptime(offset, "%z").tzinfo)
        found.TimezoneOffsetFromUTC = f"{there:%z}"
    except ValueError:  # it says none: then it is the zone of this place
        there = now.astimezone()
    for holder in ("Series", "Content", "InstanceCreation"):
        setattr(found, f"{holder}Date", there.strftime("%Y%m%d"))
        setattr(found, f"{holder}Time", there.strftime("%H%M%S"))


def _add_space(found: Dataset, images: Sequence[SourceImage]) -> bool:
    """The Frame of Reference, where it is known and all planes have their place in it.

    Without it the frames lie where the images do that they name (A.51.3), and the image says
    itself which way it lies (C.7.6.1).
    """
    spaces = {uid_of(image.dataset, "FrameOfReferenceUID") for image in images}
    if len(spaces) != 1 or "" in spaces or not all(image.plane.located for image in images):
        found.PatientOrientation = list(words(images[0].dataset, "PatientOrientation")) or None
        return False
    found.FrameOfReferenceUID = spaces.pop()
    found.PositionReferenceIndicator = word(images[0].dataset, "PositionReferenceIndicator")
    return True


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


def _add_dimensions(found: Dataset) -> None:
    """Multi-frame Dimension (C.7.6.17)."""
    organization = generate_uid()
    found.DimensionOrganizationSequence = [item_of(DimensionOrganizationUID=organization)]
    found.DimensionIndexSequence = [
        item_of(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=element,
            FunctionalGroupPointer=group,
            DimensionDescriptionLabel=words,
        )
        for element, group, words in DIMENSIONS
    ]


def _referenced(images: Sequence[SourceImage]) -> list[Dataset]:
    """Common Instance Reference (C.12.2): each instance once, by its series."""
    series: dict[str, dict[str, Dataset]] = {}
    for image in images:
        named = item_of(
            ReferencedSOPClassUID=image.sop_class, ReferencedSOPInstanceUID=image.sop_instance
        )
        series.setdefault(uid_of(image.dataset, "SeriesInstanceUID"), {})[image.sop_instance] = (
            named
        )
    return [
        item_of(SeriesInstanceUID=uid, ReferencedInstanceSequence=list(instances.values()))
        for uid, instances in series.items()
    ]


def _add_pixels(found: Dataset, drawn: DrawnSegments, task: Task) -> None:
    """One bit a pixel, the first in the lowest bit, frames without a gap (PS3.5 8.1.1)."""
    frames = list(_frames(drawn.segments))
    size = (len(frames) * math.prod(drawn.shape) + 7) // 8
    if size > _BYTES_LIMIT or len(drawn.segments) > _SEGMENTS_LIMIT:
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
