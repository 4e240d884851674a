"""Small scans and objects that belong to them, written attribute by attribute."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from inference.records import DicomObject, ObjectOverlay, Source
from inference.requests import ObjectRequest, OpenRequest
from inference.sources.objects.overlay import read_overlay
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import PLACE, SERIES, STUDY, write, write_slice

ROWS, COLUMNS = 8, 10
ORIGIN = (-10.0, -20.0)
SPACING = (2.0, 0.5)
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"
STRUCTURES = "1.2.840.10008.5.1.4.1.1.481.3"
MAP = "1.2.840.10008.5.1.4.1.1.30"
REPORT = "1.2.840.10008.5.1.4.1.1.88.33"
KEYS = "1.2.840.10008.5.1.4.1.1.88.59"


def item(**values: Any) -> Dataset:
    """A data set with these values."""
    found = Dataset()
    for keyword, value in values.items():
        if value is not None:
            setattr(found, keyword, value)
    return found


def code(value: str, meaning: str, scheme: str = "DCM") -> list[Dataset]:
    """A sequence of one code."""
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def write_scan(folder: Path, heights: Sequence[float] = (0.0, 3.0, 6.0), **changes: Any) -> Source:
    """A CT series of 8 rows and 10 columns with a slice at each height; opened."""
    rows, columns = changes.pop("shape", (ROWS, COLUMNS))
    for number, height in enumerate(heights):
        values = {
            "ImagePositionPatient": [*ORIGIN, height],
            "SOPInstanceUID": f"1.2.3.{number}",
        }
        pixels = np.full((rows, columns), number, np.int16)
        write_slice(folder / f"{number}.dcm", pixels, **{**values, **changes})
    return open_source(folder)


def write_object(path: Path, sop_class: str, **values: Any) -> Path:
    """An object of the same study that names the scan's series and space."""
    usual = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": generate_uid(entropy_srcs=[path.name]),
        "StudyInstanceUID": STUDY,
        "SeriesInstanceUID": "1.2.3.99",
        "FrameOfReferenceUID": PLACE,
        "ReferencedSeriesSequence": [item(SeriesInstanceUID=SERIES)],
    }
    found = item(**(usual | values))
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = UID(ExplicitVRLittleEndian)
    return write(path, found)


def plane(position: Sequence[float] | None, **groups: Any) -> Dataset:
    """The functional groups of one frame."""
    if position is not None:
        groups["PlanePositionSequence"] = [item(ImagePositionPatient=list(position))]
    return item(**groups)


def segment(number: int, label: str, **values: Any) -> Dataset:
    return item(SegmentNumber=number, SegmentLabel=label, **values)


def write_frames(
    path: Path,
    pixels: np.ndarray,
    positions: Sequence[Sequence[float] | None],
    sop_class: str = SEGMENTATION,
    *,
    numbers: Sequence[int] | None = None,
    bits: int = 1,
    spacing: Sequence[float] = SPACING,
    orientation: Sequence[float] = AXIAL,
    groups: Sequence[dict[str, Any]] | None = None,
    **values: Any,
) -> Path:
    """A multi-frame object of `pixels` [frames, rows, columns]; `bits` 1 packs them without gaps.

    `numbers` are the segments of the frames; `groups` further functional groups of each.
    """
    frames = []
    for at, position in enumerate(positions):
        own = dict(groups[at]) if groups is not None else {}
        if numbers is not None:
            own["SegmentIdentificationSequence"] = [item(ReferencedSegmentNumber=numbers[at])]
        frames.append(plane(position, **own))
    data = np.packbits(pixels.ravel(), bitorder="little") if bits == 1 else pixels
    content: dict[str, Any] = {
        "Modality": "SEG",
        "NumberOfFrames": len(pixels),
        "Rows": pixels.shape[1],
        "Columns": pixels.shape[2],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 0,
        "SharedFunctionalGroupsSequence": [
            item(
                PlaneOrientationSequence=[item(ImageOrientationPatient=list(orientation))],
                PixelMeasuresSequence=[item(PixelSpacing=list(spacing))],
            )
        ],
        "PerFrameFunctionalGroupsSequence": frames,
        "PixelData": data.tobytes() + b"\0" * (data.nbytes % 2),
    }
    return write_object(path, sop_class, **(content | values))


def at(*heights: float) -> list[tuple[float, float, float]]:
    """Positions of planes that coincide with slices of the scan at these heights."""
    return [(*ORIGIN, height) for height in heights]


def drawn(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """One plane a box of (top, left, bottom, right), uint8 [planes, rows, columns]."""
    found = np.zeros((len(boxes), ROWS, COLUMNS), np.uint8)
    for one, (top, left, bottom, right) in zip(found, boxes, strict=True):
        one[top:bottom, left:right] = 1
    return found


def open_source(place: Path) -> Source:
    """The one source of a folder or file."""
    (source,) = open_sources(OpenRequest((str(place),)), Task()).sources
    return source


def open_object(path: Path) -> DicomObject:
    """The one object in a file."""
    (found,) = open_sources(OpenRequest((str(path),)), Task()).objects
    return found


def overlay(path: Path, source: Source) -> ObjectOverlay:
    """The object in a file, laid over a source."""
    return read_overlay(ObjectRequest(open_object(path), source), Task())


def masks(found: ObjectOverlay, source: Source) -> np.ndarray:
    """All pieces as uint8 [segments, frames, rows, columns]; a pixel may be set but once."""
    whole = np.zeros((len(found.segments), source.frames, *source.shape), np.uint8)
    for piece in found.pieces:
        rows, columns = piece.mask.shape
        part = whole[
            piece.segment,
            piece.frame,
            piece.row : piece.row + rows,
            piece.column : piece.column + columns,
        ]
        assert part.shape == piece.mask.shape, "a piece reaches beyond its frame"
        assert not (part & piece.mask).any(), "two pieces of one segment overlap"
        part |= piece.mask
    return whole
