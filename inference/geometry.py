"""How frames lie over a model's input: turned, resampled, cut and padded, and exactly back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.cards import ModelCard
from inference.errors import UserError
from inference.orientation import Turn, obliqueness_degrees, tilt_degrees, turn_to
from inference.records import Frame
from inference.resample import Axis, axis, axis_at, to_model, to_source

FULL_SCALE = 1e-3
"""Spacings that differ by less than this share are the same: nothing is resampled."""
OBLIQUE_DEGREES = 15.0
TILTED_DEGREES = 1.0


@dataclass(frozen=True, eq=False)
class Geometry:
    """The way between the source's array and the model's, for pictures or for one volume."""

    axes: tuple[Axis, ...]
    """The model's axes, outermost first."""
    words: str
    warnings: tuple[str, ...] = ()
    turn: Turn | None = None
    """For volumes alone."""

    def turned(self, values: np.ndarray) -> np.ndarray:
        """Source values [..., *source] in the model's order of axes, laid out afresh.

        Afresh, so that sums over a volume come out the same to the last digit however its file
        stored it.
        """
        return values if self.turn is None else np.ascontiguousarray(self.turn.forth(values))

    def sampled(self, turned: np.ndarray, pad: float) -> np.ndarray:
        """Turned float32 values in the model's grid [..., *axes], `pad` where there are none."""
        return to_model(turned, self.axes, pad)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Model values [..., *axes] at the source's pixels, 0 where the model saw nothing."""
        result = to_source(values, self.axes)
        return result if self.turn is None else self.turn.back(result)


def picture_geometry(shape: tuple[int, int], card: ModelCard) -> Geometry:
    """How a picture of `shape` meets the model's size: stretched, or fitted and padded."""
    size = card.size
    steps = [source / model for source, model in zip(shape, size, strict=True)]
    if card.resize == "fit":
        steps = [max(steps)] * 2
    axes = tuple(axis(n, m, step) for n, m, step in zip(shape, size, steps, strict=True))
    way = "as stored" if shape == size else {"stretch": "stretched", "fit": "fitted"}[card.resize]
    return Geometry(axes, f"{_size(shape)} → {_size(size)}, {way}")


def volume_geometry(frames: Sequence[Frame], card: ModelCard) -> Geometry:
    """How a volume of `frames` meets the model's orientation, spacing and size.

    Raises UserError where the frames are no volume.
    """
    shape = (len(frames), *frames[0].shape)
    if any(frame.shape != frames[0].shape for frame in frames):
        raise UserError(
            "The slices differ in size, so they are no volume.", "Choose a series of equal slices."
        )
    origins, axes_mm = _placement(frames)
    words, warnings, turn = [_size(shape)], [], Turn()
    if axes_mm is None:
        if card.orientation is not None or card.spacing_mm is not None:
            warnings.append("Nothing is known of the volume's geometry; it is taken as stored.")
    elif card.orientation is not None:
        turn = turn_to(card.orientation, axes_mm)
        words.append(f"turned to {card.orientation}")
        warnings.extend(_crooked(axes_mm))
    turned_shape = [shape[number] for number in turn.axes]
    if axes_mm is None or card.spacing_mm is None:
        axes = [axis(n, m, 1.0) for n, m in zip(turned_shape, card.size, strict=True)]
    else:
        places = _places(origins, axes_mm, shape)
        axes = [
            _spaced(places[source][::-1] * -1 if flip else places[source], m, card.spacing_mm)
            for source, flip, m in zip(turn.axes, turn.flips, card.size, strict=True)
        ]
        words.append(f"spacing {card.spacing_mm:g} mm")
    words.append(f"centred in {_size(card.size)}")
    return Geometry(tuple(axes), ", ".join(words), tuple(warnings), turn)


def _placement(frames: Sequence[Frame]) -> tuple[np.ndarray, np.ndarray | None]:
    """Each frame's first voxel [frames, 3], and the steps along slices, rows and columns [3, 3].

    The steps are None where the geometry is not known or the slices lie on each other.
    """
    known = [np.array(frame.affine) for frame in frames if frame.affine is not None]
    if len(known) != len(frames):
        return np.empty((0, 3)), None
    origins = np.array([matrix[:3, 3] for matrix in known])
    column_step, row_step = known[0][:3, 0], known[0][:3, 1]
    if len(frames) > 1:
        slice_step = (origins[-1] - origins[0]) / (len(frames) - 1)
    else:
        slice_step = np.cross(column_step, row_step)
        slice_step /= np.linalg.norm(slice_step)
    axes_mm = np.stack([slice_step, row_step, column_step], axis=1)
    if abs(np.linalg.det(axes_mm)) < 1e-9:
        return origins, None
    return origins, axes_mm


def _places(
    origins: np.ndarray, axes_mm: np.ndarray, shape: tuple[int, ...]
) -> tuple[np.ndarray, ...]:
    """Where the samples of slices, rows and columns are along their own axis, in mm, ascending.

    Slices are as far apart as their planes. Micrometres, so that a header written the other way
    round gives the same numbers.
    """
    normal = np.cross(axes_mm[:, 2], axes_mm[:, 1])
    normal /= np.linalg.norm(normal)
    slices = (origins - origins[0]) @ normal
    slices *= np.sign(slices[-1]) or 1.0
    steps = np.round(np.linalg.norm(axes_mm, axis=0), 6)
    return (
        np.round(slices, 6),
        steps[1] * np.arange(shape[1]),
        steps[2] * np.arange(shape[2]),
    )


def _spaced(places_mm: np.ndarray, model_length: int, spacing_mm: float) -> Axis:
    """The axis of samples at `places_mm` in a model with voxels of `spacing_mm`."""
    if len(places_mm) == 1:
        return axis(1, model_length, 1.0)
    gaps = np.diff(places_mm)
    mean_mm = round(float(places_mm[-1] - places_mm[0]) / (len(places_mm) - 1), 6)
    uneven = float(np.abs(gaps - mean_mm).max())
    if uneven > 0.01 and uneven > 0.01 * mean_mm and gaps.min() > 0:
        return axis_at(places_mm, model_length, spacing_mm)
    step = spacing_mm / mean_mm
    return axis(len(places_mm), model_length, 1.0 if abs(step - 1.0) < FULL_SCALE else step)


def _crooked(axes_mm: np.ndarray) -> list[str]:
    found = []
    oblique, tilt = obliqueness_degrees(axes_mm), tilt_degrees(axes_mm)
    if oblique > OBLIQUE_DEGREES:
        found.append(
            f"The volume lies {oblique:.0f}° oblique to the patient; "
            "the model sees it along the nearest axes."
        )
    if tilt > TILTED_DEGREES:
        found.append(f"The slices are tilted by {tilt:.0f}°; the model sees them as if upright.")
    return found


def _size(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))
