"""What is true of an open phantom: where its nodules and its marker lie, in its own pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from inference.phantom.identity import phantom_uid
from inference.records import ObjectOverlay, Segment, SegmentPiece, Source
from inference.task import Task

OBJECT_ID = "known truth"
"""Stands for the truth among the objects over a scan; no file has such an id."""

NODULE = Segment(1, "Nodule (known truth)", (230, 159, 0))
MARKER = Segment(2, "Marker (known truth)", (86, 180, 233))
_INSIDE = 255


@dataclass(frozen=True)
class PhantomRequest:
    """Which phantom a source is; `nodule` and `marker` say what was drawn into it."""

    source_id: str
    seed: int
    case: int
    nodule: bool
    marker: bool


def phantom_in(source: Source) -> PhantomRequest | None:
    """Which phantom a source is, as its UIDs prove; None for everything else."""
    named = re.search(r"PHANTOM-(\d{1,18})-(\d{1,18})$", source.who)
    if named is None:
        return None
    seed, case = int(named[1]), int(named[2])
    for nodule, marker in product((True, False), repeat=2):
        if source.series_uid == phantom_uid(seed, case, "series", nodule=nodule, marker=marker):
            return PhantomRequest(source.source_id, seed, case, nodule, marker)
    return None


def known_truth(request: PhantomRequest, task: Task) -> ObjectOverlay:
    """The nodules and the marker of a phantom, as segments over its slices.

    The phantom is planned once more from its seed; nothing is read.
    """
    from inference.phantom.case import nodule_masks, plan_case

    plan = plan_case(request.seed, request.case, "always")
    task.check()
    segments: list[Segment] = []
    pieces: list[SegmentPiece] = []
    if request.nodule:
        pieces += _cut(nodule_masks(plan), len(segments))
        segments.append(NODULE)
    if request.marker and plan.marker is not None:
        x0, y0, x1, y1 = plan.marker.box
        masks = np.zeros_like(nodule_masks(plan))
        masks[:, y0:y1, x0:x1] = 1
        pieces += _cut(masks, len(segments))
        segments.append(MARKER)
    return ObjectOverlay(OBJECT_ID, request.source_id, tuple(segments), tuple(pieces))


def _cut(masks: np.ndarray, segment: int) -> Iterator[SegmentPiece]:
    """Each slice's part of uint8 [frames, rows, columns] (1 = inside), cut to what is marked."""
    for frame, mask in enumerate(masks):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if len(rows):
            part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * np.uint8(_INSIDE)
            yield SegmentPiece(frame, segment, int(rows[0]), int(columns[0]), part)
