"""How sure a segmentation is of each pixel: the shares from which masks of any threshold come."""

from __future__ import annotations

import time

import numpy as np
import torch

from inference.cards import ModelCard
from inference.devices import choose
from inference.errors import UserError
from inference.predict import Network, batches
from inference.prepare import Prepared
from inference.provenance import provenance
from inference.records import SoftMap
from inference.requests import PredictRequest
from inference.shares import FULL, foreground
from inference.task import Task
from inference.tasks.answer import ACTIVATIONS, check_output


def soft_maps(request: PredictRequest, task: Task) -> tuple[SoftMap, ...]:
    """One map for each frame of `request`, in their order; a model of volumes answers once.

    Raises UserError (usage) for a model that segments nothing, NumbersError where the network's
    answer is no answer.
    """
    card = request.card
    if card.task != "segment":
        raise UserError(
            f"{card.title} says nothing of single pixels.",
            "Choose a model that segments.",
            fault="usage",
        )
    network = Network(card, choose(request.device), request.batch, task)
    made: list[SoftMap] = []
    for frames in batches(request):
        prepared, parts, device, began = network.start(frames)
        output = torch.cat([part.to("cpu", torch.float32) for part in parts]).numpy()
        shares = _shares(output, prepared, card)
        said = provenance(card, prepared.words, device, time.perf_counter() - began)
        labels = tuple(card.labels[place] for place in foreground(card.labels))
        made += [
            SoftMap(frame.key, labels, np.ascontiguousarray(shares[:, place]), said)
            for place, frame in enumerate(frames)
        ]
        task.progress(len(made), len(request.frames))
    return tuple(made)


def _shares(output: np.ndarray, prepared: Prepared, card: ModelCard) -> np.ndarray:
    """From logits [N, labels, *size]: uint8 [labels, frames, rows, columns] of the source."""
    check_output(output, (len(prepared.tensor), len(card.labels), *card.size), card)
    scores = ACTIVATIONS[card.activation](output)
    # One label after the other: all of them as floats at the size of a source would not fit.
    return np.stack([_whole(prepared.back(scores[:, one])) for one in foreground(card.labels)])


def _whole(shares: np.ndarray) -> np.ndarray:
    """Shares of 0 to 1 in whole steps; going back to the source may leave these by a rounding."""
    found: np.ndarray = np.rint(np.clip(shares, 0.0, 1.0) * FULL).astype(np.uint8)
    return found
