"""RT structure sets over a source: contours in the pixels of the source's own frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import ContourPiece, ObjectOverlay, Segment
from inference.requests import ObjectRequest
from inference.sources.dicom_fields import items, numbers, quietly, whole, word
from inference.sources.dicom_header import read_dataset
from inference.sources.dicom_words import uid_of
from inference.sources.objects.colours import colour_of_rgb, own_colour
from inference.sources.objects.grid import Grid, grid_of
from inference.sources.objects.listing import counted
from inference.task import Task

_CLOSED = {"CLOSED_PLANAR": True, "CLOSEDPLANAR_XOR": True}
_FLAT_MM = 0.5
"""So far, or half a slice distance if that is more, a contour may rise out of a slice."""

_HALF_PIXEL = 0.5


@dataclass(eq=False)
class _Left:
    """What could not be drawn, counted."""

    malformed: int = 0
    tilted: int = 0
    outside: int = 0
    empty: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def warnings(self) -> tuple[str, ...]:
        found = []
        if self.outside:
            found.append(f"{counted(self.outside, 'contour')} on no slice of the scan: not drawn.")
        if self.tilted:
            found.append(
                f"{counted(self.tilted, 'contour')} not parallel to the slices: not drawn."
            )
        if self.malformed:
            found.append(
                f"{counted(self.malformed, 'contour')} with malformed coordinates: not drawn."
            )
        if self.empty:
            found.append(f"Without contours: {', '.join(self.empty)}.")
        if self.elsewhere:
            found.append(
                f"In another space than this scan, not drawn: {', '.join(self.elsewhere)}."
            )
        return tuple(found)


def read_structure_set(request: ObjectRequest, task: Task) -> ObjectOverlay:
    """The contours of an object on the frames of a source (PS3.3 C.8.8.5, C.8.8.6).

    Each lies on the nearest frame within half a slice distance; the points are (column, row) in
    pixel edges. Raises UserError where the file cannot be read or the source has no geometry.
    """
    path = Path(request.object.path)
    grid = grid_of(request.source)
    if grid is None:
        raise UserError(
            f"{path.name} holds contours in millimetres, and nothing is known of where this scan "
            "lies in the patient.",
            "Open the series that the contours were drawn on.",
            path=str(path),
        )
    dataset = read_dataset(path)
    left = _Left()
    with quietly():
        drawn = {
            whole(one, "ReferencedROINumber"): one for one in items(dataset, "ROIContourSequence")
        }
        segments, contours = [], []
        structures = items(dataset, "StructureSetROISequence")
        spaces = {uid_of(item, "ReferencedFrameOfReferenceUID") for item in structures}
        space = request.source.frame_of_reference
        for place, item in enumerate(structures):
            task.check()
            roi = drawn.get(whole(item, "ROINumber"))
            segments.append(_segment(item, roi, place))
            found = items(roi, "ContourSequence") if roi is not None else ()
            own = uid_of(item, "ReferencedFrameOfReferenceUID")
            if not found:
                left.empty.append(segments[-1].label)
            elif space in spaces and own not in ("", space):
                left.elsewhere.append(segments[-1].label)
                continue
            for contour in found:
                contours += list(_pieces(contour, place, grid, left))
    return ObjectOverlay(
        request.object.object_id,
        request.source.source_id,
        segments=tuple(segments),
        contours=tuple(contours),
        warnings=left.warnings(),
    )


def _segment(item: Dataset, roi: Dataset | None, place: int) -> Segment:
    number = whole(item, "ROINumber")
    colour = colour_of_rgb(numbers(roi, "ROIDisplayColor")) if roi is not None else None
    how = word(item, "ROIGenerationAlgorithm")
    volume = numbers(item, "ROIVolume")
    details = [how.lower()] if how else []
    details += [f"{volume[0]:g} cm³"] if len(volume) == 1 else []
    return Segment(
        place + 1 if number is None else number,
        word(item, "ROIName") or f"Structure {number if number is not None else place + 1}",
        colour or own_colour(place),
        ", ".join(details),
    )


def _pieces(contour: Dataset, segment: int, grid: Grid, left: _Left) -> Iterator[ContourPiece]:
    """One contour on each frame that it lies on: several where frames share a place."""
    data = numbers(contour, "ContourData")
    if not data or len(data) % 3:
        left.malformed += 1
        return
    points = np.array(data).reshape(-1, 3)
    heights = points @ grid.normal
    if float(np.ptp(heights)) > max(_FLAT_MM, grid.step / 2):
        left.tilted += 1
        return
    away = np.abs(grid.depths() - heights.mean())
    nearest = float(away.min())
    if nearest > grid.step / 2 + 1e-3:
        left.outside += 1
        return
    closed = _CLOSED.get(word(contour, "ContourGeometricType") or "", False)
    for frame in np.flatnonzero(away <= nearest + 1e-3).tolist():
        at = grid.to_pixels(points, frame) + _HALF_PIXEL
        yield ContourPiece(frame, segment, at.astype(np.float32), closed and len(points) > 2)
