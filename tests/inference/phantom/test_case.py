"""A phantom case: repeatable, true to its own truth, and the same without what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from inference.phantom import case as phantoms
from inference.phantom.case import MARKED_SHARE, MarkerRule, PhantomCase, generate, plan_case

BLUR_REACH = 4
"""Pixels by which the scanner's blur carries a change beyond what was drawn."""


@pytest.fixture(scope="module")
def with_all() -> PhantomCase:
    """A case with nodules and marker."""
    return generate(5, 3, "always")


def test_equal_seed_gives_equal_pixels(with_all: PhantomCase) -> None:
    again = generate(5, 3, "always")
    assert np.array_equal(again.volume, with_all.volume)
    assert again.nodules == with_all.nodules


def test_another_case_and_another_seed_are_another_chest(with_all: PhantomCase) -> None:
    for other in (generate(5, 5, "always"), generate(6, 3, "always")):
        assert not np.array_equal(other.volume, with_all.volume)


def test_the_volume_is_as_promised(with_all: PhantomCase) -> None:
    assert with_all.volume.shape == (3, 512, 512)
    assert with_all.volume.dtype == np.int16
    assert with_all.volume.min() >= -1024
    assert with_all.mask.dtype == np.uint8
    assert set(np.unique(with_all.mask)) == {0, 1}


@pytest.mark.parametrize("rule", ["none", "independent", "correlated"])
def test_the_marker_rule_decides_about_the_marker_alone(
    with_all: PhantomCase, rule: MarkerRule
) -> None:
    other = generate(5, 3, rule)
    x0, y0, x1, y1 = with_all.marker_box or (0, 0, 0, 0)
    differs = (other.volume != with_all.volume).any(axis=0)
    differs[y0:y1, x0:x1] = False
    assert not differs.any()


def test_without_marker_only_the_plate_changes(with_all: PhantomCase) -> None:
    plain = phantoms.without_marker(with_all)
    assert with_all.marker_box is not None
    x0, y0, x1, y1 = with_all.marker_box
    assert (x1 - x0, y1 - y0) == (24, 24)
    differs = plain.volume != with_all.volume
    assert differs[:, y0:y1, x0:x1].mean() > 0.99
    differs[:, y0:y1, x0:x1] = False
    assert not differs.any()
    assert plain.volume[:, y0:y1, x0:x1].mean() < -950  # air lies under it
    assert plain.marker_box is None


def test_without_nodule_only_their_surroundings_change(with_all: PhantomCase) -> None:
    plain = phantoms.without_nodule(with_all)
    differs = plain.volume != with_all.volume
    for nodule in with_all.nodules:
        x0, y0, x1, y1 = nodule.box
        around = differs[:, y0 - BLUR_REACH : y1 + BLUR_REACH, x0 - BLUR_REACH : x1 + BLUR_REACH]
        assert around.any(axis=(1, 2)).all()
        around[:] = False
    assert not differs.any()
    assert plain.label == 0
    assert not plain.nodules
    assert not plain.mask.any()


@pytest.mark.parametrize("number", range(1, 24, 2))
def test_each_slice_of_a_positive_case_shows_each_nodule_in_the_lung(number: int) -> None:
    case = generate(11, number, "none")
    assert case.nodules
    for nodule in case.nodules:
        assert nodule.frames == (0, 1, 2)
        assert 2 <= nodule.radius_mm <= 10
        x0, y0, x1, y1 = nodule.box
        assert case.mask[:, y0:y1, x0:x1].any(axis=(1, 2)).all()
        core = _core(case, nodule.centre_mm)
        assert -220 < core < 180  # −100…+100 HU, noise and, for the smallest, blur aside
        middle = case.mask[1, y0:y1, x0:x1].astype(bool)
        assert case.lungs[y0:y1, x0:x1][middle].all()
    assert case.label == 1


@pytest.mark.parametrize("number", [0, 2, 4])
def test_even_cases_have_no_nodule(number: int) -> None:
    case = generate(11, number)
    assert case.label == 0
    assert not case.nodules
    assert not case.mask.any()


@pytest.mark.parametrize("rule", sorted(MARKED_SHARE))
def test_the_marker_is_there_as_often_as_the_rule_says(rule: MarkerRule) -> None:
    plans = [plan_case(2, number, rule) for number in range(60)]
    for label in (0, 1):
        there = [plan.marker is not None for plan in plans if bool(plan.nodules) == bool(label)]
        expected = MARKED_SHARE[rule][label]
        slack = 3 * np.sqrt(max(expected * (1 - expected), 0.01) / len(there))
        assert abs(np.mean(there) - expected) <= slack


def test_the_marker_lies_in_the_air() -> None:
    for number in range(6):
        case = generate(21, number, "always")
        assert case.marker_box is not None
        x0, y0, x1, y1 = case.marker_box
        under = phantoms.without_marker(case).volume[:, y0 - 6 : y1 + 6, x0 - 6 : x1 + 6]
        assert under.max() < -800


def test_the_tissues_have_the_values_of_ct() -> None:
    case = generate(8, 0, "none")
    middle = case.volume[1]
    assert -950 < np.median(middle[case.lungs]) < -750
    assert np.median(middle[:8]) == pytest.approx(-1000, abs=10)
    assert middle.max() > 300  # bone
    soft = ((middle > -20) & (middle < 110)).mean()
    assert soft > 0.1


def _core(case: PhantomCase, centre_mm: tuple[float, float, float]) -> float:
    """Mean HU of the nine pixels around a nodule's centre in the middle slice."""
    place = case.plan.grid.to_pixels(np.array([centre_mm[:2]]))[0]
    column, row = (round(float(value)) for value in place)
    return float(case.volume[1, row - 1 : row + 2, column - 1 : column + 2].mean())
