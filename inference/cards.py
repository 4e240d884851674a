"""What a model is, what it accepts, and how a source differs from that; free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.records import Options, Source

TaskName = Literal["classify", "segment"]


@dataclass(frozen=True)
class Accepts:
    """The sources a model was made for; an empty tuple or None means any."""

    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    photometric: tuple[str, ...] = ()
    dimensions: Literal[2, 3] = 2
    spacing_mm: tuple[float, float] | None = None
    """Smallest and largest pixel spacing, in millimetres."""
    unit: str | None = None


@dataclass(frozen=True)
class CardMetric:
    """One figure on held-out data with its 95 % confidence interval."""

    name: str
    data: str
    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class ModelCard:
    """A model as its card tells it; `weights` is the absolute path of the file.

    `size` is the network's input, (rows, columns) or (slices, rows, columns). `orientation` is,
    for volumes, three letters: the patient directions (of L R P A S I) towards which the model's
    slices, rows and columns count up, e.g. "SAR"; None where the model takes pictures as stored.
    Input = (value - mean) / scale, values in source units (or 0–255 grey where `input` is
    "displayed"). `baseline` is in normalised units. `resize` says how a picture meets `size`.
    """

    model_id: str
    title: str
    task: TaskName
    labels: tuple[str, ...]
    accepts: Accepts
    input: Literal["values", "displayed"]
    size: tuple[int, ...]
    channels: int
    resize: Literal["stretch", "fit"]
    """"stretch" scales rows and columns apart; "fit" keeps proportions and pads."""
    orientation: str | None
    spacing_mm: float | None
    """For volumes: the isotropic spacing the model expects; None = as stored."""
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    clip: tuple[float, float] | None
    """Source values are clipped to this range before normalisation."""
    normalise: Literal["fixed", "per_source"]
    """"per_source" takes mean and deviation from the source itself (MR has no unit)."""
    baseline: float
    architecture: str
    arguments: Options
    weights: str
    sha256: str
    activation: Literal["softmax", "sigmoid"]
    purpose: str
    intended_use: str
    training_data: str
    licence: str
    metrics: tuple[CardMetric, ...]
    limits: tuple[str, ...]
    layer: str | None = None
    """The convolution that Grad-CAM takes unless another is chosen."""
    built_in: bool = True


def differences(source: Source, card: ModelCard) -> tuple[str, ...]:
    """Sentences that say how `source` differs from what the model accepts; empty if it fits."""
    accepts = card.accepts
    found = []
    if accepts.modalities and source.modality not in accepts.modalities:
        is_now = source.modality or "of no known modality"
        found.append(f"The model was made for {_either(accepts.modalities)}; this is {is_now}.")
    if accepts.body_parts and source.body_part and source.body_part not in accepts.body_parts:
        found.append(
            f"The model was made for {_either(accepts.body_parts)}; this shows {source.body_part}."
        )
    if accepts.photometric and source.photometric not in accepts.photometric:
        found.append(
            f"The model expects {_either(accepts.photometric)} pixels; "
            f"these are {source.photometric or 'unknown'}."
        )
    if accepts.dimensions == 3 and source.frames < 2:
        found.append("The model expects a volume; this is a single picture.")
    if accepts.dimensions == 3 and source.frames > 1 and source.affine is None:
        found.append("The model expects a volume; the frames of this source have no geometry.")
    if accepts.unit and source.unit != accepts.unit:
        found.append(
            f"The model expects values in {accepts.unit}; these are "
            f"{'in ' + source.unit if source.unit else 'without a unit'}."
        )
    if accepts.spacing_mm is not None:
        found.extend(_spacing_difference(source, accepts.spacing_mm))
    return tuple(found)


def states_input(card: ModelCard) -> bool:
    """Whether the card says anything of what the model accepts."""
    accepts = card.accepts
    said = (accepts.modalities, accepts.body_parts, accepts.photometric, accepts.unit)
    return any(said) or accepts.spacing_mm is not None or accepts.dimensions == 3


def fitting_first(source: Source, cards: tuple[ModelCard, ...]) -> tuple[ModelCard, ...]:
    """The cards, those that `source` fits first; otherwise in the order given."""
    return tuple(sorted(cards, key=lambda card: len(differences(source, card))))


def _spacing_difference(source: Source, limits: tuple[float, float]) -> list[str]:
    low, high = limits
    if source.spacing_mm is None:
        return [f"The model expects pixels of {low:g}–{high:g} mm; these have no known size."]
    between = source.spacing_mm[:2]
    if min(between) < low * 0.999 or max(between) > high * 1.001:
        size = " × ".join(f"{value:.3g}" for value in between)
        return [f"The model expects pixels of {low:g}–{high:g} mm; these are {size} mm."]
    return []


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
