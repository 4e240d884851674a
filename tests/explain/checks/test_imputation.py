"""Guessed values against the equations of the paper, solved as a whole."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from explain.checks import imputation
from explain.checks.imputation import imputed


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imputation, "NOISE", 0.0)
    monkeypatch.setattr(imputation, "TOLERANCE", 1e-12)


def solved(values: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Every missing value as the mean of its neighbours, in one dense system."""
    size = values.shape
    number = {place: index for index, place in enumerate(product(*map(range, size)))}
    matrix, right = np.eye(values.size), values.ravel().copy()
    for place, index in number.items():
        if not gone[place]:
            continue
        right[index] = 0.0
        weights = {}
        for step in product((-1, 0, 1), repeat=len(size)):
            beside = tuple(a + b for a, b in zip(place, step, strict=True))
            if any(step) and beside in number:
                # One sixth across an edge, one twelfth across a corner (section 4.2).
                weights[number[beside]] = 2.0 ** -sum(map(abs, step))
        for other, weight in weights.items():
            matrix[index, other] = -weight / sum(weights.values())
    return np.asarray(np.linalg.solve(matrix, right)).reshape(size)


@pytest.mark.parametrize("size", [(9, 11), (4, 6), (5, 6, 7), (1, 9, 8), (3, 2)])
@pytest.mark.parametrize("share", [0.2, 0.8])
@pytest.mark.usefixtures("exact")
def test_the_equations_of_the_paper(size: tuple[int, ...], share: float) -> None:
    rng = np.random.default_rng(len(size))
    values = rng.normal(size=(2, *size))
    gone = rng.random(size) < share
    found = imputed(torch.from_numpy(values)[None], torch.from_numpy(gone), chance())[0].numpy()
    for channel, expected in zip(found, values, strict=True):
        np.testing.assert_allclose(channel, solved(expected, gone), atol=1e-8)


@pytest.mark.usefixtures("exact")
def test_a_hole_in_a_ramp_is_filled_with_the_ramp() -> None:
    ramp = torch.arange(40.0, dtype=torch.float64) + 3 * torch.arange(30.0)[:, None]
    gone = torch.zeros(30, 40, dtype=torch.bool)
    gone[8:20, 10:33] = True
    torch.testing.assert_close(imputed(ramp[None, None], gone, chance())[0, 0], ramp)


def test_the_usual_tolerance_and_noise_stay_small() -> None:
    smooth = torch.from_numpy(np.random.default_rng(0).normal(size=(64, 64)).cumsum(0).cumsum(1))
    gone = torch.zeros(64, 64, dtype=torch.bool)
    gone[10:50, 12:60] = True
    inputs = smooth.float()[None, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imputation, "NOISE", 0.0)
        patch.setattr(imputation, "TOLERANCE", 1e-6)
        best = imputed(inputs, gone, chance())
    off = (imputed(inputs, gone, chance()) - best)[0, 0] / inputs.std()
    assert float(off[gone].abs().max()) < 0.08
    assert 0.005 < float(off[gone].std()) < 0.02
    assert not bool(off[~gone].any())


def test_equal_seeds_give_equal_noise() -> None:
    inputs = torch.randn(1, 1, 12, 12, generator=chance(5))
    gone = torch.rand(12, 12, generator=chance(6)) < 0.5
    first, again, other = (imputed(inputs, gone, chance(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_where_nothing_is_gone_or_all() -> None:
    inputs = torch.randn(1, 2, 8, 8, generator=chance(5))
    none, everything = torch.zeros(8, 8, dtype=torch.bool), torch.ones(8, 8, dtype=torch.bool)
    assert torch.equal(imputed(inputs, none, chance()), inputs)
    assert float(imputed(inputs, everything, chance()).abs().max()) < 0.06
