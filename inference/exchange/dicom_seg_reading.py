"""DICOM SEG files of others and our own, turned into masks on the frames of a project's scans."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from inference.exchange.dicom_codes import OWN_SCHEME, TISSUE, code_in
from inference.exchange.dicom_seg_checks import check_described, check_whole
from inference.exchange.dicom_seg_laying import lay_over
from inference.exchange.dicom_seg_segments import placed_mask
from inference.exchange.gathering import Gathering
from inference.exchange.reading import EntryError, placed, refusal
from inference.exchange.records import LabelsImport, Read
from inference.exchange.scans import Scans
from inference.records import Annotation, Label, MaskBits, Source, SourceEntry
from inference.records.labels import Code
from inference.records.objects import IN_FROM
from inference.sources import dicom
from inference.sources.base import HEAD_BYTES
from inference.sources.dicom_fields import items, numbers, whole, word
from inference.sources.dicom_header import Header, read_dataset, read_header
from inference.sources.files import printable, read_head
from inference.sources.objects.colours import colour_of_lab
from inference.sources.objects.listing import kind_of
from inference.sources.objects.placing import Laid, Layer
from inference.sources.objects.segment_masks import Crop, background_of, crops_of, type_of
from inference.task import Task

_FILES_LIMIT = 100_000

_MASK_BYTES_LIMIT = 2**30
"""What the unpacked masks of one file may take."""


def seg_files(path: Path) -> tuple[Path, ...]:
    """The file at `path`, or the DICOM SEG files in the folder there and below.

    Raises UserError where there is none.
    """
    if path.is_dir():
        found = []
        for place, one in enumerate(sorted(path.rglob("*"))):
            if place >= _FILES_LIMIT:
                raise refusal(path, f"it holds more than {_FILES_LIMIT:,} files")
            if one.is_file() and _is_segmentation(one):
                found.append(one)
        if not found:
            raise refusal(path, "there is no DICOM SEG file in it")
        return tuple(found)
    if not _is_segmentation(path):
        raise refusal(path, "it is no DICOM SEG file")
    return (path,)


def _is_segmentation(path: Path) -> bool:
    """By its SOP class; raises UserError for a DICOM file that cannot be read."""
    if not dicom.recognises(read_head(path)[:HEAD_BYTES]):
        return False
    return kind_of(read_dataset(path)) == "segmentation"


class SegReading:
    """One import of DICOM SEG files as it grows."""

    def __init__(self, request: LabelsImport, task: Task) -> None:
        self._task = task
        self._found = Gathering(request)
        self._scans = Scans(task)
        self._series: dict[str, list[SourceEntry]] = defaultdict(list)
        for entry in request.entries:
            if entry.series_uid:
                self._series[entry.series_uid].append(entry)
        self._codes: dict[str, tuple[Code | None, Code | None]] = {}
        """Category and type of the labels that are new."""
        self._unmatched: list[str] = []

    def add(self, path: Path) -> None:
        """Take over one file; raises UserError, with the place in it, where it is wrong."""
        header = read_header(path)
        with placed(path, ""):
            check_whole(header)
            scans = self._scans_of(header.dataset)
            if not scans:
                self._unmatched.append(printable(path.name))
                return
            crops = _bounded(header, self._task)
            check_described(header, crops)
            self._take_over(header, crops, scans)

    def read(self) -> Read:
        """The answer: new labels have the codes that their segments bore."""
        read = self._found.read()
        labels = tuple(self._coded(label) for label in read.label_set.labels)
        return replace(
            read,
            label_set=replace(read.label_set, labels=labels),
            unmatched=(*read.unmatched, *self._unmatched),
        )

    def _coded(self, label: Label) -> Label:
        if label.name not in self._codes:
            return label
        category, kind = self._codes[label.name]
        return replace(label, category=category, type=kind)

    def _scans_of(self, dataset: Dataset) -> list[Source]:
        """The scans of the series that an object names (Common Instance Reference, C.12.2)."""
        named = [
            uid
            for item in items(dataset, "ReferencedSeriesSequence")
            for uid in (word(item, "SeriesInstanceUID"),)
            if uid
        ]
        if not named:
            raise EntryError("Referenced Series Sequence (0008,1115) names no series")
        entries = [entry for uid in dict.fromkeys(named) for entry in self._series.get(uid, ())]
        scans = [self._scans.find(entry) for entry in entries]
        if entries and None in scans:
            raise EntryError("the scan that it belongs to is no longer where it was")
        return [scan for scan in scans if scan is not None]

    def _take_over(self, header: Header, crops: list[Crop], scans: list[Source]) -> None:
        layers = lay_over(header, crops, scans, self._task)
        if crops and not any(layer.pieces for _, layer in layers):
            self._unmatched.append(printable(header.path.name))
            return
        segments = _Segments(header, self._found, self._codes)
        for scan, layer in layers:
            for annotation in _annotations(scan, layer, segments):
                self._found.add(annotation, scan.shape)
        self._tell(header, [layer for _, layer in layers if layer.pieces])

    def _tell(self, header: Header, layers: list[Layer]) -> None:
        """Notes about what was taken over otherwise than it stands there."""
        told = [sentence for layer in layers for sentence in layer.warnings(header.frames)]
        if type_of(header) == "FRACTIONAL":
            told.append("Shares of a pixel were taken from one half on.")
        for sentence in dict.fromkeys(told):
            self._task.note(f"{printable(header.path.name)}: {sentence}")


class _Segments:
    """The segments of one file: which label each is, and which instance."""

    def __init__(
        self,
        header: Header,
        found: Gathering,
        codes: dict[str, tuple[Code | None, Code | None]],
    ) -> None:
        self._found = found
        self._codes = codes
        self._known: dict[int, tuple[str, str]] = {}
        background = background_of(header)
        taken: set[tuple[str, str]] = set()
        for item in items(header.dataset, "SegmentSequence"):
            number = whole(item, "SegmentNumber")
            if number is None or number in background:
                continue
            label, instance = self._label(item, number), word(item, "TrackingID") or ""
            if not instance or (label, instance) in taken:
                instance = uuid.uuid4().hex[:12]
            taken.add((label, instance))
            self._known[number] = (label, instance)

    def of(self, number: int) -> tuple[str, str]:
        """The label and the instance of a segment."""
        return self._known[number]

    def _label(self, item: Dataset, number: int) -> str:
        category = code_in(item, "SegmentedPropertyCategoryCodeSequence")
        kind = code_in(item, "SegmentedPropertyTypeCodeSequence")
        named = word(item, "SegmentLabel") or (kind.meaning if kind else f"Segment {number}")
        name = printable(named)
        is_new = not self._found.knows(name)
        colour = colour_of_lab(numbers(item, "RecommendedDisplayCIELabValue"))
        try:
            self._found.label(name, colour)
        except EntryError as wrong:
            raise EntryError(
                f"in the Segment Label (0062,0005) of segment {number}, {wrong}"
            ) from wrong
        if is_new:
            self._codes[name] = _said(category, kind)
        return name


def _said(category: Code | None, kind: Code | None) -> tuple[Code | None, Code | None]:
    """Category and type without what is only written for want of another (`codes_for`)."""
    if kind is None or kind.scheme != OWN_SCHEME:
        return category, kind
    return (None if category == TISSUE else category), None


def _bounded(header: Header, task: Task) -> list[Crop]:
    found, size = [], 0
    for crop in crops_of(header, task):
        found.append(crop)
        size += crop.mask.nbytes
        if size > _MASK_BYTES_LIMIT:
            raise EntryError(f"its masks would take more than {_MASK_BYTES_LIMIT >> 30} GiB")
    return found


def _annotations(scan: Source, layer: Layer, segments: _Segments) -> Iterable[Annotation]:
    """One mask for each segment on each frame."""
    pieces: dict[tuple[int, int], list[Laid]] = defaultdict(list)
    for piece in layer.pieces:
        pieces[piece.number, piece.frame].append(piece)
    for (number, frame), members in sorted(pieces.items(), key=lambda one: one[0]):
        mask = _mask_of(members, scan.shape)
        if mask is not None:
            label, instance = segments.of(number)
            yield Annotation("", scan.source_id, frame, "mask", label, mask=mask, instance=instance)


def _mask_of(pieces: list[Laid], shape: tuple[int, int]) -> MaskBits | None:
    """The pixels of which at least half lie in one of the pieces."""
    if len(pieces) == 1:
        (one,) = pieces
        return placed_mask(one.values >= IN_FROM, one.row, one.column)
    whole_frame = np.zeros(shape, dtype=bool)
    for one in pieces:
        rows, columns = one.values.shape
        part = whole_frame[one.row : one.row + rows, one.column : one.column + columns]
        part |= one.values >= IN_FROM
    return placed_mask(whole_frame, 0, 0)
