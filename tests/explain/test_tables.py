"""Methods on rows of a table against plain Captum, and permutation worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import (
    DeepLift,
    FeaturePermutation,
    InputXGradient,
    IntegratedGradients,
    Saliency,
)
from torch import Tensor, nn

from explain.channels import largest, said, summed
from explain.facts import examine
from explain.methods import METHODS
from explain.preflight import preflight
from explain.question import Facts, Question
from explain.subject import Subject
from explain.tables import FEATURE_PERMUTATION
from inference.errors import UserError
from inference.task import Task
from tests.explain.networks import ask, first_output
from tests.explain.test_against_captum import equal
from tests.explain.token_networks import table_network

ROW = torch.tensor([[1.0, 2.0, -1.0]])
OTHERS = torch.tensor([[0.0, 2.0, 3.0], [4.0, 0.0, 1.0]])


class Products(nn.Module):
    """3a + bc"""

    def forward(self, rows: Tensor) -> Tensor:
        return (3 * rows[:, 0] + rows[:, 1] * rows[:, 2])[:, None]


@pytest.mark.filterwarnings("ignore:Setting forward, backward hooks")  # Captum's, of itself
@pytest.mark.parametrize(
    "method", ["saliency", "input_x_gradient", "integrated_gradients", "deep_lift"]
)
def test_gradient_methods(method: str) -> None:
    model, row, _ = table_network()
    theirs: dict[str, tuple[Any, dict[str, Any]]] = {
        "saliency": (Saliency, {"abs": False}),
        "input_x_gradient": (InputXGradient, {}),
        "integrated_gradients": (IntegratedGradients, {"n_steps": 50}),
        "deep_lift": (DeepLift, {"target": 0}),
    }
    made, options = theirs[method]
    asked = model if method == "deep_lift" else lambda rows: first_output(model(rows))
    expected = made(asked).attribute(row.clone().requires_grad_(), **options)
    own: dict[str, Any] = {"abs": False} if method == "saliency" else {}
    answer = ask(method, model, row, kind="table", **own)
    equal(answer.values, expected)
    equal(answer.map, expected)
    assert answer.reduction == "one value for each column"
    assert "table" in METHODS[method].seen


def test_channels() -> None:
    picture = torch.tensor([[[1.0, -2.0], [-3.0, 1.0]]])  # two channels of two places
    assert summed(picture).tolist() == [[-2.0, -1.0]]
    assert largest(picture).tolist() == [[-3.0, -2.0]]
    assert said("sum over channels", picture) == "sum over channels"
    assert summed(ROW) is ROW
    assert largest(ROW) is ROW


def test_permutation_by_hand() -> None:
    """The score is 3·1 + 2·(−1) = 1.

    First column 0 or 4: −2 or 10, so 1 − 4 = −3. Second 2 or 0: 1 or 3, so 1 − 2 = −1. Third 3 or
    1: 9 or 5, so 1 − 7 = −6.
    """
    answer = ask("feature_permutation", Products(), ROW, kind="table", background=OTHERS)
    assert answer.map.tolist() == [[-3.0, -1.0, -6.0]]
    # Standard errors of the mean of two: half of their distance.
    assert answer.spread is not None
    assert answer.spread.tolist() == [pytest.approx([6.0, 1.0, 2.0])]


def test_it_is_captums_in_the_mean_over_all_shuffles() -> None:
    """All cyclic shifts put each row's value once where the first row is, its own included."""
    model, row, others = table_network()
    rows = torch.cat([row, others])
    shifts = []
    for shift in range(len(rows)):

        def shifted(batch: Tensor, mask: Tensor, by: int = shift) -> Tensor:
            return torch.where(mask, batch.roll(by, dims=0), batch)

        method = FeaturePermutation(lambda batch: first_output(model(batch)), perm_func=shifted)
        shifts.append(method.attribute(rows)[0])
    expected = torch.stack(shifts).sum(dim=0) / len(others)
    answer = ask("feature_permutation", model, row, kind="table", background=others)
    equal(answer.map[0], expected)


def test_some_of_many_rows() -> None:
    """The same for the same seed, whatever the batch; all rows when there are fewer than asked."""
    model, row, others = table_network()

    def found(**options: Any) -> Tensor:
        answer = ask("feature_permutation", model, row, kind="table", background=others, **options)
        return answer.map

    some = found(rows=3)
    assert torch.equal(some, found(rows=3))
    assert not torch.allclose(some, found(rows=3, seed=1))
    assert torch.allclose(found(rows=9), found(rows=500, batch=2), atol=1e-6)


def test_progress_ends_where_it_is_done() -> None:
    seen: list[object] = []
    task = Task(lambda kind, value: seen.append(value) if kind == "progress" else None)
    ask("feature_permutation", Products(), ROW, kind="table", background=OTHERS, task=task)
    assert seen[-1] == (7, 7)


def test_stopped_before_the_end() -> None:
    task = Task()
    task.stop()
    model, row, others = table_network()
    answer = ask("feature_permutation", model, row, kind="table", background=others, task=task)
    assert answer.warnings == ("Stopped after 2 of 9 rows.",)


@pytest.mark.parametrize("method", ["smoothgrad", "gradient_shap", "deep_lift_shap"])
def test_one_noise_for_all_columns_is_refused(method: str) -> None:
    """Columns have units of their own: a share of the row's range is noise in none of them."""
    model, row, others = table_network()
    facts = examine(model, row, first_output, torch.zeros_like(row), "table")
    subject = Subject(model, row, torch.zeros_like(row), first_output, facts, others)
    word = preflight(METHODS[method], subject, Task())
    assert word.status == "red"
    assert word.reason.endswith("this model takes rows of a table.")


def test_without_other_rows() -> None:
    with pytest.raises(UserError, match="other rows"):
        ask("feature_permutation", Products(), ROW, kind="table")


def test_its_own_word() -> None:
    picture = Facts(size=(8, 8), differentiable=True, sudden=False, layers=())
    table = Facts(size=(3,), differentiable=True, sudden=False, layers=(), kind="table")
    assert FEATURE_PERMUTATION.judge(picture).status == "red"
    assert FEATURE_PERMUTATION.judge(table).status == "green"
    assert FEATURE_PERMUTATION.trial is not None
    for background, status in ((None, "red"), (OTHERS, "green")):
        question = Question(
            *(Products(), ROW, torch.zeros_like(ROW), first_output, 1.0, {}, None, Task()),
            show=lambda make: None,
            kind="table",
            background=background,
        )
        assert FEATURE_PERMUTATION.trial(question).status == status
