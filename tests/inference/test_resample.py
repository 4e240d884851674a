"""Resampling along axes, against PyTorch's own and against means by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.resample import Axis, axis, axis_at, to_model, to_source

lengths = st.integers(1, 60)


def line_forth(values: np.ndarray, along: Axis, pad: float) -> np.ndarray:
    return np.asarray(to_model(values.astype(np.float32)[None], (along,), pad)[0])


def line_back(values: np.ndarray, along: Axis) -> np.ndarray:
    return np.asarray(to_source(values.astype(np.float32)[None], (along,))[0])


@pytest.mark.parametrize(
    ("shape", "size"),
    [((50, 70), (20, 30)), ((20, 30), (50, 70)), ((64, 64), (64, 64)), ((37, 9), (8, 40))],
)
def test_stretching_is_the_bilinear_antialias_of_pytorch(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    values = np.random.default_rng(1).random((2, *shape), dtype=np.float32)
    axes = tuple(axis(n, m, n / m) for n, m in zip(shape, size, strict=True))
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None], size=size, mode="bilinear", antialias=True
    )[0]
    np.testing.assert_allclose(to_model(values, axes, 0.0), wanted.numpy(), atol=1e-5)


def test_back_from_a_coarser_model_is_the_bilinear_of_pytorch() -> None:
    values = np.random.default_rng(2).random((1, 7, 9), dtype=np.float32)
    axes = (axis(20, 7, 20 / 7), axis(31, 9, 31 / 9))
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(values)[None], size=(20, 31), mode="bilinear"
    )[0]
    np.testing.assert_allclose(to_source(values, axes), wanted.numpy(), atol=1e-5)


def test_back_from_a_finer_model_is_the_mean_over_each_pixel() -> None:
    values = np.arange(12, dtype=np.float32)
    np.testing.assert_allclose(line_back(values, axis(4, 12, 1 / 3)), [1, 4, 7, 10])
    # Two and a half samples a pixel: the third is shared by halves.
    np.testing.assert_allclose(
        line_back(values[:5], axis(2, 5, 0.4)), [(0 + 1 + 1) / 2.5, (1 + 3 + 4) / 2.5]
    )


@pytest.mark.parametrize(
    ("source", "model", "forth", "back"),
    [
        (3, 7, [9, 9, 0, 1, 2, 9, 9], [2, 3, 4]),
        (7, 3, [2, 3, 4], [0, 0, 0, 1, 2, 0, 0]),
        (4, 4, [0, 1, 2, 3], [0, 1, 2, 3]),
    ],
)
def test_full_scale_only_cuts_and_pads(
    source: int, model: int, forth: list[int], back: list[int]
) -> None:
    one = axis(source, model, 1.0)
    np.testing.assert_array_equal(line_forth(np.arange(source), one, 9.0), forth)
    np.testing.assert_array_equal(line_back(np.arange(model), one), back)


def test_what_lies_outside_the_source_is_padded_and_what_was_cut_is_zero() -> None:
    one = axis(4, 8, 2.0)  # covers twice the source: two samples outside at each end
    made = line_forth(np.full(4, 5), one, -1.0)
    np.testing.assert_allclose(made, [-1, -1, -1, 5, 5, -1, -1, -1])
    narrow = axis(12, 2, 2.0)
    back = line_back(np.ones(2), narrow)
    np.testing.assert_allclose(back, [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0])


@given(lengths, lengths, st.floats(0.2, 5.0))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_indices_go_there_and_back(source: int, model: int, step: float) -> None:
    one = axis(source, model, step)
    at = np.arange(model)
    np.testing.assert_allclose(one.to_model(one.to_source(at)), at, atol=1e-9)


@given(lengths, lengths, st.floats(0.2, 5.0))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_weights_are_means(source: int, model: int, step: float) -> None:
    one = axis(source, model, step)
    for taps, length in ((one.forth, source), (one.back, model)):
        for first, weights in taps:
            assert first >= 0
            assert first + len(weights) <= length
            assert not len(weights) or weights.sum() == pytest.approx(1, abs=1e-5)
            assert (weights >= 0).all()


def test_uneven_samples_keep_a_straight_line_straight() -> None:
    places = np.array([0.0, 1.0, 2.0, 4.0, 7.0])
    one = axis_at(places, 8, 1.0)
    at = one.start + np.arange(8)
    np.testing.assert_allclose(at, np.arange(8))
    line = 10 * places
    made = line_forth(line, one, -1.0)
    np.testing.assert_allclose(made[2:6], [20, 30, 40, 50], atol=6)  # smoothed by neighbours
    fine = Axis(5, 29, 0.0, 0.25, tuple(places.tolist()))
    made = line_forth(line, fine, -1.0)
    np.testing.assert_allclose(made, 10 * 0.25 * np.arange(29), atol=1e-4)
    np.testing.assert_allclose(fine.to_model(np.arange(5)), places / 0.25)
