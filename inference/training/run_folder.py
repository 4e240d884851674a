"""The folder of one training run: a line a metric while it runs, weights and card at its end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from inference.card_files import CARD_NAME, write_card
from inference.cards import CardMetric, ModelCard
from inference.errors import UserError
from inference.records import Scalar
from inference.task import Task
from inference.whole_file import surroundings, write_bytes

if TYPE_CHECKING:
    from torch import nn

METRICS_NAME = "metrics.jsonl"
WEIGHTS_NAME = "weights.safetensors"


class RunFolder:
    """Where a run leaves what it learns; the folder is made, and may hold no other run."""

    def __init__(self, folder: Path, task: Task) -> None:
        self.folder = folder
        self.task = task
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / METRICS_NAME).exists():
                raise UserError(
                    f"The folder {folder.name} holds a training run already.",
                    "Choose another folder with --out, or remove that one.",
                    fault="usage",
                    path=str(folder),
                )
            (folder / METRICS_NAME).touch()
        except OSError as error:
            raise surroundings(error, folder / METRICS_NAME) from error

    def record(self, **values: Scalar) -> None:
        """Append one point to metrics.jsonl and say it; no times, so that equal runs are equal."""
        try:
            with (self.folder / METRICS_NAME).open("a", encoding="utf-8") as file:
                file.write(json.dumps(values, allow_nan=False) + "\n")
        except OSError as error:
            raise surroundings(error, self.folder / METRICS_NAME) from error
        self.task.note(", ".join(f"{name} {value}" for name, value in values.items()))

    def save_weights(self, network: nn.Module, card: ModelCard) -> ModelCard:
        """Write the weights; the answer is `card` with their place and digest."""
        import safetensors.torch

        from inference.weights import digest

        state = {key: value.contiguous() for key, value in network.state_dict().items()}
        data = safetensors.torch.save(state)
        place = self.folder / WEIGHTS_NAME
        write_bytes(place, data)
        return replace(card, weights=str(place.resolve()), sha256=digest(data))

    def save_card(self, card: ModelCard, metrics: tuple[CardMetric, ...]) -> ModelCard:
        """Write the card with what was measured, each figure also as a line of metrics."""
        for metric in metrics:
            self.record(
                phase="measured",
                name=metric.name,
                data=metric.data,
                value=metric.value,
                low=metric.low,
                high=metric.high,
                n=metric.n,
            )
        card = replace(card, metrics=metrics)
        write_card(card, self.folder / CARD_NAME)
        return card
