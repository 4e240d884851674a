"""GradientShap against Captum's with the same chance, and worked out on paper."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import GradientShap
from captum.attr._core.noise_tunnel import NoiseTunnel
from torch import Tensor, nn

from explain.question import Question
from explain.sampled import Draw, draws
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn
from tests.explain.test_by_hand import Line, picture

SAMPLES = 7  # fewer than it takes to settle


def drawn(inputs: Tensor, count: int, baseline: float, **options: float) -> list[Draw]:
    asked = Question(
        nn.Identity(),
        inputs,
        torch.full_like(inputs, baseline),
        first_output,
        0.0,
        {"stdev": 0.0, "baseline_stdev": 0.1, **options},
        None,
        Task(),
        lambda make: None,
    )
    return list(islice(draws(asked), count))


@pytest.mark.parametrize("size", [(13, 17), (5, 9, 7)], ids=["picture", "volume"])
@pytest.mark.parametrize("stdev", [0.0, 0.2])
def test_equal_to_captum(
    size: tuple[int, ...], stdev: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, inputs = small_cnn(size)
    chance = drawn(inputs, SAMPLES, 0.25, stdev=stdev)
    places = torch.cat([one.places for one in chance]).numpy()
    # Captum draws from numpy's and torch's global generators; here it gets our draws instead.
    monkeypatch.setattr(np.random, "uniform", lambda low, high, count: places[:count])
    monkeypatch.setattr(np.random, "choice", lambda rows, count: np.arange(count))
    noisy = torch.cat([one.inputs for one in chance])
    monkeypatch.setattr(NoiseTunnel, "_add_noise_to_input", staticmethod(lambda *given: noisy))
    theirs, delta = GradientShap(lambda batch: first_output(model(batch))).attribute(
        inputs,
        torch.cat([one.baselines for one in chance]),
        n_samples=SAMPLES,
        stdevs=stdev,
        return_convergence_delta=True,
    )
    ours = ask("gradient_shap", model, inputs, baseline=0.25, samples=SAMPLES, stdev=stdev, batch=3)
    off = float((ours.values - theirs).abs().max())
    assert off <= 1e-5 * float(theirs.abs().max())
    assert ours.completeness is not None
    # Captum's delta is each sample's sum less its change of the output.
    assert ours.completeness.sum - ours.completeness.difference == pytest.approx(
        float(delta.mean()), abs=1e-4
    )


def test_of_a_line_it_is_weight_times_change() -> None:
    ours = ask("gradient_shap", Line(), picture([5.0, 7.0]), baseline=1.0, baseline_stdev=0.0)
    # 3 · (5 − 1) and −2 · (7 − 1), whatever the places.
    assert ours.map.tolist() == [[[12.0, -12.0]]]
    assert ours.spread is not None
    assert not ours.spread.any()
    assert dict(ours.taken)["samples"] == 8
    assert ours.completeness is not None
    assert ours.completeness.residual == 0.0


def test_noise_on_the_baselines_is_the_spread() -> None:
    """Of a line: weight · (input − baseline), with 0.5 of a range of 2 on the baselines."""
    ours = ask("gradient_shap", Line(), picture([5.0, 7.0]), samples=1000, baseline_stdev=0.5)
    assert ours.spread is not None
    taken = int(dict(ours.taken)["samples"] or 0)
    assert 8 <= taken < 1000  # it settles before
    ratio = taken**0.5 * ours.spread[0, 0] / torch.tensor([3.0, 2.0])
    assert ratio.tolist() == pytest.approx([1.0, 1.0], rel=0.5)


def test_places_lie_evenly_however_many_there_are() -> None:
    inputs = torch.rand(1, 1, 2, 2)
    places = torch.cat([one.places for one in drawn(inputs, 64, 0.0)]).double().numpy()
    for count in (5, 16, 64):
        gaps = np.diff(np.sort(places[:count]), prepend=0.0, append=1.0)
        assert gaps.max() <= 2.7 / count


def test_the_map_adds_up_to_the_change_of_the_score() -> None:
    model, inputs = small_cnn((9, 9))
    ours = ask("gradient_shap", model, inputs, baseline=0.5, samples=200)
    assert ours.completeness is not None
    assert ours.completeness.relative < 0.05
    with torch.no_grad():
        there = torch.cat([one.baselines for one in drawn(inputs, 200, 0.5)])
        count = int(dict(ours.taken)["samples"] or 0)
        change = first_output(model(inputs)) - first_output(model(there[:count])).mean()
    assert ours.completeness.difference == pytest.approx(float(change), rel=1e-4)


def test_equal_seeds_and_others() -> None:
    model, inputs = small_cnn((9, 9))
    one, two, other = (ask("gradient_shap", model, inputs, seed=seed).map for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.allclose(one, other)


def test_samples_do_not_depend_on_how_many_go_at_once() -> None:
    model, inputs = small_cnn((9, 9))
    maps = [ask("gradient_shap", model, inputs, samples=20, batch=batch) for batch in (1, 7, 20)]
    for other in maps[1:]:
        torch.testing.assert_close(other.map, maps[0].map, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("stdev", "each"), [(0.0, 2), (0.1, 3)])
def test_it_takes_the_passes_it_says(stdev: float, each: int) -> None:
    model, inputs = small_cnn((9, 9))
    steps: list[Any] = []
    task = Task(lambda kind, value: steps.append(value) if kind == "progress" else None)
    ask("gradient_shap", model, inputs, task=task, samples=5, stdev=stdev)
    assert steps[-1] == (5 * each, 5 * each)
