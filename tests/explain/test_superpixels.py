"""Superpixels: what they cover, whether they hang together, and whether they follow edges."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from explain.superpixels import grid, lattice, superpixels

SHAPES = [(40, 60), (33, 47), (16, 18, 20), (1, 40, 40), (24, 1, 24), (50, 1), (1, 1), (3, 200)]


def smooth(size: tuple[int, ...], channels: int = 1, seed: int = 0) -> np.ndarray:
    """A picture of soft spots, [channels, *size]."""
    noise = np.random.default_rng(seed).normal(size=(channels, *size))
    return np.stack([ndimage.gaussian_filter(one, 3) for one in noise]).astype(np.float32)


def parts(labels: np.ndarray, number: int) -> int:
    """Into how many pieces one superpixel falls, by the faces of its pixels."""
    return int(ndimage.label(labels == number)[1])


@pytest.mark.parametrize("size", SHAPES, ids=str)
@pytest.mark.parametrize("count", [1, 12, 40])
def test_every_pixel_is_in_one_connected_superpixel(size: tuple[int, ...], count: int) -> None:
    labels = superpixels(smooth(size), count)
    assert labels.shape == size
    numbers = np.unique(labels)
    assert numbers.tolist() == list(range(len(numbers)))
    assert len(numbers) <= prod(lattice(size, count))
    assert {parts(labels, number) for number in numbers} == {1}


@pytest.mark.parametrize("picture", [smooth((64, 64)), smooth((64, 64), 3), smooth((20, 20, 20))])
@pytest.mark.parametrize("count", [8, 27, 60])
def test_about_as_many_as_asked(picture: np.ndarray, count: int) -> None:
    found = int(superpixels(picture, count).max()) + 1
    assert 0.6 * count <= found <= 1.4 * count


def test_equal_pictures_have_equal_superpixels() -> None:
    assert np.array_equal(superpixels(smooth((50, 50)), 20), superpixels(smooth((50, 50)), 20))


def test_they_do_not_hang_on_brightness_or_contrast() -> None:
    picture = smooth((50, 50))
    assert np.array_equal(superpixels(picture, 20), superpixels(picture * 4 + 2, 20))


@pytest.mark.parametrize("size", [(40, 40), (20, 20, 20)], ids=str)
def test_where_nothing_is_seen_they_are_boxes(size: tuple[int, ...]) -> None:
    count = 4 ** len(size)
    labels = superpixels(np.zeros((1, *size), np.float32), count)
    assert np.mean(labels == grid(size, count)) > 0.95


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_they_follow_an_edge(noise: float) -> None:
    """A disc that no lattice fits: hardly a pixel lies with pixels of the other side."""
    rows, columns = np.mgrid[:96, :96]
    disc = (rows - 45) ** 2 + (columns - 52) ** 2 < 27**2
    picture = disc + np.random.default_rng(0).normal(0, noise, disc.shape)

    def astray(labels: np.ndarray) -> float:
        inside = np.bincount(labels.ravel(), disc.ravel())
        return float(np.minimum(inside, np.bincount(labels.ravel()) - inside).sum() / disc.size)

    assert astray(superpixels(picture[None], 36)) < 0.02
    assert astray(grid(disc.shape, 36)) > 0.06


def test_a_volume_of_one_slice_is_divided_as_a_picture() -> None:
    picture = smooth((40, 40))
    assert np.array_equal(superpixels(picture[:, None], 25)[0], superpixels(picture, 25))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    size=st.lists(st.integers(1, 30), min_size=1, max_size=3).map(tuple),
    count=st.integers(1, 100),
)
def test_boxes_of_nearly_equal_size(size: tuple[int, ...], count: int) -> None:
    labels, counts = grid(size, count), lattice(size, count)
    assert all(1 <= number <= length for number, length in zip(counts, size, strict=True))
    sizes = np.bincount(labels.ravel())
    assert len(sizes) == prod(counts)
    assert sizes.min() >= prod(
        length // number for length, number in zip(size, counts, strict=True)
    )
    boxes = [
        labels[place] == number for number, place in enumerate(ndimage.find_objects(labels + 1))
    ]
    assert all(box.all() for box in boxes)


@pytest.mark.parametrize(
    ("size", "count", "expected"),
    [
        ((224, 224), 64, (8, 8)),
        ((224, 224), 50, (7, 7)),
        ((96, 96, 96), 64, (4, 4, 4)),
        ((1, 224, 224), 64, (1, 8, 8)),
        ((100, 400), 16, (2, 8)),
        ((4, 4), 1000, (4, 4)),
        ((10,), 3, (3,)),
    ],
)
def test_lattices_by_hand(size: tuple[int, ...], count: int, expected: tuple[int, ...]) -> None:
    assert lattice(size, count) == expected


def test_it_ends_as_soon_as_nobody_waits() -> None:
    """Nine million pixels take ten seconds; each cell of each round asks whether to go on."""
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 30:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        superpixels(smooth((40, 40)), 16, check)
    assert asked == 30
