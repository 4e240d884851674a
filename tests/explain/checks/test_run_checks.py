"""Which checks run on a map, and what the task hears of their passes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explain.case import Case, Check
from explain.checks import table
from explain.checks.table import run_checks
from inference.records import Figure
from inference.task import Task
from tests.explain.checks.finished import Squares, finished


def check(name: str, passes: int = 0, **more: Any) -> Check:
    """A check that puts so many questions again, and gives one figure of its name."""

    def run(case: Case) -> tuple[Figure, ...]:
        for seed in range(passes):
            case.again(seed=seed)
        return (Figure(name, "", None, None, ""),)

    return Check(name, "", run, lambda case: passes, **more)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (
        check("cheap", cheap=True),
        check("silent", cheap=True, asks=lambda case: False),
        check("slow", passes=3),
        check("slower", passes=5),
    )
    monkeypatch.setattr(table, "CHECKS", {one.name: one for one in found})


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ((), ["cheap"]),
        (("slower",), ["cheap", "slower"]),
        (("slower", "slow"), ["cheap", "slow", "slower"]),
        (("silent",), ["cheap"]),
        (("all",), ["cheap", "slow", "slower"]),
    ],
)
def test_the_cheap_ones_and_those_asked_for(asked: tuple[str, ...], names: list[str]) -> None:
    case = finished(Squares(), torch.randn(1, 1, 4, 4), torch.eye(4))
    assert [figure.name for figure in run_checks(case, asked)] == names


@pytest.mark.usefixtures("three")
def test_their_passes_go_on_from_those_of_the_method() -> None:
    heard: list[object] = []
    task = Task(lambda kind, value: heard.append(value))
    case = finished(Squares(), torch.randn(1, 1, 4, 4), torch.eye(4), task=task)
    case.question.guard.total = 1
    case.method.run(case.question)
    run_checks(case, ("slow",))
    assert heard == [(1, 1), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("level", [0.0, -2.5])
def test_a_map_that_is_nothing_passes_no_test(level: float) -> None:
    """It is the same on a noisy input and another than that of a shuffled model, by being empty."""
    case = finished(Squares(), torch.randn(1, 1, 6, 6), torch.full((6, 6), level))
    found = {one.name: one for one in run_checks(case, ("all",))}
    assert found["contrast"].verdict == "red"
    asked = ("sensitivity", "infidelity", "deletion", "insertion", "road", "randomisation")
    for name in (*asked, "agreement"):
        assert (found[name].value, found[name].verdict) == (None, None)
        assert "same everywhere" in found[name].sentence
    assert case.question.guard.passes == 0


class Brittle(nn.Module):
    """The sum of a picture, which is no number where all of it is covered."""

    def forward(self, inputs: Tensor) -> Tensor:
        total = inputs.flatten(1).sum(dim=1, keepdim=True)
        return torch.where(inputs.flatten(1).any(dim=1, keepdim=True), total, torch.nan)


def test_a_model_that_breaks_down_in_a_check_costs_that_figure_alone() -> None:
    case = finished(Brittle(), torch.rand(1, 1, 6, 6) + 1, torch.eye(6))
    found = {one.name: one for one in run_checks(case, ("deletion", "sensitivity"))}
    assert (found["deletion"].value, found["deletion"].verdict) == (None, None)
    assert found["deletion"].sentence.startswith("Not measured. The model answers with values")
    assert found["sensitivity"].verdict is not None
    assert found["contrast"].verdict == "green"
