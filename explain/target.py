"""What is explained: one output of the model as a single number that has a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from explain.guard import Score
from explain.reduction import Part, contrast, part_score, tensor_of, unchanged
from inference.cards import ModelCard, TaskName
from inference.errors import UserError
from inference.prepare import Prepared
from inference.records import Frame, Region
from inference.tasks.answer import check_output

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda output: torch.softmax(output, dim=1),
    "sigmoid": torch.sigmoid,
}

INSIDE = 0.5
"""The label of a marked region is looked for where places are this much as full as the fullest."""


@dataclass(frozen=True, eq=False)
class Target:
    """The chosen label, and the score that stands for it.

    `against` is the label it is set against, None for the label alone. `words` say for people
    what is asked about, such as "nodule rather than normal".
    """

    index: int
    label: str
    score: Score
    against: str | None = None
    words: str = ""


@dataclass(frozen=True, eq=False)
class Within:
    """A marked region in the model's space: float [*size], the share of each place inside it.

    `origin` says in words where it comes from.
    """

    shares: Tensor
    origin: str


def aim(
    card: ModelCard,
    output: object,
    target: str | int | None,
    kind: Literal["logit", "probability"],
    *,
    against: str | int | None = None,
    within: Within | None = None,
) -> Target:
    """The target for `output`, the model's unperturbed answer, its main tensor [1, labels, …].

    `target` is a label, an index, or None for the top label. With `against` the score is how far
    the target's value is above that label's: why the one and not the other. With `within` the
    target of a segmentation is summed over that region, whatever the model found there. Raises
    UserError (usage) for an unknown label or a region that has no meaning, UserError (input) where
    a segmentation found nothing of it, NumbersError where the answer is no answer.
    """
    size = card.size if card.task == "segment" else ()
    found = tensor_of(output)
    check_output(found.detach().cpu().numpy(), (1, len(card.labels), *size), card)
    values: Score = ACTIVATIONS[card.activation] if kind == "probability" else unchanged
    index = None if target is None else _index(card, target)
    part, words = _AIMS[card.task](card, found, index, within)
    score, label = part_score(output, part, values), card.labels[part.label]
    if against is None:
        return Target(part.label, label, score, words=f"{label}{words}")
    other = _index(card, against)
    if other == part.label:
        raise UserError(
            f"{label} cannot be set against itself.",
            "Choose another label to set it against, or another target.",
            fault="usage",
        )
    rival = part_score(output, Part(other, part.region), values)
    named = card.labels[other]
    return Target(
        part.label, label, contrast(score, rival), named, f"{label} rather than {named}{words}"
    )


def marked_in_model(region: Region, frames: Sequence[Frame], prepared: Prepared) -> np.ndarray:
    """How much of each place of the model's input lies in a region, float32 [*size], 0…1.

    Raises UserError where the region was not marked on these frames.
    """
    planes = np.stack([region_on(region, frame) for frame in frames])
    shares: np.ndarray = prepared.forth(planes.astype(np.float32))[0]
    return shares


def region_on(region: Region, frame: Frame) -> np.ndarray:
    """A region on one frame, bool [rows, columns]; raises UserError if it was marked elsewhere."""
    source_id, index = frame.key
    plane = region.at(index, frame.shape)
    if region.source_id != source_id or plane.shape != frame.shape:
        raise UserError(
            f"The region ({region.origin}) was marked on another scan than this one.",
            "Mark one on this scan.",
        )
    return plane


def _index(card: ModelCard, label: str | int) -> int:
    if label in card.labels:
        return card.labels.index(str(label))
    known = range(len(card.labels))
    if str(label).isdecimal() and int(label) in known:
        return int(label)
    raise UserError(
        f"The model {card.model_id} has no target {label}.",
        f"Its targets are {', '.join(card.labels)}, or 0 to {known[-1]}.",
        fault="usage",
    )


def _class_part(
    card: ModelCard, output: Tensor, index: int | None, within: Within | None
) -> tuple[Part, str]:
    """One label's value; the label with the highest logit where none is named."""
    if within is not None:
        raise UserError(
            f"The model {card.model_id} gives one answer for the whole picture, none for a region.",
            "Leave the region out, or choose a model that segments.",
            fault="usage",
        )
    return Part(int(output[0].argmax()) if index is None else index), ""


def _region_part(
    card: ModelCard, output: Tensor, index: int | None, within: Within | None
) -> tuple[Part, str]:
    """One label's values over the marked region, or over the one the unperturbed pass gave it.

    Where no label is named it is that of the largest region that is not background.
    """
    winner = output[0].argmax(dim=0)
    if within is not None:
        if not bool(within.shares.any()):
            raise UserError(
                "The marked region lies outside what the model sees.",
                "Mark another region, or leave it out.",
            )
        inside = winner[within.shares >= INSIDE * within.shares.max()]
        if index is None:
            index = _largest(card, inside, " in the marked region")
        return Part(index, within.shares), f", within the marked region ({within.origin})"
    if index is None:
        index = _largest(card, winner.flatten())
    region = winner == index
    if not bool(region.any()):
        raise _no_region(card, f"no {card.labels[index]}")
    return Part(index, region), ""


def _largest(card: ModelCard, winner: Tensor, where: str = "") -> int:
    """The label that wins most often among places [n], background left out."""
    sizes = torch.bincount(winner, minlength=len(card.labels))
    for label, name in enumerate(card.labels):
        if name == "background":
            sizes[label] = 0
    if not bool(sizes.any()):
        raise _no_region(card, f"nothing but background{where}")
    return int(sizes.argmax())


def _no_region(card: ModelCard, what: str) -> UserError:
    return UserError(
        f"The model {card.model_id} finds {what} here, so there is no region to explain.",
        "Choose another frame or another target.",
    )


_AIMS: dict[
    TaskName,
    Callable[[ModelCard, Tensor, int | None, Within | None], tuple[Part, str]],
] = {
    "classify": _class_part,
    "segment": _region_part,
}
