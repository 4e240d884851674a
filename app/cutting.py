"""What the volume lane does: one plane or slab of a volume, with all that lies over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.label_overlays import LabelCuts
from app.object_cuts import ObjectCuts
from app.panes import LabelsOnPlane
from inference.mpr.cut import Slab, cut
from inference.mpr.overlays import cut_mask, cut_missing, cut_values
from inference.mpr.stack import PlaneStack
from inference.mpr.volume import Volume
from inference.records import (
    Annotation,
    Attribution,
    Frame,
    ObjectOverlay,
    OverlayPlane,
    Prediction,
)
from inference.task import Task

HOLE = "Not read"
"""What the stripes over a hole are called beside the picture."""

STRIPE = 6
"""Pixels from one stripe over a hole to the next."""


@dataclass(frozen=True, eq=False)
class CutRequest:
    """One plane of a volume; masks and maps are those of its slices, by index.

    `prediction` and `attribution` lend their words to the results on the plane.
    """

    volume: Volume
    stack: PlaneStack
    index: int
    slab: Slab | None = None
    masks: Mapping[int, np.ndarray] | None = None
    maps: Mapping[int, np.ndarray] | None = None
    prediction: Prediction | None = None
    attribution: Attribution | None = None
    objects: tuple[ObjectOverlay, ...] = ()
    """What DICOM objects draw over the slices."""
    labels: tuple[Annotation, ...] = ()
    """What a person drew on the slices."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A plane as a frame, and what fits it pixel for pixel."""

    frame: Frame
    prediction: Prediction | None
    attribution: Attribution | None
    objects: tuple[ObjectOverlay, ...]
    labels: LabelsOnPlane


class Cutter:
    """Cuts planes, one after the other, on a thread of the window's process."""

    def __init__(self) -> None:
        self._objects = ObjectCuts()
        self._labels = LabelCuts()

    def cut_plane(self, request: CutRequest, task: Task) -> Cut:
        """The plane, its mask, its map, and what objects and labels draw."""
        found = _cut_results(request, task)
        plane = (request.volume, request.stack, request.index, request.slab)
        objects = []
        for overlay in request.objects:
            task.check()
            objects.append(self._objects.cut(overlay, *plane))
        task.check()
        labels = self._labels.cut(request.labels, *plane)
        return replace(found, objects=tuple(objects), labels=labels)


def _cut_results(request: CutRequest, task: Task) -> Cut:
    volume, stack, index, slab = request.volume, request.stack, request.index, request.slab
    frame = cut(volume, stack, index, slab)
    if volume.missing:
        frame = replace(frame, planes=_holes(request, frame))
    task.check()
    prediction = attribution = None
    if request.masks and request.prediction is not None:
        mask = cut_mask(request.masks, volume, stack, index, slab)
        shares = _shares(mask, len(request.prediction.labels))
        prediction = replace(request.prediction, key=frame.key, mask=mask, scores=shares)
    task.check()
    if request.maps and request.attribution is not None:
        values = np.nan_to_num(cut_values(request.maps, volume, stack, index, slab))
        attribution = replace(request.attribution, key=frame.key, map=values, cells=None)
    return Cut(frame, prediction, attribution, (), LabelsOnPlane())


def _holes(request: CutRequest, frame: Frame) -> tuple[OverlayPlane, ...]:
    """Stripes where a plane has nothing because slices could not be read; () where it has all.

    Black alone would be taken for air.
    """
    measured = frame.measured()
    if measured is None:
        return ()
    volume, stack, index, slab = request.volume, request.stack, request.index, request.slab
    hole = cut_missing(volume, stack, index, slab) & ~measured
    if not hole.any():
        return ()
    rows, columns = np.indices(hole.shape, sparse=True)
    striped = hole & ((rows + columns) % STRIPE < STRIPE // 2)
    return (OverlayPlane(striped.astype(np.uint8), HOLE),)


def _shares(mask: np.ndarray, labels: int) -> np.ndarray:
    """The share of the plane under each label, float32 [labels]."""
    counts = np.bincount(mask.reshape(-1), minlength=labels)[:labels]
    return np.asarray(counts / mask.size, dtype=np.float32)
