"""The table of formats in which labels leave and come in."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from typing import Any

from inference.errors import UserError
from inference.exchange.records import LabelsExport, LabelsImport, Read, Written
from inference.records import AnnotationKind
from inference.task import Task


@dataclass(frozen=True)
class Format:
    """A format: what people call it, what it is on disk, and which annotations it holds.

    `extension` is that of the file; a `folder` has none. `writer` and `reader` are
    "module:function", looked up when they are needed, since some import large libraries.
    """

    name: str
    title: str
    extension: str
    folder: bool
    kinds: tuple[AnnotationKind, ...]
    writer: str
    reader: str
    as_pixels: tuple[AnnotationKind, ...] = ()
    """The kinds that are written as the pixels they cover, and come back as masks."""

    def write(self, request: LabelsExport, task: Task) -> Written:
        """Write the labels whole or not at all; raises UserError where that cannot be."""
        written: Written = _function(self.writer)(request, task)
        return written

    def read(self, request: LabelsImport, task: Task) -> Read:
        """Read the labels whole; raises UserError, with place and reason, for a wrong file."""
        read: Read = _function(self.reader)(request, task)
        return read


def _function(place: str) -> Any:
    module, _, function = place.partition(":")
    return getattr(importlib.import_module(module), function)


_ALL: tuple[AnnotationKind, ...] = (
    *("class", "box", "rotated_box", "polygon", "mask"),
    *("point", "line", "span", "interval"),
)
_ROOM = "inference.exchange"

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            *("coco", "COCO", ".json", False),
            ("box", "polygon", "mask", "point"),
            *(f"{_ROOM}.coco_writing:write_coco", f"{_ROOM}.coco_reading:read_coco"),
        ),
        Format(
            *("yolo", "YOLO", "", True),
            ("box", "polygon"),
            *(f"{_ROOM}.yolo:write_yolo", f"{_ROOM}.yolo:read_yolo"),
        ),
        Format(
            *("png", "PNG masks", "", True),
            ("mask",),
            *(f"{_ROOM}.png_masks:write_png", f"{_ROOM}.png_masks:read_png"),
        ),
        Format(
            *("nifti", "NIfTI masks", "", True),
            ("mask",),
            *(f"{_ROOM}.nifti_masks:write_nifti_masks", f"{_ROOM}.nifti_masks:read_nifti_masks"),
        ),
        Format(
            *("csv", "CSV", ".csv", False),
            _ALL,
            *(f"{_ROOM}.csv_writing:write_csv", f"{_ROOM}.csv_reading:read_csv"),
        ),
        Format(
            *("dicom_seg", "DICOM SEG", "", True),
            ("mask",),
            *(f"{_ROOM}.dicom_seg:write_dicom_seg", f"{_ROOM}.dicom_seg:read_dicom_seg"),
            ("box", "rotated_box", "polygon"),
        ),
    )
}
"""By name, in the order in which they are offered."""


def find_format(name: str) -> Format:
    """The format of this name; raises UserError (usage) for one nobody knows."""
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name.lower().replace("-", "_"), FORMATS, n=1)
    raise UserError(
        f"Labels cannot be exchanged as {name}.",
        f"Did you mean {near[0]}?" if near else f"Known are {', '.join(FORMATS)}.",
        fault="usage",
    )
