"""The first picture of what was dropped: one slice decoded before the other headers are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inference.errors import UserError
from inference.records import FrameRef, Preview
from inference.sources import dicom, dicomdir
from inference.sources.files import read_head
from inference.task import Task

_FRUITLESS = 8
"""How many files that are no DICOM are looked at before the preview is given up."""


def first_picture(paths: Sequence[Path], task: Task) -> Preview | None:
    """The middle slice of the first DICOM series, by the order of the names in its folder.

    None if there are no several DICOM files, or the chosen one cannot be decoded or belongs over
    another picture: then whatever shows first is its source.
    """
    first = _first_dicom(paths)
    if first is None:
        return None
    folder = paths[first].parent
    last = first
    while last + 1 < len(paths) and paths[last + 1].parent == folder:
        last += 1
    if last == first:
        return None
    task.check()
    chosen = _middle_of_series(paths[first : last + 1])
    if dicom.is_object(chosen):
        return None
    task.check()
    ref = FrameRef(str(chosen), 0)
    try:
        return Preview(ref, dicom.read_frame(("", 0), ref, None))
    except UserError:
        return None


def _first_dicom(paths: Sequence[Path]) -> int | None:
    for number, path in enumerate(paths[:_FRUITLESS]):
        if _is_dicom(path):
            return number
    return None


def _is_dicom(path: Path) -> bool:
    try:
        head = read_head(path)
        return dicom.recognises(head) and not dicomdir.recognises(head)
    except UserError:
        return False


def _middle_of_series(paths: Sequence[Path]) -> Path:
    """The middle of the run of files that name the first one's series.

    Files of a series mostly stand together; where they do not, what is found is still one of them.
    """
    series = dicom.series_of(paths[0])
    inside, outside = 0, len(paths)
    if dicom.series_of(paths[-1]) == series:
        inside, outside = len(paths) - 1, len(paths)
    while outside - inside > 1:
        trial = (inside + outside) // 2
        if dicom.series_of(paths[trial]) == series:
            inside = trial
        else:
            outside = trial
    middle = paths[(inside + 1) // 2]
    return middle if dicom.series_of(middle) == series else paths[0]
