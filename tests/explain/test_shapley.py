"""Shapley values: against Captum's with the same orders, brute force, and their own axioms."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import ShapleyValueSampling
from torch import Tensor, nn

from explain.question import Answer
from explain.shapley import errors, orders, put_back, walk
from explain.superpixels import grid
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn


class Columns(nn.Module):
    """A number from the columns of a picture, by any function of them."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, inputs: Tensor) -> Tensor:
        columns = inputs.mean(dim=(1, 2))
        found: Tensor = self.function(*columns.unbind(dim=1))
        return found[:, None]


def ones(columns: int) -> Tensor:
    return torch.ones(1, 1, 1, columns)


@pytest.mark.parametrize("size", [(15, 18), (7, 8, 9)])
def test_against_captum(size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    model, inputs = model.double(), inputs.double()
    captum = ShapleyValueSampling(lambda one: first_output(model(one)))
    mask = torch.from_numpy(grid(size, 8))[None, None].long()
    count = int(mask.max()) + 1
    drawn = [one.tolist() for one in orders(count, 6, torch.Generator().manual_seed(3))]
    captum.permutation_generator = lambda features, samples: drawn
    theirs = captum.attribute(inputs, baselines=0.5, feature_mask=mask, n_samples=6).double()
    ours = ask(
        "shapley_value_sampling",
        model,
        inputs,
        baseline=0.5,
        features="grid",
        count=8,
        samples=6,
        seed=3,
    )
    assert float((ours.values - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())


def test_by_hand() -> None:
    """a + 2ab − 3abc + 0·d, all of them 1: interactions are shared equally."""
    model = Columns(lambda a, b, c, d: a + 2 * a * b - 3 * a * b * c + 0 * d)
    answer = ask("shapley_value_sampling", model, ones(4), features="grid", count=4, samples=1000)
    expected = torch.tensor([1 + 1 - 1, 1 - 1, -1.0, 0.0])
    assert torch.allclose(answer.map[0, 0], expected, atol=0.06)
    assert answer.spread is not None
    assert float(answer.spread[0, 0, 3]) == pytest.approx(0.0, abs=1e-6)


def test_pairs_alone_need_two_orders() -> None:
    """What comes from pairs of features is exact after an order and its reverse."""
    model = Columns(lambda a, b, c: 4 * a * b - 2 * b * c + c)
    for seed in range(4):
        answer = ask(
            "shapley_value_sampling",
            model,
            ones(3),
            features="grid",
            count=3,
            samples=2,
            seed=seed,
        )
        assert answer.map[0, 0].tolist() == pytest.approx([2.0, 1.0, 0.0], abs=1e-6)


def test_the_values_sum_to_the_change() -> None:
    model, inputs = small_cnn((12, 12))
    answer = ask("shapley_value_sampling", model, inputs, count=9, samples=3)
    with torch.no_grad():
        change = float(first_output(model(inputs)) - first_output(model(torch.zeros_like(inputs))))
    assert answer.completeness is not None
    assert answer.completeness.difference == pytest.approx(change, rel=1e-4)
    assert answer.completeness.relative < 1e-5


def test_the_error_is_that_over_seeds() -> None:
    """The standard error of one run is about the scatter of many runs."""
    model, inputs = small_cnn((12, 12))
    runs = [
        ask("shapley_value_sampling", model, inputs, features="grid", count=9, samples=8, seed=seed)
        for seed in range(30)
    ]
    scatter = torch.stack([one.map for one in runs]).std(dim=0)
    told = torch.stack([one.spread for one in runs if one.spread is not None]).square().mean(dim=0)
    ratio = float(told.sqrt().mean() / scatter.mean())
    assert 0.7 < ratio < 1.4


def test_too_few_orders_have_no_error() -> None:
    assert errors([np.ones(3)] * 3) is None
    assert errors([np.array([1.0]), np.array([3.0]), np.array([5.0]), np.array([7.0])]) == [2.0]


def test_every_order_is_as_likely() -> None:
    found = {tuple(one.tolist()) for one in orders(3, 60, torch.Generator().manual_seed(0))}
    assert found == set(permutations(range(3)))


def test_a_walk_by_hand() -> None:
    order = np.array([2, 0, 1])
    assert put_back(order).tolist() == [[False, False, True], [True, False, True]]
    assert walk(order, [1.0, 4.0, 2.0], 10.0).tolist() == [-2.0, 8.0, 3.0]
    assert walk(order, [1.0, 4.0], 10.0).tolist() == [3.0, 3.0, 3.0]
    assert walk(order, [1.0], 10.0).tolist() == [3.0, 3.0, 3.0]


def test_unfinished_answers_sum_to_the_change_too() -> None:
    model, inputs = small_cnn((12, 12))
    shown: list[Answer] = []
    ask(
        "shapley_value_sampling",
        model,
        inputs,
        features="grid",
        count=9,
        samples=2,
        batch=3,
        show=lambda make: shown.append(make() or pytest.fail("nothing to show")),
    )
    assert len(shown) == 6
    for one in shown:
        assert one.completeness is not None
        assert one.completeness.relative < 1e-5


@pytest.mark.parametrize(("batch", "orders_done"), [(3, 0), (8, 1)])
def test_asked_to_stop_it_gives_what_it_knows(batch: int, orders_done: int) -> None:
    model, inputs = small_cnn((12, 12))
    task = Task()
    task.stop()
    answer = ask(
        "shapley_value_sampling",
        model,
        inputs,
        features="grid",
        count=9,
        batch=batch,
        task=task,
    )
    assert answer.warnings == (f"Stopped after {orders_done} of 20 orders.",)
    assert answer.completeness is not None
    assert answer.completeness.relative < 1e-5
