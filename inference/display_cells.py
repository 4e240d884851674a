"""The cells of a map at places of the frame that they lie over, unblurred."""

from __future__ import annotations

import numpy as np

from inference.records import Cells


def cell_indices(
    cells: Cells, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The row and the column of the cell at each place, in pixel edges of the frame.

    A place in no cell has the number of rows, or of columns, in place of an index.
    """
    top, left, bottom, right = cells.box
    row_count, column_count = cells.values.shape
    return _found(rows, top, bottom, row_count), _found(columns, left, right, column_count)


def cell_values(cells: Cells, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The cells' values at the crossings of rows and columns, float32 [rows, columns]; else 0."""
    padded = np.pad(cells.values, ((0, 1), (0, 1)))  # what lies in no cell takes the last one
    return np.asarray(padded[np.ix_(*cell_indices(cells, rows, columns))])


def on_pixels(cells: Cells, shape: tuple[int, int]) -> np.ndarray:
    """The value of the cell that the middle of each pixel lies in, float32 of `shape`."""
    rows, columns = shape
    return cell_values(cells, np.arange(rows) + 0.5, np.arange(columns) + 0.5)


def _found(places: np.ndarray, start: float, end: float, count: int) -> np.ndarray:
    index = np.floor((places - start) * (count / (end - start))).astype(np.int64)
    return np.where((index >= 0) & (index < count), index, count)
