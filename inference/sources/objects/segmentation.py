"""DICOM segmentations over a source: each segment as masks on the source's own frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import ObjectOverlay, Segment, SegmentPiece
from inference.requests import ObjectRequest
from inference.sources.dicom_fields import items, numbers, quietly, whole, word
from inference.sources.dicom_header import Header, read_header
from inference.sources.objects.colours import colour_of_lab, own_colour
from inference.sources.objects.placing import lay
from inference.sources.objects.segment_masks import Crop, background_of, crops_of, type_of
from inference.task import Task

_BYTES_LIMIT = 2**30
"""What the masks of one overlay may take."""


def read_segmentation(request: ObjectRequest, task: Task) -> ObjectOverlay:
    """The segments of an object on the frames of a source (PS3.3 A.51).

    Raises UserError where the file cannot be read, or nothing says where its frames lie.
    """
    path = Path(request.object.path)
    header = read_header(path)
    with quietly():
        crops = list(_bounded(path, crops_of(header, task)))
        segments, places = _segments(header, crops)
        # Shares go over evenly from voxel to voxel; what is in or out, or a label, does not.
        linear = type_of(header) == "FRACTIONAL"
        layer = lay(request.source, header, crops, task, linear=linear)
    pieces = (
        SegmentPiece(one.frame, places[one.number], one.row, one.column, one.values)
        for one in layer.pieces
    )
    return ObjectOverlay(
        request.object.object_id,
        request.source.source_id,
        segments=segments,
        pieces=tuple(pieces),
        warnings=(*header.warnings, *layer.warnings(header.frames)),
    )


def _bounded(path: Path, crops: Iterable[Crop]) -> Iterator[Crop]:
    taken = 0
    for crop in crops:
        taken += crop.mask.nbytes
        if taken > _BYTES_LIMIT:
            raise UserError(
                f"{path.name} was not laid over the scan: its masks would take more than "
                f"{_BYTES_LIMIT >> 30} GiB.",
                path=str(path),
            )
        yield crop


def _segments(header: Header, crops: Iterable[Crop]) -> tuple[tuple[Segment, ...], dict[int, int]]:
    """All structures, and the place of each by its number; one not described is named so."""
    found: dict[int, Segment] = {}
    background = background_of(header)
    for item in items(header.dataset, "SegmentSequence"):
        number = whole(item, "SegmentNumber")
        if number is not None and number not in found and number not in background:
            found[number] = _segment(item, number, len(found))
    for number in sorted({crop.number for crop in crops} - found.keys()):
        label = f"Segment {number}" if number else "Without a segment"
        said = "The file does not describe it."
        found[number] = Segment(number, label, own_colour(len(found)), said)
    return tuple(found.values()), {number: place for place, number in enumerate(found)}


def _segment(item: Dataset, number: int, place: int) -> Segment:
    """One segment (PS3.3 C.8.20.2, Table C.8.20-4)."""
    colour = colour_of_lab(numbers(item, "RecommendedDisplayCIELabValue"))
    what = [
        _meaning(item, "SegmentedPropertyTypeCodeSequence"),
        _meaning(item, "SegmentedPropertyCategoryCodeSequence"),
    ]
    how = [word(item, "SegmentAlgorithmType"), word(item, "SegmentAlgorithmName")]
    parts = [*dict.fromkeys(filter(None, what))]
    parts += [how[0].lower()] if how[0] else []
    parts += [how[1]] if how[1] else []
    label = word(item, "SegmentLabel") or what[0] or f"Segment {number}"
    return Segment(number, label, colour or own_colour(place), ", ".join(parts))


def _meaning(item: Dataset, keyword: str) -> str | None:
    codes = items(item, keyword)
    return word(codes[0], "CodeMeaning") if codes else None
