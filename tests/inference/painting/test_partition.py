"""Walkers' chances as paper and dense algebra have them; cuts and waters stop at the steps."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.errors import UserError
from inference.painting.partition import grab_cut, random_walk, watershed
from inference.task import Cancelled, Task

SITK: Any = importlib.import_module("SimpleITK")


def seeds(shape: tuple[int, int], *places: tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape, bool)
    for place in places:
        found[place] = True
    return found


def test_chances_of_a_line_are_those_of_resistors() -> None:
    """With beta = ln 2 the step halves the weight: resistors of 1, 2 and 1 in a row."""
    values = np.array([[0.0, 0.0, 5.0, 5.0]])
    found = random_walk(values, seeds((1, 4), (0, 0)), seeds((1, 4), (0, 3)), beta=math.log(2))
    np.testing.assert_allclose(found, [[1, 0.75, 0.25, 0]])


def test_chances_of_a_flat_square_by_hand() -> None:
    found = random_walk(np.zeros((3, 3)), seeds((3, 3), (0, 0)), seeds((3, 3), (2, 2)))
    expected = np.array([[6, 4, 3], [4, 3, 2], [3, 2, 0]]) / 6
    np.testing.assert_allclose(found, expected)


def dirichlet(
    values: np.ndarray, inside: np.ndarray, outside: np.ndarray, beta: float
) -> np.ndarray:
    """The same equations pixel by pixel, solved densely (Grady 2006, equations 1, 3 and 8)."""
    places = list(np.ndindex(inside.shape))
    steps = {}
    for place in places:
        for after in ((place[0] + 1, place[1]), (place[0], place[1] + 1)):
            if after in places:
                steps[place, after] = float(((values[place] - values[after]) ** 2).sum())
    largest = max(steps.values()) or 1.0
    laplacian = np.zeros((len(places), len(places)))
    for (one, other), square in steps.items():
        weight, ends = math.exp(-beta * square / largest), (places.index(one), places.index(other))
        laplacian[ends, ends] += weight
        laplacian[ends, ends[::-1]] -= weight
    known = (inside | outside).ravel()
    chances = inside.ravel().astype(float)
    chances[~known] = np.linalg.solve(
        laplacian[~known][:, ~known], -laplacian[~known][:, known] @ chances[known]
    )
    return chances.reshape(inside.shape)


@given(
    arrays(np.int16, (5, 6, 2), elements=st.integers(-50, 50)),
    st.lists(st.integers(0, 29), min_size=2, max_size=8, unique=True),
    st.sampled_from([0.0, 1.0, 9.0]),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_chances_are_those_of_dense_algebra(
    values: np.ndarray, places: list[int], beta: float
) -> None:
    inside, outside = np.zeros((5, 6), bool), np.zeros((5, 6), bool)
    inside.ravel()[places[::2]], outside.ravel()[places[1::2]] = True, True
    found = random_walk(values, inside, outside, beta)
    np.testing.assert_allclose(
        found, dirichlet(values.astype(float), inside, outside, beta), atol=1e-9
    )


def test_no_walker_enters_what_is_left_out() -> None:
    """A wall in a flat picture: behind it nobody comes from, and the way around it counts."""
    within = np.ones((3, 5), bool)
    within[:, 3] = False
    found = random_walk(
        np.zeros((3, 5)), seeds((3, 5), (1, 0)), seeds((3, 5), (0, 2), (2, 2)), within=within
    )
    assert (found[:, 3:] == 0).all()
    np.testing.assert_allclose(found[1, :3], [1, 21 / 43, 7 / 43])
    alone = random_walk(
        np.zeros((3, 5)), seeds((3, 5), (1, 0)), seeds((3, 5), (1, 4)), within=within
    )
    np.testing.assert_allclose(alone[:, :3], 1)


def picture(noise: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """A bright disc on a darker ground, and which pixels it has."""
    rows, columns = np.mgrid[:80, :100]
    disc = (rows - 40) ** 2 + (columns - 45) ** 2 < 20**2
    levels = 90 + 60 * disc + np.random.default_rng(2).normal(0, noise, disc.shape)
    return levels.clip(0, 255).astype(np.uint8), disc


def rim(shape: tuple[int, ...]) -> np.ndarray:
    return np.pad(np.zeros((shape[0] - 2, shape[1] - 2), bool), 1, constant_values=True)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_cut_finds_the_disc_and_finds_it_again(channels: int) -> None:
    levels, disc = picture()
    if channels == 3:
        levels = np.stack([levels, 255 - levels, np.full_like(levels, 40)], axis=2)
    box = np.zeros(disc.shape, bool)
    box[15:66, 18:75] = True
    nothing = np.zeros(disc.shape, bool)
    found = grab_cut(levels, box, nothing, ~box, Task())
    assert (found != disc).sum() <= 5
    np.testing.assert_array_equal(grab_cut(levels, box, nothing, ~box, Task()), found)


def test_a_cut_keeps_what_is_known() -> None:
    levels, disc = picture()
    inside, outside = seeds(disc.shape, (5, 5), (5, 6)), seeds(disc.shape, (40, 45))
    found = grab_cut(levels, disc, inside, outside, Task())
    assert found[inside].all()
    assert not found[outside].any()


def test_a_cut_needs_both_sides() -> None:
    levels, disc = picture()
    nothing = np.zeros(disc.shape, bool)
    with pytest.raises(UserError, match="outside"):
        grab_cut(levels, ~nothing, nothing, nothing, Task())
    with pytest.raises(UserError, match="inside"):
        grab_cut(levels, nothing, nothing, nothing, Task())


def test_a_cut_can_be_cancelled() -> None:
    levels, disc = picture()
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        grab_cut(levels, disc, disc, ~disc, task)


def test_water_stops_where_itk_has_its_line() -> None:
    """Of ITK the watershed of the gradient: the basins differ by a pixel at the outline only."""
    levels, disc = picture(noise=1.0)
    inside, outside = seeds(disc.shape, (40, 45)), rim(disc.shape)
    found = watershed(levels, inside, outside)
    image = SITK.GetImageFromArray(levels.astype(np.float32))
    markers = SITK.GetImageFromArray((inside + 2 * outside).astype(np.uint8))
    gradient = SITK.GradientMagnitude(image)
    basins = SITK.GetArrayFromImage(SITK.MorphologicalWatershedFromMarkers(gradient, markers))
    core, reach = (
        SITK.GetArrayFromImage(
            change(SITK.GetImageFromArray((basins == 1).astype(np.uint8)), (2, 2))
        )
        for change in (SITK.BinaryErode, SITK.BinaryDilate)
    )
    assert found[core > 0].all()
    assert not found[reach == 0].any()
    assert (found != disc).mean() < 0.02


def test_water_fills_to_the_border_of_the_picture() -> None:
    levels = np.zeros((6, 9), np.uint8)
    levels[:, 5:] = 200
    found = watershed(levels, seeds((6, 9), (3, 0)), seeds((6, 9), (3, 8)))
    assert found[:, :4].all()
    assert not found[:, 5:].any()


def test_no_water_runs_through_what_is_left_out() -> None:
    """Padding as bright as the thing would be the shortest way to what lies behind it."""
    levels = np.full((5, 15), 150, np.uint8)
    levels[:, 11:] = 140
    within = np.ones((5, 15), bool)
    within[:, 5:7] = False
    found = watershed(levels, seeds((5, 15), (2, 0)), seeds((5, 15), (2, 14)), within=within)
    assert found[:, :4].all()
    assert not found[:, 5:].any()


def test_a_cut_learns_nothing_from_what_is_left_out() -> None:
    levels, disc = picture()
    within = np.ones(disc.shape, bool)
    within[:, 45:] = False
    nothing = np.zeros(disc.shape, bool)
    box = np.zeros(disc.shape, bool)
    box[15:66, 18:75] = True
    found = grab_cut(levels, box, nothing, ~box, Task(), within=within)
    assert (found != (disc & within)).sum() <= 5
