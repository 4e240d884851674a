"""What is hidden as one: the parts into which an input is divided for methods that hide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import get_args

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from explain.question import Answer, Facts, Judgement, Question
from explain.records import InputKind, Option
from explain.superpixels import grid, lattice, superpixels
from inference.records import Completeness, Scalar

EVERY_KIND: frozenset[InputKind] = frozenset(get_args(InputKind))


@dataclass(frozen=True, eq=False)
class Features:
    """A division of an input; `labels` [*size] says of each place which feature it belongs to.

    Every feature from 0 to `count` - 1 has a place. All channels of a place belong together.
    """

    labels: np.ndarray

    @cached_property
    def count(self) -> int:
        return int(self.labels.max()) + 1

    @cached_property
    def places(self) -> list[tuple[slice, ...]]:
        """The smallest box around each feature."""
        return [place for place in ndimage.find_objects(self.labels + 1) if place is not None]

    @cached_property
    def centres(self) -> np.ndarray:
        """Where each feature lies: float64 [count, axes], in places of the input."""
        ones = np.ones_like(self.labels)
        found = ndimage.center_of_mass(ones, self.labels, range(self.count))
        return np.asarray(found, dtype=float).reshape(self.count, self.labels.ndim)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum over each feature's places: [*size] → float64 [count]."""
        return np.bincount(self.labels.ravel(), values.ravel(), self.count)

    def over(self, values: np.ndarray, like: Tensor) -> Tensor:
        """Each feature's value at its places, [count] → [1, *size], on the device of `like`."""
        laid = torch.from_numpy(values[self.labels])[None]
        return laid.to(like.device, like.dtype if like.is_floating_point() else torch.float32)


def features_of(question: Question) -> Features:
    """The division of the question's input that its options ask for.

    Pictures and volumes: superpixels or boxes, about `count`. Each token of a sequence and each
    column of a table is a feature by itself.
    """
    if not has_size(question.size):
        return Features(np.arange(question.inputs.shape[-1], dtype=np.int32))
    divide = _DIVISIONS[question.word("features")]
    picture, count = question.inputs[0].cpu().numpy(), question.whole("count")
    return Features(divide(picture, count, question.task.check))


_DIVISIONS: dict[str, Callable[[np.ndarray, int, Callable[[], None]], np.ndarray]] = {
    "superpixels": superpixels,
    "grid": lambda picture, count, check: grid(picture.shape[1:], count),
}


def has_size(size: tuple[int, ...] | None) -> bool:
    """Whether places lie beside each other in an input of this size; True where none is known."""
    return size is None or len(size) > 1


def feature_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    """How the input is divided; tokens and columns are not."""
    if not has_size(size):
        return ()
    choices = tuple(_DIVISIONS)
    return (
        Option("features", "choice", choices[0], None, None, "What is hidden at once", choices),
        Option("count", "int", 64, 2, 1000, "About how many there are"),
    )


def about_how_many(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    """The number of features for these options, as the lattice has it that superpixels begin on.

    A superpixel that loses all its pixels to others makes it one less.
    """
    if not has_size(size):
        return prod(size)
    return prod(lattice(size, int(options["count"] or 1)))


def judge_features(
    options: Callable[[tuple[int, ...] | None], tuple[Option, ...]],
    passes: Callable[[Mapping[str, Scalar], tuple[int, ...]], int],
    facts: Facts,
) -> Judgement:
    """The word of every method that hides features: right for all models, slow for volumes."""
    if len(facts.size) < 3:
        return Judgement("green")
    count = passes({option.name: option.default for option in options(facts.size)}, facts.size)
    return Judgement(
        "amber",
        f"Slow: {count:,} passes through a whole volume.",
        instead="saliency" if facts.differentiable else None,
    )


def features_answer(
    question: Question,
    features: Features,
    values: np.ndarray,
    *,
    change: float | None = None,
    errors: np.ndarray | None = None,
    warnings: tuple[str, ...] = (),
) -> Answer:
    """The answer that gives each feature one value, [count], at all its places, as Captum does.

    `change` is what the sum over features should be: the change of the score when all are hidden.
    `errors` are standard errors of the values.
    """
    one_channel = features.over(values, question.inputs)
    laid = one_channel
    if question.inputs.ndim > one_channel.ndim:
        laid = one_channel[:, None].expand_as(question.inputs)
    return Answer(
        laid,
        one_channel,
        signed=True,
        reduction="one value for all pixels and channels that are hidden together",
        completeness=None if change is None else Completeness(float(values.sum()), change),
        uses_baseline=True,
        spread=None if errors is None else features.over(errors, question.inputs),
        warnings=warnings,
    )
