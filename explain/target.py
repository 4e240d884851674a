"""What is explained: one output of the model as a single number that has a gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from explain.guard import Score
from inference.cards import ModelCard, TaskName
from inference.errors import UserError
from inference.tasks.answer import check_output

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda output: torch.softmax(output, dim=1),
    "sigmoid": torch.sigmoid,
}


@dataclass(frozen=True, eq=False)
class Target:
    """The chosen label, and the score that stands for it."""

    index: int
    label: str
    score: Score


def aim(
    card: ModelCard,
    output: Tensor,
    target: str | int | None,
    kind: Literal["logit", "probability"],
) -> Target:
    """The target for `output`, the model's unperturbed answer [1, labels, …].

    `target` is a label, an index, or None for the top label. Raises UserError (usage) for an
    unknown one, UserError (input) where a segmentation found nothing of it, NumbersError where
    the answer is no answer.
    """
    size = card.size if card.task == "segment" else ()
    check_output(output.detach().cpu().numpy(), (1, len(card.labels), *size), card)
    index = _index(card, target)
    values: Score = ACTIVATIONS[card.activation] if kind == "probability" else _as_is
    index, score = _AIMS[card.task](card, output, index, values)
    return Target(index, card.labels[index], score)


def _as_is(output: Tensor) -> Tensor:
    return output


def _index(card: ModelCard, target: str | int | None) -> int | None:
    if target is None:
        return None
    if target in card.labels:
        return card.labels.index(str(target))
    known = range(len(card.labels))
    if str(target).isdecimal() and int(target) in known:
        return int(target)
    raise UserError(
        f"The model {card.model_id} has no target {target}.",
        f"Its targets are {', '.join(card.labels)}, or 0 to {known[-1]}.",
        fault="usage",
    )


def _class_score(
    card: ModelCard, output: Tensor, index: int | None, values: Score
) -> tuple[int, Score]:
    """One label's value; the label with the highest logit where none is named."""
    chosen = int(output[0].argmax()) if index is None else index
    return chosen, lambda answer: values(answer)[:, chosen]


def _region_score(
    card: ModelCard, output: Tensor, index: int | None, values: Score
) -> tuple[int, Score]:
    """The sum of one label's values over the region that the unperturbed pass gave it.

    Where no label is named it is the largest region that is not background.
    """
    winner = output[0].argmax(dim=0)
    if index is None:
        sizes = torch.bincount(winner.flatten(), minlength=len(card.labels))
        for label, name in enumerate(card.labels):
            if name == "background":
                sizes[label] = 0
        if not bool(sizes.any()):
            raise _no_region(card, "nothing but background")
        index = int(sizes.argmax())
    if not bool((winner == index).any()):
        raise _no_region(card, f"no {card.labels[index]}")
    chosen, region = index, (winner == index).to(output.dtype)
    return chosen, lambda answer: (values(answer)[:, chosen] * region).flatten(1).sum(dim=1)


def _no_region(card: ModelCard, what: str) -> UserError:
    return UserError(
        f"The model {card.model_id} finds {what} here, so there is no region to explain.",
        "Choose another frame or another target.",
    )


_AIMS: dict[TaskName, Callable[[ModelCard, Tensor, int | None, Score], tuple[int, Score]]] = {
    "classify": _class_score,
    "segment": _region_score,
}
