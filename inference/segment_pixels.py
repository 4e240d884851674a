"""The pixels of one segment of an object that lies over a source: masks and filled contours."""

from __future__ import annotations

import numpy as np

from inference.measured_shapes import SHAPES, inside
from inference.records import IN_FROM, ObjectOverlay


def segment_pixels(
    overlay: ObjectOverlay, place: int, frames: tuple[int, ...], size: tuple[int, int]
) -> np.ndarray:
    """Where a segment, by its place in the overlay, lies: bool [frames, rows, columns].

    `size` is (rows, columns) of the source. A pixel belongs to a contour if its centre lies inside;
    where contours lie in each other, the inner one is a hole. Open contours fill nothing.
    """
    found = np.zeros((len(frames), *size), dtype=bool)
    for piece in overlay.pieces:
        if piece.segment == place and piece.frame in frames:
            rows, columns = piece.mask.shape
            part = found[frames.index(piece.frame)]
            part = part[piece.row : piece.row + rows, piece.column : piece.column + columns]
            part |= piece.mask >= IN_FROM
    for contour in overlay.contours:
        if contour.segment == place and contour.frame in frames and contour.closed:
            corners = tuple((float(column), float(row)) for column, row in contour.points)
            covered = inside(SHAPES["polygon"], corners, size)
            part = covered.of(found[frames.index(contour.frame)])
            part ^= covered.mask
    return found
