"""The instances that objects refer to, and the frames of a source that are meant."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import Source
from inference.sources.dicom_fields import items, numbers
from inference.sources.dicom_header import read_dataset
from inference.sources.dicom_words import uid_of

Instances = dict[tuple[str, int], int]
"""(SOP instance, number of the frame in it) of each frame of a source: its index there."""


def instances_of(source: Source) -> Instances:
    """The instances that a source is made of; files that are not DICOM have none."""
    found: Instances = {}
    uids: dict[str, str] = {}
    for index, ref in enumerate(source.refs):
        if ref.path not in uids:
            uids[ref.path] = _uid_at(Path(ref.path))
        if uids[ref.path]:
            found[uids[ref.path], ref.number] = index
    return found


def _uid_at(path: Path) -> str:
    try:
        return uid_of(read_dataset(path), "SOPInstanceUID")
    except UserError:
        return ""


def frames_named(holder: Dataset, keyword: str, instances: Instances) -> tuple[int, ...]:
    """The frames of a source that the references in a sequence name (PS3.3 10.3), in their order.

    A reference without frame numbers names all frames of its instance.
    """
    found: dict[int, None] = {}
    for item in items(holder, keyword):
        uid = uid_of(item, "ReferencedSOPInstanceUID")
        chosen = {int(one) - 1 for one in numbers(item, "ReferencedFrameNumber")}
        for (instance, number), index in instances.items():
            if instance == uid and (not chosen or number in chosen):
                found[index] = None
    return tuple(found)
