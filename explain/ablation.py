"""Feature ablation: each superpixel, token or column hidden by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from explain.features import (
    EVERY_KIND,
    Features,
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


def feature_ablation(question: Question) -> Answer:
    """The change of the score where one feature is replaced by the baseline.

    The same as Captum's FeatureAblation with these features. Features far apart come first; in
    an unfinished answer the others have the value of the nearest one that is done.
    """
    features = features_of(question)
    hiding = Hiding(question, features, one_by_one=True)
    order = far_apart_first(features.centres)
    kept = np.ones((features.count, features.count), dtype=bool)
    kept[np.arange(features.count), order] = False
    changes = np.zeros(0)
    for scores in hiding.scores(kept):
        changes = np.append(changes, hiding.value - scores)
        if len(changes) < features.count:
            question.show(partial(_so_far, question, features, order, changes))
    found = _so_far(question, features, order, changes)
    return replace(found, warnings=stopped_after(len(changes), features.count, "features"))


def _so_far(
    question: Question, features: Features, order: np.ndarray, changes: np.ndarray
) -> Answer:
    """The answer from the changes of the first features in `order`."""
    done = order[: len(changes)]
    apart = np.linalg.norm(features.centres[:, None] - features.centres[done], axis=2)
    return features_answer(question, features, changes[np.argmin(apart, axis=1)])


def far_apart_first(centres: np.ndarray) -> np.ndarray:
    """All of `centres` [n, axes] in an order such that the first few lie far apart: int [n].

    Each next one is the farthest from all before it (Gonzalez 1985, doi
    10.1016/0304-3975(85)90224-5); the first is the farthest from the middle.
    """
    nearest = np.linalg.norm(centres - centres.mean(axis=0), axis=1)
    order = np.empty(len(centres), dtype=int)
    for place in range(len(centres)):
        order[place] = int(np.argmax(nearest))
        apart = np.linalg.norm(centres - centres[order[place]], axis=1)
        nearest = apart if place == 0 else np.minimum(nearest, apart)
        nearest[order[: place + 1]] = -1.0
    return order


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (*feature_options(size), BATCH)


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return about_how_many(options, size) + 1


FEATURE_ABLATION = Method(
    "feature_ablation",
    "Feature Ablation",
    "perturbation",
    options=_options,
    passes=_passes,
    judge=partial(judge_features, _options, _passes),
    run=feature_ablation,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Zeiler & Fergus 2013, arXiv 1311.2901",
    seen=EVERY_KIND,
)
