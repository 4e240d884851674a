"""What the window offers, which cannot load torch, is what the tables hold."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("passes", [1, 51, 785, 1999, 2000, 5000])
def test_maps_that_are_made_again_are_no_more_than_all_passes(passes: int) -> None:
    for one in offered.CHECKS:
        assert one.maps(passes) * passes <= one.passes(passes)


@pytest.mark.parametrize(
    ("checks", "seconds"),
    [
        ((), 0.0),
        (("infidelity",), 48 * 0.5),
        (("sensitivity",), 3 * 20.0 + 3 * 0.5),  # 160 passes hold three maps of 51 + 1
        (("randomisation",), 10 * 20.0),
        (("agreement", "road"), 6 * 20.0 + (832 + 52) * 0.5),
    ],
)
def test_seconds_are_those_of_maps_and_of_single_passes(
    checks: tuple[str, ...], seconds: float
) -> None:
    assert offered.seconds_of(checks, 51, 20.0, 0.5) == pytest.approx(seconds)


def test_what_was_not_measured_is_not_said() -> None:
    assert offered.seconds_of(("deletion",), 51, 20.0, None) is None
    assert offered.seconds_of(("randomisation",), 51, 20.0, None) == 200.0
