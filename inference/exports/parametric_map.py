"""Maps as one DICOM Parametric Map (PS3.3 A.75): float values on the very planes of the scan.

It is written element by element, not by a library: planes without a Frame of Reference, films of
one plane and some frames of a multi-frame image are as good a source of a map as a plain series.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ParametricMapStorage, generate_uid

from inference.errors import UserError
from inference.exports.compression import copy_compression
from inference.exports.frame_groups import frame_groups, shared_groups
from inference.exports.patient import copy_patient
from inference.exports.source_images import SourceImage, images_of
from inference.exports.words import facts_of, in_order, method_words, title_of
from inference.provenance import LEPTON_VERSION
from inference.records import Attribution, Source
from inference.sources.dicom_fields import quietly, whole, word
from inference.sources.dicom_words import uid_of
from inference.sources.objects.parametric_map import MANUFACTURER
from inference.task import Task
from inference.whole_file import writing

LONG_STRING = 64
"""Characters of an LO (PS3.5 6.2)."""

PLACELESS = (
    "The scan has no place in the patient, so the map has none: it names its images alone, and a "
    "strict reader may refuse it."
)
"""The standard demands a Frame of Reference of every map (PS3.3 A.75); none is made up."""

_BYTES_LIMIT = 0xFFFFFFFE
"""An element's length has 32 bits and is even."""


def write_parametric_map(
    path: Path,
    source: Source,
    maps: Sequence[Attribution],
    task: Task,
    *,
    identified: bool,
) -> tuple[str, ...]:
    """Write maps over frames of one source, float32 as they are, in the order of the frames.

    The file belongs to the study of its source, lies in the same Frame of Reference, and names for
    each frame the image that it was derived from. With `identified` it names the patient as the
    source does; without, it names nobody, but keeps the UIDs by which it fits the scan. Returns
    what is to be known of the file, in sentences. Raises UserError where the source is no DICOM
    scan or the file cannot be written.
    """
    ordered = in_order(maps)
    if sum(one.map.size * 4 for one in ordered) > _BYTES_LIMIT:
        raise UserError(
            "These maps are too many for one DICOM file.", "Export them as NIfTI or as an array."
        )
    refuse_without_series(source)
    with quietly():
        images = images_of(source, [one.key[1] for one in ordered], task)
        dataset = parametric_map(images, ordered, identified=identified)
    task.check()
    with writing(path) as temporary:
        dataset.save_as(temporary, enforce_file_format=True)
    return () if "FrameOfReferenceUID" in dataset else (PLACELESS,)


def parametric_map(
    images: Sequence[SourceImage], maps: Sequence[Attribution], *, identified: bool
) -> Dataset:
    """The whole object of maps and the images that they were made from, pair by pair."""
    first, shown = images[0].dataset, maps[0]
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy_patient(found, first, identified=identified)
    _add_object(found, first, shown)
    _add_equipment(found, shown)
    located = _add_space(found, images)
    _add_image(found, images, maps)
    found.SharedFunctionalGroupsSequence = [shared_groups(images, maps, located=located)]
    found.PerFrameFunctionalGroupsSequence = [
        frame_groups(image, one, place, located=located)
        for place, (image, one) in enumerate(zip(images, maps, strict=True), start=1)
    ]
    _add_dimensions(found)
    found.ReferencedSeriesSequence = _referenced(images)
    return found


def refuse_without_series(source: Source) -> None:
    """Raise UserError where a source is no DICOM scan."""
    if not source.series_uid:
        raise UserError(
            "A DICOM map needs a DICOM scan that it belongs to, and this is none.",
            "Export the map as NIfTI, as an array or as a picture.",
        )


def _add_object(found: Dataset, first: Dataset, shown: Attribution) -> None:
    """Series and SOP Common modules (PS3.3 C.7.3.1, C.8.32.1, C.12.1)."""
    offset, now = _clock(first)
    found.SOPClassUID = ParametricMapStorage
    found.SOPInstanceUID = generate_uid()
    found.SeriesInstanceUID = generate_uid()
    found.Modality = "OT"
    # Of type 1 here. Far from the numbers of scans, and told apart by that of the source.
    found.SeriesNumber = 9000 + (whole(first, "SeriesNumber") or 0) % 1000
    found.SeriesDescription = title_of(shown)[:LONG_STRING]
    found.BodyPartExamined = word(first, "BodyPartExamined")
    side = word(first, "Laterality") or word(first, "ImageLaterality")
    side = side if side in ("R", "L") else None
    if side or not found.BodyPartExamined:  # only parts that come in pairs have one
        found.Laterality = side
    found.InstanceNumber = 1
    if offset:
        found.TimezoneOffsetFromUTC = offset
    for holder in ("Series", "Content", "InstanceCreation"):
        setattr(found, f"{holder}Date", now.strftime("%Y%m%d"))
        setattr(found, f"{holder}Time", now.strftime("%H%M%S"))


def _clock(first: Dataset) -> tuple[str, datetime]:
    """The source's offset from UTC, "" where it says none, and what its clocks show now.

    All times of a file stand in one zone (C.12.1.1.8), those of the study, which are copied, as
    well. Without an offset it is that of the place.
    """
    now = datetime.now(UTC)
    try:
        there = now.astimezone(
            datetime.strptime(word(first, "TimezoneOffsetFromUTC") or "", "%z").tzinfo
        )
    except ValueError:
        return "", now.astimezone()
    return f"{there:%z}", there


def _add_equipment(found: Dataset, shown: Attribution) -> None:
    """Enhanced General Equipment (C.7.5.2): the program, told apart by the model's weights."""
    found.Manufacturer = MANUFACTURER
    found.ManufacturerModelName = f"{MANUFACTURER} with {shown.provenance.model_id}"[:LONG_STRING]
    found.DeviceSerialNumber = shown.provenance.sha256 or "unknown"
    found.SoftwareVersions = LEPTON_VERSION


def _add_space(found: Dataset, images: Sequence[SourceImage]) -> bool:
    """The Frame of Reference, where it is known and all planes have their place in it."""
    spaces = {uid_of(image.dataset, "FrameOfReferenceUID") for image in images}
    if len(spaces) != 1 or "" in spaces or not all(image.plane.located for image in images):
        return False
    found.FrameOfReferenceUID = spaces.pop()
    found.PositionReferenceIndicator = word(images[0].dataset, "PositionReferenceIndicator")
    return True


def _add_image(found: Dataset, images: Sequence[SourceImage], maps: Sequence[Attribution]) -> None:
    """Parametric Map Image and Floating Point Image Pixel (C.8.32.2, C.7.6.24)."""
    shown, shape = maps[0], maps[0].map.shape
    found.ImageType = ["DERIVED", "PRIMARY", "VOLUME" if len(maps) > 1 else "OTHER", "QUANTITY"]
    found.ContentLabel = "ATTRIBUTION"
    found.ContentDescription = f"{method_words(shown)} for {shown.target_label}"[:LONG_STRING]
    found.ContentCreatorName = None
    found.ContentQualification = "RESEARCH"
    found.ImageComments = "; ".join(f"{name}: {text}" for name, text in facts_of(shown).items())
    found.AcquisitionContextSequence = []
    found.BurnedInAnnotation = "NO"
    found.RecognizableVisualFeatures = "NO"
    copy_compression(found, (image.dataset for image in images))
    found.PresentationLUTShape = "IDENTITY"
    found.SamplesPerPixel = 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.BitsAllocated = 32
    found.NumberOfFrames = len(maps)
    found.Rows, found.Columns = shape
    stack = np.stack([np.asarray(one.map, "<f4") for one in maps])
    found.FloatPixelData = stack.tobytes()


def _add_dimensions(found: Dataset) -> None:
    """One stack, and the place in it (C.7.6.17): what holds for films of one plane as well."""
    organization = generate_uid()
    found.DimensionOrganizationSequence = [Dataset()]
    found.DimensionOrganizationSequence[0].DimensionOrganizationUID = organization
    pointers = []
    for element, words in ((0x00209056, "Stack ID"), (0x00209057, "In-Stack Position Number")):
        pointer = Dataset()
        pointer.DimensionOrganizationUID = organization
        pointer.DimensionIndexPointer = element
        pointer.FunctionalGroupPointer = 0x00209111  # Frame Content
        pointer.DimensionDescriptionLabel = words
        pointers.append(pointer)
    found.DimensionIndexSequence = pointers


def _referenced(images: Sequence[SourceImage]) -> list[Dataset]:
    """Common Instance Reference (C.12.2): each instance once, by its series."""
    series: dict[str, dict[str, str]] = {}
    for image in images:
        uid = uid_of(image.dataset, "SeriesInstanceUID")
        series.setdefault(uid, {})[image.sop_instance] = image.sop_class
    found = []
    for uid, instances in series.items():
        item = Dataset()
        item.SeriesInstanceUID = uid
        item.ReferencedInstanceSequence = []
        for instance, sop_class in instances.items():
            reference = Dataset()
            reference.ReferencedSOPClassUID = sop_class
            reference.ReferencedSOPInstanceUID = instance
            item.ReferencedInstanceSequence.append(reference)
        found.append(item)
    return found
