"""Does the map follow the model? It has to change when the model forgets what it learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np

from explain.case import Case, Check
from explain.faithfulness import verdict, worst
from explain.shuffled import owners, shuffled, stages
from explain.similarity import normalised, rank_correlation, structural_similarity
from inference.errors import NumbersError
from inference.records import Curve, Figure, Verdict

SEEDS = 3
MOST_STAGES = 8
QUICK = 200
"""Methods of more passes than this are asked at the last stage alone."""


@dataclass(frozen=True)
class _Likeness:
    """How alike the map is after `shuffled` modules were shuffled; `plain` is the plain SSIM."""

    shuffled: int
    rank: float
    ssim: float
    plain: float


def randomisation(case: Case) -> tuple[Figure, ...]:
    """The map beside those of networks that are shuffled layer by layer from the output down.

    The model parameter randomisation test of Adebayo et al. 2018 (arXiv 1810.03292), cascading; why
    methods fail it: Sixt et al. 2020 (arXiv 1912.09818). The figure is the magnitude of Spearman's
    ρ of the maps as they are shown, median of three seeds, after all layers are shuffled; SSIM is
    of the normalised maps, by content.
    """
    names = owners(case.model, lambda: case.question.forward(case.inputs))
    if not names:
        return (_unknown("This model keeps no weights where they can be shuffled."),)
    steps = stages(names, MOST_STAGES) if _is_quick(case) else [len(names)]
    cascade = [_compare(case, names, step, 0) for step in steps]
    ends = [cascade[-1], *(_compare(case, names, len(names), seed) for seed in range(1, SEEDS))]
    told = [one for one in ends if one is not None]
    if not told:
        return (_unknown("With its weights shuffled this model gives no numbers to compare."),)
    rank, ssim, plain = (
        median(getattr(one, name) for one in told) for name in ("rank", "ssim", "plain")
    )
    found = worst(verdict("randomisation", rank), verdict("randomisation_ssim", ssim))
    return (
        Figure(
            "randomisation",
            "Follows the model",
            rank,
            found,
            _sentence(rank, ssim, found),
            (("ssim", ssim), ("ssim_plain", plain), ("seeds", len(told)), ("layers", len(names))),
            tuple(_curves([one for one in cascade if one is not None])),
        ),
    )


def _compare(case: Case, names: list[str], count: int, seed: int) -> _Likeness | None:
    """The likeness when the last `count` modules are shuffled; None where no numbers come."""
    other = shuffled(case.model, names[len(names) - count :], case.question.seed * SEEDS + seed)
    try:
        values = case.over_input(case.again(model=other))
    except NumbersError:
        return None
    if not np.isfinite(values).all():
        return None
    one, two = normalised(case.map), normalised(values)
    span = 2.0 if case.answer.signed else 1.0
    return _Likeness(
        count,
        abs(rank_correlation(case.map, values)),
        structural_similarity(one, two, span, by_content=True),
        structural_similarity(one, two, span),
    )


def _curves(cascade: list[_Likeness]) -> Iterator[Curve]:
    places = np.array([0, *(one.shuffled for one in cascade)], dtype=np.float64)
    yield Curve("rank correlation", places, np.array([1.0, *(one.rank for one in cascade)]))
    yield Curve("SSIM", places, np.array([1.0, *(one.ssim for one in cascade)]))


def _sentence(rank: float, ssim: float, found: Verdict | None) -> str:
    if found == "green":
        return (
            "With its layers shuffled the model gives another map (rank correlation "
            f"{rank:.2f}, similarity {ssim:.2f}), so the map comes from what the model learned."
        )
    return (
        "The method failed on this model: with all its layers shuffled, so that it knows nothing, "
        f"the map stays much the same (rank correlation {rank:.2f}, similarity {ssim:.2f}). "
        "It shows the picture rather than the model; choose another method."
    )


def _unknown(words: str) -> Figure:
    return Figure("randomisation", "Follows the model", None, None, words)


def _is_quick(case: Case) -> bool:
    return case.method.passes(case.question.options, case.question.size) <= QUICK


def _passes(case: Case) -> int:
    one = case.method.passes(case.question.options, case.question.size)
    return one * (SEEDS + (MOST_STAGES - 1 if _is_quick(case) else 0))


RANDOMISATION = Check(
    "randomisation",
    "Follows the model",
    randomisation,
    _passes,
    paper="Adebayo et al. 2018, arXiv 1810.03292",
)
