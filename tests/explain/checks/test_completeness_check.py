"""The figure of completeness, in numbers and in words."""

from __future__ import annotations

import pytest
import torch

from explain.checks.completeness import COMPLETENESS
from inference.records import Completeness, Figure, Verdict
from tests.explain.checks.finished import Squares, finished


def figure(found: Completeness) -> Figure:
    case = finished(Squares(), torch.zeros(1, 1, 4, 4), torch.ones(4, 4), completeness=found)
    assert COMPLETENESS.asks(case)
    (only,) = COMPLETENESS.run(case)
    return only


@pytest.mark.parametrize(
    ("total", "relative", "colour", "word"),
    [
        (10.0, 0.0, "green", "0.0% off"),
        (9.6, 0.04, "green", "4.0% off"),
        (11.5, 0.15, "amber", "more steps"),
        (-10.0, 2.0, "red", "another method"),
        (1000.0, 99.0, "red", "99 times the change off"),
    ],
)
def test_the_figure(total: float, relative: float, colour: Verdict, word: str) -> None:
    found = figure(Completeness(total, 10.0))
    assert found.value == pytest.approx(relative)
    assert found.verdict == colour
    assert word in found.sentence
    details = dict(found.details)
    assert details["sum"] == total
    assert details["difference"] == 10.0
    assert details["residual"] == pytest.approx(abs(total - 10.0))


def test_a_map_that_promises_nothing_is_not_asked() -> None:
    case = finished(Squares(), torch.zeros(1, 1, 4, 4), torch.ones(4, 4))
    assert not COMPLETENESS.asks(case)
