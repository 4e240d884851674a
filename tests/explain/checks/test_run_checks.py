"""Which checks run on a map, and what the task hears of their passes."""

from __future__ import annotations

from typing import Any

import pytest
import torch

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
    case = finished(Squares(), torch.randn(1, 1, 4, 4), torch.ones(4, 4))
    assert [figure.name for figure in run_checks(case, asked)] == names


@pytest.mark.usefixtures("three")
def test_their_passes_go_on_from_those_of_the_method() -> None:
    heard: list[object] = []
    task = Task(lambda kind, value: heard.append(value))
    case = finished(Squares(), torch.randn(1, 1, 4, 4), torch.ones(4, 4), task=task)
    case.question.guard.total = 1
    case.method.run(case.question)
    run_checks(case, ("slow",))
    assert heard == [(1, 1), (2, 4), (3, 4), (4, 4)]
