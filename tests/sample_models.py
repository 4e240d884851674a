"""Small models for tests: a card to vary, and a way to put card and weights into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from inference.card_files import CARD_NAME, write_card
from inference.cards import Accepts, ModelCard

if TYPE_CHECKING:
    import torch

CARD = ModelCard(
    model_id="sample",
    title="Sample",
    task="classify",
    labels=("normal", "nodule"),
    accepts=Accepts(),
    input="values",
    size=(8, 8),
    channels=1,
    resize="stretch",
    orientation=None,
    spacing_mm=None,
    mean=(0.0,),
    scale=(1.0,),
    clip=None,
    normalise="fixed",
    baseline=0.0,
    architecture="plain_cnn",
    arguments=(("widths", "4"),),
    weights="weights.safetensors",
    sha256="0" * 64,
    activation="softmax",
    purpose="To be tested.",
    intended_use="Tests alone.",
    training_data="None.",
    licence="Apache-2.0",
    metrics=(),
    limits=("It knows nothing.",),
    built_in=False,
)
"""Takes 8 × 8 pictures as they are."""

VOLUME_CARD = replace(
    CARD, accepts=Accepts(dimensions=3), size=(12, 16, 20), orientation="SAR", architecture="tiny"
)
"""Takes volumes of 12 × 16 × 20 voxels, slices up, rows to the front, columns to the right."""


def install(card: ModelCard, state: Mapping[str, torch.Tensor], folder: Path) -> ModelCard:
    """Write `state` and the card that fits it into `folder`; the card as it would be read."""
    import safetensors.torch

    from inference.weights import digest

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "weights.safetensors"
    safetensors.torch.save_file(dict(state), path)
    made = replace(card, weights=str(path), sha256=digest(path.read_bytes()))
    write_card(made, folder / CARD_NAME)
    return made
