"""Methods that are asked for what is known so far: they say what it is, and it is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from explain.methods import METHODS
from inference.task import Task
from tests.explain.networks import PICTURES, ask, small_cnn

SIZE = (16, 16)


class EnoughAfter(Task):
    """Asks for what is known once so many inputs went through the model."""

    def __init__(self, passes: int) -> None:
        super().__init__()
        self._passes = passes

    def progress(self, done: int, total: int) -> None:
        super().progress(done, total)
        if done >= self._passes:
            self.stop()


CUT: dict[str, tuple[dict[str, Any], int, dict[str, Any], str]] = {
    "gradient_shap": (
        *({"batch": 4, "samples": 40, "baseline_stdev": 0.9}, 13, {"samples": 8}),
        "Stopped after 8 of 40 samples.",
    ),
    "smoothgrad": (
        *({"batch": 4, "samples": 40, "stdev": 0.9, "type": "vargrad"}, 9, {"samples": 12}),
        "Stopped after 12 of 40 noisy copies.",
    ),
    "deep_lift_shap": (
        *({"batch": 4, "baselines": 12}, 9, {}),
        "Stopped after 8 of 12 baselines.",
    ),
}
"""Options, passes before it is enough, what a whole run needs to be the same, and what is said."""


@pytest.mark.parametrize("name", CUT)
def test_it_takes_what_is_known_and_says_so(name: str) -> None:
    model, inputs = small_cnn(SIZE)
    options, passes, shorter, said = CUT[name]
    found = ask(name, model, inputs, task=EnoughAfter(passes), **options)
    assert said in found.warnings
    assert found.spread is None or bool(found.spread.any())
    if shorter:
        whole = ask(name, model, inputs, **{**options, **shorter})
        assert whole.warnings == ()
        torch.testing.assert_close(found.map, whole.map)
        assert found.reduction == whole.reduction
        assert found.taken == whole.taken


def test_the_mean_over_baselines_is_that_of_those_that_were_taken() -> None:
    model, inputs = small_cnn(SIZE)
    seen: list[Any] = []

    def show(make: Callable[[], Any]) -> None:
        seen.append(make())

    options: dict[str, Any] = {"batch": 2, "baselines": 6}
    ask("deep_lift_shap", model, inputs, show=show, **options)
    found = ask("deep_lift_shap", model, inputs, task=EnoughAfter(1), **options)
    assert torch.equal(found.map, seen[0].map)
    assert "mean over 2 baselines" in found.reduction
    assert found.completeness is not None
    assert found.completeness.relative < 1e-5


def test_one_sample_has_no_spread() -> None:
    model, inputs = small_cnn(SIZE)
    for name in ("gradient_shap", "smoothgrad"):
        found = ask(name, model, inputs, task=EnoughAfter(1), batch=1)
        assert found.warnings[-1].startswith("Stopped after 1 of 50")
        assert found.spread is None


def test_a_copy_of_many_is_not_cut_short() -> None:
    """The base itself could stop: its part of the mean would then be of fewer baselines."""
    model, inputs = small_cnn(SIZE)
    task = Task()
    task.stop()
    found = ask("smoothgrad", model, inputs, base="deep_lift_shap", samples=3, task=task)
    assert found.warnings == ("Stopped after 1 of 3 noisy copies.",)
    assert "mean over 8 baselines" in found.reduction


@pytest.mark.parametrize("name", PICTURES)
def test_the_table_says_who_can(name: str) -> None:
    model, inputs = small_cnn(SIZE)
    task = Task()
    task.stop()
    method = METHODS[name]
    several: dict[str, Any] = {"samples": 30} if name in ("lime", "kernel_shap") else {}
    layer = "second" if method.takes_layer else None
    batch: dict[str, Any] = {"batch": 1} if method.can_stop else {}
    found = ask(name, model, inputs, layer=layer, task=task, **several, **batch)
    assert method.can_stop == any("Stopped after" in one for one in found.warnings)
