"""The grid over many shapes finds what comparing every box finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from widgets.canvas_label_index import CellIndex

edges = st.tuples(*(st.floats(-50, 550) for _ in range(4)))


def some_boxes(count: int) -> np.ndarray:
    draw = np.random.default_rng(count)
    corners = draw.uniform(-20, 520, (count, 2))
    return np.hstack([corners, corners + draw.uniform(0, 9, (count, 2))])


BOXES = np.vstack([some_boxes(400), [[0, 0, 512, 512], [7, 7, 7, 7], [-30, 100, 600, 101]]])
INDEX = CellIndex(BOXES)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(edges)
def test_it_finds_what_touches_a_part(part: tuple[float, float, float, float]) -> None:
    left, right = sorted(part[::2])
    top, bottom = sorted(part[1::2])
    expected = [
        number
        for number, (x0, y0, x1, y1) in enumerate(BOXES)
        if x0 <= right and x1 >= left and y0 <= bottom and y1 >= top
    ]
    assert INDEX.within(left, top, right, bottom).tolist() == expected


@pytest.mark.parametrize("boxes", [np.zeros((0, 4)), np.array([[3.0, 3.0, 3.0, 3.0]])])
def test_none_and_a_single_point(boxes: np.ndarray) -> None:
    assert CellIndex(boxes).within(0, 0, 10, 10).tolist() == list(range(len(boxes)))
    assert CellIndex(boxes).within(20, 20, 30, 30).tolist() == []
