"""Phantom cases as DICOM series (CT Image Storage), with their truth beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from inference.phantom import case as cases
from inference.phantom.case import PhantomCase, Plan
from inference.phantom.identity import phantom_uid
from inference.phantom.shapes import SIZE
from inference.whole_file import writing

INTERCEPT = -1024
WHEN = "20000101"


def write_case(case: PhantomCase, folder: Path) -> None:
    """Write `0001.dcm` … and `mask.npy` (uint8 [frames, rows, columns], 1 = nodule) to `folder`.

    Each file appears whole or not at all. Equal cases give equal bytes.
    """
    for index in range(len(case.volume)):
        with writing(folder / f"{index + 1:04d}.dcm") as temporary:
            slice_dataset(case, index).save_as(temporary, enforce_file_format=True)
    with writing(folder / "mask.npy") as temporary, temporary.open("wb") as file:
        np.save(file, case.mask)


def truth(case: PhantomCase) -> dict[str, Any]:
    """What is in a case, as an entry of truth.json; boxes are in pixel edges."""
    frames = list(range(len(case.volume)))
    marker = {"box": list(case.marker_box), "frames": frames} if case.marker_box else None
    return {
        "case": case.plan.case,
        "label": case.label,
        "nodules": [
            {
                "centre_mm": [round(value, 4) for value in nodule.centre_mm],
                "radius_mm": round(nodule.radius_mm, 4),
                "box": list(nodule.box),
                "frames": list(nodule.frames),
            }
            for nodule in case.nodules
        ],
        "marker": marker,
    }


def slice_dataset(case: PhantomCase, index: int) -> Dataset:
    """One slice as a data set that `save_as` can write."""
    plan = case.plan
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = _uid(plan, "slice", index)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset("", {}, preamble=b"\0" * 128, file_meta=meta)
    found.update(_patient_and_study(plan))
    found.update(_series(plan))
    found.update(_image(case, index))
    return found


def _patient_and_study(plan: Plan) -> Dataset:
    """PS3.3 C.7.1.1 and C.7.2.1; the patient is fictional."""
    part = Dataset()
    part.SpecificCharacterSet = "ISO_IR 192"
    part.PatientName = f"Phantom^{plan.case:04d}"
    part.PatientID = f"PHANTOM-{plan.seed}-{plan.case:04d}"
    part.PatientBirthDate = ""
    part.PatientSex = "O"
    part.StudyInstanceUID = _uid(plan, "study")
    part.StudyDate = WHEN
    part.StudyTime = "120000"
    part.StudyDescription = "Generated chest phantom"
    part.StudyID = str(plan.case)
    part.ReferringPhysicianName = ""
    part.AccessionNumber = ""
    return part


def _series(plan: Plan) -> Dataset:
    """PS3.3 C.7.3.1, C.7.4.1 and C.7.5.1."""
    part = Dataset()
    part.Modality = "CT"
    part.SeriesInstanceUID = _uid(plan, "series")
    part.SeriesNumber = 1
    part.SeriesDate = WHEN
    part.SeriesTime = "120000"
    part.SeriesDescription = "Generated, not a patient"
    part.BodyPartExamined = "CHEST"
    part.PatientPosition = "HFS"
    part.FrameOfReferenceUID = _uid(plan, "frame of reference")
    part.PositionReferenceIndicator = ""
    part.Manufacturer = "Lepton phantom generator"
    part.ManufacturerModelName = "Chest phantom"
    return part


def _image(case: PhantomCase, index: int) -> Dataset:
    """PS3.3 C.7.6.1, C.7.6.2, C.7.6.3, C.8.2.1 and C.11.2."""
    plan = case.plan
    x, y, z = cases.first_position_mm(plan)
    height = z + index * cases.SLICE_SPACING_MM
    part = Dataset()
    part.SOPClassUID = CTImageStorage
    part.SOPInstanceUID = _uid(plan, "slice", index)
    part.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    part.ContentDate = WHEN
    part.ContentTime = "120000"
    part.AcquisitionNumber = 1
    part.InstanceNumber = index + 1
    part.ImagePositionPatient = [_decimal(x), _decimal(y), _decimal(height)]
    part.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    part.SliceLocation = _decimal(height)
    part.PixelSpacing = [_decimal(plan.grid.spacing_mm)] * 2
    part.SliceThickness = _decimal(cases.SLICE_SPACING_MM)
    part.KVP = 120
    part.SamplesPerPixel = 1
    part.PhotometricInterpretation = "MONOCHROME2"
    part.Rows = part.Columns = SIZE
    part.BitsAllocated, part.BitsStored, part.HighBit = 16, 12, 11
    part.PixelRepresentation = 0
    part.RescaleIntercept, part.RescaleSlope, part.RescaleType = INTERCEPT, 1, "HU"
    part.WindowCenter, part.WindowWidth = [-600, 40], [1500, 400]
    part.WindowCenterWidthExplanation = ["LUNG", "MEDIASTINUM"]
    part.BurnedInAnnotation = "NO"  # the plate identifies nobody
    part.PixelData = (case.volume[index] - INTERCEPT).astype("<u2").tobytes()
    return part


def _uid(plan: Plan, role: str, index: int = 0) -> UID:
    there = {"nodule": bool(plan.nodules), "marker": plan.marker is not None}
    return UID(phantom_uid(plan.seed, plan.case, role, index, **there))


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5 6.2)."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
