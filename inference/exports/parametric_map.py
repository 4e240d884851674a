"""Maps as one DICOM Parametric Map (PS3.3 A.75): float values on the very planes of the scan.

It is written element by element, not by a library: planes without a Frame of Reference, films of
one plane and some frames of a multi-frame image are as good a source of a map as a plain series.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ParametricMapStorage

from inference.errors import UserError
from inference.exports.compression import copy_compression
from inference.exports.derived_object import (
    BYTES_LIMIT,
    LONG_STRING,
    add_dimensions,
    add_series,
    add_space,
    begin,
    referenced_series,
)
from inference.exports.frame_groups import frame_groups, shared_groups
from inference.exports.source_images import SourceImage, images_of
from inference.exports.words import facts_of, in_order, method_words, title_of
from inference.provenance import LEPTON_VERSION
from inference.records import Attribution, Source
from inference.sources.dicom_fields import quietly
from inference.sources.objects.parametric_map import MANUFACTURER
from inference.task import Task
from inference.whole_file import writing

_NUMBERS_FROM = 9000
"""Series Numbers of maps begin here."""

DIMENSIONS = (
    (0x00209056, 0x00209111, "Stack ID"),
    (0x00209057, 0x00209111, "In-Stack Position Number"),
)
"""One stack, and the place in it (C.7.6.17): what holds for films of one plane as well."""

PLACELESS = (
    "The scan has no place in the patient, so the map has none: it names its images alone, and a "
    "strict reader may refuse it."
)
"""The standard demands a Frame of Reference of every map (PS3.3 A.75); none is made up."""


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
    if sum(one.map.size * 4 for one in ordered) > BYTES_LIMIT:
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
    found = begin(first, ParametricMapStorage, identified=identified)
    add_series(found, first, "OT", _NUMBERS_FROM, title_of(shown))
    if "BodyPartExamined" not in found and "Laterality" not in found:
        found.Laterality = None  # of type 2C where the part may be one of a pair (C.7.3.1)
    _add_equipment(found, shown)
    located = add_space(found, images)
    _add_image(found, images, maps)
    found.SharedFunctionalGroupsSequence = [shared_groups(images, maps, located=located)]
    found.PerFrameFunctionalGroupsSequence = [
        frame_groups(image, one, place, located=located)
        for place, (image, one) in enumerate(zip(images, maps, strict=True), start=1)
    ]
    add_dimensions(found, DIMENSIONS)
    found.ReferencedSeriesSequence = referenced_series(images)
    return found


def refuse_without_series(source: Source) -> None:
    """Raise UserError where a source is no DICOM scan."""
    if not source.series_uid:
        raise UserError(
            "A DICOM map needs a DICOM scan that it belongs to, and this is none.",
            "Export the map as NIfTI, as an array or as a picture.",
        )


def _add_equipment(found: Dataset, shown: Attribution) -> None:
    """Enhanced General Equipment (C.7.5.2): the program, told apart by the model's weights."""
    found.Manufacturer = MANUFACTURER
    found.ManufacturerModelName = f"{MANUFACTURER} with {shown.provenance.model_id}"[:LONG_STRING]
    found.DeviceSerialNumber = shown.provenance.sha256 or "unknown"
    found.SoftwareVersions = LEPTON_VERSION


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
