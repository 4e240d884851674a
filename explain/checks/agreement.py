"""Do other methods, a little noise and other baselines point at the same place?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from explain.agreement import CELLS, agreement_matrix, coarsened, consensus
from explain.baselines import make_baseline
from explain.case import Case, Check
from explain.checks.reasons import BLANK
from explain.facts import examine
from explain.faithfulness import TOP_SHARE, verdict
from explain.methods import METHODS
from explain.noise import noise
from explain.question import Answer
from explain.records import InputKind
from explain.similarity import top_weights
from inference.errors import NumbersError
from inference.records import Figure

PANEL = ("smoothgrad", "integrated_gradients", "grad_cam", "occlusion")
"""Methods of different families, all of them quick on pictures."""
MOST_PASSES = 1000
"""A method of more passes with its defaults is left out of the panel."""

AGREEMENT_TITLE = "Other methods agree"

NOISES = 3
NOISE_SHARE = 0.02
"""The deviation of the noise as a share of the input's range; 28 HU of a chest CT."""
BASELINES = ("zero", "blur", "mean")


def agreement(case: Case) -> tuple[Figure, ...]:
    """The map beside those of a panel of other methods, cell by cell, and its top's steadiness.

    Compared is what speaks for the target: the values above zero, averaged over the cells of the
    coarsest map, at most 16 a side. `agreement` is what the tops of this map and of each other
    method have in common, `agreement_rank` Spearman's ρ between them, both the median over the
    others. `steadiness` is the share of this map's top that lies in the tops of more than half of
    all maps: those of the panel, of noisy inputs, and of other baselines.
    """
    if not (case.map > 0.0).any():
        return (Figure("agreement", AGREEMENT_TITLE, None, None, BLANK),)
    others = dict(_panel(case))
    unsteady = list(_unsteady(case))
    natives = [answer.map.shape[1:] for answer in (case.answer, *others.values())]
    grid = [min(CELLS, *lengths) for lengths in zip(*natives, strict=True)]
    own = _evidence(case, case.answer, grid)
    panel = {name: _evidence(case, answer, grid) for name, answer in others.items()}
    varied = [_evidence(case, answer, grid) for answer in unsteady]
    return (*_between_methods(case, own, panel), _steadiness(own, [*panel.values(), *varied]))


def panel_of(asked: str, kind: InputKind, size: tuple[int, ...]) -> dict[str, int]:
    """The methods of the panel for such inputs, besides the one that was asked, and their passes.

    Whether they fit the model is not looked at.
    """
    found = {}
    for name in PANEL:
        method = METHODS[name]
        if name != asked and kind in method.seen:
            options = {option.name: option.default for option in method.options(size)}
            passes = method.passes(options, size)
            if passes <= MOST_PASSES:
                found[name] = passes
    return found


def _panel(case: Case) -> Iterator[tuple[str, Answer]]:
    question = case.question
    facts = examine(
        case.model,
        case.inputs,
        question.score,
        question.baseline,
        question.kind,
        named=case.card.layer,
    )
    layer = question.layer or next((one for one in facts.layers if one.default), None)
    for name in panel_of(case.method.name, question.kind, question.size):
        method = METHODS[name]
        if method.judge(facts).status == "red":
            continue
        try:
            yield method.title, case.again(method=method, layer=layer)
        except NumbersError:
            continue  # a method that gives no numbers has no opinion


def _unsteady(case: Case) -> Iterator[Answer]:
    """The same method on noisy inputs, and with other baselines where it compares with one."""
    for grain in islice(noise(case.question, NOISE_SHARE), NOISES):
        yield case.again(inputs=case.inputs + grain)
    if case.answer.uses_baseline:
        for name in BASELINES:
            values, _ = make_baseline(name, case.card, case.prepared, case.frames)
            yield case.again(baseline=values.to(case.inputs))


def _evidence(case: Case, answer: Answer, grid: list[int]) -> np.ndarray:
    """What speaks for the target in each cell, float64 [*grid]."""
    found: np.ndarray = np.clip(coarsened(case.over_input(answer), grid), 0.0, None)
    return found


def _between_methods(
    case: Case, own: np.ndarray, panel: dict[str, np.ndarray]
) -> tuple[Figure, ...]:
    if not panel:
        words = "No other quick method fits this model, so there is nothing to compare with."
        return (Figure("agreement", AGREEMENT_TITLE, None, None, words),)
    beside = agreement_matrix({case.method.title: own, **panel}).with_first()
    rank = float(np.median([one for _, one, _ in beside]))
    overlap = float(np.median([one for _, _, one in beside]))
    colour = verdict("agreement", overlap)
    meaning = {
        "green": "They point at the same place.",
        "amber": "They agree in part: look at more than one map.",
        "red": "They point elsewhere: do not believe one map alone.",
    }
    words = (
        f"The strongest {TOP_SHARE:.0%} of this map and those of {_named(list(panel))} have "
        f"{overlap:.0%} in common (median; {TOP_SHARE:.0%} by chance). {meaning[colour or 'amber']}"
    )
    ranked = (
        f"Over all places, the weak ones too, the order of this map and theirs correlates by "
        f"{rank:.2f} (median of Spearman's ρ; 1 is the same order, 0 is chance)."
    )
    tops = tuple((name, value) for name, _, value in beside)
    ranks = tuple((name, value) for name, value, _ in beside)
    return (
        Figure("agreement", AGREEMENT_TITLE, overlap, colour, words, tops),
        Figure("agreement_rank", "Order of places agrees", rank, None, ranked, ranks),
    )


def _steadiness(own: np.ndarray, others: list[np.ndarray]) -> Figure:
    name, title = "steadiness", "Steady under noise, baselines and methods"
    together = consensus([own, *others])
    top = top_weights(own, TOP_SHARE)
    kept = float(top[together.agreed].sum() / top.sum()) if top.any() else 0.0
    spread = float(together.spread[top > 0.0].mean()) if top.any() else 0.0
    words = (
        f"{kept:.0%} of the strongest {TOP_SHARE:.0%} of this map lie where more than half of "
        f"{len(others) + 1} maps under noise, other baselines and other methods have theirs."
    )
    if not together.enough:
        words = f"{words} {together.words}"
    details = (
        ("overlap", together.overlap),
        ("spread", spread),
        ("maps", len(others) + 1),
        ("enough", together.enough),
    )
    return Figure(name, title, kept, verdict(name, kept), words, details)


def _named(titles: list[str]) -> str:
    return titles[0] if len(titles) == 1 else ", ".join(titles[:-1]) + " and " + titles[-1]


def _passes(case: Case) -> int:
    """Of the panel with its defaults, and of this method for noises and baselines."""
    size = case.question.size
    panel = sum(panel_of(case.method.name, case.question.kind, size).values())
    times = NOISES + (len(BASELINES) if case.answer.uses_baseline else 0)
    return panel + times * case.method.passes(case.question.options, size)


AGREEMENT = Check("agreement", AGREEMENT_TITLE, agreement, _passes)
