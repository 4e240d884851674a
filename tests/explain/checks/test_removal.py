"""Orders of removal, and the plain maps that a map is compared with."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.baselines import BLUR_SHARE
from explain.checks.removal import blurred, chance_map, edges, places


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_largest_place_comes_first() -> None:
    ranks = places(np.array([[0.5, -2.0], [3.0, 0.0]]), chance())
    assert ranks.tolist() == [[1, 3], [0, 2]]


def test_equal_places_come_in_an_order_of_chance_that_can_be_had_again() -> None:
    flat = np.zeros((8, 8))
    flat[5, 5] = 1.0
    ranks = places(flat, chance())
    assert ranks[5, 5] == 0
    assert sorted(ranks.ravel().tolist()) == list(range(64))
    assert abs(np.corrcoef(ranks.ravel(), np.arange(64))[0, 1]) < 0.3
    assert (ranks == places(flat, chance())).all()
    assert (ranks != places(flat, chance(1))).any()


@given(
    size=st.lists(st.integers(1, 9), min_size=2, max_size=3),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_random_map_has_the_texture_of_the_map(size: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=size)
    found = chance_map(values, chance(seed))
    assert found.shape == values.shape
    np.testing.assert_allclose(
        np.abs(np.fft.fftn(found)), np.abs(np.fft.fftn(values)), atol=1e-9 * values.size
    )


def test_a_random_map_knows_nothing_of_the_map() -> None:
    values = np.random.default_rng(0).normal(size=(40, 40))
    several = [chance_map(values, chance(seed)) for seed in range(8)]
    alike = [np.corrcoef(values.ravel(), one.ravel())[0, 1] for one in several]
    assert max(map(abs, alike)) < 0.15


@pytest.mark.parametrize(("size", "slope"), [((6, 7), 8.0), ((5, 6, 7), 32.0)])
def test_edges_of_a_ramp(size: tuple[int, ...], slope: float) -> None:
    """Sobel: (−1, 0, 1) along the ramp gives 2, (1, 2, 1) along each other axis 4 times that."""
    ramp = torch.arange(size[-1], dtype=torch.float32).expand(1, 2, *size)
    inner = tuple(slice(1, -1) for _ in size)
    np.testing.assert_allclose(edges(ramp)[inner], slope)


def test_a_blurred_point_falls_off_like_a_bell() -> None:
    point = torch.zeros(1, 1, 65, 65)
    point[..., 32, 32] = 1.0
    found, sigma = blurred(point)[0, 0], BLUR_SHARE * 65
    for rows, columns in ((3, 0), (0, 5), (2, 4)):
        expected = np.exp(-(rows**2 + columns**2) / (2 * sigma**2))
        assert float(found[32 + rows, 32 + columns] / found[32, 32]) == pytest.approx(expected)
    assert float(found.sum()) == pytest.approx(1.0)
