"""RISE: the score of inputs seen through random masks, laid back over what each mask showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from math import ceil, prod

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from explain.features import judge_features
from explain.perturbed import BATCH, Perturbed, stopped_after
from explain.question import Answer, Method, Question
from explain.records import Option
from inference.records import Scalar

NOISY = 0.5
"""A standard error beyond this share of the map is said in a warning: Lepton's own rule."""


def rise(question: Question) -> Answer:
    """The mean of random masks, each weighted by the score it lets through (Petsiuk et al. 2018).

    arXiv 1806.07421, equation 6: `values` are that to the letter. The map is without the mean score
    under the masks, which the paper's sum gives to every place alike; so it is zero where it does
    not matter whether a place is seen, and has a sign. What a mask hides is the baseline's.
    """
    total = question.whole("masks")
    perturbed = Perturbed(question)
    drawn = masks(
        question.size, question.whole("cells"), question.number("keep"), question.generator()
    )
    sums = Sums(question.size, question.number("keep"), question.value)
    while sums.count < total and not (sums.count and question.task.stopped):
        some = torch.stack(list(islice(drawn, min(perturbed.batch, total - sums.count))))
        sums.add(some, perturbed.score(_seen_through(question, some)))
        if 1 < sums.count < total:
            question.show(partial(_answer, question, sums))
    return _answer(question, sums, stopped_after(sums.count, total, "masks"))


def masks(
    size: tuple[int, ...], cells: int, keep: float, generator: torch.Generator
) -> Iterator[Tensor]:
    """One mask [*size] with values from 0 to 1 after another, for ever.

    A grid of `cells` along the longest side, of which each cell is kept with the probability
    `keep`, is stretched linearly to one cell more than the input and cut out at a random place
    (section 3.2 of the paper). Along shorter sides there are cells of about the same length.
    """
    counts = [min(length, max(2, round(cells * length / max(size)))) for length in size]
    lengths = [ceil(length / count) for length, count in zip(size, counts, strict=True)]
    stretched = [(count + 1) * length for count, length in zip(counts, lengths, strict=True)]
    way = {2: "bilinear", 3: "trilinear"}[len(size)]
    while True:
        grid = (torch.rand(counts, generator=generator) < keep).float()
        wide = functional.interpolate(grid[None, None], size=stretched, mode=way)[0, 0]
        shifts = [int(torch.randint(length, (), generator=generator)) for length in lengths]
        yield wide[tuple(slice(first, first + n) for first, n in zip(shifts, size, strict=True))]


class Sums:
    """Sums over all masks so far, from which everything follows, so that no mask is kept.

    `keep` is the probability that a place is seen. Scores are counted from `near`, a value like
    theirs, so that no digits are lost where they differ little.
    """

    def __init__(self, size: tuple[int, ...], keep: float, near: float) -> None:
        self._size, self._keep, self._near = size, keep, near
        self.count = 0
        self._mean = 0.0
        self._of_masks = torch.zeros(2, prod(size), dtype=torch.float64)
        self._of_squares = torch.zeros(3, prod(size), dtype=torch.float64)

    def add(self, some: Tensor, scores: np.ndarray) -> None:
        """Take in masks [N, *size] and the scores [N] under them."""
        scored = torch.from_numpy(scores) - self._near
        powers = torch.stack([torch.ones_like(scored), scored, scored**2])
        flat = some.flatten(1).double()
        self._of_masks += powers[:2] @ flat
        self._of_squares += powers @ flat**2
        self._mean = (self._mean * self.count + float(scored.sum())) / (self.count + len(scored))
        self.count += len(scored)

    @property
    def weighted(self) -> Tensor:
        """The paper's map, the sum of masks times scores by `count` times `keep`: [*size]."""
        shown, scored = self._of_masks
        return self._laid(scored + self._near * shown)

    @property
    def centred(self) -> Tensor:
        """The same of scores without their mean, [*size]."""
        shown, scored = self._of_masks
        return self._laid(scored - self._mean * shown)

    @property
    def error(self) -> Tensor:
        """The standard error of `centred`, [*size]."""
        ones, scored, squared = self._of_squares
        squares = squared - 2 * self._mean * scored + self._mean**2 * ones
        variance = squares / self.count - (self.centred.flatten() * self._keep) ** 2
        return self._laid((variance.clamp(min=0) * self.count).sqrt())

    def _laid(self, sums: Tensor) -> Tensor:
        return (sums / (self.count * self._keep)).reshape(self._size)


def _seen_through(question: Question, some: Tensor) -> Tensor:
    """The input under each of N masks [N, *size], what they hide replaced: [N, C, *size]."""
    shown = some[:, None].to(question.inputs)
    return question.baseline + shown * (question.inputs - question.baseline)


def _answer(question: Question, sums: Sums, warnings: tuple[str, ...] = ()) -> Answer:
    found, error = sums.centred, sums.error
    return Answer(
        sums.weighted[None, None].to(question.inputs).expand_as(question.inputs),
        found[None].to(question.inputs),
        signed=True,
        reduction="one value for all channels, without the mean score under the masks",
        uses_baseline=True,
        spread=error[None].to(question.inputs),
        warnings=(*warnings, *_noise(float(found.norm()), float(error.norm()))),
    )


def _noise(strength: float, error: float) -> tuple[str, ...]:
    if error <= NOISY * strength:
        return ()
    share = f"{error / strength:.0%} as large as" if strength else "larger than"
    return (f"The map's standard error is {share} the map itself: more masks sharpen it.",)


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("masks", "int", 500, 2, 20_000, "Random masks that the input is seen through"),
        Option("cells", "int", 7, 2, 64, "Cells of a mask along the longest side"),
        Option("keep", "float", 0.5, 0.05, 0.95, "The share of the input that a mask shows"),
        BATCH,
    )


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["masks"] or 0) + 1


RISE = Method(
    "rise",
    "RISE",
    "perturbation",
    options=_options,
    passes=_passes,
    judge=partial(judge_features, _options, _passes),
    run=rise,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Petsiuk et al. 2018, arXiv 1806.07421",
)
