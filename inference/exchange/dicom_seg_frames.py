"""The functional groups of a DICOM SEG: where each of its frames lies, and what it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

from inference.exchange.dicom_codes import SEGMENTATION, SOURCE_IMAGE, code_item
from inference.exports.derived_object import decimal, item_of
from inference.exports.source_images import SourceImage, spacing_in_patient
from inference.sources.dicom_fields import macro, number

FRAME_CONTENT = 0x00209111
SEGMENT_IDENTIFICATION = 0x0062000A

DIMENSIONS = (
    (0x0062000B, SEGMENT_IDENTIFICATION, "Segment"),
    (0x00209056, FRAME_CONTENT, "Stack"),
    (0x00209057, FRAME_CONTENT, "Place in the stack"),
)
"""Element, functional group and words of each dimension (PS3.3 C.7.6.17): what holds for frames
with and without a place in the patient, and for films of one plane."""


@dataclass(frozen=True)
class Space:
    """Whether planes have their place in a Frame of Reference, and how far apart they lie.

    `step_mm` is None for single planes and where they are not evenly spaced.
    """

    located: bool
    step_mm: float | None


def common_groups(images: Sequence[SourceImage], *, space: Space) -> Dataset:
    """What holds for all frames: pixel size and directions, where all images have the same."""
    found = Dataset()
    for keyword, makes in _PLANES.items():
        made = [makes(image, space=space) for image in images]
        if made[0] is not None and all(one == made[0] for one in made):
            setattr(found, keyword, [made[0]])
    return found


def own_groups(
    image: SourceImage, common: Dataset, segment: int, place: int, *, space: Space
) -> Dataset:
    """What one frame has of its own: segment, number in the stack, source image, position.

    `place` counts the images from 1.
    """
    content = item_of(
        StackID="1", InStackPositionNumber=place, DimensionIndexValues=[segment, 1, place]
    )
    found = item_of(
        FrameContentSequence=[content],
        DerivationImageSequence=[_derivation(image)],
        SegmentIdentificationSequence=[item_of(ReferencedSegmentNumber=segment)],
    )
    for keyword, makes in _PLANES.items():
        made = makes(image, space=space)
        if made is not None and keyword not in common:
            setattr(found, keyword, [made])
    if space.located:
        position = image.plane.position
        assert position is not None
        found.PlanePositionSequence = [item_of(ImagePositionPatient=decimal(position))]
    return found


def _measures(image: SourceImage, *, space: Space) -> Dataset | None:
    """Pixel Measures (C.7.6.16.2.1); None where the size of pixels in the patient is unknown.

    Strict readers refuse them without a thickness: what has no place then goes without them, and
    its pixels are as large as those of the image that it names.
    """
    spacing = image.plane.spacing if space.located else spacing_in_patient(image)
    measures = macro(image.dataset, (image.number or 1) - 1, "PixelMeasuresSequence")
    # Of a scan that says no thickness a mask fills the way to the next slice.
    thickness = number(measures, "SliceThickness") or space.step_mm
    if spacing is None or not (space.located or thickness):
        return None
    found = item_of(PixelSpacing=decimal(spacing))
    if thickness:
        found.SliceThickness = format_number_as_ds(thickness)
    return found


def _orientation(image: SourceImage, *, space: Space) -> Dataset | None:
    directions = image.plane.orientation
    if not space.located or directions is None:
        return None
    return item_of(ImageOrientationPatient=decimal(directions))


_PLANES = {"PixelMeasuresSequence": _measures, "PlaneOrientationSequence": _orientation}


def _derivation(image: SourceImage) -> Dataset:
    """Derivation Image (C.7.6.16.2.6): the image that the frame was drawn on, pixel for pixel."""
    reference = item_of(
        ReferencedSOPClassUID=image.sop_class,
        ReferencedSOPInstanceUID=image.sop_instance,
        PurposeOfReferenceCodeSequence=[code_item(SOURCE_IMAGE)],
        SpatialLocationsPreserved="YES",
    )
    if image.number is not None:
        reference.ReferencedFrameNumber = image.number
    return item_of(
        DerivationCodeSequence=[code_item(SEGMENTATION)], SourceImageSequence=[reference]
    )
