"""A generated CT series on disk, as benchmarks open it, and a window to open it in.

pydicom is imported by what writes: a window that is timed must not wait for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from PySide6.QtWidgets import QWidget

SIZE = 512

_TEXTS = {
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "StudyDate": "20000101",
    "SeriesDate": "20000101",
    "AcquisitionDate": "20000101",
    "ContentDate": "20000101",
    "StudyTime": "120000",
    "SeriesTime": "120000",
    "Modality": "CT",
    "Manufacturer": "Generated",
    "InstitutionName": "Nowhere",
    "StudyDescription": "Generated for a benchmark",
    "SeriesDescription": "Generated slices",
    "PatientName": "Bench^Mark",
    "PatientID": "1",
    "PatientBirthDate": "",
    "PatientSex": "O",
    "BodyPartExamined": "CHEST",
    "ScanOptions": "HELICAL MODE",
    "SliceThickness": "1",
    "KVP": "120",
    "DataCollectionDiameter": "500",
    "SoftwareVersions": "1",
    "ProtocolName": "Chest",
    "ReconstructionDiameter": "360",
    "DistanceSourceToDetector": "949",
    "DistanceSourceToPatient": "541",
    "GantryDetectorTilt": "0",
    "TableHeight": "150",
    "RotationDirection": "CW",
    "ExposureTime": "500",
    "XRayTubeCurrent": "200",
    "Exposure": "100",
    "FilterType": "BODY",
    "ConvolutionKernel": "STANDARD",
    "PatientPosition": "HFS",
    "StudyInstanceUID": "1.2.3",
    "SeriesInstanceUID": "1.2.3.4",
    "FrameOfReferenceUID": "1.2.3.9",
    "SeriesNumber": "1",
    "AcquisitionNumber": "1",
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "PhotometricInterpretation": "MONOCHROME2",
    "PixelSpacing": ["0.703125", "0.703125"],
    "WindowCenter": "40",
    "WindowWidth": "400",
    "RescaleIntercept": "-1024",
    "RescaleSlope": "1",
    "RescaleType": "HU",
}
"""What all slices say: about as much as a scanner writes."""

_NUMBERS = {
    "SamplesPerPixel": 1,
    "Rows": SIZE,
    "Columns": SIZE,
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 1,
    "PixelPaddingValue": -2000,
}


def write_series(folder: Path, count: int) -> list[Path]:
    """`count` uncompressed slices of 512 × 512, their paths in the order of their places."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 2000, (SIZE, SIZE), dtype=np.int16)
    paths = []
    for index in range(count):
        paths.append(folder / f"IM{index + 1:05d}.dcm")
        slice_of(index, noise + np.int16(index % 1000)).save_as(paths[-1], enforce_file_format=True)
    return paths


def slice_of(index: int, pixels: np.ndarray) -> Dataset:
    """One slice that can be written."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.4.{index + 1}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset("", {}, preamble=b"\0" * 128, file_meta=meta)
    found.SOPClassUID = CTImageStorage
    found.SOPInstanceUID = f"1.2.3.4.{index + 1}"
    for keyword, value in (_TEXTS | _NUMBERS).items():
        setattr(found, keyword, value)
    found.AcquisitionTime = found.ContentTime = f"12{index // 60 % 60:02d}{index % 60:02d}"
    found.InstanceNumber = index + 1
    found.ImagePositionPatient = ["-180", "-180", str(float(index))]
    found.SliceLocation = str(float(index))
    block = found.private_block(0x0019, "GENERATED", create=True)
    for number in range(12):
        block.add_new(0x10 + number, "DS", str(number))
    found.PixelData = pixels.astype("<i2").tobytes()
    return found


def touch_memory(size_bytes: int) -> None:
    """Use so much memory and give it back, right before something is timed.

    A virtual machine fetches pages that were not used for a while from its host, which takes ten
    times as long as reading pixels into them, and would fall on whoever comes first.
    """
    np.ones(size_bytes, np.uint8)


def pss_bytes(process_ids: tuple[int, ...]) -> int:
    """The proportional share of memory of some processes; Linux."""
    total = 0
    for number in process_ids:
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def run_loop(until: Callable[[], bool], limit_s: float = 300.0) -> None:
    """Let the real event loop run until something is true."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() else None)
    timer.start(1)
    ends = QTimer()
    ends.setSingleShot(True)
    ends.timeout.connect(lambda: loop.exit(1))
    ends.start(int(limit_s * 1000))
    if not until() and loop.exec() != 0:
        raise RuntimeError("the work took too long")
    timer.stop()
    ends.stop()


def wait(seconds: float) -> None:
    began = time.monotonic()
    run_loop(lambda: time.monotonic() - began > seconds)


def counted_paints(canvas: QWidget) -> Callable[[], int]:
    """How often a widget has painted itself since; asked after the events that make it paint."""
    from PySide6.QtCore import QEvent, QObject

    class Filter(QObject):
        count = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            self.count += event.type() == QEvent.Type.Paint
            return False

    found = Filter(canvas)
    canvas.installEventFilter(found)
    return lambda: found.count


def own_processes(lane_ids: tuple[int, ...]) -> tuple[int, ...]:
    """The window and its decode children."""
    return (os.getpid(), *lane_ids)
