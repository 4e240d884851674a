"""Volumes of known geometry and values, for the tests of planes cut through them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from inference.mpr import Volume, volume_of
from inference.records import Frame, FrameRef, Point, Window, affine_of
from tests.plain_source import plain_source

PLAIN = plain_source(source_id="s")


def scan(
    stored: np.ndarray,
    matrix: np.ndarray,
    *,
    positions: np.ndarray | None = None,
    slopes: np.ndarray | None = None,
    padding: tuple[float, float] | None = None,
    inverted: bool = False,
    missing: tuple[int, ...] = (),
) -> Volume:
    """The volume of `stored` [slices, rows, columns] under a 4×4 affine.

    Rescaled are stored − 1024, or with slopes (stored − 1) · slope. Slices in `missing` could not
    be read.
    """
    slices = len(stored)
    points: tuple[Point, ...] | None = None
    if positions is not None:
        points = tuple((float(x), float(y), float(z)) for x, y, z in positions)
    source = replace(
        PLAIN,
        shape=stored.shape[1:],
        affine=affine_of(matrix),
        positions_mm=points,
        refs=tuple(FrameRef(f"{number}.dcm") for number in range(slices)),
    )
    frames = [
        Frame(
            ("s", number),
            np.empty((0, 0), stored.dtype),
            slope=1.0 if slopes is None else float(slopes[number]),
            intercept=-1024.0 if slopes is None else -float(slopes[number]),
            unit="HU",
            inverted=inverted,
            padding=padding,
            windows=(Window(40, 400),),
        )
        for number in range(slices)
    ]
    read = [None if number in missing else frame for number, frame in enumerate(frames)]
    return volume_of(source, stored, read)


def placed(
    turned: np.ndarray,
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float] = (-20.0, -30.0, 100.0),
) -> np.ndarray:
    """The 4×4 affine of unit axes (columns of `turned`) with steps (column, row, slice) in mm."""
    matrix = np.eye(4)
    matrix[:3, :3] = turned * np.array(spacing)
    matrix[:3, 3] = origin
    return matrix


def turned_by(x: float, y: float, z: float) -> np.ndarray:
    """Rotation by degrees about the patient's x, then y, then z axis, [3, 3]."""
    made = np.eye(3)
    for axis, angle in enumerate(np.radians((x, y, z))):
        one = np.eye(3)
        first, second = [other for other in range(3) if other != axis]
        one[first, first] = one[second, second] = np.cos(angle)
        one[first, second], one[second, first] = -np.sin(angle), np.sin(angle)
        made = one @ made
    return made


def centres(
    shape: tuple[int, int, int], matrix: np.ndarray, positions: np.ndarray | None = None
) -> np.ndarray:
    """The millimetres of every voxel's centre, [slices, rows, columns, 3]."""
    deep, down, across = np.meshgrid(*map(np.arange, shape), indexing="ij")
    flat = across[..., None] * matrix[:3, 0] + down[..., None] * matrix[:3, 1]
    if positions is not None:
        return np.asarray(flat + np.asarray(positions)[:, None, None])
    return np.asarray(flat + deep[..., None] * matrix[:3, 2] + matrix[:3, 3])


def pixel_centres(affine: object, shape: tuple[int, int]) -> np.ndarray:
    """The millimetres of every pixel's centre of a plane, [rows, columns, 3]."""
    matrix = np.array(affine)
    down, across = np.mgrid[: shape[0], : shape[1]]
    flat = across[..., None] * matrix[:3, 0] + down[..., None] * matrix[:3, 1]
    return np.asarray(flat + matrix[:3, 3])
