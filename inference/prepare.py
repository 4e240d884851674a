"""The only place that knows a model's input: frames to a tensor, and results back to the frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inference.cards import ModelCard
from inference.display import default_window, grey
from inference.geometry import Geometry, picture_geometry, volume_geometry
from inference.records import Frame

if TYPE_CHECKING:
    import torch

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Red, green and blue in grey: Rec. ITU-R BT.601."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the network sees of some frames, and the way back.

    `tensor` is float32 on the CPU, [N, channels, *size]: N = 1 for a volume, else one a frame.
    `words` says for the record how it was made.
    """

    tensor: torch.Tensor
    words: str
    warnings: tuple[str, ...]
    geometry: Geometry
    padding: np.ndarray
    """What stands where nothing was measured, as the network sees it: float32 [N, channels]."""
    mean: np.ndarray
    scale: np.ndarray
    """float32 [N, channels]: what was subtracted from the values, and what they were divided by."""

    def forth(self, values: np.ndarray) -> np.ndarray:
        """Source float32 [frames, rows, columns] in the model's space, [N, *size]; 0 outside.

        Only resampled the way the pixels were, not normalised: for masks and maps.
        """
        values = np.asarray(values, dtype=np.float32)
        if self.geometry.turn is not None:
            values = values[None]
        return self.geometry.sampled(self.geometry.turned(values), 0.0)

    def back(self, values: np.ndarray) -> np.ndarray:
        """Model-space float32 [N, *size] at the source's pixels, [frames, rows, columns].

        0 where the model saw nothing: what was cut off on the way.
        """
        found = self.geometry.back(np.asarray(values, dtype=np.float32))
        return np.ascontiguousarray(found if self.geometry.turn is None else found[0])


def measured_in_model(frames: Sequence[Frame], card: ModelCard, prepared: Prepared) -> np.ndarray:
    """True where the network sees measured pixels, bool [N, *size]: no padding of any kind."""
    source = np.stack([_measured(frame, card) for frame in frames])
    return prepared.forth(source.astype(np.float32)) >= 0.5


@dataclass(frozen=True, eq=False)
class _Values:
    """Values in the model's grid, and what normalises them: [channels or 1, *size].

    `padding` is the value where nothing was measured.
    """

    model: np.ndarray
    mean: float
    deviation: float
    padding: float


def prepare(frames: Sequence[Frame], card: ModelCard) -> Prepared:
    """The input of `card`'s network for `frames`, all of one shape.

    A model of volumes takes all of them as one volume, in their order; another takes each alone.
    Raises UserError where slices are no volume.
    """
    import torch

    if len(card.size) == 3:
        geometry = volume_geometry(frames, card)
        planes = np.stack([meant_values(frame, card, channels=1) for frame in frames], axis=1)
        measured = np.stack([_measured(frame, card) for frame in frames])
        inputs = [_in_model_grid(planes, measured, geometry, card)]
    else:
        geometry = picture_geometry(frames[0].shape, card)
        if any(frame.shape != frames[0].shape for frame in frames):
            raise ValueError("frames of different shapes are prepared one by one")
        inputs = [
            _in_model_grid(
                meant_values(frame, card, card.channels), _measured(frame, card), geometry, card
            )
            for frame in frames
        ]
    array = np.stack([_normalised(values, card) for values in inputs])
    lowest = np.array([[values.padding] for values in inputs], np.float32)
    mean, scale = (
        np.stack(part) for part in zip(*(_norm(one, card) for one in inputs), strict=True)
    )
    return Prepared(
        torch.from_numpy(array),
        f"{geometry.words}; {_value_words(frames, card)}",
        geometry.warnings,
        geometry,
        (lowest - mean) / scale,
        mean,
        scale,
    )


def meant_values(frame: Frame, card: ModelCard, channels: int) -> np.ndarray:
    """One frame's values as the model means them, float32 [1 or 3, rows, columns]."""
    values = grey(frame).astype(np.float32) if card.input == "displayed" else frame.values()
    if card.clip is not None:
        np.clip(values, *card.clip, out=values)
    if values.ndim == 2:
        return values[None]
    merged: np.ndarray = (values @ LUMA)[None] if channels == 1 else np.moveaxis(values, -1, 0)
    return merged


def _measured(frame: Frame, card: ModelCard) -> np.ndarray:
    """True where the frame holds measurements, [rows, columns]."""
    everywhere = np.ones(frame.shape, dtype=bool)
    if card.input == "displayed" or frame.colour:
        return everywhere
    measured = frame.measured()
    if measured is None:
        measured = everywhere
    if np.issubdtype(frame.stored.dtype, np.floating):
        measured = measured & np.isfinite(frame.stored)
    return measured


def _in_model_grid(
    values: np.ndarray, measured: np.ndarray, geometry: Geometry, card: ModelCard
) -> _Values:
    """Values [channels, *source] turned and resampled; padding becomes the lowest measurement."""
    everything = bool(measured.all())
    lowest = _lowest(values, measured)
    if not everything:
        values = np.where(measured, values, np.float32(lowest))
    turned = geometry.turned(values)
    mean, deviation = 0.0, 1.0
    if card.normalise == "per_source":
        counted = turned if everything else turned[..., geometry.turned(measured)]
        if counted.size:
            mean = float(counted.mean(dtype=np.float64))
            deviation = float(counted.std(dtype=np.float64)) or 1.0
    return _Values(geometry.sampled(turned, lowest), mean, deviation, lowest)


def _lowest(values: np.ndarray, measured: np.ndarray) -> float:
    return float(values.min(initial=np.inf, where=measured)) if measured.any() else 0.0


def _normalised(values: _Values, card: ModelCard) -> np.ndarray:
    """The network's numbers, float32 [channels, *size]."""
    shape = (-1,) + (1,) * len(card.size)
    mean, scale = (part.reshape(shape) for part in _norm(values, card))
    made = (values.model - mean) / scale
    return np.broadcast_to(made, (card.channels, *card.size))


def _norm(values: _Values, card: ModelCard) -> tuple[np.ndarray, np.ndarray]:
    """What is subtracted from the values, and what they are divided by: float32 [channels]."""
    own = card.normalise == "per_source"
    mean, scale = ((values.mean,), (values.deviation,)) if own else (card.mean, card.scale)
    return (
        np.broadcast_to(np.array(mean, dtype=np.float32), card.channels),
        np.broadcast_to(np.array(scale, dtype=np.float32), card.channels),
    )


def _value_words(frames: Sequence[Frame], card: ModelCard) -> str:
    words = []
    if card.input == "displayed":
        words.append(_window_words(frames))
    if card.clip is not None:
        words.append(f"clipped to {card.clip[0]:g}…{card.clip[1]:g}")
    if card.normalise == "per_source":
        words.append("normalised by its own mean and deviation")
    else:
        # − with a negative number reads like a slip of the pen.
        below = len(card.mean) == 1 and card.mean[0] < 0
        mean = f"+ {-card.mean[0]:g}" if below else f"- {_numbers(card.mean)}"
        words.append(f"(value {mean}) / {_numbers(card.scale)}")
    return ", ".join(words)


def _window_words(frames: Sequence[Frame]) -> str:
    if frames[0].colour:
        return "colours as displayed"
    window = default_window(frames[0])
    form = "VOI table" if frames[0].table is not None else window.function
    words = f"as displayed, window {window.center:g} / {window.width:g} {form}"
    several = any(default_window(frame) != window for frame in frames)
    return f"{words} (the first frame's, each has its own)" if several else words


def _numbers(values: tuple[float, ...]) -> str:
    words = ", ".join(f"{value:g}" for value in values)
    return words if len(values) == 1 else f"({words})"
