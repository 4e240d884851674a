"""The cells of a map as the squares that they are, over the part of a frame that is looked at."""

from __future__ import annotations

import numpy as np

from inference.display_cells import cell_indices, cell_values
from inference.records import Cells
from widgets.canvas_picture import turned
from widgets.canvas_transform import Part

LINES_FROM_PX = 6.0
"""Cells that are narrower on the screen have no lines between them: these would hide the map."""

LINE = (70, 70, 70, 90)
"""Premultiplied BGRA: thin enough to be seen on black and on white, and to hide neither."""


def cell_pixels(cells: Cells, part: Part) -> np.ndarray:
    """The value of the cell at each screen pixel of the part, float32; 0 where there is none."""
    return turned(cell_values(cells, *_places(part)), part.turns, part.mirrored)


def draw_cell_lines(drawn: np.ndarray, cells: Cells, part: Part) -> None:
    """Thin lines between cells, on premultiplied BGRA pixels of the part; none between tiny ones.

    Lines lie only where the map is clear enough for them to be seen as what they are: the edges
    of cells, within their box.
    """
    rows, columns = cell_indices(cells, *_places(part))
    if _widest(rows, cells.values.shape[0]) < LINES_FROM_PX:
        return
    if _widest(columns, cells.values.shape[1]) < LINES_FROM_PX:
        return
    across, down = _borders(rows, cells.values.shape[0]), _borders(columns, cells.values.shape[1])
    within = np.ix_(rows < cells.values.shape[0], columns < cells.values.shape[1])
    lines = np.zeros((len(rows), len(columns)), np.uint8)
    lines[within] = (across[:, None] | down[None, :])[within]
    seen = turned(lines, part.turns, part.mirrored) > 0
    pixels = drawn[seen].astype(np.uint16)
    drawn[seen] = (pixels * (255 - LINE[3]) // 255 + np.array(LINE, np.uint16)).astype(np.uint8)


def _places(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """The middle of each row and column of the screen's pixels before the turn, in pixel edges."""
    width, height = part.upright
    rows = part.row0 + (np.arange(height) + 0.5) * ((part.row1 - part.row0) / height)
    columns = part.column0 + (np.arange(width) + 0.5) * ((part.column1 - part.column0) / width)
    return rows, columns


def _borders(indices: np.ndarray, count: int) -> np.ndarray:
    """True at the first pixel of each cell but the first."""
    changed = np.zeros(len(indices), dtype=bool)
    changed[1:] = (indices[1:] != indices[:-1]) & (indices[1:] < count) & (indices[:-1] < count)
    return changed


def _widest(indices: np.ndarray, count: int) -> float:
    """About how many screen pixels a cell is wide."""
    inside = indices[indices < count]
    return len(inside) / (int(inside[-1] - inside[0]) + 1) if len(inside) else 0.0
