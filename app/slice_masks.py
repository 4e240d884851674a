"""Masks on many slices: grown through a volume, or found between two that were drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.mask_bits import pack_mask, unpack_mask
from inference.mpr.volume import Volume
from inference.painting.growing import grow_volume
from inference.painting.interpolation import between
from inference.records import MaskBits
from inference.task import Task


@dataclass(frozen=True, eq=False)
class GrowthRequest:
    """A region to be grown through a volume.

    Each seed is a voxel (column, row, slice) and the range of rescaled values that it takes in.
    """

    volume: Volume
    seeds: tuple[tuple[tuple[int, int, int], float, float], ...]


@dataclass(frozen=True, eq=False)
class BetweenRequest:
    """Masks on two slices of a scan, for the slices between them to be found."""

    masks: dict[int, MaskBits]
    shape: tuple[int, int]
    positions_mm: tuple[float, ...]
    """Where each slice of the scan lies along its normal."""
    spacing_mm: tuple[float, float]


def grow_through(request: GrowthRequest, task: Task) -> dict[int, MaskBits]:
    """The region on each slice that it reaches, by the slice's index."""
    volume, count = request.volume, len(request.volume.stored)
    task.progress(0, count + 2)
    values, slope, intercept = volume.stored, float(volume.slopes[0]), float(volume.intercepts[0])
    if not volume.uniform:  # else stored values compare as they are, without a copy of all voxels
        each = (slice(None), None, None)
        slopes, intercepts = volume.slopes[each], volume.intercepts[each]
        values = values * slopes.astype(np.float32) + intercepts.astype(np.float32)
        slope, intercept = 1.0, 0.0
    odd = volume.unmeasured(volume.stored, np.arange(count)[:, None, None])
    within = None if odd is None else ~odd
    found = np.zeros(values.shape, dtype=bool)
    for seed, *ends in request.seeds:
        task.progress(1, count + 2)
        low, high = sorted((end - intercept) / slope for end in ends)
        found |= grow_volume(values, seed, low, high, within)
    masks = {}
    for index, mask in enumerate(found):
        task.progress(index + 2, count + 2)
        bits = pack_mask(mask)
        if bits is not None:
            masks[index] = bits
    return masks


def find_between(request: BetweenRequest, task: Task) -> dict[int, MaskBits]:
    """The masks of the slices between, by their index."""
    drawn = {index: unpack_mask(one, request.shape) for index, one in request.masks.items()}
    task.check()
    found = between(drawn, request.positions_mm, request.spacing_mm)
    packed = {index: pack_mask(mask) for index, mask in found.items()}
    return {index: bits for index, bits in packed.items() if bits is not None}
