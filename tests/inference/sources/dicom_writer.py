"""Small DICOM files for tests, written attribute by attribute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

STUDY, SERIES, PLACE = (generate_uid(entropy_srcs=[word]) for word in ("study", "series", "place"))


def dataset_of(pixels: np.ndarray, **changes: Any) -> Dataset:
    """A CT slice with these stored pixels [(frames,) rows, columns]; None removes an attribute."""
    signed = pixels.dtype.kind == "i"
    bits = 8 * pixels.dtype.itemsize
    found = Dataset()
    values: dict[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": SERIES,
        "FrameOfReferenceUID": PLACE,
        "Modality": "CT",
        "Rows": pixels.shape[-2],
        "Columns": pixels.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(signed),
        "PixelSpacing": [2.0, 0.5],
        "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "ImagePositionPatient": [-10.0, -20.0, 5.0],
        "PixelData": pixels.tobytes(),
    }
    if pixels.ndim == 3:
        values["NumberOfFrames"] = pixels.shape[0]
    for keyword, value in (values | changes).items():
        if value is not None:
            setattr(found, keyword, value)
    return found


def write(path: Path, dataset: Dataset) -> Path:
    """Save as a DICOM file, in explicit VR little endian unless the data set says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_slice(path: Path, pixels: np.ndarray | None = None, **changes: Any) -> Path:
    """A CT slice of 3 rows and 4 columns, unless `pixels` says otherwise."""
    if pixels is None:
        pixels = np.arange(12, dtype=np.int16).reshape(3, 4)
    return write(path, dataset_of(pixels, **changes))
