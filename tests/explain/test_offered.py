"""What the window offers, which cannot load torch, is what the tables hold."""

from __future__ import annotations

from explain import offered
from explain.baselines import BASELINES
from explain.checks.table import CHECKS


def test_the_checks_offered_are_those_that_are_not_cheap() -> None:
    table = [(one.name, one.title, one.paper) for one in CHECKS.values() if not one.cheap]
    assert sorted((one.name, one.title, one.paper) for one in offered.CHECKS) == sorted(table)


def test_the_baselines_offered_are_those_there_are() -> None:
    assert tuple((one.name, one.title) for one in BASELINES.values()) == offered.BASELINES


def test_passes_add_up_and_all_means_every_one() -> None:
    every = tuple(one.name for one in offered.CHECKS)
    assert offered.passes_of((), 51) == 0
    assert offered.passes_of(("deletion", "road"), 51) == 88 + 52
    assert offered.passes_of(("all",), 51) == offered.passes_of(every, 51)
