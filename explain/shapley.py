"""Shapley values of features by sampling the orders in which they are put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import torch

from explain.features import (
    EVERY_KIND,
    about_how_many,
    feature_options,
    features_answer,
    features_of,
    judge_features,
)
from explain.perturbed import BATCH, Hiding, stopped_after
from explain.question import Answer, Method, Question
from explain.records import Option
from inference.records import Scalar


def shapley_value_sampling(question: Question) -> Answer:
    """What putting one feature back adds, in the mean over orders of putting all back.

    (Castro et al. 2009, doi 10.1016/j.cor.2008.04.004; Štrumbelj & Kononenko 2010.) Captum's
    ShapleyValueSampling with the same orders gives the same. Every second order is the reverse of
    the one before, which takes out all that comes from pairs of features (Mitchell et al. 2022,
    arXiv 2104.12199).
    """
    features = features_of(question)
    hiding = Hiding(question, features)
    (nothing,) = next(hiding.scores(np.zeros((1, features.count), dtype=bool))).tolist()
    answer = partial(features_answer, question, features, change=hiding.value - nothing)
    samples = question.whole("samples")
    done: list[np.ndarray] = []
    whole = 0
    for order in orders(features.count, samples, question.generator()):
        path = [nothing]
        for scores in hiding.scores(put_back(order)):
            path += scores.tolist()
            found = np.mean([*done, walk(order, path, hiding.value)], axis=0)
            question.show(partial(answer, found))
        whole += len(path) == features.count
        if len(path) == features.count or not done:
            done.append(walk(order, path, hiding.value))
        if question.task.stopped:
            break
    return answer(
        np.mean(done, axis=0),
        errors=errors(done[:whole]),
        warnings=stopped_after(whole, samples, "orders"),
    )


def orders(count: int, samples: int, generator: torch.Generator) -> Iterator[np.ndarray]:
    """`samples` orders of `count` features, every second one the reverse of that before."""
    order = np.arange(count)
    for number in range(samples):
        fresh = number % 2 == 0
        order = torch.randperm(count, generator=generator).numpy() if fresh else order[::-1]
        yield order


def put_back(order: np.ndarray) -> np.ndarray:
    """Which features are there after each step but the last: bool [count - 1, count]."""
    place = np.argsort(order)
    return np.asarray(place[None, :] <= np.arange(len(order) - 1)[:, None])


def walk(order: np.ndarray, path: Sequence[float], everything: float) -> np.ndarray:
    """What each feature added in one order: float64 [count].

    `path` are the scores with 0, 1, 2 … features there, `everything` that with all. Features that
    are not put back yet share what is left, so the sum is right at any time.
    """
    steps = len(path) - 1
    added = np.empty(len(order))
    added[order[:steps]] = np.diff(path)
    added[order[steps:]] = (everything - path[-1]) / (len(order) - steps)
    return added


def errors(walks: Sequence[np.ndarray]) -> np.ndarray | None:
    """The standard error of the mean over walks [count], from pairs of an order and its reverse.

    None for fewer than two pairs.
    """
    pairs = len(walks) // 2
    if pairs < 2:
        return None
    means = (np.array(walks[0 : 2 * pairs : 2]) + np.array(walks[1 : 2 * pairs : 2])) / 2
    return np.asarray(means.std(axis=0, ddof=1) / np.sqrt(pairs))


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        *feature_options(size),
        Option("samples", "int", 20, 1, 10_000, "Orders in which features are put back"),
        BATCH,
    )


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["samples"] or 1) * (about_how_many(options, size) - 1) + 2


SHAPLEY_VALUE_SAMPLING = Method(
    "shapley_value_sampling",
    "Shapley Value Sampling",
    "perturbation",
    options=_options,
    passes=_passes,
    judge=partial(judge_features, _options, _passes),
    run=shapley_value_sampling,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Castro et al. 2009, doi 10.1016/j.cor.2008.04.004",
    seen=EVERY_KIND,
)
