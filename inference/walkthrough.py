"""Labelling from the first slice to the exported file, without a window: the same steps, measured.

What a hand would paint is taken from known masks, so that what is interpolated can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.entry import LabelWalk
from inference.evaluation import dice
from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport
from inference.exchange.table import FORMATS
from inference.label_regions import label_region
from inference.mask_bits import pack_mask
from inference.painting.interpolation import between
from inference.records import (
    Annotation,
    Label,
    LabelSet,
    MadeFrom,
    Prediction,
    Source,
    SourceEntry,
)
from inference.shared_data import data_folder
from inference.sources.region_files import read_region
from inference.task import Task

AUTHOR = "Lepton walkthrough"
_COLOUR = (64, 196, 255)
_FORMAT = FORMATS["nifti"]
FOLDER = "labels"


@dataclass(frozen=True)
class WalkFigures:
    """What came of a walk; `frames` are those that were interpolated.

    `interpolated` and `accepted` are overlaps (Dice) with the known masks: of the frames between,
    and of what the model said of the whole volume. `came_back` says whether the exported files,
    read again, are the same pixels.
    """

    frames: tuple[int, ...]
    interpolated: float
    accepted: float
    annotations: int
    files: int
    came_back: bool


def walk_through(
    walk: LabelWalk,
    source: Source,
    predictions: Sequence[Prediction],
    folder: Path,
    task: Task,
) -> WalkFigures:
    """Paint, interpolate, accept and export what an entry walks through; files go to `folder`.

    Raises UserError where the known masks are not here, or nothing can be written.
    """
    region = read_region(f"{data_folder(walk.truth)}#{walk.value}", source, task)
    truth = np.zeros((source.frames, *source.shape), dtype=bool)
    truth[region.first : region.first + len(region.mask)] = region.mask
    painted = {index: truth[index] for index in walk.slices}
    depth_mm = source.spacing_mm[2] if source.spacing_mm is not None else None
    positions = [index * (depth_mm or 1.0) for index in range(source.frames)]
    spacing = source.spacing_mm[:2] if source.spacing_mm is not None else (1.0, 1.0)
    found = between(painted, positions, spacing)
    frames = tuple(range(walk.slices[0] + 1, walk.slices[1]))
    filled = [found.get(index, np.zeros(source.shape, bool)) for index in frames]
    proposed = _proposed(walk.label, source, predictions)
    said = [
        *_annotations(source, walk.label, {**painted, **found}),
        *(one for one in proposed if one.frame not in {*painted, *found}),
    ]
    files, came_back = _round_trip(walk.label, source, said, folder, task)
    everywhere = range(source.frames)
    return WalkFigures(
        frames,
        dice(np.array(filled), truth[list(frames)]),
        dice(label_region(proposed, everywhere, source.shape), truth),
        len(said),
        files,
        came_back,
    )


def _annotations(
    source: Source, label: str, masks: dict[int, np.ndarray], made: MadeFrom | None = None
) -> list[Annotation]:
    packed = ((index, pack_mask(mask)) for index, mask in sorted(masks.items()))
    return [
        Annotation(
            f"{label}-{index}",
            source.source_id,
            index,
            "mask",
            label,
            mask=bits,
            author=AUTHOR,
            made_from=made,
        )
        for index, bits in packed
        if bits is not None
    ]


def _proposed(label: str, source: Source, predictions: Sequence[Prediction]) -> list[Annotation]:
    """What a model says of each slice, as if a person accepted all of it."""
    found = []
    for one in predictions:
        if one.mask is not None and label in one.labels:
            place, said = one.labels.index(label), one.provenance
            made = MadeFrom(
                *(said.model_id, said.sha256, label, float(one.scores[place]), said.made_at)
            )
            found += _annotations(source, label, {one.key[1]: one.mask == place}, made)
    return found


def _round_trip(
    label: str, source: Source, said: list[Annotation], folder: Path, task: Task
) -> tuple[int, bool]:
    """How many files were written, and whether the same pixels come out of them."""
    labels = LabelSet(labels=(Label(label, _COLOUR),))
    entry = SourceEntry(
        source.source_id,
        source.kind,
        source.title,
        source.modality,
        source.frames,
        source.shape,
        (source.refs[0].path,),
    )
    place = str(folder / FOLDER)
    whole = LabelsExport(labels, (LabelledSource(entry, tuple(said)),), place)
    written = _FORMAT.write(whole, task)
    read = _FORMAT.read(LabelsImport(labels, (entry,), place, AUTHOR), task)
    everywhere = range(source.frames)
    before, after = (
        label_region(ones, everywhere, source.shape) for ones in (said, read.annotations)
    )
    return written.files, bool(np.array_equal(before, after))
