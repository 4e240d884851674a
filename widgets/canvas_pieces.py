"""One segment or contour drawn over the part of a frame that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from inference.records import IN_FROM, ContourPiece, SegmentPiece
from widgets.canvas_tints import lay_over, tinted
from widgets.canvas_transform import Part
from widgets.theme import RGB

FILL_SHARE = 0.35
"""How opaque the inside of a segment is; its outline is drawn in full."""

_SUBPIXEL_BITS = 4
"""OpenCV draws contours to a sixteenth of a screen pixel."""


@dataclass(frozen=True)
class Grid:
    """Which row and column of the frame each screen pixel of an upright part shows.

    Found as OpenCV's nearest neighbour finds them, so that a segment's edge is that of its pixels.
    `shrunk` is how many rows and columns of the frame go into one pixel of the screen.
    """

    rows: np.ndarray
    columns: np.ndarray
    shrunk: tuple[int, int]


def sample(part: Part) -> Grid:
    """The grid of a part, before it is mirrored and turned."""
    width, height = part.upright
    rows, columns = part.row1 - part.row0, part.column1 - part.column0
    return Grid(
        part.row0 + np.floor(np.arange(height) * (rows / height)).astype(np.int64),
        part.column0 + np.floor(np.arange(width) * (columns / width)).astype(np.int64),
        part.shrunk,
    )


def draw_piece(
    drawn: np.ndarray, piece: SegmentPiece, colour: RGB, grid: Grid, line: int = 1
) -> None:
    """Fill and outline one segment on `drawn`, premultiplied BGRA of the grid's size.

    The outline lies inside the edge and is 2 × `line` screen pixels wide. Where the picture is
    shrunk, a screen pixel is in if any of the pixels that it shows is.
    """
    mask, (above, before) = piece.mask, (step - 1 for step in grid.shrunk)
    if above or before:
        wide = cv2.copyMakeBorder(mask, above, 0, before, 0, cv2.BORDER_CONSTANT, value=0)
        mask = cv2.dilate(wide, np.ones(grid.shrunk, np.uint8), anchor=(0, 0))
    first, start = piece.row - above, piece.column - before
    top, bottom = np.searchsorted(grid.rows, (first, first + mask.shape[0]))
    left, right = np.searchsorted(grid.columns, (start, start + mask.shape[1]))
    if top == bottom or left == right:
        return
    seen = mask.take(grid.rows[top:bottom] - first, axis=0)
    seen = seen.take(grid.columns[left:right] - start, axis=1)
    solid = cv2.threshold(seen, IN_FROM - 1, 255, cv2.THRESH_BINARY)[1]
    kernel = np.ones((4 * line + 1, 4 * line + 1), np.uint8)
    core = cv2.erode(solid, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    alpha = cv2.max(cv2.convertScaleAbs(seen, alpha=FILL_SHARE), cv2.subtract(solid, core))
    lay_over(drawn[top:bottom, left:right], tinted(alpha, colour))


def draw_contour(
    drawn: np.ndarray, contour: ContourPiece, colour: RGB, part: Part, line: int = 1
) -> None:
    """A fine line, 1.4 screen pixels wide; OpenCV's coordinates are those of pixel centres.

    Its next width is 3.5, which on a coarse screen hides the edge that it is to be judged by.
    """
    red, green, blue = colour
    across = (contour.points[:, 0] - part.column0) * (part.width / (part.column1 - part.column0))
    down = (contour.points[:, 1] - part.row0) * (part.height / (part.row1 - part.row0))
    points = (np.column_stack([across, down]) - 0.5) * (1 << _SUBPIXEL_BITS)
    cv2.polylines(
        drawn,
        [np.round(np.clip(points, -1e7, 1e7)).astype(np.int32)],
        contour.closed,
        (blue, green, red, 255),
        line,
        cv2.LINE_AA,
        _SUBPIXEL_BITS,
    )
