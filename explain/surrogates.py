"""Methods that fit a simple model to the scores of randomly hidden features: Lime, Kernel SHAP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from math import comb

import numpy as np
import torch

from explain.features import (
    EVERY_KIND,
    Features,
    about_how_many,
    feature_options,
    features_answer,
    features_of,
    judge_features,
)
from explain.linear_fits import (
    GROUPS,
    Fit,
    caution,
    fidelity,
    jackknife,
    lasso,
    ridge,
    shapley_fit,
)
from explain.perturbed import BATCH, Hiding, stopped_after
from explain.question import Answer, Method, Question
from explain.records import Option
from inference.records import Scalar

FAITHFUL = 0.5
"""A line that explains less of the scores' variance than this is said to: Lepton's own rule."""

ALL_UP_TO = 16
"""Features of which every coalition may be asked; 2¹⁶ are more than anybody waits for."""

_LINES = {"ridge": ridge, "lasso": lasso}


def lime(question: Question) -> Answer:
    """A line through the scores of inputs with half of their features hidden (Ribeiro et al. 2016).

    Inputs nearer to the question's own weigh more. The first sample hides nothing. The same as
    Captum's Lime for the same samples. Asked to stop, it fits a cautious line to what there is.
    """
    features = features_of(question)
    hiding = Hiding(question, features)
    kept = halves(features.count, question.whole("samples"), question.generator())
    weights = nearness(question, features, kept)
    line, alpha = _LINES[question.word("surrogate")], question.number("alpha")
    answer = partial(features_answer, question, features)

    def cautious(scores: np.ndarray) -> np.ndarray:
        rows = slice(len(scores))
        return ridge(kept[rows], scores, weights[rows], caution(kept[rows], weights[rows]))

    scores = np.array([hiding.value])
    for some in hiding.scores(kept[1:]):
        scores = np.append(scores, some)
        if len(scores) < len(kept):
            question.show(partial(_shown, answer, cautious, scores))

    def fit(rows: np.ndarray) -> np.ndarray:
        question.task.check()
        return line(kept[rows], scores[rows], weights[rows], alpha)

    rows = np.arange(len(scores))
    found = fit(rows) if len(scores) == len(kept) else cautious(scores)
    share = fidelity(kept[rows], scores, weights[rows], found)
    return answer(
        found,
        errors=_errors(fit, rows),
        warnings=(*stopped_after(len(scores), len(kept), "samples"), *_doubts(share)),
    )


def kernel_shap(question: Question) -> Answer:
    """Shapley values as the best line through scores of coalitions (Lundberg & Lee 2017).

    All coalitions are asked where `samples` allow, which gives the exact values. Else they are
    drawn as often as the Shapley kernel weighs them, each beside its complement (Covert & Lee
    2021, arXiv 2012.01536). The values sum to the change between nothing and all exactly.
    """
    features = features_of(question)
    hiding = Hiding(question, features)
    (nothing,) = next(hiding.scores(np.zeros((1, features.count), dtype=bool))).tolist()
    change = hiding.value - nothing
    asked = question.whole("samples") - 2
    kept, weights = coalitions(features.count, asked, question.generator())
    answer = partial(features_answer, question, features, change=change)

    def cautious(scores: np.ndarray) -> np.ndarray:
        rows = slice(len(scores))
        eased = caution(kept[rows], weights[rows])
        return shapley_fit(kept[rows], scores - nothing, weights[rows], change, eased)

    scores = np.zeros(0)
    for some in hiding.scores(kept):
        scores = np.append(scores, some)
        if len(scores) < len(kept):
            question.show(partial(_shown, answer, cautious, scores))

    def fit(rows: np.ndarray) -> np.ndarray:
        question.task.check()
        return shapley_fit(kept[rows], scores[rows] - nothing, weights[rows], change)

    rows = np.arange(len(scores))
    whole = len(scores) == len(kept)
    exact = whole and len(kept) == 2**features.count - 2
    return answer(
        fit(rows) if whole else cautious(scores),
        errors=None if exact else _errors(fit, rows // 2),
        warnings=stopped_after(len(scores) + 2, len(kept) + 2, "samples"),
    )


def _shown(
    answer: Callable[[np.ndarray], Answer],
    fit: Callable[[np.ndarray], np.ndarray],
    scores: np.ndarray,
) -> Answer:
    return answer(fit(scores))


def halves(count: int, samples: int, generator: torch.Generator) -> np.ndarray:
    """Rows with each feature there or not, as a coin falls; the first has all: bool [n, count]."""
    kept = torch.rand(samples, count, generator=generator).numpy() < 0.5
    kept[0] = True
    return kept


def coalitions(
    count: int, samples: int, generator: torch.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Some features of all, never none and never all: bool [n, count], and their weights [n].

    All there are, weighted by the Shapley kernel, where they are not more than `samples`. Else
    `samples` of them, drawn by that kernel, each second one the complement of that before.
    """
    if count <= ALL_UP_TO and 2**count - 2 <= samples:
        every = np.array(list(product((False, True), repeat=count))[1:-1]).reshape(-1, count)
        sizes = every.sum(axis=1)
        return every, np.array([(count - 1) / (comb(count, k) * k * (count - k)) for k in sizes])
    sizes_there = torch.arange(1, count, dtype=torch.float64)
    often = 1 / (sizes_there * (count - sizes_there))
    drawn = torch.multinomial(often, (samples + 1) // 2, replacement=True, generator=generator) + 1
    kept = np.zeros((2 * len(drawn), count), dtype=bool)
    for number, size in enumerate(drawn.tolist()):
        kept[2 * number, torch.randperm(count, generator=generator)[:size].numpy()] = True
    kept[1::2] = ~kept[0::2]
    return kept[:samples], np.ones(samples)


def nearness(question: Question, features: Features, kept: np.ndarray) -> np.ndarray:
    """How much each row of features that stay weighs: float64 [n], 1 for all of them.

    exp(-d² / 2 width²), where d is 1 less the cosine between the changed input and the
    question's own (Captum's default); of token ids, which are no quantities, between the rows.
    """
    own, other = question.inputs[0].double().cpu(), question.baseline[0].double().cpu()
    if not question.inputs.is_floating_point():
        own, other = torch.ones_like(own), torch.zeros_like(own)
    products = [
        one.reshape(-1, *features.labels.shape).sum(dim=0).numpy()
        for one in (own * own, own * other, other * other)
    ]
    here, across, there = (features.sums(one) for one in products)
    stay, gone = kept.astype(float), 1.0 - kept
    along = stay @ here + gone @ across
    length = np.sqrt(stay @ here + gone @ there)
    cosine = along / (np.maximum(np.sqrt(here.sum()), 1e-8) * np.maximum(length, 1e-8))
    return np.asarray(np.exp(-((1.0 - cosine) ** 2) / (2 * question.number("kernel_width") ** 2)))


def _errors(fit: Fit, numbers: np.ndarray) -> np.ndarray | None:
    """How far the fit hangs on single rows; rows of the same number belong together."""
    if len(numbers) < 4 * GROUPS:
        return None
    return jackknife(fit, [np.flatnonzero(numbers % GROUPS == one) for one in range(GROUPS)])


def _doubts(share: float) -> tuple[str, ...]:
    if share >= FAITHFUL:
        return ()
    return (
        f"A sum over the parts explains only {max(share, 0.0):.0%} of how the score changes when "
        "parts are hidden. Try fewer parts, more samples, or Kernel SHAP.",
    )


def _lime_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    lines = tuple(_LINES)
    return (
        *feature_options(size),
        Option("samples", "int", 500, 8, 100_000, "Inputs with features hidden"),
        Option("surrogate", "choice", lines[0], None, None, "How the line is fitted", lines),
        Option("alpha", "float", 0.01, 0.0, 100.0, "How much large values are held back"),
        Option("kernel_width", "float", 1.0, 0.01, 100.0, "Up to which distance samples weigh"),
        BATCH,
    )


def _lime_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["samples"] or 1)


def _shap_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        *feature_options(size),
        Option("samples", "int", 500, 8, 100_000, "Inputs with features hidden"),
        BATCH,
    )


def _shap_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    count, samples = about_how_many(options, size), int(options["samples"] or 1)
    return min(samples, 2**count) if count <= ALL_UP_TO else samples


LIME = Method(
    "lime",
    "Lime",
    "perturbation",
    options=_lime_options,
    passes=_lime_passes,
    judge=partial(judge_features, _lime_options, _lime_passes),
    run=lime,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Ribeiro et al. 2016, arXiv 1602.04938",
    seen=EVERY_KIND,
)

KERNEL_SHAP = Method(
    "kernel_shap",
    "Kernel SHAP",
    "perturbation",
    options=_shap_options,
    passes=_shap_passes,
    judge=partial(judge_features, _shap_options, _shap_passes),
    run=kernel_shap,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Lundberg & Lee 2017, arXiv 1705.07874",
    seen=EVERY_KIND,
)
