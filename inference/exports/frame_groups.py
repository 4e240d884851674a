"""The functional groups of a Parametric Map: where each frame lies and what its values are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.valuerep import format_number_as_ds

from inference.exports.derived_object import decimal, item_of
from inference.exports.source_images import SourceImage, spacing_in_patient
from inference.exports.words import facts_of
from inference.records import Attribution
from inference.sources.dicom_fields import macro, number

Code = tuple[str, str, str]
"""Value, scheme, meaning."""

CLASS_ACTIVATION: Code = ("130402", "DCM", "Class activation")
GRADIENT_WEIGHTED: Code = ("130403", "DCM", "Gradient-weighted class activation")
SALIENCY: Code = ("130404", "DCM", "Saliency")
"""PS3.16 CID 7180, abstract multi-dimensional image model component semantics."""

QUANTITIES: dict[str, Code] = {
    "grad_cam": GRADIENT_WEIGHTED,
    "grad_cam_plus_plus": GRADIENT_WEIGHTED,
    "guided_grad_cam": GRADIENT_WEIGHTED,
    "score_cam": CLASS_ACTIVATION,
    "eigen_cam": CLASS_ACTIVATION,
    "layer_activation": CLASS_ACTIVATION,
}
"""What the values of a method are; of all others they are a saliency."""

_QUANTITY: Code = ("246205007", "SCT", "Quantity")
_NO_UNIT: Code = ("1", "UCUM", "no units")
_DERIVED_BY: Code = ("130401", "DCM", "Visual explanation")
_PURPOSE: Code = ("121322", "DCM", "Source image for image processing operation")
_TEXT_LIMIT = 1024
"""Characters of an ST (PS3.5 6.2)."""


def quantity_of(attribution: Attribution) -> Code:
    """The standard's code for what a map shows."""
    return QUANTITIES.get(attribution.provenance.method or "", SALIENCY)


def shared_groups(
    images: Sequence[SourceImage], maps: Sequence[Attribution], *, located: bool
) -> Dataset:
    """What holds for all frames: pixel size, directions, identity transformation, the mapping."""
    first = images[0]
    groups: dict[str, Any] = {
        "PixelMeasuresSequence": _measures(first, located=located),
        "PixelValueTransformationSequence": item_of(
            RescaleIntercept=0, RescaleSlope=1, RescaleType="US"
        ),
        "FrameVOILUTSequence": _window(maps),
        "RealWorldValueMappingSequence": _mapping(maps),
        "ParametricMapFrameTypeSequence": item_of(
            FrameType=["DERIVED", "PRIMARY", "VOLUME" if len(maps) > 1 else "OTHER", "QUANTITY"]
        ),
    }
    if located:
        directions = first.plane.orientation
        assert directions is not None
        groups["PlaneOrientationSequence"] = item_of(ImageOrientationPatient=decimal(directions))
    return item_of(**{name: [item] for name, item in groups.items()})


def frame_groups(
    image: SourceImage, attribution: Attribution, place: int, *, located: bool
) -> Dataset:
    """What one frame has of its own: its number in the stack, its source image, its position."""
    groups: dict[str, Any] = {
        "FrameContentSequence": item_of(
            StackID="1", InStackPositionNumber=place, DimensionIndexValues=[1, place]
        ),
        "DerivationImageSequence": _derivation(image, attribution),
    }
    if located:
        assert image.plane.position is not None
        groups["PlanePositionSequence"] = item_of(
            ImagePositionPatient=decimal(image.plane.position)
        )
    return item_of(**{name: [item] for name, item in groups.items()})


def _measures(image: SourceImage, *, located: bool) -> Dataset:
    found = Dataset()
    spacing = image.plane.spacing if located else spacing_in_patient(image)
    if spacing is not None:
        found.PixelSpacing = decimal(spacing)
    own = macro(image.dataset, (image.number or 1) - 1, "PixelMeasuresSequence")
    # Slices may overlap or leave gaps: the distance between them stands in where none is said.
    thickness = number(own, "SliceThickness") or image.plane.thickness
    if thickness:
        found.SliceThickness = format_number_as_ds(float(thickness))
    return found


def _window(maps: Sequence[Attribution]) -> Dataset:
    low, high = _range(maps)
    width = high - low
    return item_of(
        WindowCenter=format_number_as_ds(low + width / 2),
        WindowWidth=format_number_as_ds(width if width > 0 else 1.0),
        VOILUTFunction="LINEAR_EXACT",
    )


def _mapping(maps: Sequence[Attribution]) -> Dataset:
    """Values stand for themselves (C.7.6.16.2.11); the quantity says what they are."""
    low, high = _range(maps)
    explanation = maps[0].unit or "Contribution to the output of the model"
    quantity = item_of(
        ValueType="CODE",
        ConceptNameCodeSequence=[_code(_QUANTITY)],
        ConceptCodeSequence=[_code(quantity_of(maps[0]))],
    )
    return item_of(
        LUTLabel="ATTRIBUTION",
        LUTExplanation=explanation[:64],
        RealWorldValueSlope=1.0,
        RealWorldValueIntercept=0.0,
        DoubleFloatRealWorldValueFirstValueMapped=low,
        DoubleFloatRealWorldValueLastValueMapped=high,
        MeasurementUnitsCodeSequence=[_code(_NO_UNIT)],
        QuantityDefinitionSequence=[quantity],
    )


def _derivation(image: SourceImage, attribution: Attribution) -> Dataset:
    """Derivation Image (C.7.6.16.2.6): how the frame was made, and from which image."""
    reference = item_of(
        ReferencedSOPClassUID=image.sop_class,
        ReferencedSOPInstanceUID=image.sop_instance,
        PurposeOfReferenceCodeSequence=[_code(_PURPOSE)],
    )
    if image.number is not None:
        reference.ReferencedFrameNumber = image.number
    words = "; ".join(f"{name}: {text}" for name, text in facts_of(attribution).items())
    return item_of(
        DerivationDescription=words[:_TEXT_LIMIT],
        DerivationCodeSequence=[_code(_DERIVED_BY)],
        SourceImageSequence=[reference],
    )


def _range(maps: Sequence[Attribution]) -> tuple[float, float]:
    return (
        float(min(np.min(one.map) for one in maps)),
        float(max(np.max(one.map) for one in maps)),
    )


def _code(code: Code) -> Dataset:
    value, scheme, meaning = code
    return item_of(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)
