"""Whether a map stays when the input hardly changes, and whether it foretells changes that count.

Both measures are those of Yeh et al. 2019 (arXiv 1901.09392) as Captum computes them.
"""

from __future__ import annotations

import numpy as np
import torch
from captum.metrics import infidelity as captum_infidelity
from captum.metrics import sensitivity_max
from torch import Tensor

from explain.case import Case, Check
from explain.checks.removal import is_picture
from explain.faithfulness import verdict
from explain.governor import inner_batch
from inference.records import Figure, Verdict

RADIUS = 0.02
"""The noise's largest value as a share of the input's range: too faint to change a finding."""
MAPS = 5
FEWEST_MAPS = 2
BUDGET = 160
"""Inputs that may go through the model for sensitivity: fewer maps of methods that take many."""
MOST_PASSES = 2000
"""A map that takes more is not made again at all."""

PATCHES = 48
SIDES = (0.125, 0.5)
"""The sides of the patches that infidelity covers, as shares of the input's: one to many organs."""


def sensitivity(case: Case) -> tuple[Figure, ...]:
    """The most that a map changes under faint noise on the input, relative to its own size."""
    name, title = "sensitivity", "Repeatability under noise"
    maps, radius = _maps(case), RADIUS * float(case.inputs.max() - case.inputs.min())
    if not maps or radius == 0.0:
        words = _too_slow(case) if not maps else EVEN
        return (Figure(name, title, None, None, words),)
    generator = case.question.generator()

    def disturbed(inputs: Tensor) -> Tensor:
        noise = torch.rand(inputs.shape, generator=generator, dtype=inputs.dtype).to(inputs)
        return inputs + radius * (2.0 * noise - 1.0)

    def explained(inputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor]:
        if isinstance(inputs, tuple):  # Captum asks first about the untouched input.
            return (torch.from_numpy(case.map)[None],)
        with torch.enable_grad():
            return (torch.from_numpy(case.over_input(case.again(inputs=inputs)))[None],)

    found = float(
        sensitivity_max(
            explained,
            case.inputs,
            disturbed,
            n_perturb_samples=maps,
            max_examples_per_batch=1,
        )
    )
    colour = verdict(name, found)
    words = (
        f"Noise of at most {RADIUS:.0%} of the input's range changes the map by up to {found:.0%} "
        f"of its size in {maps} tries. {_STEADY[colour]}"
    )
    details = (("radius", radius), ("maps", maps))
    return (Figure(name, title, found, colour, words, details),)


_STEADY: dict[Verdict | None, str] = {
    "green": "The map would look the same on a repeated scan.",
    "amber": "Read its large features alone; an average over noise (SmoothGrad) is steadier.",
    "red": "On a repeated scan its details would be others: read nothing finer than its large "
    "features, or take an average over noise (SmoothGrad).",
}


EVEN = "Not measured: the picture is the same everywhere, so noise has no size to go by."


def _too_slow(case: Case) -> str:
    return (
        f"Not measured: one map takes {_passes_of_one(case):,} passes, and it would have to be "
        f"made at least {FEWEST_MAPS} times more. Compare with another seed or method instead."
    )


def _passes_of_one(case: Case) -> int:
    return case.method.passes(case.question.options, case.question.size) + 1


def _maps(case: Case) -> int:
    """How many maps are made again; 0 where even a few would take too long."""
    one = _passes_of_one(case)
    return max(FEWEST_MAPS, min(MAPS, BUDGET // one)) if one <= MOST_PASSES else 0


class _Covered:
    """Covers random patches by the baseline and keeps, for each, what happened.

    `expected` is the map's sum over the patch, `real` the fall of the score.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._generator = case.question.generator()
        # One value a place, shared out over the channels: Captum wants the input's shape.
        one = torch.from_numpy(case.map).to(case.inputs)[None, None] / case.inputs.shape[1]
        self.map = one.expand_as(case.inputs)
        self.areas: list[float] = []
        self.expected: list[float] = []
        self.real: list[float] = []

    def cover(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What is taken from N inputs, and the inputs without it, both [N, C, *size]."""
        patches = torch.stack([self._patch() for _ in range(len(inputs))])
        taken = patches[:, None].to(inputs).expand_as(inputs)
        self.areas += patches.flatten(1).double().mean(dim=1).tolist()
        self.expected += (taken * self.map).flatten(1).double().sum(dim=1).tolist()
        return taken, torch.where(taken > 0, self._case.question.baseline, inputs)

    def score(self, batch: Tensor) -> Tensor:
        """The score of each input, [N]; the untouched one is known."""
        question = self._case.question
        if len(batch) == 1 and torch.equal(batch, question.inputs):
            return torch.full((1,), question.value).to(batch)
        scores = question.forward(batch)
        self.real += (question.value - scores.double()).tolist()
        return scores

    def _patch(self) -> Tensor:
        """True in a box of random place and sides, bool [*size]."""
        size = self._case.question.size
        chance = torch.rand(2, len(size), generator=self._generator, dtype=torch.float64).tolist()
        found = torch.zeros(size, dtype=torch.bool)
        box = []
        for length, wide, where in zip(size, *chance, strict=True):
            side = max(1, round(length * (SIDES[0] + (SIDES[1] - SIDES[0]) * wide)))
            start = round(where * (length - side))
            box.append(slice(start, start + side))
        found[tuple(box)] = True
        return found


def infidelity(case: Case) -> tuple[Figure, ...]:
    """How badly the map foretells what covering a patch does to the score, 0 (exactly) to 1.

    The map is scaled as fits best, so that maps without a unit can be judged, and the error is
    divided by the mean square of the real changes, so that models can be compared. In `details`
    is Captum's own figure for the map as it is, and what a map would get that is the same
    everywhere.
    """
    name, title = "infidelity", "Infidelity"
    trials = _Covered(case)
    raw = captum_infidelity(
        trials.score,
        trials.cover,
        case.inputs,
        trials.map,
        n_perturb_samples=PATCHES,
        max_examples_per_batch=min(PATCHES, inner_batch(case.question, gradients=False)),
    )
    found = unexplained(np.array(trials.expected), np.array(trials.real))
    even = unexplained(np.array(trials.areas), np.array(trials.real))
    if found is None or even is None:
        words = "Not measured: covering patches of the picture does not change the score."
        return (Figure(name, title, None, None, words),)
    colour = verdict(name, found)
    words = (
        f"Of what happens to the score when {PATCHES} random patches are covered, the map leaves "
        f"{found:.0%} unexplained; a map that is the same everywhere leaves {even:.0%}. "
        f"{_TELLING[colour]}"
    )
    details = (("captum", float(raw)), ("even_map", even), ("patches", PATCHES))
    return (Figure(name, title, found, colour, words, details),)


_TELLING: dict[Verdict | None, str] = {
    "green": "Its sums over an area may be read as that area's weight in the answer.",
    "amber": "It may still show where to look, but its sums over an area are not that area's "
    "weight in the answer.",
}
"""Never red: patches that are covered are like nothing the model was made for, and a map that
does not foretell what the model makes of them may be right about the picture as it is."""


def unexplained(expected: np.ndarray, real: np.ndarray) -> float | None:
    """The share of `real` changes [n], in squares, that the best multiple of `expected` leaves.

    Only multiples that keep its sign: a map that foretells the opposite explains nothing. None
    where nothing changes; 1 where nothing is expected.
    """
    size = float(real @ real)
    if size == 0.0:
        return None
    together, scale = max(0.0, float(expected @ real)), float(expected @ expected)
    return 1.0 - together**2 / (scale * size) if scale > 0.0 else 1.0


SENSITIVITY = Check(
    "sensitivity",
    "Repeatability under noise",
    sensitivity,
    passes=lambda case: _maps(case) * _passes_of_one(case),
    asks=is_picture,
    paper="Yeh et al. 2019, arXiv 1901.09392",
)

INFIDELITY = Check(
    "infidelity",
    "Infidelity",
    infidelity,
    passes=lambda case: PATCHES,
    asks=is_picture,
    paper="Yeh et al. 2019, arXiv 1901.09392",
)
