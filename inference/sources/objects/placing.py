"""Pieces of an object brought onto the frames of a source: copied, resampled, or by reference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from inference.errors import UserError
from inference.records import Source
from inference.sources.base import VOLUME_BYTES_LIMIT
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
    others: set[int] = field(default_factory=set)
    """Planes that were made from other images at the place where they lie."""
    beside_mm: float = 0.0
    resampled: bool = False
    bytes_made: int = 0
    """What the resampled pieces take; those that are copied take nothing of their own."""
    empty: bool = False
    """Whether there was something to lay, and nothing of it fell on the frames."""

    def warnings(self, planes: int) -> tuple[str, ...]:
        """What a person should know of it; `planes` is how many the object has."""
        found = []
        if self.resampled:
            found.append("It lies on another grid than the scan and was resampled to its pixels.")
        if self.beside_mm > _NOTABLE_MM:
            found.append(f"Its planes lie up to {self.beside_mm:.2g} mm beside the slices.")
        if self.lost:
            found.append(f"{len(self.lost)} of its {planes} planes lie on no slice of the scan.")
        if self.others:
            found.append(
                f"{len(self.others)} of its {planes} planes were made from other images of the "
                "same place and are not drawn."
            )
        if self.empty:
            found.append("Nothing of it lies on this scan.")
        return tuple(found)


def lay(
    source: Source, header: Header, crops: Sequence[Crop], task: Task, *, linear: bool = False
) -> Layer:
    """All crops of an object on the frames of a source.

    Each is placed by its own position in the patient (PS3.3 C.7.6.16.2.3), and where there is
    none by the instance that it was derived from. What has to be resampled is taken from the
    nearest voxel, or linearly between voxels. Raises UserError where it names no place at all.
    """
    target = grid_of(source)
    shape = (header.rows, header.columns)
    parts = None
    if target is not None:
        parts = grids_of(header.dataset, header.frames, shape, target.step)
    layer = Layer()
    if target is None or parts is None:
        _by_reference(layer, source, header, crops)
    else:
        for frames, own in parts:
            plane_at = {frame: plane for plane, frame in enumerate(frames)}
            members = [
                replace(crop, plane=plane_at[crop.plane])
                for crop in crops
                if crop.plane in plane_at
            ]
            placement = place(target, own)
            if placement is not None:
                named = _Named(source, header, frames)
                placement = _to_own_images(layer, placement, members, named, target.has_film)
                members = [crop for crop in members if frames[crop.plane] not in layer.others]
            if placement is None or placement.shifts is None or (linear and placement.between):
                sampler = Sampler(target, own, placement, linear=linear)
                _resample(layer, header.path, sampler, members, task)
            else:
                _copy(layer, target.shape, placement.frames, placement.shifts, members)
    layer.empty = bool(crops) and not layer.pieces
    return layer


class _Named:
    """Which frames of a source each plane of an object was derived from; looked up when asked."""

    def __init__(self, source: Source, header: Header, frames: Sequence[int]) -> None:
        self._source = source
        self._header = header
        self._frames = frames

    @cached_property
    def _instances(self) -> Instances:
        return instances_of(self._source)

    def by(self, planes: Iterable[int]) -> dict[int, tuple[int, ...]]:
        """The frames that each of these planes names (Derivation Image Macro, C.7.6.16.2.6)."""
        return {
            plane: tuple(dict.fromkeys(self._frames_of(self._frames[plane]))) for plane in planes
        }

    def frame_of(self, plane: int) -> int:
        """A plane's number in the object's file."""
        return self._frames[plane]

    def _frames_of(self, frame: int) -> Iterator[int]:
        group = macro(self._header.dataset, frame, "DerivationImageSequence")
        for holder in (group, *items(group, "DerivationImageSequence")):
            yield from frames_named(holder, "SourceImageSequence", self._instances)


def _to_own_images(
    layer: Layer, placement: Placement, crops: Sequence[Crop], named: _Named, film: bool
) -> Placement:
    """Where several planes or images share a place, each plane on the images it was made from.

    So each moment of a film of one slice, or of a scan over time, has its own mask. A plane that
    names images of another scan alone is left out there; without any names all stay on all.
    """
    layer.beside_mm = max(layer.beside_mm, placement.beside)
    hits = list(placement.frames)
    layer.lost |= {named.frame_of(crop.plane) for crop in crops if not hits[crop.plane]}
    there = Counter((crop.number, hits[crop.plane]) for crop in crops if hits[crop.plane])
    crowded = {
        crop.plane for crop in crops if there[crop.number, hits[crop.plane]] > (0 if film else 1)
    }
    images = named.by(crowded)
    if any(images.values()):
        for plane in crowded:
            own = tuple(frame for frame in hits[plane] if frame in images[plane])
            if own or not images[plane]:
                hits[plane] = own
            if not own and not images[plane]:
                layer.others.add(named.frame_of(plane))
    return replace(placement, frames=tuple(hits))


def _copy(
    layer: Layer,
    shape: tuple[int, int],
    frames: tuple[tuple[int, ...], ...],
    shifts: np.ndarray,
    crops: Sequence[Crop],
) -> None:
    """The very pixels, shifted by whole ones, as far as they lie on the frame."""
    for crop in crops:
        down, across = (int(step) for step in shifts[crop.plane])
        cut = _cut(crop.mask, crop.row + down, crop.column + across, shape)
        if cut is not None:
            layer.pieces.extend(Laid(frame, crop.number, *cut) for frame in frames[crop.plane])


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


def _resample(
    layer: Layer, path: Path, sampler: Sampler, crops: Sequence[Crop], task: Task
) -> None:
    """Each segment for itself, and planes that share a place each for itself: none is mixed."""
    apart: dict[tuple[int, int], list[Crop]] = defaultdict(list)
    before: Counter[tuple[int, int]] = Counter()
    for crop in crops:
        here = (crop.number, sampler.place_of(crop.plane))
        apart[crop.number, before[here]].append(crop)
        before[here] += 1
    for done, ((number, _), members) in enumerate(apart.items()):
        task.progress(done, len(apart))
        for frame, row, column, values in sampler.sample(members):
            task.check()
            layer.bytes_made += values.nbytes
            if layer.bytes_made > VOLUME_BYTES_LIMIT:
                raise UserError(
                    f"{path.name} was not laid over the scan: on its pixels it would take more "
                    f"than {VOLUME_BYTES_LIMIT >> 30} GiB.",
                    path=str(path),
                )
            layer.pieces.append(Laid(frame, number, row, column, values))
    layer.resampled = layer.resampled or bool(crops)


def _by_reference(layer: Layer, source: Source, header: Header, crops: Sequence[Crop]) -> None:
    planes = range(header.frames)
    named = _Named(source, header, planes).by(planes)
    if not any(named.values()) or _is_vague(header, crops, len(named[0])):
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
        if not named[crop.plane]:
            layer.lost.add(crop.plane)
        layer.pieces.extend(
            Laid(frame, crop.number, crop.row, crop.column, crop.mask)
            for frame in named[crop.plane]
        )


def _is_vague(header: Header, crops: Sequence[Crop], images: int) -> bool:
    """Whether all planes name the same images together, and which is whose is not said."""
    key = "DerivationImageSequence"
    together = header.frames > 1 and macro(header.dataset, 0, key) is macro(header.dataset, 1, key)
    several = max(Counter(crop.number for crop in crops).values(), default=0) > 1
    return together and several and images > 1
