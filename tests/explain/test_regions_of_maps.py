"""Shares of a map inside a region, by hand and as a property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.regions import shares


def test_shares_by_hand() -> None:
    maps = np.zeros((2, 2, 5))
    maps[0, 0] = [4, 3, 2, 1, -9]
    region = np.zeros(maps.shape, dtype=bool)
    region[0, 0, :2] = region[1, 1, 0] = region[0, 0, 4] = True
    found = shares(maps, region, top=0.05)
    assert found.mass == pytest.approx(0.7)
    assert found.area == pytest.approx(4 / 20)
    assert found.ratio == pytest.approx(3.5)
    assert found.top == pytest.approx(1.0)
    assert shares(maps, region, top=0.15).top == pytest.approx(2 / 3)
    assert shares(maps, region, top=0.5).most == pytest.approx(1.0)


def test_a_small_region_cannot_hold_the_whole_top() -> None:
    maps = np.arange(100.0).reshape(1, 10, 10)
    region = np.zeros(maps.shape, dtype=bool)
    region[0, 9, 9] = True
    found = shares(maps, region, top=0.05)
    assert found.top == pytest.approx(0.2)
    assert found.most == pytest.approx(0.2)


@given(st.integers(1, 40), st.integers(0, 1000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_an_even_map_gives_what_chance_gives(count: int, seed: int) -> None:
    region = np.zeros(40, dtype=bool)
    region[np.random.default_rng(seed).permutation(40)[:count]] = True
    found = shares(np.full(40, 0.3), region)
    assert found.ratio == pytest.approx(1.0)
    assert found.top == pytest.approx(found.area)


def test_nothing_that_speaks_for_the_target_is_nowhere() -> None:
    region = np.array([True, False])
    found = shares(np.array([-1.0, 0.0]), region)
    assert (found.mass, found.top, found.ratio) == (0.0, 0.0, 0.0)
    assert shares(np.ones(2), np.zeros(2, dtype=bool)).ratio == 0.0
    with pytest.raises(ValueError, match="a region of"):
        shares(np.ones(3), region)
