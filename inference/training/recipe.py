"""What a recipe is, and how one is carried out: train, save, load, measure, write the card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from inference.cards import CardMetric, ModelCard
from inference.training.loop import fixed_threads
from inference.training.run_folder import RunFolder


@dataclass(frozen=True)
class Recipe:
    """How one built-in model is made, and how it is then measured.

    `card` is the model's card without weights and figures. `data` is the folder below the shared
    data that both functions are given, None where everything is generated.
    """

    card: ModelCard
    data: str | None
    train: Callable[[ModelCard, Path, RunFolder], nn.Module]
    measure: Callable[[ModelCard, Path], tuple[CardMetric, ...]]
    seed: int


def carry_out(recipe: Recipe, data: Path, run: RunFolder) -> ModelCard:
    """Run `recipe` into `run`; the answer is the finished card. Minutes on two cores.

    What is measured is the file that was written, run as any model is, so that the card says what
    its user gets. Equal data and versions give equal weights and figures.
    """
    with fixed_threads():
        torch.manual_seed(recipe.seed)
        network = recipe.train(recipe.card, data, run)
        card = run.save_weights(network.eval(), recipe.card)
        return run.save_card(card, recipe.measure(card, data))
