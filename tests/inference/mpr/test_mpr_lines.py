"""Points on frames and reference lines, on paper and there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.mpr import from_frame, line_of, to_frame
from inference.records import Affine, affine_of
from tests.inference.mpr.scan_volumes import placed, turned_by

AXIAL = affine_of(placed(np.eye(3), (0.5, 2.0, 1.0), (10.0, 20.0, 30.0)))
"""Columns 0.5 mm and rows 2 mm apart, from (10, 20) at the height 30."""


def coronal(y: float) -> Affine:
    axes = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    return affine_of(placed(axes, (1, 1, 1), (0.0, y, 100.0)))


def sagittal(x: float) -> Affine:
    axes = np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]])
    return affine_of(placed(axes, (1, 1, 1), (x, 0.0, 100.0)))


def test_a_point_on_paper() -> None:
    assert to_frame(AXIAL, (10, 20, 30)) == pytest.approx((0.5, 0.5, 0))
    assert to_frame(AXIAL, (12, 26, 37)) == pytest.approx((4.5, 3.5, 7))
    assert from_frame(AXIAL, 0.0, 1.0) == pytest.approx((9.75, 21, 30))


@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    spacing=st.tuples(*[st.floats(0.1, 5)] * 3),
    at=st.tuples(st.floats(-50, 500), st.floats(-50, 500), st.floats(-90, 90)),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_there_and_back(
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    at: tuple[float, float, float],
) -> None:
    affine = affine_of(placed(turned_by(*angles), spacing))
    x, y, z = from_frame(affine, at[0], at[1])
    off = turned_by(*angles)[:, 2] * at[2]
    found = to_frame(affine, (x + off[0], y + off[1], z + off[2]))
    assert found == pytest.approx(at, abs=1e-6)


@pytest.mark.parametrize(
    ("cutting", "wanted"),
    [
        # 6 mm below the first row's centre are 3 rows; 20 rows of 2 mm end at y = 59.
        (coronal(26.0), (0, 3.5, 40, 3.5)),
        (coronal(59.0), (0, 20, 40, 20)),
        (coronal(59.5), None),
        (coronal(18.5), None),
        (sagittal(12.0), (4.5, 0, 4.5, 20)),
        (sagittal(0.0), None),
        (AXIAL, None),
        (affine_of(placed(np.eye(3), (1, 1, 1), (0, 0, 77))), None),
    ],
)
def test_reference_lines_on_paper(
    cutting: Affine, wanted: tuple[float, float, float, float] | None
) -> None:
    """A frame of 20 rows and 40 columns."""
    line = line_of(cutting, AXIAL, (20, 40))
    assert (line is None) == (wanted is None)
    if line is not None and wanted is not None:
        ends = sorted([line[:2], line[2:]])
        np.testing.assert_allclose(ends, sorted([wanted[:2], wanted[2:]]), atol=1e-9)


def test_a_slanting_line_is_cut_off_at_the_frames_edges() -> None:
    """The plane x − y = 0 through square pixels from the origin on: the diagonal of the corner."""
    frame = affine_of(placed(np.eye(3), (1, 1, 1), (0, 0, 0)))
    axes = np.array([[1, 0, 1], [1, 0, -1], [0, np.sqrt(2), 0]]) / np.sqrt(2)
    line = line_of(affine_of(placed(axes, (1, 1, 1), (7, 7, 40))), frame, (4, 9))
    assert line is not None
    np.testing.assert_allclose(sorted([line[:2], line[2:]]), [(0, 0), (4, 4)], atol=1e-9)


@given(angles=st.tuples(*[st.floats(-180, 180)] * 3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_reference_line_lies_in_both_planes(angles: tuple[float, float, float]) -> None:
    cutting = affine_of(placed(turned_by(*angles), (1, 1, 1), (15.0, 40.0, 30.0)))
    line = line_of(cutting, AXIAL, (20, 40))
    if line is None:
        assert abs(np.array(cutting)[2, 2]) > 1 - 1e-6 or min(angles) != max(angles)
        return
    for column, row in (line[:2], line[2:]):
        assert -1e-6 <= column <= 40 + 1e-6
        assert -1e-6 <= row <= 20 + 1e-6
        assert to_frame(cutting, from_frame(AXIAL, column, row))[2] == pytest.approx(0, abs=1e-6)
