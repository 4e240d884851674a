"""The DICOM images that maps were made from: their headers, their names and their planes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import Source
from inference.sources.dicom_fields import items, whole
from inference.sources.dicom_geometry import Plane, plane_of
from inference.sources.dicom_header import read_dataset
from inference.sources.dicom_words import uid_of
from inference.task import Task


@dataclass(frozen=True, eq=False)
class SourceImage:
    """One frame of a source as its file names it; `number` is None in files of one frame."""

    dataset: Dataset
    sop_class: str
    sop_instance: str
    number: int | None
    plane: Plane


def images_of(source: Source, indices: Sequence[int], task: Task) -> tuple[SourceImage, ...]:
    """The images of these frames, in the order of `indices`.

    Raises UserError where the source is no DICOM, a file is gone, or names no study or instance.
    """
    read: dict[str, Dataset] = {}
    found = []
    for done, index in enumerate(indices):
        task.progress(done, len(indices))
        ref = source.refs[index]
        if ref.path not in read:
            read[ref.path] = _read(Path(ref.path))
        found.append(_image(read[ref.path], ref.number))
    return tuple(found)


def spacing_in_patient(image: SourceImage) -> tuple[float, float] | None:
    """Pixel Spacing as the header itself gives it, between rows and columns in mm.

    None for spacings at a detector or of ultrasound regions: written as Pixel Spacing they would
    say more than is known.
    """
    plane = image.plane
    known = plane.spacing is not None and plane.spacing_source.startswith("PixelSpacing")
    return plane.spacing if known and "detector" not in plane.spacing_source else None


def _read(path: Path) -> Dataset:
    dataset = read_dataset(path)
    needed = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    missing = [keyword for keyword in needed if not uid_of(dataset, keyword)]
    if missing:
        raise UserError(
            f"{path.name} has no {missing[0]}, so no DICOM object can refer to it.",
            "Export the map as NIfTI or as an array.",
            path=str(path),
        )
    return dataset


def _image(dataset: Dataset, number: int) -> SourceImage:
    several = (whole(dataset, "NumberOfFrames") or 1) > 1
    enhanced = bool(items(dataset, "PerFrameFunctionalGroupsSequence"))
    return SourceImage(
        dataset,
        uid_of(dataset, "SOPClassUID"),
        uid_of(dataset, "SOPInstanceUID"),
        number + 1 if several or enhanced else None,
        plane_of(dataset, number),
    )
