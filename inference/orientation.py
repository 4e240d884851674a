"""Which way the axes of an array point in the patient, and how to turn them; free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from types import EllipsisType

import numpy as np

DIRECTIONS: dict[str, tuple[int, int]] = {
    "L": (0, 1),
    "R": (0, -1),
    "P": (1, 1),
    "A": (1, -1),
    "S": (2, 1),
    "I": (2, -1),
}
"""Letter → (patient axis x y z, sign): x counts up to the left, y to the back, z to the head
(DICOM PS3.3 C.7.6.2.1.1)."""


def is_orientation(letters: str) -> bool:
    """Three letters, one for each axis of the patient, such as "SAR"."""
    axes = [DIRECTIONS[letter][0] for letter in letters if letter in DIRECTIONS]
    return len(letters) == 3 and sorted(axes) == [0, 1, 2]


@dataclass(frozen=True)
class Turn:
    """A permutation of the axes of [slices, rows, columns], then flips; exact both ways."""

    axes: tuple[int, int, int] = (0, 1, 2)
    """`axes[i]` is the source's axis that becomes the model's axis i."""
    flips: tuple[bool, bool, bool] = (False, False, False)
    """Of the model's axes."""

    def forth(self, volume: np.ndarray) -> np.ndarray:
        """A view of `volume` [..., slices, rows, columns] in the model's axes."""
        return _transposed(volume, self.axes)[self._steps()]

    def back(self, volume: np.ndarray) -> np.ndarray:
        """A view of `volume` [..., *the model's axes] in the source's axes again."""
        inverse = np.argsort(self.axes)
        return _transposed(volume[self._steps()], (inverse[0], inverse[1], inverse[2]))

    def _steps(self) -> tuple[EllipsisType | slice, ...]:
        return (..., *(slice(None, None, -1 if flip else 1) for flip in self.flips))


def turn_to(letters: str, axes_mm: np.ndarray) -> Turn:
    """The turn that makes slices, rows and columns count up towards `letters`.

    `axes_mm` is [3 (x, y, z), 3 (slices, rows, columns)]: the step along each array axis in LPS
    millimetres. An oblique volume takes the nearest axes: the assignment with the largest sum of
    cosines.
    """
    cosines = axes_mm / np.linalg.norm(axes_mm, axis=0)
    wanted = [DIRECTIONS[letter] for letter in letters]

    def closeness(order: tuple[int, ...]) -> float:
        pairs = zip(wanted, order, strict=True)
        return sum(abs(float(cosines[patient, source])) for (patient, _), source in pairs)

    # Rounded, so that two equally near assignments are told apart by their order alone and not
    # by the last digit of a header.
    best = max(permutations(range(3)), key=lambda order: round(closeness(order), 6))
    flips = [
        bool(sign * cosines[patient, source] < 0)
        for (patient, sign), source in zip(wanted, best, strict=True)
    ]
    return Turn((best[0], best[1], best[2]), (flips[0], flips[1], flips[2]))


def obliqueness_degrees(axes_mm: np.ndarray) -> float:
    """The larger angle of rows and columns to the patient axis nearest to each."""
    in_plane = axes_mm[:, 1:]
    cosines = np.abs(in_plane / np.linalg.norm(in_plane, axis=0))
    return float(np.degrees(np.arccos(np.clip(cosines.max(axis=0).min(), 0.0, 1.0))))


def tilt_degrees(axes_mm: np.ndarray) -> float:
    """The angle between the way from slice to slice and the normal of the slices."""
    normal = np.cross(axes_mm[:, 2], axes_mm[:, 1])
    cosine = abs(float(normal @ axes_mm[:, 0]))
    cosine /= float(np.linalg.norm(normal) * np.linalg.norm(axes_mm[:, 0]))
    return float(np.degrees(np.arccos(np.clip(cosine, 0.0, 1.0))))


def _transposed(volume: np.ndarray, axes: tuple[int, int, int]) -> np.ndarray:
    outer = volume.ndim - 3
    return np.transpose(volume, (*range(outer), *(outer + axis for axis in axes)))
