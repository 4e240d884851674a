"""The check that shuffles the model: methods that follow it pass, those that ignore it fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explain.case import Case
from explain.checks import randomised
from explain.checks.randomised import RANDOMISATION, randomisation
from explain.question import Answer
from inference.errors import NumbersError
from inference.task import Cancelled, Task
from tests.explain.checks.finished import Squares, finished
from tests.explain.networks import ask, small_cnn
from tests.explain.test_traces import fingerprint


def case_of(signed: bool = True, **more: Any) -> Case:
    model, inputs = small_cnn((24, 24))
    found = ask("saliency", model, inputs, abs=not signed).map[0]
    return finished(model, inputs, found, signed=signed, **more)


def answering(case: Case, maps: Callable[[], Tensor]) -> Case:
    """The case with a method that gives these maps, whatever the model."""

    def again(**changes: Any) -> Answer:
        return replace(case.answer, map=maps())

    return replace(case, again=again)


def test_a_method_that_ignores_the_model_fails() -> None:
    case = case_of()
    (found,) = randomisation(answering(case, lambda: case.answer.map))
    assert found.value == pytest.approx(1.0)
    assert found.verdict == "red"
    assert "failed on this model" in found.sentence
    assert dict(found.details)["ssim"] == pytest.approx(1.0)


@pytest.mark.parametrize("signed", [True, False])
def test_another_map_each_time_passes(signed: bool) -> None:
    case = case_of(signed)
    chance = torch.Generator().manual_seed(0)

    def noise() -> Tensor:
        drawn = torch.randn(case.answer.map.shape, generator=chance)
        return drawn if signed else drawn.abs()

    (found,) = randomisation(answering(case, noise))
    assert found.value is not None
    assert found.value < 0.2
    assert found.verdict == "green"


def test_the_middle_one_of_three_seeds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of()
    monkeypatch.setattr(randomised, "QUICK", 0)
    other = torch.randn(case.answer.map.shape, generator=torch.Generator().manual_seed(1))
    same = case.answer.map
    turns = cycle([same, other, other, same, same, other])
    changing = answering(case, lambda: next(turns))
    assert [randomisation(changing)[0].verdict for _ in range(2)] == ["green", "red"]


def test_reversed_maps_follow_nothing_either() -> None:
    """ρ = −1 says that the map is the same picture with the other sign."""
    case = case_of()
    (found,) = randomisation(answering(case, lambda: -case.answer.map))
    assert found.value == pytest.approx(1.0)
    assert found.verdict == "red"


def test_curves_begin_with_the_map_itself_and_reach_all_layers() -> None:
    case = case_of(seed=3)
    before = fingerprint(case.model)
    (found,), (again,) = randomisation(case), randomisation(case)
    assert fingerprint(case.model) == before
    ranks, likeness = found.curves
    assert ranks.x.tolist() == [0, 1, 2, 3, 4]
    assert ranks.y[0] == likeness.y[0] == 1.0
    assert ranks.y.tolist() == again.curves[0].y.tolist()
    assert found.value == again.value
    assert dict(found.details)["layers"] == 4


def test_maps_of_a_layer_are_compared_over_the_input() -> None:
    model, inputs = small_cnn((24, 24))
    native = torch.rand(5, 5, generator=torch.Generator().manual_seed(2))
    case = finished(model, inputs, native)
    (found,) = randomisation(answering(case, lambda: case.answer.map))
    assert found.value == pytest.approx(1.0)


def test_slow_methods_are_asked_at_the_end_alone() -> None:
    quick, slow = case_of(), case_of(method="occlusion")
    assert RANDOMISATION.passes(quick) == 10
    one = slow.method.passes(slow.question.options, (24, 24))
    assert one > randomised.QUICK
    assert RANDOMISATION.passes(slow) == 3 * one
    (found,) = randomisation(answering(slow, lambda: slow.answer.map))
    assert found.curves[0].x.tolist() == [0, 4]


def _no_numbers() -> Tensor:
    raise NumbersError("no numbers", "none")


def test_what_cannot_be_compared_says_so() -> None:
    plain = finished(Squares(), torch.ones(1, 1, 6, 6), np.ones((6, 6)))
    case = case_of()
    endless = answering(case, lambda: torch.full_like(case.answer.map, torch.inf))
    for one in (plain, endless, answering(case, _no_numbers)):
        (found,) = randomisation(one)
        assert (found.value, found.verdict) == (None, None)
        assert found.sentence.endswith(".")


def test_it_stops_when_nobody_waits() -> None:
    task = Task()
    case = case_of(task=task)
    task.cancel()
    with pytest.raises(Cancelled):
        randomisation(case)
    assert not any(part._forward_pre_hooks for part in nn.Module.modules(case.model))
