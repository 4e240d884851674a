"""Small made-up records for the tests of widgets."""

from __future__ import annotations

import numpy as np

from inference.records import (
    Affine,
    Attribution,
    DicomObject,
    Frame,
    FrameRef,
    ObjectKind,
    Order,
    Provenance,
    Source,
    Window,
)

AXIAL: Affine = (
    (2.0, 0.0, 0.0, -100.0),
    (0.0, 2.0, 0.0, -50.0),
    (0.0, 0.0, 5.0, 40.0),
    (0.0, 0.0, 0.0, 1.0),
)
GREY_IS_VALUE = Window(127.5, 255.0, "LINEAR_EXACT")
"""Under this window the grey level is the value, for values 0 to 255."""


def a_frame(
    stored: np.ndarray | None = None,
    *,
    affine: Affine | None = AXIAL,
    spacing_mm: tuple[float, float] | None = (2.0, 2.0),
    unit: str | None = "HU",
    padding: tuple[float, float] | None = None,
    slope: float = 1.0,
    intercept: float = 0.0,
    inverted: bool = False,
) -> Frame:
    """A frame, by default 64 × 64 int16 with a bright square at rows 16–23, columns 40–47."""
    if stored is None:
        stored = np.full((64, 64), 20, np.int16)
        stored[16:24, 40:48] = 220
    return Frame(
        key=("0" * 12, 0),
        stored=stored,
        slope=slope,
        intercept=intercept,
        unit=unit,
        inverted=inverted,
        padding=padding,
        windows=(GREY_IS_VALUE,),
        spacing_mm=spacing_mm,
        affine=affine,
    )


def an_attribution(
    values: np.ndarray, *, signed: bool = True, coarse: bool = False, layer: str | None = None
) -> Attribution:
    provenance = Provenance(
        "phantom-nodule", "0" * 64, "", "cpu", 1.0, "2026-01-01T00:00:00Z", (), "grad_cam"
    )
    return Attribution(
        key=("0" * 12, 0),
        target=1,
        target_label="nodule",
        output="logit",
        map=values.astype(np.float32),
        native=(8, 8),
        signed=signed,
        layer=layer,
        baseline=None,
        reduction="none",
        completeness=None,
        warnings=(),
        provenance=provenance,
        coarse=coarse,
    )


def a_source(
    source_id: str,
    title: str = "Axial",
    *,
    study_id: str = "study",
    frames: int = 3,
    warnings: tuple[str, ...] = (),
    who: str = "",
    orders: tuple[Order, ...] = (),
) -> Source:
    return Source(
        source_id=source_id,
        kind="series",
        title=title,
        study_id=study_id,
        study_title=f"Title of {study_id}",
        who=who,
        modality="CT",
        body_part=None,
        photometric="MONOCHROME2",
        samples=1,
        shape=(512, 256),
        spacing_mm=None,
        spacing_source="none",
        affine=None,
        positions_mm=None,
        order_rule="none",
        transfer_syntax=None,
        unit=None,
        refs=tuple(FrameRef("a.dcm", number) for number in range(frames)),
        warnings=warnings,
        orders=orders,
    )


def an_object(
    object_id: str,
    kind: ObjectKind = "segmentation",
    title: str = "Liver",
    *,
    study_id: str = "study",
    who: str = "",
    details: tuple[str, ...] = (),
) -> DicomObject:
    return DicomObject(
        object_id=object_id,
        kind=kind,
        title=title,
        path="object.dcm",
        study_id=study_id,
        study_title=f"Title of {study_id}",
        who=who,
        modality="SEG",
        details=details,
    )
