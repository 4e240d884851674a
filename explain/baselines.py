"""What stands for "nothing there": the inputs that methods compare with, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from inference.cards import ModelCard
from inference.errors import UserError
from inference.prepare import Prepared, measured_in_model, prepare
from inference.records import Frame

BLUR_SHARE = 0.045
"""The deviation of a blur as a share of the longest side: 10 pixels of 224, as in Fong & Vedaldi
2017 (arXiv 1704.03296). Details that a person would name are gone then, large shadows stay."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What a baseline may be made of: the frames asked about, and how a model sees them."""

    card: ModelCard
    prepared: Prepared
    frames: Sequence[Frame]
    reference: Frame | None

    @property
    def input(self) -> np.ndarray:
        """float32 [C, *size]"""
        found: np.ndarray = self.prepared.tensor[0].numpy()
        return found

    def filled(self, channels: np.ndarray) -> np.ndarray:
        """One value a channel [C] over the whole input, [C, *size]."""
        shape = (-1,) + (1,) * len(self.card.size)
        return np.broadcast_to(channels.reshape(shape), (self.card.channels, *self.card.size))


@dataclass(frozen=True)
class Baseline:
    """One line of the table: its name, a title to choose it by, and how it is made.

    `make` gives float32 [C, *size] in normalised units, and what it is in words with numbers.
    """

    name: str
    title: str
    make: Callable[[Scene], tuple[np.ndarray, str]]


def make_baseline(
    name: str,
    card: ModelCard,
    prepared: Prepared,
    frames: Sequence[Frame],
    reference: Frame | None = None,
) -> tuple[Tensor, str]:
    """The baseline of this name for what the model sees, float32 [1, C, *size], and its words.

    `reference` is the picture that "picture" means. Raises UserError (usage) for an unknown name,
    and for a picture where none was chosen or none can be taken.
    """
    if name not in BASELINES:
        raise UserError(
            f"There is no baseline named {name}.",
            f"Known are {', '.join(BASELINES)}.",
            fault="usage",
        )
    values, words = BASELINES[name].make(Scene(card, prepared, frames, reference))
    return torch.from_numpy(np.array(values, dtype=np.float32)[None]), words


def _of_card(scene: Scene) -> tuple[np.ndarray, str]:
    value = np.full(scene.card.channels, scene.card.baseline, dtype=np.float32)
    return scene.filled(value), f"constant {scene.card.baseline:g} after normalisation"


def _zero(scene: Scene) -> tuple[np.ndarray, str]:
    return np.zeros_like(scene.input), "zero after normalisation"


def _blur(scene: Scene) -> tuple[np.ndarray, str]:
    sigma = BLUR_SHARE * max(scene.card.size)
    blurred = [gaussian_filter(channel, sigma, mode="nearest") for channel in scene.input]
    words = f"the input itself, blurred (Gaussian, deviation {sigma:.3g} pixels of the input)"
    return np.stack(blurred), words


def _mean(scene: Scene) -> tuple[np.ndarray, str]:
    measured = measured_in_model(scene.frames, scene.card, scene.prepared)[0]
    if not measured.any():
        measured = np.ones_like(measured)
    means = scene.input[:, measured].mean(axis=1, dtype=np.float64).astype(np.float32)
    return scene.filled(means), f"the input's own mean, {_numbers(means)} after normalisation"


def _padding(scene: Scene) -> tuple[np.ndarray, str]:
    value = scene.prepared.padding[0]
    words = "what stands around the picture, its lowest measured value, "
    return scene.filled(value), f"{words}{_numbers(value)} after normalisation"


def _picture(scene: Scene) -> tuple[np.ndarray, str]:
    if len(scene.card.size) == 3:
        raise UserError(
            f"The model {scene.card.model_id} takes volumes, and a picture is none.",
            "Choose another baseline.",
            fault="usage",
        )
    if scene.reference is None:
        raise UserError(
            "No picture was chosen that the input is to be compared with.",
            "Choose one, or another baseline.",
            fault="usage",
        )
    seen: np.ndarray = prepare((scene.reference,), scene.card).tensor[0].numpy()
    source_id, index = scene.reference.key
    return seen, f"a chosen picture: frame {index} of source {source_id}"


def _numbers(values: np.ndarray) -> str:
    # Channels that were made of one grey value have one number.
    return ", ".join(dict.fromkeys(f"{value:.4g}" for value in values))


BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        Baseline("card", "As the model's card says", _of_card),
        Baseline("zero", "Zero", _zero),
        Baseline("blur", "The picture, blurred", _blur),
        Baseline("mean", "The picture's mean", _mean),
        Baseline("padding", "As outside the picture", _padding),
        Baseline("picture", "Another picture", _picture),
    )
}
"""In the order in which they are offered."""
