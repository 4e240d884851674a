"""Curves of removal and their heights, worked out by hand where the network is a weighted sum."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch
from torch import Tensor

from explain.case import Check
from explain.checks.deletion import DELETION, INSERTION, ROAD, area, height, judge
from explain.checks.removal import blurred
from explain.governor import inner_batch
from explain.guard import Guard
from inference.records import Curve, Figure, Verdict
from inference.task import Cancelled, Task
from tests.explain.checks.finished import Weighted, finished

EVERY = (DELETION, INSERTION, ROAD)


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def figure(check: Check, weights: Tensor, inputs: Tensor, found: Tensor) -> Figure:
    (only,) = check.run(finished(Weighted(weights), inputs, found))
    return only


def details(figure: Figure) -> dict[str, float]:
    return {name: float(str(value)) for name, value in figure.details}


@pytest.fixture
def one_place() -> Tensor:
    """Of twenty places one alone counts."""
    weights = torch.zeros(4, 5)
    weights[2, 1] = 3.0
    return weights


def test_deletion_of_the_one_place_that_counts(one_place: Tensor) -> None:
    """Of twenty, 2 % is no place yet and 3 % is one: up to there the score stays, then it is 0."""
    found = figure(DELETION, one_place, torch.ones(1, 1, 4, 5), one_place)
    assert found.value == pytest.approx((log(20) + 0.5 * log(1.5)) / log(1000))
    assert details(found)["area"] == pytest.approx(0.02 + 0.5 * 0.01)


def test_deletion_in_the_inverted_order(one_place: Tensor) -> None:
    """It comes last, so 70 % of the places change nothing."""
    found = figure(DELETION, one_place, torch.ones(1, 1, 4, 5), -one_place)
    assert found.value == pytest.approx((log(700) + 0.5 * log(1 / 0.7)) / log(1000))
    assert details(found)["area"] == pytest.approx(0.7 + 0.5 * 0.3)
    assert found.verdict == "red"


def test_deletion_of_places_that_count_differently() -> None:
    """Twenty places of 1 to 20 points; after k of them are gone, 210 less the k largest is left."""
    points = torch.randperm(20, generator=chance()).reshape(4, 5) + 1.0
    found = figure(DELETION, points, torch.ones(1, 1, 4, 5), points)
    own, _, _ = found.curves
    gone = np.round(own.x * 20)
    np.testing.assert_allclose(own.y, 1 - (gone * 20 - gone * (gone - 1) / 2) / 210, atol=1e-6)


def test_insertion_starts_from_the_blurred_picture() -> None:
    """Of four hundred places, 0.1 % is none yet and 0.2 % is one: the one that counts."""
    weights = torch.zeros(10, 40)
    weights[4, 17] = 3.0
    inputs = (weights / 3.0)[None, None]
    found = figure(INSERTION, weights, inputs, weights)
    start = float(blurred(inputs)[0, 0, 4, 17])
    assert 0.03 < start < 0.07  # A bell of deviation 1.8 is 0.049 high.
    step = 0.5 * (1 + start)
    assert found.value == pytest.approx((step * log(2) + log(500)) / log(1000))
    assert details(found)["area"] == pytest.approx(start * 0.001 + step * 0.001 + 0.998)


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
@pytest.mark.parametrize("size", [(20, 20), (6, 7, 30)])
def test_perfect_random_and_inverted_maps(check: Check, size: tuple[int, ...]) -> None:
    """A spot of weight, and a picture that is bright there and rough everywhere."""
    axes = [torch.arange(length) - length / 3 for length in size]
    squares = torch.stack([axis.square() for axis in torch.meshgrid(*axes, indexing="ij")])
    spot = torch.exp(-squares.sum(dim=0) / 2)
    inputs = (0.1 + 2 * spot + 0.1 * torch.rand(*size, generator=chance(1)))[None, None]
    perfect = spot * inputs[0, 0]
    noise = torch.rand(*size, generator=chance(2))
    good, middle, bad = (figure(check, spot, inputs, found) for found in (perfect, noise, -perfect))
    assert good.value is not None
    assert middle.value is not None
    assert bad.value is not None
    falls = check is not INSERTION
    ordered = [good.value, middle.value, bad.value]
    assert ordered == sorted(ordered, reverse=not falls)
    assert (good.verdict, bad.verdict) == ("green", "red")
    assert abs(middle.value - details(middle)["random_map"]) < 0.15
    assert [curve.name for curve in good.curves] == ["map", "random map", "edges"]
    assert all(((curve.y >= 0) & (curve.y <= 1)).all() for curve in good.curves)


def test_where_covering_raises_the_score_nothing_is_measured() -> None:
    found = figure(DELETION, -torch.ones(4, 5), torch.ones(1, 1, 4, 5), torch.ones(4, 5))
    assert (found.value, found.verdict, found.curves) == (None, None, ())
    assert "does not fall" in found.sentence


def test_heights_and_areas() -> None:
    curve = Curve("", np.array([0.0, 0.01, 0.1, 1.0]), np.array([9.0, 1.0, 1.0, 0.0]))
    assert height(curve) == pytest.approx(0.75)
    assert area(curve) == pytest.approx(5.0 * 0.01 + 0.09 + 0.5 * 0.9)


@pytest.mark.parametrize(
    ("over_chance", "over_edges", "colour"),
    [
        (0.3, 0.2, "green"),
        (0.3, 0.01, "amber"),
        (0.3, -0.2, "amber"),
        (0.01, 0.3, "amber"),
        (-0.01, 0.3, "red"),
    ],
)
def test_the_verdict(over_chance: float, over_edges: float, colour: Verdict) -> None:
    assert judge(over_chance, over_edges) == colour


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_every_pass_is_counted_beforehand(check: Check) -> None:
    inputs = torch.rand(1, 1, 20, 25, generator=chance())
    case = finished(Weighted(inputs[0, 0]), inputs, inputs[0, 0])
    inner_batch(case.question, gradients=False)
    assert check.run(case)[0].value is not None
    assert case.question.guard.passes == check.passes(case)


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_equal_seeds_give_equal_figures_and_cancelling_ends_it(check: Check) -> None:
    task, inputs = Task(), torch.ones(1, 1, 8, 8) + torch.rand(1, 1, 8, 8, generator=chance())
    case = finished(Weighted(torch.ones(8, 8)), inputs, inputs[0, 0], task=task)
    before = torch.get_rng_state()
    (first,), (again,) = (check.run(case) for _ in range(2))
    assert first.details == again.details
    assert torch.equal(torch.get_rng_state(), before)
    task.cancel()
    with pytest.raises(Cancelled):
        check.run(case)


def test_cancelled_between_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task()
    case = finished(Weighted(torch.ones(8, 8)), torch.ones(1, 1, 8, 8), torch.ones(8, 8), task=task)
    took = Guard.took

    def cancelling(guard: Guard, scores: Tensor) -> Tensor:
        if guard.passes > 8:
            task.cancel()
        return took(guard, scores)

    monkeypatch.setattr(Guard, "took", cancelling)
    with pytest.raises(Cancelled):
        DELETION.run(case)
    assert case.question.guard.passes <= 24
