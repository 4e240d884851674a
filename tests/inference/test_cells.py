"""Where the cells of a map lie over a frame: against sums by hand, and against the way back."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from inference.cells import cells_over
from inference.display_cells import cell_values, on_pixels
from inference.geometry import Geometry
from inference.orientation import Turn
from inference.records import Cells
from inference.resample import axis, axis_at


def picture(shape: tuple[int, int], size: tuple[int, int], step: float | None) -> Geometry:
    """A frame of `shape` stretched over a model's `size`, or at one step for both axes."""
    steps = [a / b if step is None else step for a, b in zip(shape, size, strict=True)]
    return Geometry(tuple(axis(n, m, by) for n, m, by in zip(shape, size, steps, strict=True)), "")


@pytest.mark.parametrize(
    ("shape", "size", "step", "box"),
    [
        ((512, 512), (224, 224), None, (0, 0, 512, 512)),
        ((300, 500), (224, 224), None, (0, 0, 300, 500)),
        # Fitted: 500 columns over 100, so 3 rows in 5 lie over the frame, and 100 above and below.
        ((300, 500), (100, 100), 5.0, (-100, 0, 400, 500)),
        # As stored: a middle part is cut out of it.
        ((100, 100), (60, 60), 1.0, (20, 20, 80, 80)),
    ],
)
def test_the_box_of_a_picture(
    shape: tuple[int, int],
    size: tuple[int, int],
    step: float | None,
    box: tuple[float, float, float, float],
) -> None:
    values = np.arange(49, dtype=np.float32).reshape(1, 7, 7)
    (found,) = cells_over(picture(shape, size, step), values, shape, 1)
    assert found is not None
    assert found.box == pytest.approx(box)
    assert np.array_equal(found.values, values[0])


def test_cells_that_are_the_pixels_are_not_kept() -> None:
    values = np.zeros((1, 64, 64), np.float32)
    assert cells_over(picture((64, 64), (64, 64), None), values, (64, 64), 1) == (None,)


TURNS = [
    Turn((slices, rows, columns), (first, second, third))
    for slices, rows, columns in permutations(range(3))
    for first, second, third in product((False, True), repeat=3)
]


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"{turn.axes} {turn.flips}")
def test_cells_of_a_volume_lie_where_the_map_goes_back_to(turn: Turn) -> None:
    """Cells of 4 × 4 × 4 voxels taken back without smoothing are what each slice's cells show."""
    shape, native = (8, 12, 16), (2, 3, 4)
    turned_shape = [shape[number] for number in turn.axes]
    turned_native = tuple(native[number] for number in turn.axes)
    geometry = Geometry(tuple(axis(n, n, 1.0) for n in turned_shape), "", (), turn)
    values = np.random.default_rng(0).normal(0, 1, (1, *turned_native)).astype(np.float32)
    blocks = values
    for number in (1, 2, 3):
        blocks = np.repeat(blocks, 4, axis=number)
    back = geometry.back(blocks)[0]
    for index, found in enumerate(cells_over(geometry, values, shape[1:], shape[0])):
        assert found is not None
        assert found.values.shape == (3, 4)
        assert np.array_equal(on_pixels(found, shape[1:]), back[index])


def test_slices_that_the_model_did_not_see_have_no_cells() -> None:
    geometry = Geometry((axis(10, 4, 1.0), axis(8, 8, 1.0), axis(8, 8, 1.0)), "", (), Turn())
    found = cells_over(geometry, np.zeros((1, 2, 2, 2), np.float32), (8, 8), 10)
    assert [index for index, one in enumerate(found) if one is not None] == [3, 4, 5, 6]


def test_cells_of_unevenly_spaced_slices_lie_by_their_millimetres() -> None:
    """Slices at 0, 1, 5 and 10 mm and three layers of 4 mm about the middle: from −1 to 11 mm."""
    along = axis_at(np.array([0.0, 1.0, 5.0, 10.0]), 3, 4.0)
    geometry = Geometry((along, axis(8, 8, 1.0), axis(8, 8, 1.0)), "", (), Turn())
    values = np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2)
    layers = [one.values[0, 0] for one in cells_over(geometry, values, (8, 8), 4) if one]
    assert layers == [0.0, 0.0, 4.0, 8.0]


def test_outside_the_box_there_is_nothing() -> None:
    cells = Cells(np.array([[1.0, 2.0]], np.float32), (2.0, 1.0, 4.0, 5.0))
    places = np.array([1.9, 2.0, 3.99, 4.0])
    assert cell_values(cells, places, np.array([0.5, 1.5, 3.5, 5.5])).tolist() == [
        [0, 0, 0, 0],
        [0, 1, 2, 0],
        [0, 1, 2, 0],
        [0, 0, 0, 0],
    ]
