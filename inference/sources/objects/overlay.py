"""An object laid over a source: which reader draws which kind."""

from __future__ import annotations

from collections.abc import Callable

from inference.errors import UserError
from inference.records import DicomObject, ObjectKind, ObjectOverlay, Source
from inference.requests import ObjectRequest
from inference.sources.objects.parametric_map import read_parametric_map
from inference.sources.objects.segmentation import read_segmentation
from inference.sources.objects.structure_set import read_structure_set
from inference.task import Task

READERS: dict[ObjectKind, Callable[[ObjectRequest, Task], ObjectOverlay]] = {
    "segmentation": read_segmentation,
    "structure_set": read_structure_set,
    "parametric_map": read_parametric_map,
}


def read_overlay(request: ObjectRequest, task: Task) -> ObjectOverlay:
    """What an object draws on the frames of a source, in the source's own pixels.

    Raises UserError where it draws nothing, belongs elsewhere or cannot be read.
    """
    found, source = request.object, request.source
    read = READERS.get(found.kind)
    if read is None:
        raise UserError(
            f"“{found.title}” draws nothing over a scan.", "Read it instead.", path=found.path
        )
    if _lies_elsewhere(found, source):
        raise UserError(
            f"“{found.title}” lies in another space than this scan, so it was not laid over it.",
            "Open the series that it was made from.",
            path=found.path,
        )
    return read(request, task)


def _lies_elsewhere(found: DicomObject, source: Source) -> bool:
    """Positions in different frames of reference have nothing to do with each other (C.7.4.1.1.1).

    An object that names the very series belongs to it all the same.
    """
    if source.series_uid and source.series_uid in found.series_uids:
        return False
    known = bool(found.frame_of_reference and source.frame_of_reference)
    return known and found.frame_of_reference != source.frame_of_reference
