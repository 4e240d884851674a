"""A chest in cross-section: body, wall, lungs, heart, spine and ribs, drawn in HU.

The numbers are rounded adult sizes and the usual CT values of the tissues; the aim is a picture
in which a nodule must be told from what really surrounds one, not a body of anyone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.phantom import shapes
from inference.phantom.shapes import Grid

AIR = -1000.0
FAT = -100.0
MUSCLE = 45.0
BLOOD = 40.0


@dataclass(frozen=True, eq=False)
class Chest:
    """The outlines (millimetres, [n, 2]) and levels (HU) of one chest."""

    skin: np.ndarray
    muscle: np.ndarray
    thorax: np.ndarray
    mediastinum: tuple[np.ndarray, ...]
    heart: np.ndarray
    aorta: np.ndarray
    airway: tuple[np.ndarray, ...]
    vertebra: np.ndarray
    marrow: np.ndarray
    canal: np.ndarray
    arch: tuple[np.ndarray, ...]
    ribs: tuple[tuple[np.ndarray, np.ndarray], ...]
    lung_level: float
    gradient: float
    """HU that the lung gains from front to back: the weight of blood lies behind."""
    bone_level: float


def plan_chest(rng: np.random.Generator) -> Chest:
    """Draw the sizes of a chest by chance."""
    half = (rng.uniform(118, 134), rng.uniform(82, 94))
    wall = rng.uniform(16, 20)
    fat = rng.uniform(6, 20)
    uneven = shapes.waves(rng, 0.02)
    spine_y = half[1] - rng.uniform(18, 26)
    heart_at = (rng.uniform(18, 32), rng.uniform(-38, -18))
    heart = (rng.uniform(40, 54), rng.uniform(34, 44))
    radius = rng.uniform(15, 18)
    return Chest(
        skin=shapes.superellipse((half[0] + wall + fat, half[1] + wall + fat), 2.3, uneven),
        muscle=shapes.superellipse((half[0] + wall, half[1] + wall), 2.3, uneven),
        thorax=shapes.superellipse(half, 2.25, uneven),
        mediastinum=_mediastinum(rng, half),
        heart=shapes.ellipse(heart_at, heart, rng.uniform(0.2, 0.7)),
        aorta=shapes.ellipse((rng.uniform(18, 26), spine_y - 24), (rng.uniform(10, 14),) * 2),
        airway=_airway(rng),
        vertebra=shapes.ellipse((0, spine_y), (radius * 1.2, radius)),
        marrow=shapes.ellipse((0, spine_y), (radius * 1.2 - 2, radius - 2)),
        canal=shapes.ellipse((0, spine_y + radius + 7), (9, 8)),
        arch=_arch(spine_y + radius + 7),
        ribs=_ribs(rng, (half[0] + wall / 2, half[1] + wall / 2), uneven),
        lung_level=rng.uniform(-880, -820),
        gradient=rng.uniform(20, 80),
        bone_level=rng.uniform(450, 700),
    )


def draw_lungs(chest: Chest, grid: Grid, swell: float) -> np.ndarray:
    """The share of each pixel that is lung, float32 [rows, columns]; `swell` scales outlines."""
    inside = shapes.covered(grid, [chest.thorax * swell])
    middle = shapes.covered(
        grid, [*chest.mediastinum, chest.heart * swell, chest.vertebra, chest.aorta]
    )
    lungs: np.ndarray = inside * (1 - middle)
    return lungs


def draw_chest(chest: Chest, grid: Grid, lungs: np.ndarray, swell: float) -> np.ndarray:
    """The slice without vessels, findings and noise: HU, float32 [rows, columns]."""
    values = np.full((shapes.SIZE, shapes.SIZE), AIR, np.float32)
    shapes.lay_over(values, shapes.covered(grid, [chest.skin * swell]), FAT)
    shapes.lay_over(values, shapes.covered(grid, [chest.muscle * swell]), MUSCLE)
    shapes.lay_over(values, shapes.covered(grid, [*chest.mediastinum]), FAT + 70)
    shapes.lay_over(values, shapes.covered(grid, [chest.heart * swell, chest.aorta]), BLOOD)
    rows = np.linspace(-0.5, 0.5, shapes.SIZE, dtype=np.float32)[:, None]
    values += (np.float32(chest.lung_level) + np.float32(chest.gradient) * rows - values) * lungs
    shapes.lay_over(values, draw_airway(chest, grid), AIR + 20)
    _draw_bones(values, chest, grid, swell)
    return values


def draw_tissue(chest: Chest, grid: Grid, lungs: np.ndarray) -> np.ndarray:
    """The share of each pixel that is body and neither lung nor airway, float32."""
    body = shapes.covered(grid, [chest.skin])
    tissue: np.ndarray = body * (1 - lungs) * (1 - draw_airway(chest, grid))
    return tissue


def draw_airway(chest: Chest, grid: Grid) -> np.ndarray:
    """The share of each pixel that is windpipe or bronchus, float32."""
    return shapes.covered(grid, [*chest.airway])


def _draw_bones(values: np.ndarray, chest: Chest, grid: Grid, swell: float) -> None:
    cortex = [chest.vertebra, *chest.arch, *(outer * swell for outer, _ in chest.ribs)]
    shapes.lay_over(values, shapes.covered(grid, cortex), chest.bone_level)
    marrow = [chest.marrow, *(inner * swell for _, inner in chest.ribs)]
    shapes.lay_over(values, shapes.covered(grid, marrow), 0.35 * chest.bone_level)
    shapes.lay_over(values, shapes.covered(grid, [chest.canal]), 25.0)


def _mediastinum(rng: np.random.Generator, half: tuple[float, float]) -> tuple[np.ndarray, ...]:
    """The band between the lungs: narrow in front, wide at the roots."""
    levels = np.array([-1.1, -0.75, -0.45, -0.1, 0.2, 0.6, 1.1]) * half[1]
    widths = np.array([14, 9, 22, 32, 34, 24, 22]) * rng.uniform(0.85, 1.15, 7)
    fine = np.linspace(levels[0], levels[-1], 40)
    width = np.interp(fine, levels, widths)
    # A moving mean takes the corners off the widths that were drawn by chance.
    width = np.convolve(np.pad(width, 3, mode="edge"), np.ones(7) / 7, mode="valid")
    left, right = np.stack([-width, fine], 1), np.stack([width, fine], 1)
    return (np.concatenate([left, right[::-1]]),)


def _airway(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """The two main bronchi, or the trachea above their parting."""
    y = rng.uniform(0, 8)
    if rng.random() < 0.4:
        return (shapes.ellipse((0, y), (rng.uniform(7, 9), rng.uniform(7, 9))),)
    apart = rng.uniform(13, 20)
    return (
        shapes.ellipse((-apart, y), (rng.uniform(5, 7), rng.uniform(5, 6))),
        shapes.ellipse((apart, y), (rng.uniform(5, 7), rng.uniform(5, 6))),
    )


def _arch(y: float) -> tuple[np.ndarray, ...]:
    """Laminae, transverse and spinous processes around the canal."""
    return (
        shapes.ellipse((0, y + 14), (3.5, 10)),
        shapes.ellipse((-19, y + 2), (15, 5), -0.35),
        shapes.ellipse((19, y + 2), (15, 5), 0.35),
        shapes.ellipse((0, y), (13, 12)),
    )


def _ribs(
    rng: np.random.Generator, ring: tuple[float, float], uneven: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Ribs cut at a slant, along the wall, and the sternum in front."""
    place = shapes.superellipse(ring, 2.25, uneven)
    ribs = []
    count = len(place)
    start = rng.uniform(0, 1)
    for number in range(16):
        at = int((number + start) * count / 16) % count
        x, y = place[at]
        if abs(x) < 30 and y > 0:  # the spine's own place
            continue
        along = place[(at + 1) % count] - place[at - 1]
        turn = float(np.arctan2(along[1], along[0])) + rng.normal(0, 0.08)
        length, thick = rng.uniform(6, 15), rng.uniform(3.2, 4.6)
        ribs.append(
            (
                shapes.ellipse((x, y), (length, thick), turn),
                shapes.ellipse((x, y), (length - 1.6, thick - 1.6), turn),
            )
        )
    front = place[np.argmin(place[:, 1])]
    ribs.append(
        (
            shapes.ellipse((0, front[1]), (16, 5)),
            shapes.ellipse((0, front[1]), (14.2, 3.2)),
        )
    )
    return tuple(ribs)
