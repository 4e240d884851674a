"""What every DICOM object that is made from the images of a scan says of itself and of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import format_number_as_ds

from inference.exports.patient import copy_patient
from inference.exports.source_images import SourceImage
from inference.sources.dicom_fields import whole, word
from inference.sources.dicom_words import uid_of

LONG_STRING = 64
"""Characters of an LO (PS3.5 6.2)."""

BYTES_LIMIT = 0xFFFFFFFE
"""An element's length has 32 bits and is even."""

Dimension = tuple[int, int, str]
"""Element, functional group that holds it, and words."""


def item_of(**values: Any) -> Dataset:
    """A data set with these values."""
    found = Dataset()
    for keyword, value in values.items():
        setattr(found, keyword, value)
    return found


def decimal(values: Sequence[float]) -> list[str]:
    """Numbers as a DS writes them (PS3.5 6.2)."""
    return [format_number_as_ds(float(value)) for value in values]


def begin(first: Dataset, sop_class: UID, *, identified: bool) -> Dataset:
    """A new object of a class in the study of `first`, with its patient if `identified`."""
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy_patient(found, first, identified=identified)
    found.SOPClassUID = sop_class
    found.SOPInstanceUID = generate_uid()
    return found


def add_series(
    found: Dataset, first: Dataset, modality: str, numbers_from: int, words: str
) -> None:
    """A series of its own beside that of `first`, and its times (PS3.3 C.7.3.1, C.12.1).

    Series Number is of type 1 in derived objects: far from those of scans, and told apart by that
    of the source.
    """
    found.SeriesInstanceUID = generate_uid()
    found.Modality = modality
    found.SeriesNumber = numbers_from + (whole(first, "SeriesNumber") or 0) % 1000
    found.SeriesDescription = words[:LONG_STRING]
    found.InstanceNumber = 1
    part = word(first, "BodyPartExamined")
    if part:
        found.BodyPartExamined = part
    side = word(first, "Laterality") or word(first, "ImageLaterality")
    if side in ("R", "L"):
        found.Laterality = side
    _add_times(found, first)


def add_space(found: Dataset, images: Sequence[SourceImage]) -> bool:
    """The Frame of Reference, where it is known and all planes have their place in it."""
    spaces = {uid_of(image.dataset, "FrameOfReferenceUID") for image in images}
    if len(spaces) != 1 or "" in spaces or not all(image.plane.located for image in images):
        return False
    found.FrameOfReferenceUID = spaces.pop()
    found.PositionReferenceIndicator = word(images[0].dataset, "PositionReferenceIndicator")
    return True


def add_dimensions(found: Dataset, dimensions: Sequence[Dimension]) -> None:
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
        for element, group, words in dimensions
    ]


def referenced_series(images: Sequence[SourceImage]) -> list[Dataset]:
    """Common Instance Reference (C.12.2): each instance once, by its series."""
    series: dict[str, dict[str, Dataset]] = {}
    for image in images:
        named = item_of(
            ReferencedSOPClassUID=image.sop_class, ReferencedSOPInstanceUID=image.sop_instance
        )
        uid = uid_of(image.dataset, "SeriesInstanceUID")
        series.setdefault(uid, {})[image.sop_instance] = named
    return [
        item_of(SeriesInstanceUID=uid, ReferencedInstanceSequence=list(instances.values()))
        for uid, instances in series.items()
    ]


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
