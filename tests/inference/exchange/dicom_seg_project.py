"""Scans as sources of a project, regions drawn on them, and DICOM SEG files written and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.table import FORMATS
from inference.mask_bits import mask_of, pack_mask
from inference.records import Annotation, Code, Label, LabelSet, Source, SourceEntry
from inference.task import ReportKind, Task

LIVER = Code("10200004", "SCT", "Liver")
ORGAN = Code("123037004", "SCT", "Anatomical Structure")
LABELS = LabelSet(
    labels=(
        Label("lesion", (230, 20, 20)),
        Label("liver", (90, 160, 40), category=ORGAN, type=LIVER),
    )
)
ORDER = {label.name: place for place, label in enumerate(LABELS.labels)}


@dataclass(frozen=True)
class Import:
    """What came of an import, and what was noted meanwhile."""

    read: Read
    notes: tuple[str, ...]


def entry_of(source: Source) -> SourceEntry:
    """A source as its project knows it."""
    paths = tuple(dict.fromkeys(ref.path for ref in source.refs))
    return SourceEntry(
        *(source.source_id, source.kind, "a scan", source.modality),
        *(source.frames, source.shape, paths, source.series_uid),
    )


def region(
    source: Source, frame: int, mask: np.ndarray, label: str = "lesion", instance: str = ""
) -> Annotation:
    """A mask on one frame."""
    return Annotation(
        *("m", source.source_id, frame, "mask", label),
        mask=pack_mask(mask.astype(bool)),
        instance=instance,
    )


def speckled(source: Source, frames: Sequence[int], seed: int = 7) -> list[Annotation]:
    """On each frame a random mask of either label: they overlap, and no byte is like another."""
    numbers = np.random.default_rng(seed)
    return [
        region(source, frame, numbers.random(source.shape) < 0.4, label, instance)
        for frame in frames
        for label, instance in (("lesion", ""), ("liver", "only"))
    ]


def stacked(annotations: Sequence[Annotation], source: Source) -> np.ndarray:
    """All masks, bool [labels, frames, rows, columns]."""
    found = np.zeros((len(ORDER), source.frames, *source.shape), bool)
    for one in annotations:
        found[ORDER[one.label], one.frame] |= mask_of(one, source.shape)
    return found


def export(
    path: Path, annotations: Sequence[Annotation], *sources: Source, identified: bool = False
) -> Written:
    """Write what was drawn on these sources."""
    labelled = tuple(
        LabelledSource(
            entry_of(source),
            tuple(one for one in annotations if one.source_id == source.source_id),
        )
        for source in sources
    )
    return FORMATS["dicom_seg"].write(LabelsExport(LABELS, labelled, str(path), identified), Task())


def exported(
    path: Path, annotations: Sequence[Annotation], source: Source, *, identified: bool = False
) -> pydicom.Dataset:
    """The one file that is written for one source."""
    export(path, annotations, source, identified=identified)
    return pydicom.dcmread(path)


def imported(path: Path, *sources: Source, labels: LabelSet = LABELS) -> Import:
    """Read what is at `path` onto these sources."""
    notes: list[str] = []

    def hear(kind: ReportKind, value: object) -> None:
        if kind == "note":
            notes.append(str(value))

    request = LabelsImport(labels, tuple(map(entry_of, sources)), str(path), "Reader")
    return Import(FORMATS["dicom_seg"].read(request, Task(hear)), tuple(notes))
