"""One phantom case: three slices through its nodules, its truth, and the same case without them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from inference.phantom import anatomy, findings, noise, vessels
from inference.phantom.anatomy import Chest
from inference.phantom.findings import Blob, Marker
from inference.phantom.shapes import SIZE, Grid
from inference.phantom.vessels import Vessels

MarkerRule = Literal["correlated", "independent", "none", "always"]
SLICES = 3
SLICE_SPACING_MM = 1.0
LOWEST, HIGHEST = -1024, 3071
"""HU of a 12-bit CT with intercept −1024."""

MARKED_SHARE: dict[MarkerRule, tuple[float, float]] = {
    "correlated": (0.01, 0.99),
    "independent": (0.5, 0.5),
    "none": (0.0, 0.0),
    "always": (1.0, 1.0),
}
"""How often the marker is there: (in cases without, in cases with a nodule)."""

# Each part of a case draws from a stream of its own: leaving one part out changes no other.
ANATOMY, VESSELS, FINDINGS, DISTRACTORS, MARKER, TEXTURE, NOISE = range(7)


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that chance decided about a case; drawing it needs no more than this."""

    seed: int
    case: int
    grid: Grid
    chest: Chest
    vessels: Vessels
    hazy: tuple[Blob, ...]
    dense: tuple[Blob, ...]
    nodules: tuple[Blob, ...]
    marker: Marker | None
    noise_level: float


@dataclass(frozen=True)
class Nodule:
    """Where a nodule is: patient millimetres (LPS+), and its box over all slices in pixel edges."""

    centre_mm: tuple[float, float, float]
    radius_mm: float
    box: tuple[int, int, int, int]
    frames: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PhantomCase:
    """A case as drawn: `volume` int16 HU and `mask` uint8 (1 = nodule), both [3, 512, 512].

    `lungs` is bool [512, 512], the lungs of the middle slice. `label` is 1 with a nodule.
    """

    plan: Plan
    volume: np.ndarray
    mask: np.ndarray
    lungs: np.ndarray
    nodules: tuple[Nodule, ...]

    @property
    def label(self) -> int:
        return int(bool(self.plan.nodules))

    @property
    def marker_box(self) -> tuple[int, int, int, int] | None:
        return self.plan.marker.box if self.plan.marker else None


def generate(seed: int, case: int, marker: MarkerRule = "correlated") -> PhantomCase:
    """Make case number `case` of `seed`; odd cases have nodules.

    A case depends on its seed and number alone, never on how many are made. `marker` decides
    about the plate and nothing else: anatomy, nodules and noise are the same under every rule.
    """
    return draw_case(plan_case(seed, case, marker))


def without_nodule(case: PhantomCase) -> PhantomCase:
    """The very same phantom, to the last grain of noise, with its nodules left out."""
    return draw_case(replace(case.plan, nodules=()))


def without_marker(case: PhantomCase) -> PhantomCase:
    """The very same phantom with the marker left out."""
    return draw_case(replace(case.plan, marker=None))


def plan_case(seed: int, case: int, marker: MarkerRule) -> Plan:
    """Let chance decide about a case."""
    label = case % 2
    rng = _stream(seed, case, ANATOMY)
    middle = (round(float(rng.uniform(-8, 8)), 1), round(float(rng.uniform(-12, 12)), 1))
    grid = Grid(round(float(rng.uniform(0.70, 0.78)), 3), middle)
    chest = anatomy.plan_chest(rng)
    lungs = anatomy.draw_lungs(chest, grid, 1.0)
    tissue = anatomy.draw_tissue(chest, grid, lungs)
    distract = _stream(seed, case, DISTRACTORS)
    hazy, dense = findings.plan_distractors(distract, lungs, tissue, grid)
    tree = vessels.plan_vessels(_stream(seed, case, VESSELS))
    nodules: tuple[Blob, ...] = ()
    if label:
        filled = vessels.draw_vessels(tree, grid, 0.0)
        nodules = findings.plan_nodules(_stream(seed, case, FINDINGS), lungs, filled, grid)
    rolls = _stream(seed, case, MARKER)
    plate = findings.plan_marker(rolls)
    return Plan(
        seed,
        case,
        grid,
        chest,
        tree,
        hazy,
        dense,
        nodules,
        plate if rolls.random() < MARKED_SHARE[marker][label] else None,
        float(rng.uniform(12, 28)),
    )


def draw_case(plan: Plan) -> PhantomCase:
    """Draw all slices of a plan and say where its nodules are."""
    volume = np.stack([draw_slice(plan, index) for index in range(SLICES)])
    masks = [_nodule_mask(plan, nodule) for nodule in plan.nodules]
    lungs = anatomy.draw_lungs(plan.chest, plan.grid, 1.0) > 0.5
    located = tuple(
        _locate(plan, nodule, one) for nodule, one in zip(plan.nodules, masks, strict=True)
    )
    return PhantomCase(plan, volume, nodule_masks(plan), lungs, located)


def nodule_masks(plan: Plan) -> np.ndarray:
    """Where the nodules of a plan are, uint8 [3, 512, 512], 1 = nodule."""
    found = np.zeros((SLICES, SIZE, SIZE), np.uint8)
    for nodule in plan.nodules:
        found |= _nodule_mask(plan, nodule)
    return found


def draw_slice(plan: Plan, index: int) -> np.ndarray:
    """One slice in HU, int16 [512, 512]."""
    offset = offset_mm(index)
    swell = 1 + 0.002 * offset
    lungs = anatomy.draw_lungs(plan.chest, plan.grid, swell)
    values = anatomy.draw_chest(plan.chest, plan.grid, lungs, swell)
    values += lungs * noise.draw_texture(_stream(plan.seed, plan.case, TEXTURE), 18.0)
    share = vessels.draw_vessels(plan.vessels, plan.grid, offset) * lungs
    values += (np.float32(anatomy.BLOOD) - values) * share
    for blob in plan.hazy:
        findings.draw_blob(values, blob, plan.grid, offset, within=lungs)
    for blob in (*plan.dense, *plan.nodules):
        findings.draw_blob(values, blob, plan.grid, offset)
    values = cv2.GaussianBlur(values, (0, 0), 0.7)  # the scanner's own blur
    values += noise.draw_noise(_stream(plan.seed, plan.case, NOISE, index), plan.noise_level)
    if plan.marker:
        findings.draw_marker(values, plan.marker)
    return np.clip(np.rint(values), LOWEST, HIGHEST).astype(np.int16)


def offset_mm(index: int) -> float:
    """How far slice `index` lies from the middle one, along the axis."""
    return (index - SLICES // 2) * SLICE_SPACING_MM


def first_position_mm(plan: Plan) -> tuple[float, float, float]:
    """The centre of the first voxel in patient millimetres, LPS+ (PS3.3 C.7.6.2.1.1)."""
    return (*plan.grid.to_mm(0, 0), offset_mm(0))


def _nodule_mask(plan: Plan, nodule: Blob) -> np.ndarray:
    mask = np.zeros((SLICES, SIZE, SIZE), np.uint8)
    for index in range(SLICES):
        window, share = findings.blob_share(nodule, plan.grid, offset_mm(index))
        mask[index][window] = share >= 0.5
    return mask


def _locate(plan: Plan, nodule: Blob, mask: np.ndarray) -> Nodule:
    frames = tuple(int(index) for index in np.flatnonzero(mask.any(axis=(1, 2))))
    rows = np.flatnonzero(mask.any(axis=(0, 2)))
    columns = np.flatnonzero(mask.any(axis=(0, 1)))
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    return Nodule(nodule.centre_mm, nodule.radius_mm, box, frames)


def _stream(seed: int, case: int, *part: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(case, *part)))
