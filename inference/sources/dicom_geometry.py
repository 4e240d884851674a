"""Where frames lie in the patient: planes, their order along the normal, and the affine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from inference.records import Affine, Point, affine_of
from inference.sources.dicom_fields import macro, number, numbers, word

UNEVEN_SHARE = 0.01
UNEVEN_MM = 0.01
"""Slices count as unevenly spaced where a step is off by more than both (docs/cli.md)."""

_SQUARE_TOLERANCE = 0.02


@dataclass(frozen=True)
class Plane:
    """One frame's place: its first voxel's centre and the directions of rows and columns.

    `orientation` holds the direction of a row (increasing column index), then of a column
    (PS3.3 C.7.6.2.1.1), both of length 1. `spacing` is (between rows, between columns) in mm.
    """

    position: Point | None
    orientation: tuple[float, ...] | None
    spacing: tuple[float, float] | None
    spacing_source: str
    thickness: float | None

    @property
    def located(self) -> bool:
        """Whether position, orientation and spacing are all known."""
        return None not in (self.position, self.orientation, self.spacing)

    def normal(self) -> np.ndarray:
        """Row direction × column direction; frames are shown in ascending order along it."""
        if self.orientation is None:
            raise ValueError("a plane without orientation has no normal")
        return np.cross(self.orientation[:3], self.orientation[3:])

    def along_normal(self) -> float:
        """Millimetres from the origin along the normal."""
        if self.position is None:
            raise ValueError("a plane without position has no place along its normal")
        return float(self.normal() @ np.asarray(self.position))


def plane_of(dataset: Dataset, frame: int) -> Plane:
    """The plane of one frame, from its functional groups or the top level of the header."""
    position = numbers(macro(dataset, frame, "PlanePositionSequence"), "ImagePositionPatient")
    orientation = _directions(
        numbers(macro(dataset, frame, "PlaneOrientationSequence"), "ImageOrientationPatient")
    )
    measures = macro(dataset, frame, "PixelMeasuresSequence")
    spacing, source = _spacing(dataset, measures)
    point = _point(position)
    offsets = numbers(dataset, "GridFrameOffsetVector")
    if point is not None and orientation is not None and frame < len(offsets):
        # RT Dose: frames lie along the normal, relative to the first (PS3.3 C.8.8.3.2).
        normal = np.cross(orientation[:3], orientation[3:])
        point = _point(tuple(np.asarray(point) + normal * (offsets[frame] - offsets[0])))
    thickness = number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness")
    return Plane(point, orientation, spacing, source, thickness)


def _point(values: tuple[float, ...]) -> Point | None:
    return (float(values[0]), float(values[1]), float(values[2])) if len(values) == 3 else None


def _directions(values: tuple[float, ...]) -> tuple[float, ...] | None:
    """Two unit vectors at right angles, or None where the header's are not."""
    if len(values) != 6:
        return None
    row, column = np.array(values[:3]), np.array(values[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 0.5:
        return None
    row, column = row / lengths[0], column / lengths[1]
    if abs(float(row @ column)) > _SQUARE_TOLERANCE:
        return None
    return (*map(float, row), *map(float, column))


def _spacing(dataset: Dataset, measures: Dataset) -> tuple[tuple[float, float] | None, str]:
    """Pixel spacing in mm and where it comes from, in words."""
    plain = _pair(measures, "PixelSpacing")
    detector = _pair(dataset, "ImagerPixelSpacing")
    if plain is not None:
        how = word(dataset, "PixelSpacingCalibrationType")
        if how:
            return plain, f"PixelSpacing, calibrated ({how.lower()})"
        return plain, "PixelSpacing at the detector" if plain == detector else "PixelSpacing"
    if detector is not None:
        return detector, "ImagerPixelSpacing at the detector"
    nominal = _pair(dataset, "NominalScannedPixelSpacing")
    return (nominal, "NominalScannedPixelSpacing") if nominal is not None else (None, "none")


def _pair(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    found = numbers(dataset, keyword)
    return (found[0], found[1]) if len(found) == 2 and min(found) > 0 else None


@dataclass(frozen=True)
class Stack:
    """The geometry of frames in their order; all None where the frames have none."""

    affine: Affine | None = None
    positions_mm: tuple[Point, ...] | None = None
    between_slices: float | None = None
    warning: str = ""


def stack_of(planes: list[Plane]) -> Stack:
    """The affine of parallel planes in their order, and their own positions if they are uneven.

    `between_slices` is measured along the normal, as Spacing Between Slices is defined. The third
    column of the affine is the step from frame to frame: the mean step of an even stack, the first
    of an uneven one. Frames that all lie at one place (a film of one slice) have no step: the
    column is then the normal times the slice thickness, and `positions_mm` says where they are.
    """
    first = planes[0]
    if not all(plane.located for plane in planes) or first.position is None:
        return Stack()
    places = np.array([plane.position for plane in planes], dtype=float)
    steps = np.diff(places, axis=0)
    normal = first.normal()
    lone = normal * (first.thickness if first.thickness and first.thickness > 0 else 1.0)
    if len(planes) == 1:
        return Stack(_affine(first, lone))
    moved = np.linalg.norm(steps, axis=1)
    if float(moved.max()) <= UNEVEN_MM:
        return Stack(_affine(first, lone), _points(places))
    off = np.linalg.norm(steps - steps[0], axis=1)
    allowed = max(UNEVEN_MM, UNEVEN_SHARE * float(moved[0]))
    between = np.abs(steps @ normal)
    if float(off.max()) <= allowed:
        mean = (places[-1] - places[0]) / (len(planes) - 1)
        return Stack(_affine(first, mean), None, float(abs(mean @ normal)))
    step = steps[0] if moved[0] > UNEVEN_MM else lone
    where = int(np.argmax(off > allowed))
    warning = (
        f"The slices are not evenly spaced: {_range(between)} mm apart; the first change is "
        f"between frames {where} and {where + 1}."
    )
    return Stack(_affine(first, step), _points(places), float(abs(step @ normal)), warning)


def _affine(plane: Plane, step: np.ndarray) -> Affine:
    """PS3.3 equation C.7.6.2.1-1, with the step to the next frame as third column."""
    if plane.position is None or plane.orientation is None or plane.spacing is None:
        raise ValueError("an affine needs position, orientation and spacing")
    matrix = np.eye(4)
    matrix[:3, 0] = np.array(plane.orientation[:3]) * plane.spacing[1]
    matrix[:3, 1] = np.array(plane.orientation[3:]) * plane.spacing[0]
    matrix[:3, 2] = step
    matrix[:3, 3] = plane.position
    return affine_of(matrix)


def _points(places: np.ndarray) -> tuple[Point, ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in places)


def _range(values: np.ndarray) -> str:
    low, high = float(values.min()), float(values.max())
    return f"{low:.2f}–{high:.2f}"
