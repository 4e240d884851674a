"""Pieces of an object brought onto the frames of a source: copied, resampled, or by reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from inference.errors import UserError
from inference.records import Source
from inference.sources.dicom_fields import items, macro
from inference.sources.dicom_header import Header
from inference.sources.objects.grid import Placement, grid_of, grids_of, place
from inference.sources.objects.references import Instances, frames_named, instances_of
from inference.sources.objects.resampling import Sampler
from inference.sources.objects.segment_masks import Crop
from inference.task import Task

_NOTABLE_MM = 0.05


@dataclass(frozen=True, eq=False)
class Laid:
    """Values [r, c] on one frame of a source, from (row, column) on; `number` as in the crop."""

    frame: int
    number: int
    row: int
    column: int
    values: np.ndarray


@dataclass(eq=False)
class Layer:
    """What came of laying an object over a source."""

    pieces: list[Laid] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    """Planes with something on them that lie on no frame."""
    beside_mm: float = 0.0
    resampled: bool = False

    def warnings(self, planes: int) -> tuple[str, ...]:
        """What a person should know of it; `planes` is how many the object has."""
        found = []
        if self.resampled:
            found.append("It lies on another grid than the scan and was resampled to its pixels.")
        if self.beside_mm > _NOTABLE_MM:
            found.append(f"Its planes lie up to {self.beside_mm:.2g} mm beside the slices.")
        if self.lost:
            found.append(f"{len(self.lost)} of its {planes} planes lie on no slice of the scan.")
        return tuple(found)


def lay(source: Source, header: Header, crops: Sequence[Crop], task: Task) -> Layer:
    """All crops of an object on the frames of a source.

    Each is placed by its own position in the patient (PS3.3 C.7.6.16.2.3), and where there is
    none by the instance that it was derived from. Raises UserError where it names neither.
    """
    target = grid_of(source)
    shape = (header.rows, header.columns)
    parts = None
    if target is not None:
        parts = grids_of(header.dataset, header.frames, shape, target.step)
    layer = Layer()
    if target is None or parts is None:
        _by_reference(layer, source, header, crops)
        return layer
    for frames, own in parts:
        plane_at = {frame: plane for plane, frame in enumerate(frames)}
        members = [
            replace(crop, plane=plane_at[crop.plane]) for crop in crops if crop.plane in plane_at
        ]
        placement = place(target, own)
        if placement is not None and placement.shifts is not None:
            _copy(layer, target.shape, placement, members)
        else:
            _resample(layer, Sampler(target, own, placement), members, task)
        if placement is not None:
            layer.beside_mm = max(layer.beside_mm, placement.beside)
            layer.lost |= {
                frames[crop.plane] for crop in members if not placement.frames[crop.plane]
            }
    return layer


def _copy(
    layer: Layer, shape: tuple[int, int], placement: Placement, crops: Sequence[Crop]
) -> None:
    """The very pixels, shifted by whole ones, as far as they lie on the frame."""
    if placement.shifts is None:
        raise ValueError("pixels that do not coincide cannot be copied")
    for crop in crops:
        hit = placement.frames[crop.plane]
        down, across = (int(step) for step in placement.shifts[crop.plane])
        cut = _cut(crop.mask, crop.row + down, crop.column + across, shape)
        if cut is not None:
            layer.pieces.extend(Laid(frame, crop.number, *cut) for frame in hit)


def _cut(
    values: np.ndarray, row: int, column: int, shape: tuple[int, int]
) -> tuple[int, int, np.ndarray] | None:
    """(row, column, values) of the part that lies within `shape`; None if none does."""
    top, left = max(row, 0), max(column, 0)
    bottom = min(row + values.shape[0], shape[0])
    right = min(column + values.shape[1], shape[1])
    if top >= bottom or left >= right:
        return None
    return top, left, values[top - row : bottom - row, left - column : right - column]


def _resample(layer: Layer, sampler: Sampler, crops: Sequence[Crop], task: Task) -> None:
    by_number: dict[int, list[Crop]] = defaultdict(list)
    for crop in crops:
        by_number[crop.number].append(crop)
    for done, (number, members) in enumerate(by_number.items()):
        task.progress(done, len(by_number))
        layer.pieces.extend(
            Laid(frame, number, row, column, values)
            for frame, row, column, values in sampler.sample(members)
        )
    layer.resampled = layer.resampled or bool(crops)


def _by_reference(layer: Layer, source: Source, header: Header, crops: Sequence[Crop]) -> None:
    instances = instances_of(source)
    named = {
        frame: tuple(_derived_from(header, frame, instances)) for frame in range(header.frames)
    }
    if not any(named.values()):
        raise UserError(
            f"{header.path.name} does not say where it lies in this scan.",
            "Open the series that it was made from.",
            path=str(header.path),
        )
    if source.shape != (header.rows, header.columns):
        raise UserError(
            f"{header.path.name} has {header.rows} × {header.columns} pixels and no place in the "
            f"patient, so it does not fit this scan of {source.shape[0]} × {source.shape[1]}.",
            path=str(header.path),
        )
    for crop in crops:
        hit = named[crop.plane]
        if not hit:
            layer.lost.add(crop.plane)
        layer.pieces.extend(
            Laid(frame, crop.number, crop.row, crop.column, crop.mask) for frame in hit
        )


def _derived_from(header: Header, frame: int, instances: Instances) -> Iterator[int]:
    """The frames that one was derived from (Derivation Image Macro, PS3.3 C.7.6.16.2.6)."""
    group = macro(header.dataset, frame, "DerivationImageSequence")
    for holder in (group, *items(group, "DerivationImageSequence")):
        yield from frames_named(holder, "SourceImageSequence", instances)
