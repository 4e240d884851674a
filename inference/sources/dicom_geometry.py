"""Where frames lie in the patient: planes, their order along the normal, and the affine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydicom.dataset import Dataset

from inference.records import Affine, Point, affine_of
from inference.sources.dicom_calibration import calibrations_of, spacing_of
from inference.sources.dicom_fields import items, macro, number, numbers
from inference.sources.dicom_regularity import UNEVEN_MM, is_even, sentences_of, usual_step

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
    tilt_degrees: float | None = None
    """Gantry/Detector Tilt, as the header names it."""

    @property
    def located(self) -> bool:
        """Whether position, orientation and spacing are all known."""
        return None not in (self.position, self.orientation, self.spacing)

    def normal(self) -> np.ndarray:
        """Row direction × column direction; frames are shown in ascending order along it."""
        if self.orientation is None:
            raise ValueError("a plane without orientation has no normal")
        return _normal(self.orientation)

    def along_normal(self) -> float:
        """Millimetres from the origin along the normal."""
        if self.position is None:
            raise ValueError("a plane without position has no place along its normal")
        return float(self.normal() @ np.asarray(self.position))


@lru_cache(maxsize=256)
def _normal(orientation: tuple[float, ...]) -> np.ndarray:
    """Asked for at each comparison while slices are sorted, and the same for all of a series."""
    found = np.cross(orientation[:3], orientation[3:])
    found.flags.writeable = False
    return found


def plane_of(dataset: Dataset, frame: int) -> Plane:
    """The plane of one frame, from its functional groups or the top level of the header."""
    holder = macro(dataset, frame, "PlanePositionSequence")
    point = point_of(numbers(holder, "ImagePositionPatient"))
    orientation = _directions(
        numbers(macro(dataset, frame, "PlaneOrientationSequence"), "ImageOrientationPatient")
    )
    measures = macro(dataset, frame, "PixelMeasuresSequence")
    if point is None and "DetectorInformationSequence" in dataset:
        point, orientation = _nuclear_plane(dataset, frame)
    offsets = numbers(dataset, "GridFrameOffsetVector")
    if point is not None and orientation is not None and frame < len(offsets):
        # RT Dose: frames lie along the normal, relative to the first (PS3.3 C.8.8.3.2).
        point = _moved(point, orientation, offsets[frame] - offsets[0])
    spacing, source = spacing_of(calibrations_of(dataset, frame))
    thickness = number(measures, "SpacingBetweenSlices") or number(measures, "SliceThickness")
    tilt = number(macro(dataset, frame, "CTAcquisitionDetailsSequence"), "GantryDetectorTilt")
    return Plane(point, orientation, spacing, source, thickness, tilt)


def _nuclear_plane(dataset: Dataset, frame: int) -> tuple[Point | None, tuple[float, ...] | None]:
    """A frame of a nuclear volume: its detector says where slice 1 lies (PS3.3 C.8.4.11).

    The others follow along the normal by Spacing Between Slices, whose sign counts (C.8.4.15).
    """
    detectors = items(dataset, "DetectorInformationSequence")
    slices = numbers(dataset, "SliceVector")
    step = number(dataset, "SpacingBetweenSlices")
    if len(detectors) != 1 or frame >= len(slices) or step is None:
        return None, None
    point = point_of(numbers(detectors[0], "ImagePositionPatient"))
    orientation = _directions(numbers(detectors[0], "ImageOrientationPatient"))
    if point is None or orientation is None:
        return None, None
    return _moved(point, orientation, (slices[frame] - 1) * step), orientation


def _moved(point: Point, orientation: tuple[float, ...], mm: float) -> Point:
    normal = np.cross(orientation[:3], orientation[3:])
    x, y, z = np.asarray(point) + normal * mm
    return float(x), float(y), float(z)


def point_of(values: tuple[float, ...]) -> Point | None:
    """Three numbers as a place; None for any other count."""
    return (float(values[0]), float(values[1]), float(values[2])) if len(values) == 3 else None


@lru_cache(maxsize=256)
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


@dataclass(frozen=True)
class Stack:
    """The geometry of frames in their order; all None where the frames have none."""

    affine: Affine | None = None
    positions_mm: tuple[Point, ...] | None = None
    between_slices: float | None = None


def stack_of(planes: list[Plane]) -> Stack:
    """The affine of parallel planes in their order, and their own positions if they are uneven.

    `between_slices` is the usual distance along the normal, as Spacing Between Slices is defined.
    The third column of the affine is the step from frame to frame: the mean step of an even stack,
    the first of an uneven one. Frames that all lie at one place (a film of one slice) have no step:
    the column is then the normal times the slice thickness, and `positions_mm` says where they are.
    """
    first = planes[0]
    if not all(plane.located for plane in planes) or first.position is None:
        return Stack()
    places = np.array([plane.position for plane in planes], dtype=float)
    normal = first.normal()
    lone = normal * (first.thickness if first.thickness and first.thickness > 0 else 1.0)
    if len(planes) == 1:
        return Stack(_affine(first, lone))
    between = usual_step(places, normal)
    if between is None:
        return Stack(_affine(first, lone), _points(places))
    if is_even(places):
        return Stack(_affine(first, (places[-1] - places[0]) / (len(planes) - 1)), None, between)
    steps = np.diff(places, axis=0)
    moving = int(np.argmax(np.linalg.norm(steps, axis=1) > UNEVEN_MM))
    return Stack(_affine(first, steps[moving]), _points(places), between)


def unevenness_of(planes: list[Plane], modality: str | None) -> tuple[str, ...]:
    """Sentences about gaps, repeats, changes of distance and tilt of planes in ascending order."""
    if len(planes) < 2 or not all(plane.located for plane in planes):
        return ()
    return sentences_of(
        np.array([plane.position for plane in planes], dtype=float),
        planes[0].normal(),
        gantry_degrees=planes[0].tilt_degrees,
        modality=modality,
    )


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
