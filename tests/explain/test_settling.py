"""The running mean and spread of samples, against numpy over all of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.faithfulness import SETTLED
from explain.settling import LEAST, Settling


def settling(samples: np.ndarray) -> Settling:
    found = Settling()
    for sample in torch.from_numpy(samples):
        found.add(sample)
    return found


@settings(max_examples=40, deadline=None, derandomize=True)
@given(count=st.integers(1, 30), offset=st.sampled_from([0.0, 1e4]), seed=st.integers(0, 99))
def test_mean_and_spread(count: int, offset: float, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(offset, 1.0, (count, 2, 3))
    found = settling(samples)
    assert found.count == count
    np.testing.assert_allclose(found.mean, samples.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.variance, samples.var(axis=0), rtol=1e-8, atol=1e-12)
    if count > 1:
        np.testing.assert_allclose(found.spread, samples.std(axis=0, ddof=1), rtol=1e-8)
    else:
        assert not found.spread.any()


def test_float32_samples_far_from_zero_keep_their_spread() -> None:
    samples = np.float32(1e4) + np.arange(8, dtype=np.float32)[:, None]
    assert float(settling(samples).spread) == np.std(np.arange(8), ddof=1)


def test_it_settles_when_the_standard_error_is_a_tenth_of_the_mean() -> None:
    """Samples 1 ± d: the standard error is d · sqrt(n / (n − 1)) / sqrt(n)."""
    count = 26
    for factor, settled in ((0.99, True), (1.01, False)):
        difference = SETTLED * factor * np.sqrt(count - 1)
        samples = 1 + difference * np.array([1.0, -1.0] * (count // 2))[:, None]
        assert settling(samples).settled == settled


def test_few_samples_never_settle() -> None:
    assert not settling(np.ones((LEAST - 1, 4))).settled
    assert settling(np.ones((LEAST, 4))).settled


def test_nothing_found_anywhere_is_settled() -> None:
    assert settling(np.zeros((LEAST, 4))).settled
