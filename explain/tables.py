"""Methods for rows of a table: what other rows have in a column, put into this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import prod, sqrt

import numpy as np
import torch
from torch import Tensor

from explain.perturbed import BATCH, Perturbed, stopped_after
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option
from inference.errors import UserError
from inference.records import Scalar


def feature_permutation(question: Question) -> Answer:
    """How the score changes, in the mean, with the values that other rows have in a column.

    Permutation importance (Breiman 2001, doi 10.1023/A:1010933404324; Fisher et al. 2019, arXiv
    1801.01489) for one row: what Captum's FeaturePermutation says of it among the background, in
    the mean over all places where shuffling could have taken the value from. So nothing is left to
    chance, except which rows are taken where there are more than `rows`. Raises UserError (usage)
    without a background.
    """
    rows = _rows(question)
    perturbed = Perturbed(question)
    columns = question.inputs.shape[1]
    if question.guard.total is not None:
        question.guard.total = len(rows) * columns + 1
    changes = np.zeros((0, columns))
    for number, row in enumerate(rows):
        if number > 1 and question.task.stopped:
            break
        changes = np.vstack([changes, perturbed.value - _scores(perturbed, question, row)])
        question.show(partial(_answer, question, changes))
    return _answer(question, changes, stopped_after(len(changes), len(rows), "rows"))


def _scores(perturbed: Perturbed, question: Question, row: Tensor) -> np.ndarray:
    """The scores of the question's row with one column each taken from `row`, [columns]."""
    changed = torch.where(
        torch.eye(len(row), dtype=torch.bool, device=row.device), row, question.inputs
    )
    return np.concatenate([perturbed.score(some) for some in torch.split(changed, perturbed.batch)])


def _rows(question: Question) -> Tensor:
    """Rows of the background, in an order of chance, so that the first ones stand for all."""
    background = question.background
    if background is None or len(background) == 0:
        raise UserError(
            NO_ROWS, "Give other rows of the same table, or choose another method.", fault="usage"
        )
    order = torch.randperm(len(background), generator=question.generator())
    return background[order[: question.whole("rows")].to(background.device)]


def _answer(question: Question, changes: np.ndarray, warnings: tuple[str, ...] = ()) -> Answer:
    count = len(changes)
    values = torch.from_numpy(changes.mean(axis=0))[None].to(question.inputs)
    errors = changes.std(axis=0, ddof=1) / sqrt(count) if count > 1 else None
    return Answer(
        values,
        values,
        signed=True,
        reduction=f"one value for each column, the mean over {count} rows",
        spread=None if errors is None else torch.from_numpy(errors)[None].to(question.inputs),
        warnings=warnings,
    )


NO_ROWS = "Without other rows there is nothing that a column's value could be replaced by."


def _judge(facts: Facts) -> Judgement:
    if facts.kind == "table":
        return Judgement("green")
    return Judgement("red", "This model does not take rows of a table.", instead="occlusion")


def _trial(question: Question) -> Judgement:
    if question.background is None:
        return Judgement("red", NO_ROWS, instead="feature_ablation")
    return Judgement("green")


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (Option("rows", "int", 100, 1, 10_000, "Other rows that values come from"), BATCH)


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return int(options["rows"] or 0) * prod(size) + 1


FEATURE_PERMUTATION = Method(
    "feature_permutation",
    "Feature Permutation",
    "perturbation",
    options=_options,
    passes=_passes,
    judge=_judge,
    run=feature_permutation,
    batch_option="batch",
    can_stop=True,
    paper="Breiman 2001, doi 10.1023/A:1010933404324",
    trial=_trial,
    seen=frozenset({"table"}),
)
