"""Parametric maps over a source: real-world values on the source's own frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from inference.records import ObjectOverlay, ValuePiece
from inference.requests import ObjectRequest
from inference.sources.dicom_fields import items, macro, number, numbers, quietly, whole, word
from inference.sources.dicom_header import Header, read_header
from inference.sources.dicom_pixels import decode
from inference.sources.objects.placing import Laid, lay
from inference.sources.objects.segment_masks import Crop, refuse_oversize
from inference.sources.objects.units import unit_words
from inference.task import Task

MANUFACTURER = "Lepton"
"""What this program calls itself in the maps that it writes."""


def read_parametric_map(request: ObjectRequest, task: Task) -> ObjectOverlay:
    """The values of a map (PS3.3 A.75) on the frames of a source, with their unit.

    Raises UserError where the file cannot be read or would fill the memory, or nothing says where
    its frames lie.
    """
    header = read_header(Path(request.object.path))
    refuse_oversize(header, 32)
    shape = request.source.shape
    with quietly():
        crops = []
        for frame in range(header.frames):
            task.progress(frame, header.frames)
            crops.append(Crop(frame, 0, 0, 0, _values(header, frame)))
        layer = lay(request.source, header, crops, task)
        unit = _unit(header.dataset)
    chosen = {one.frame: one for one in reversed(layer.pieces)}
    warnings = [*header.warnings, *layer.warnings(header.frames)]
    if len(chosen) < len(layer.pieces):
        warnings.append("Several of its planes lie on one slice; the first of them is drawn.")
    return ObjectOverlay(
        request.object.object_id,
        request.source.source_id,
        values=tuple(ValuePiece(frame, _whole(chosen[frame], shape)) for frame in sorted(chosen)),
        unit=unit,
        warnings=tuple(warnings),
        words=_words(header.dataset),
    )


def _whole(laid: Laid, shape: tuple[int, int]) -> np.ndarray:
    """The values on a whole frame, NaN where there are none."""
    found = np.full(shape, np.nan, np.float32)
    rows, columns = laid.values.shape
    found[laid.row : laid.row + rows, laid.column : laid.column + columns] = laid.values
    return found


def _mapping(dataset: Dataset, frame: int) -> Dataset | None:
    """The first Real World Value Mapping of a frame (PS3.3 C.7.6.16.2.11)."""
    group = macro(dataset, frame, "RealWorldValueMappingSequence")
    if group is not dataset:
        return group
    found = items(dataset, "RealWorldValueMappingSequence")
    return found[0] if found else None


def _values(header: Header, frame: int) -> np.ndarray:
    """One frame as real-world values, float32 [rows, columns].

    The mapping holds for integers and for floats alike; without one the Modality LUT's slope and
    intercept stand in. Stored integers beyond those that are mapped have no value: NaN.
    """
    stored = decode(header, frame).pixels
    mapping = _mapping(header.dataset, frame)
    if mapping is None:
        group = macro(header.dataset, frame, "PixelValueTransformationSequence")
        return _line(stored, number(group, "RescaleSlope"), number(group, "RescaleIntercept"))
    table = numbers(mapping, "RealWorldValueLUTData")
    first = whole(mapping, "RealWorldValueFirstValueMapped")
    last = whole(mapping, "RealWorldValueLastValueMapped")
    if not table:
        slope = number(mapping, "RealWorldValueSlope")
        values = _line(stored, slope, number(mapping, "RealWorldValueIntercept"))
        if first is None or last is None or first > last or stored.dtype.kind == "f":
            return values
        return np.where((stored >= first) & (stored <= last), values, np.float32(np.nan))
    places = stored.astype(np.int64) - (first or 0)
    entries = np.array(table, np.float32)[np.clip(places, 0, len(table) - 1)]
    return np.where((places >= 0) & (places < len(table)), entries, np.float32(np.nan))


def _line(stored: np.ndarray, slope: float | None, intercept: float | None) -> np.ndarray:
    if slope is None or intercept is None:
        return stored.astype(np.float32)
    return stored.astype(np.float32) * np.float32(slope) + np.float32(intercept)


def _words(dataset: Dataset) -> tuple[str, ...]:
    """What was asked of which model and what a value says, of maps of this program; else ()."""
    if word(dataset, "Manufacturer") != MANUFACTURER:
        return ()
    mapping = _mapping(dataset, 0)
    lines = (
        word(dataset, "ContentDescription"),
        word(dataset, "ManufacturerModelName"),
        word(mapping, "LUTExplanation") if mapping is not None else None,
    )
    return tuple(line for line in lines if line)


def _unit(dataset: Dataset) -> str | None:
    """The unit of the first frame, by its UCUM code as people write it."""
    mapping = _mapping(dataset, 0)
    codes = items(mapping, "MeasurementUnitsCodeSequence") if mapping is not None else ()
    return unit_words(word(codes[0], "CodeValue") or "") or None if codes else None
