"""Lime and Kernel SHAP: against Captum's with the same samples, scikit-learn, and brute force."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import factorial
from typing import Any

import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnLasso, SkLearnRidge
from captum.attr import KernelShap, Lime
from sklearn.linear_model import Lasso, Ridge
from torch import Tensor, nn

from explain import surrogates
from explain.linear_fits import fidelity, jackknife, lasso, ridge, shapley_fit
from explain.question import Answer
from explain.superpixels import grid
from explain.surrogates import coalitions, halves
from inference.task import Cancelled, Task
from tests.explain.networks import ask, first_output, small_cnn
from tests.explain.test_shapley import Columns, ones

SIZES = [(15, 18), (7, 8, 9)]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def features_of(size: tuple[int, ...], count: int) -> tuple[Tensor, int]:
    mask = torch.from_numpy(grid(size, count))[None, None].long()
    return mask, int(mask.max()) + 1


def giving(rows: np.ndarray) -> Any:
    """A way for Captum to draw these samples."""

    def draw(original: Tensor, **ignored: Any) -> Iterator[Tensor]:
        for row in rows:
            yield torch.from_numpy(row.astype(np.int64))[None]

    return draw


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("surrogate", ["ridge", "lasso"])
def test_lime_against_captum(size: tuple[int, ...], surrogate: str) -> None:
    model, inputs = small_cnn(size)
    model, inputs = model.double(), inputs.double()
    mask, count = features_of(size, 12)
    kept = halves(count, 60, seeded(5))
    line = {"ridge": SkLearnRidge, "lasso": SkLearnLasso}[surrogate]
    theirs = Lime(
        lambda one: first_output(model(one)), line(alpha=0.01), perturb_func=giving(kept)
    ).attribute(inputs, baselines=0.5, feature_mask=mask, n_samples=60)
    ours = ask(
        "lime",
        model,
        inputs,
        baseline=0.5,
        features="grid",
        count=12,
        samples=60,
        surrogate=surrogate,
        seed=5,
    )
    # Captum keeps its weights and coefficients in float32; scikit-learn's Lasso stops at 1e-4.
    share = 1e-5 if surrogate == "ridge" else 1e-3
    assert float((ours.values - theirs).abs().max()) <= share * float(theirs.abs().max())


@pytest.mark.parametrize("size", SIZES)
def test_kernel_shap_against_captum(size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    model, inputs = model.double(), inputs.double()
    mask, count = features_of(size, 12)
    kept, weights = coalitions(count, 78, seeded(5))
    assert set(weights) == {1.0}
    captum = KernelShap(lambda one: first_output(model(one)))
    ends = np.array([[True] * count, [False] * count])
    captum.perturb_func = giving(np.concatenate([ends, kept]))
    theirs = captum.attribute(inputs, baselines=0.5, feature_mask=mask, n_samples=80)
    ours = ask(
        "kernel_shap",
        model,
        inputs,
        baseline=0.5,
        features="grid",
        count=12,
        samples=80,
        seed=5,
    )
    assert float((ours.values - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())


def brute_force(score: Any, count: int) -> list[float]:
    """Shapley's own formula: over all coalitions without a feature, what it adds to them."""
    found = [0.0] * count
    for feature, row in product(range(count), product((0, 1), repeat=count)):
        if not row[feature]:
            size = sum(row)
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            joined = [*row[:feature], 1, *row[feature + 1 :]]
            found[feature] += weight * (score(joined) - score(row))
    return found


def test_kernel_shap_of_few_features_is_exact() -> None:
    model, inputs = small_cnn((12, 15))
    model, inputs = model.double(), inputs.double()
    labels = torch.from_numpy(grid((12, 15), 6))

    def score(row: Any) -> float:
        there = torch.tensor(row, dtype=torch.float64)[labels]
        return float(first_output(model(inputs * there)))

    answer = ask("kernel_shap", model, inputs, features="grid", count=6, samples=64)
    found = [float(answer.map[0][labels == number][0]) for number in range(6)]
    assert found == pytest.approx(brute_force(score, 6), rel=1e-6)
    assert answer.spread is None
    assert answer.completeness is not None
    assert answer.completeness.relative < 1e-9


def test_kernel_shap_by_hand() -> None:
    """a + 2ab − 3abc + 0·d: interactions are shared equally; sampled, with what it may be off."""
    model = Columns(lambda a, b, c, d, *rest: a + 2 * a * b - 3 * a * b * c + 0 * d)
    expected = torch.tensor([1.0, 0.0, -1.0, *[0.0] * 17])
    answer = ask("kernel_shap", model, ones(20), features="grid", count=20, samples=2000)
    assert answer.spread is not None
    off = (answer.map[0, 0] - expected).abs()
    assert float(off.max()) < 0.1
    assert float((off <= 3 * answer.spread[0, 0] + 1e-6).float().mean()) >= 0.9


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_a_line_is_found_exactly(method: str) -> None:
    model = Columns(lambda *columns: sum(number * one for number, one in enumerate(columns)))
    answer = ask(method, model, ones(12), features="grid", count=12, samples=100)
    assert answer.map[0, 0].tolist() == pytest.approx(list(range(12)), abs=0.01)
    assert answer.spread is not None
    assert float(answer.spread.max()) < 0.01
    assert answer.warnings == ()


def test_lime_says_where_a_line_is_not_the_model() -> None:
    model = Columns(lambda a, b, c, d: torch.cos(np.pi * (a + b + c + d)))
    answer = ask("lime", model, ones(4), features="grid", count=4, samples=200)
    (warning,) = answer.warnings
    assert warning.startswith("A sum over the parts explains only ")


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_the_error_is_that_over_seeds(method: str) -> None:
    model, inputs = small_cnn((12, 12))
    runs = [
        ask(method, model, inputs, features="grid", count=9, samples=100, seed=seed)
        for seed in range(25)
    ]
    scatter = torch.stack([one.map for one in runs]).std(dim=0)
    told = torch.stack([one.spread for one in runs if one.spread is not None]).square().mean(dim=0)
    ratio = float(told.sqrt().mean() / scatter.mean())
    assert 0.7 < ratio < 1.6


def drawn(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    kept = chance.random((50, 8)) < 0.5
    scores = kept @ chance.normal(size=8) + chance.normal(0, 0.5, 50)
    return kept, scores, chance.random(50) + 0.1


@pytest.mark.parametrize("alpha", [0.01, 1.0, 20.0])
def test_ridge_is_scikit_learns(alpha: float) -> None:
    kept, scores, weights = drawn()
    theirs = Ridge(alpha=alpha).fit(kept, scores, sample_weight=weights)
    assert ridge(kept, scores, weights, alpha) == pytest.approx(theirs.coef_, abs=1e-8)
    share = theirs.score(kept, scores, sample_weight=weights)
    assert fidelity(kept, scores, weights, theirs.coef_) == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.2])
def test_lasso_is_scikit_learns(alpha: float) -> None:
    kept, scores, weights = drawn()
    theirs = Lasso(alpha=alpha, tol=1e-12, max_iter=100_000).fit(
        kept, scores, sample_weight=weights
    )
    assert lasso(kept, scores, weights, alpha) == pytest.approx(theirs.coef_, abs=1e-8)


def test_a_feature_that_is_always_there_has_no_part() -> None:
    kept, scores, weights = drawn()
    kept[:, 3] = True
    assert lasso(kept, scores, weights, 0.01)[3] == 0.0
    assert ridge(kept, scores, weights, 0.01)[3] == pytest.approx(0.0, abs=1e-9)


def test_fewer_samples_than_features_share_what_is_unknown() -> None:
    """Of four values that sum to 8 nothing is known but that the first is 5."""
    kept = np.array([[True, False, False, False]])
    found = shapley_fit(kept, np.array([5.0]), np.ones(1), 8.0)
    assert found == pytest.approx([5.0, 1.0, 1.0, 1.0], abs=1e-6)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(size=30)
    groups = [np.array([row]) for row in range(30)]
    found = jackknife(lambda rows: values[rows].mean(keepdims=True), groups)
    assert found == pytest.approx(values.std(ddof=1) / np.sqrt(30))


def test_coalitions_are_all_there_are_or_drawn_by_the_kernel() -> None:
    every, weights = coalitions(4, 14, seeded(0))
    assert len({tuple(row) for row in every.tolist()}) == 14
    by_size = {int(row.sum()): weight for row, weight in zip(every, weights, strict=True)}
    assert by_size == pytest.approx({1: 3 / 12, 2: 3 / 24, 3: 3 / 12})

    kept, same = coalitions(17, 20_001, seeded(0))
    assert len(kept) == 20_001
    assert set(same) == {1.0}
    assert (kept[0:-1:2] ^ kept[1::2]).all()
    share = np.bincount(kept.sum(axis=1), minlength=18)[1:17] / len(kept)
    kernel = np.array([1 / (size * (17 - size)) for size in range(1, 17)])
    assert share == pytest.approx(kernel / kernel.sum(), abs=0.01)
    assert kept.mean(axis=0) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("method", ["kernel_shap", "shapley_value_sampling"])
def test_one_feature_has_all(method: str) -> None:
    answer = ask(method, Columns(lambda column: 3 * column), ones(1))
    assert answer.map.tolist() == [[[3.0]]]


@pytest.mark.parametrize(("method", "done"), [("lime", 9), ("kernel_shap", 10)])
def test_asked_to_stop_it_gives_a_cautious_fit(method: str, done: int) -> None:
    model, inputs = small_cnn((12, 12))
    shown: list[Answer] = []
    task = Task()

    def show(make: Any) -> None:
        shown.append(make())
        task.stop()

    answer = ask(method, model, inputs, count=16, samples=40, batch=8, task=task, show=show)
    assert answer.warnings[0] == f"Stopped after {done} of 40 samples."
    assert torch.equal(answer.map, shown[0].map)
    assert float(answer.map.abs().max()) < 10 * float(ask(method, model, inputs).map.abs().max())


@pytest.mark.parametrize("method", ["kernel_shap", "lime"])
def test_equal_seeds_give_equal_maps(method: str) -> None:
    model, inputs = small_cnn((12, 12))
    first, again, other = (
        ask(method, model, inputs, samples=40, count=16, seed=seed).map for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("method", ["kernel_shap", "lime", "shapley_value_sampling"])
def test_ids_are_hidden_one_by_one(method: str) -> None:
    class Words(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            return ids.float() @ torch.tensor([[10.0], [1.0], [-1.0]])

    answer = ask(method, Words(), torch.tensor([[4, 5, 6]]))
    assert answer.map[0].tolist() == pytest.approx([40.0, 5.0, -6.0], abs=0.02)


@pytest.mark.parametrize("method", ["lime", "kernel_shap"])
def test_a_cancel_is_heard_between_two_fits(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """After the last pass come eleven fits, one for each group left out: of many parts, minutes."""
    task, fits = Task(), 0
    name = "ridge" if method == "lime" else "shapley_fit"
    plain = getattr(surrogates, name)

    def counted(*given: Any) -> np.ndarray:
        nonlocal fits
        fits += 1
        if fits == 2:
            task.cancel()
        found: np.ndarray = plain(*given)
        return found

    monkeypatch.setattr(surrogates, name, counted)
    monkeypatch.setattr(surrogates, "_LINES", {"ridge": counted})
    model, inputs = small_cnn((12, 12))
    with pytest.raises(Cancelled):
        ask(method, model, inputs, task=task, features="grid", count=16, samples=80)
    assert fits == 2
