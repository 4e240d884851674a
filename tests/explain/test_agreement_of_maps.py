"""What several maps have in common."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.agreement import agreement_matrix, coarsened, consensus


def spot(row: int, column: int) -> np.ndarray:
    """A hill on a plain of 20 × 20 whose top fifth percent is around one place."""
    rows, columns = np.mgrid[:20, :20]
    found: np.ndarray = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 8.0)
    return found


def test_the_matrix_holds_each_pair() -> None:
    near, far = spot(5, 5), spot(15, 15)
    found = agreement_matrix({"one": near, "same": near * 3, "other": far})
    assert found.names == ("one", "same", "other")
    assert found.ranks == pytest.approx(found.ranks.T)
    assert found.ranks.diagonal() == pytest.approx(1.0)
    assert found.ranks[0, 1] == pytest.approx(1.0)
    assert found.overlaps[0, 1] == pytest.approx(1.0)
    assert found.overlaps[0, 2] == 0.0
    assert found.ranks[0, 2] < 0.0
    assert found.overlap == pytest.approx(np.median([1.0, 0.0, 0.0]))
    assert [name for name, _, _ in found.with_first()] == ["same", "other"]
    assert found.with_first()[0][1:] == pytest.approx((1.0, 1.0))


def test_consensus_marks_where_most_maps_point() -> None:
    found = consensus([spot(5, 5), spot(5, 5) * 7, spot(15, 15)])
    assert found.agreed[5, 5]
    assert not found.agreed[15, 15]
    assert found.votes[15, 15] == pytest.approx(1 / 3)
    assert found.spread[5, 5] == pytest.approx(np.std([1, 1, spot(15, 15)[5, 5]]), abs=1e-6)
    assert found.spread[5, 15] < 0.01


def test_maps_that_point_apart_are_not_drawn() -> None:
    apart = consensus([spot(4, 4), spot(4, 15), spot(15, 4), spot(15, 15)])
    assert not apart.enough
    assert not apart.agreed.any()
    assert "Not enough agreement" in apart.words
    together = consensus([spot(5, 5), spot(5, 6), spot(6, 5)])
    assert together.enough
    assert "more than half" in together.words


def test_cells_hold_the_mean_of_their_pixels() -> None:
    values = np.arange(64.0).reshape(8, 8)
    blocks = values.reshape(2, 4, 2, 4).mean(axis=(1, 3))
    assert coarsened(values, (2, 2)) == pytest.approx(blocks)
    assert coarsened(values, (8, 99)) == pytest.approx(values)
    # Two cells of one and a half pixels each: the middle one is shared.
    assert coarsened(np.array([1.0, 2.0, 6.0]), (2,)) == pytest.approx([4 / 3, 14 / 3])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 12))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_coarser_maps_keep_the_mean(rows: int, columns: int, cells: int) -> None:
    values = np.random.default_rng(rows).normal(size=(rows, columns))
    found = coarsened(values, (cells, cells))
    assert found.shape == (min(cells, rows), min(cells, columns))
    assert found.mean() == pytest.approx(values.mean(), abs=1e-9)
