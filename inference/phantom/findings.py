"""What may be found in a chest phantom: nodules, things that look like them, and the marker."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.phantom.shapes import SIZE, Grid

MARKER_SIZE = 24
"""Rows and columns of the burned-in plate."""

SMALLEST_MM = 2.0
MOST_VESSEL = 0.15
"""The largest share of vessel in the surroundings of a nodule."""


@dataclass(frozen=True)
class Blob:
    """A round thing: centre (x, y, z) and radius in millimetres, level in HU.

    `soft_mm` is the width of its edge. `lobes` changes its radius over the angle by so much of
    itself, `lobe_count` times around, from `lobe_start` radians on.
    """

    centre_mm: tuple[float, float, float]
    radius_mm: float
    level: float
    soft_mm: float
    lobes: float = 0.0
    lobe_count: int = 3
    lobe_start: float = 0.0


@dataclass(frozen=True)
class LookAlike:
    """A sort of blob that is no nodule: ranges of radius and HU; its edge as a share of both."""

    radii_mm: tuple[float, float]
    levels: tuple[float, float]
    soft_share: float


HAZY = LookAlike((5, 16), (-700, -560), 0.9)
DENSE = LookAlike((2, 7), (150, 600), 0.2)


@dataclass(frozen=True)
class Marker:
    """The plate's upper left pixel (column, row)."""

    column: int
    row: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 in pixel edges."""
        return (self.column, self.row, self.column + MARKER_SIZE, self.row + MARKER_SIZE)


def plan_nodules(
    rng: np.random.Generator, lungs: np.ndarray, vessels: np.ndarray, grid: Grid
) -> tuple[Blob, ...]:
    """One to three nodules, 4–20 mm across, −100…+100 HU, wholly inside `lungs` and apart.

    `lungs` and `vessels` are the shares of both in each pixel of the middle slice; a nodule lies
    where vessels fill little of its surroundings, for inside one of its own value it would not
    be seen. Centres lie within a quarter of a millimetre of the slice, so that its neighbours
    1 mm away show them too.
    """
    depth_mm = _depth_mm(lungs, grid)
    found: list[Blob] = []
    for drawn in rng.uniform(2, 10, int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
        radius = float(drawn)
        allowed = _room(depth_mm, vessels, radius, found, grid)
        if not allowed.any():
            radius = SMALLEST_MM
            allowed = _room(depth_mm, vessels, radius, found, grid)
        column, row = _any(rng, allowed) + rng.uniform(-0.5, 0.5, 2)
        found.append(
            Blob(
                (*grid.to_mm(column, row), float(rng.uniform(-0.25, 0.25))),
                radius,
                float(rng.uniform(-100, 100)),
                soft_mm=float(rng.uniform(0.6, 1.0)),
                lobes=float(rng.uniform(0, 0.08)),
                lobe_count=int(rng.integers(2, 6)),
                lobe_start=float(rng.uniform(0, 2 * np.pi)),
            )
        )
    return tuple(found)


def plan_distractors(
    rng: np.random.Generator, lungs: np.ndarray, tissue: np.ndarray, grid: Grid
) -> tuple[tuple[Blob, ...], tuple[Blob, ...]]:
    """Hazy faint blobs for the lung, dense ones for the tissue outside it: neither is a nodule."""
    hazy = tuple(
        _look_alike(rng, _any(rng, lungs > 0.99), grid, HAZY)
        for _ in range(int(rng.integers(0, 4)))
    )
    outside = cv2.erode((tissue > 0.99).astype(np.uint8), np.ones((9, 9))) > 0
    dense = tuple(
        _look_alike(rng, _any(rng, outside), grid, DENSE) for _ in range(int(rng.integers(1, 5)))
    )
    return hazy, dense


def plan_marker(rng: np.random.Generator) -> Marker:
    """A place for the plate in the air of the upper left corner."""
    return Marker(int(rng.integers(10, 29)), int(rng.integers(10, 29)))


def draw_blob(
    values: np.ndarray, blob: Blob, grid: Grid, offset_mm: float, within: np.ndarray | None = None
) -> None:
    """Brighten `values` towards a blob, in place; the slice lies `offset_mm` from the middle one.

    `within` is the share of each pixel that the blob may fill, all of it if None.
    """
    window, share = blob_share(blob, grid, offset_mm)
    if within is not None:
        share = share * within[window]
    patch = values[window]
    patch += np.maximum(np.float32(blob.level) - patch, 0) * share


def blob_share(blob: Blob, grid: Grid, offset_mm: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the slice a blob can reach, and how much of each pixel there it fills (0–1)."""
    reach = (blob.radius_mm * (1 + blob.lobes) + blob.soft_mm) / grid.spacing_mm + 2
    column, row = grid.to_pixels(np.array([blob.centre_mm[:2]]))[0]
    window = (_span(row, reach), _span(column, reach))
    y, x = np.mgrid[window].astype(np.float32)
    y, x = (y - np.float32(row)), (x - np.float32(column))
    flat = np.hypot(x, y) * np.float32(grid.spacing_mm)
    if blob.lobes:
        turn = np.arctan2(y, x)
        flat = flat / (1 + blob.lobes * np.cos(blob.lobe_count * turn + blob.lobe_start))
    distance = np.hypot(flat, np.float32(offset_mm - blob.centre_mm[2]))
    share = np.clip((blob.radius_mm - distance) / blob.soft_mm + 0.5, 0, 1)
    return window, share.astype(np.float32)


def draw_marker(values: np.ndarray, marker: Marker) -> None:
    """Burn the plate in: a bright frame and an upright figure with a foot, on a grey ground."""
    plate = np.full((MARKER_SIZE, MARKER_SIZE), 200.0, np.float32)
    plate[:2], plate[-2:], plate[:, :2], plate[:, -2:] = 1500.0, 1500.0, 1500.0, 1500.0
    plate[5:19, 7:11] = 1500.0
    plate[15:19, 7:18] = 1500.0
    x0, y0, x1, y1 = marker.box
    values[y0:y1, x0:x1] = plate


def _depth_mm(lungs: np.ndarray, grid: Grid) -> np.ndarray:
    inside = (lungs > 0.99).astype(np.uint8)
    depth: np.ndarray = cv2.distanceTransform(inside, cv2.DIST_L2, 5) * grid.spacing_mm
    return depth


def _room(
    depth_mm: np.ndarray, vessels: np.ndarray, radius_mm: float, others: list[Blob], grid: Grid
) -> np.ndarray:
    """Where the centre of a nodule may lie, bool [rows, columns]."""
    clearance_mm = radius_mm * 1.08 + 1.5
    around = 2 * round(clearance_mm / grid.spacing_mm) + 1
    allowed: np.ndarray = depth_mm > clearance_mm
    allowed &= cv2.blur(vessels, (around, around)) < MOST_VESSEL
    for other in others:
        column, row = grid.to_pixels(np.array([other.centre_mm[:2]]))[0]
        apart = (other.radius_mm * 1.1 + clearance_mm + 2) / grid.spacing_mm
        y, x = np.ogrid[:SIZE, :SIZE]
        allowed &= (x - column) ** 2 + (y - row) ** 2 > apart**2
    return allowed


def _any(rng: np.random.Generator, allowed: np.ndarray) -> np.ndarray:
    """A (column, row) by chance among those allowed; there is one in every chest we draw."""
    places = np.flatnonzero(allowed)
    row, column = divmod(int(places[rng.integers(len(places))]), SIZE)
    return np.array([column, row], float)


def _look_alike(rng: np.random.Generator, place: np.ndarray, grid: Grid, sort: LookAlike) -> Blob:
    radius = float(rng.uniform(*sort.radii_mm))
    centre = (*grid.to_mm(*place), float(rng.uniform(-1, 1)))
    return Blob(centre, radius, float(rng.uniform(*sort.levels)), 2 * radius * sort.soft_share)


def _span(middle: float, reach: float) -> slice:
    return slice(max(int(middle - reach), 0), min(int(middle + reach) + 2, SIZE))
