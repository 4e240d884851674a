"""What the score does when places are taken away, or given back, in the order of a map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import torch
from torch import Tensor

from explain.case import Case, Check
from explain.checks.imputation import imputed
from explain.checks.removal import blurred, chance_map, edges, is_picture, places, smoothed
from explain.faithfulness import verdict
from explain.governor import inner_batch
from inference.records import Curve, Figure, Verdict

CHANCE_MAPS = 3
"""Random maps of which the mean is the floor."""

FLAT = 1e-6
"""A score that falls by less when everything is covered has nothing to be taken away."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way to take places away: what stands for them, how much at a time, what is better.

    `picture` makes the input [1, C, *size] for the places of rank below a count. `falls` says that
    a good map brings the score down early; else it brings it up early. `shares` ascend from 0.
    `done` says in words what is done to the map's strongest places.
    """

    name: str
    title: str
    shares: tuple[float, ...]
    falls: bool
    picture: Callable[[Trial, Tensor, int], Tensor]
    done: str
    paper: str


@dataclass(frozen=True, eq=False)
class Trial:
    """One way with one case: scores of pictures; those that all maps share are asked once."""

    case: Case
    way: Way

    @cached_property
    def generator(self) -> torch.Generator:
        return self.case.question.generator()

    @cached_property
    def blurred(self) -> Tensor:
        return blurred(self.case.inputs)

    @cached_property
    def _batch(self) -> int:
        return inner_batch(self.case.question, gradients=False)

    @cached_property
    def _ends(self) -> dict[int, float]:
        """The scores with nothing and with everything in its place, the same for all maps."""
        return {}

    def scores(self, values: np.ndarray) -> np.ndarray:
        """The scores at `way.shares` in the order of `values` [*size], largest first, float64."""
        ranks = torch.from_numpy(places(values, self.generator)).to(self.case.inputs.device)
        counts = [round(share * values.size) for share in self.way.shares]
        ends = {0, values.size} & set(counts)
        self._ends.update(self._ask(ranks, ends - set(self._ends)))
        found = self._ends | self._ask(ranks, set(counts) - ends)
        return np.array([found[count] for count in counts])

    @torch.no_grad()
    def _ask(self, ranks: Tensor, counts: set[int]) -> dict[int, float]:
        ordered, scores = sorted(counts), list[float]()
        for first in range(0, len(ordered), self._batch):
            some = ordered[first : first + self._batch]
            pictures = [self._picture(ranks, count) for count in some]
            scores += self.case.question.forward(torch.cat(pictures)).tolist()
        return dict(zip(ordered, scores, strict=True))

    def _picture(self, ranks: Tensor, count: int) -> Tensor:
        self.case.question.task.check()
        return self.way.picture(self, ranks, count)


def _deleted(trial: Trial, ranks: Tensor, count: int) -> Tensor:
    question = trial.case.question
    return torch.where(ranks < count, question.baseline, question.inputs)


def _inserted(trial: Trial, ranks: Tensor, count: int) -> Tensor:
    return torch.where(ranks < count, trial.case.inputs, trial.blurred)


def _imputed(trial: Trial, ranks: Tensor, count: int) -> Tensor:
    return imputed(trial.case.inputs, ranks < count, trial.generator)


_SHARES = (
    *(0.0, 0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02),
    *(0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0),
)
"""Close together where shares are small: what a reader looks at first decides."""

DELETED = Way(
    "deletion",
    "Deletion",
    _SHARES,
    falls=True,
    picture=_deleted,
    done="are covered first",
    paper="Petsiuk et al. 2018, arXiv 1806.07421",
)
INSERTED = Way(
    "insertion",
    "Insertion",
    _SHARES,
    falls=False,
    picture=_inserted,
    done="come back first into a blurred picture",
    paper="Petsiuk et al. 2018, arXiv 1806.07421",
)
IMPUTED = Way(
    "road",
    "Deletion by imputation (ROAD)",
    (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7),
    falls=True,
    picture=_imputed,
    done="are first filled in from what is around them",
    paper="Rong et al. 2022, arXiv 2202.00449",
)


def removal_figure(way: Way, case: Case) -> tuple[Figure, ...]:
    """The curve of the map beside those of the floors, and what their heights mean.

    In the curves 1 is the score of the untouched input and 0 that of the baseline. What goes
    beyond either counts as no more than that: pictures that are half covered are like nothing the
    model was made for, and their wildest scores would outweigh the rest. Map and edges are
    smoothed alike; a signed map is followed from what speaks most for the target to what speaks
    most against it.
    """
    question = case.question
    with torch.no_grad():
        covered = float(question.forward(question.baseline))
    if question.value - covered < FLAT:
        return (_without_fall(way),)
    trial = Trial(case, way)
    own = smoothed(case.map)
    chance = [chance_map(own, trial.generator) for _ in range(CHANCE_MAPS)]
    lines = [
        np.clip((trial.scores(values) - covered) / (question.value - covered), 0.0, 1.0)
        for values in (own, smoothed(edges(case.inputs)), *chance)
    ]
    shares = np.array(way.shares)
    return (
        _judged(
            way,
            Curve("map", shares, lines[0]),
            Curve("random map", shares, np.mean(lines[2:], axis=0)),
            Curve("edges", shares, lines[1]),
        ),
    )


def height(curve: Curve) -> float:
    """The mean height of a curve where every doubling of the share counts alike, 0 to 1.

    On a plain axis nine tenths of the area tell what happens to a picture of which hardly
    anything is left; a finding is a hundredth of it.
    """
    there = curve.x > 0
    return _mean(np.log(curve.x[there]), curve.y[there])


def area(curve: Curve) -> float:
    """The mean height of a curve on a plain axis: the area of the paper, where it goes to 1."""
    return _mean(curve.x, curve.y)


def _mean(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def _judged(way: Way, own: Curve, chance: Curve, edge: Curve) -> Figure:
    heights = [height(curve) for curve in (own, chance, edge)]
    sign = 1 if way.falls else -1
    over_chance, over_edges = (sign * (other - heights[0]) for other in heights[1:])
    colour = judge(over_chance, over_edges)
    sentence = (
        f"Where the map's strongest places {way.done}, the score is at {heights[0]:.0%} of its "
        f"height on average; with a random map at {heights[1]:.0%}, with plain edges at "
        f"{heights[2]:.0%}, and {'less' if way.falls else 'more'} is better. {_MEANING[colour]}"
    )
    details = (
        ("random_map", heights[1]),
        ("edges", heights[2]),
        ("gain", min(over_chance, over_edges)),
        *(("area", area(own)), ("area_random_map", area(chance)), ("area_edges", area(edge))),
    )
    return Figure(way.name, way.title, heights[0], colour, sentence, details, (own, chance, edge))


def judge(over_chance: float, over_edges: float) -> Verdict | None:
    """The colour of a map that is better by so much than a random one, and than plain edges.

    A finding may well have edges: to be no better than these makes no map wrong, but doubtful.
    """
    colour = verdict("removal_gain", over_chance)
    doubtful = colour == "green" and verdict("removal_gain", over_edges) != "green"
    return "amber" if doubtful else colour


_MEANING: dict[Verdict | None, str] = {
    "green": "The map finds places that this answer hangs on.",
    "amber": "The map is not clearly better than both: look at another method as well.",
    "red": "The map is worse than chance at finding what this answer hangs on: do not rely on it.",
}


def _without_fall(way: Way) -> Figure:
    words = (
        "Not measured: the score does not fall when the whole picture is covered, so there is "
        "nothing to take away. Choose another target or another baseline."
    )
    return Figure(way.name, way.title, None, None, words)


def _passes(way: Way, case: Case) -> int:
    size = case.map.size
    counts = {round(share * size) for share in way.shares}
    ends = counts & {0, size}
    return 1 + len(ends) + (2 + CHANCE_MAPS) * len(counts - ends)


def _check(way: Way) -> Check:
    return Check(
        way.name,
        way.title,
        partial(removal_figure, way),
        partial(_passes, way),
        asks=is_picture,
        paper=way.paper,
    )


DELETION, INSERTION, ROAD = (_check(way) for way in (DELETED, INSERTED, IMPUTED))
