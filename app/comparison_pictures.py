"""Several maps of one frame in one picture, and the picture of what they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.pictures import overlaid, shown
from app.report import Section
from inference.display_overlay import blend, overlay_rgba
from inference.records import Frame

if TYPE_CHECKING:
    from explain.agreement import Consensus

SIDE = 384
"""Frames are drawn as large as fits a square of so many pixels."""
LINE = 18
COLUMNS = 3
GAP = 6
GROUND, INK = (28, 31, 35), (231, 233, 236)


def side_by_side(sections: Sequence[Section]) -> np.ndarray:
    """Each map over the frame on its own scale, under two lines that say what it is: uint8 RGB.

    At most three stand in a row, in the order in which they are given.
    """
    tiles = [_tile(number, one) for number, one in enumerate(sections, start=1)]
    rows, columns = tiles[0].shape[:2]
    high = -(-len(tiles) // COLUMNS)
    wide = -(-len(tiles) // high)
    sheet = np.full(
        (high * (rows + GAP) + GAP, wide * (columns + GAP) + GAP, 3), GROUND, dtype=np.uint8
    )
    for place, tile in enumerate(tiles):
        top = GAP + (place // wide) * (rows + GAP)
        left = GAP + (place % wide) * (columns + GAP)
        sheet[top : top + rows, left : left + columns] = tile
    return sheet


def agreed_picture(frame: Frame, together: Consensus) -> tuple[np.ndarray, np.ndarray]:
    """The share of maps that point at each pixel, float32 [rows, columns], and its picture.

    The picture is uint8 RGB: the frame, and over it the mean map where more than half agree. Where
    they do not agree enough it is the frame alone.
    """
    votes = _over(together.votes, frame)
    mean = _over(together.mean * together.agreed * together.enough, frame)
    rgba, _ = overlay_rgba(mean, signed=False)
    return votes, blend(shown(frame), rgba)


def _over(cells: np.ndarray, frame: Frame) -> np.ndarray:
    """Cells over the whole frame, each as one block, float32 [rows, columns]."""
    rows, columns = frame.shape
    found = cv2.resize(
        cells.astype(np.float32), (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT
    )
    return np.asarray(found)


def _tile(number: int, section: Section) -> np.ndarray:
    picture = overlaid(section.frame, section.attribution)
    rows, columns = picture.shape[:2]
    factor = SIDE / max(rows, columns)
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if factor < 1 else 0)
    tile = np.full((SIDE + 2 * LINE, SIDE, 3), GROUND, dtype=np.uint8)
    top, left = 2 * LINE + (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = fitted
    for place, line in enumerate(_lines(number, section)):
        _letter(tile, line, (place + 1) * LINE - 5)
    return tile


def _lines(number: int, section: Section) -> tuple[str, str]:
    found, answer = section.attribution, section.prediction
    layer = f", {found.layer}" if found.layer else ""
    says = f"{answer.labels[answer.top]} {answer.scores[answer.top]:.2f}"
    return (
        f"{number}  {found.provenance.method}{layer}",
        f"{found.provenance.model_id}: {says}; for {found.target_label}",
    )


def _letter(tile: np.ndarray, line: str, baseline: int) -> None:
    """Write a line into the tile, smaller where it would not fit."""
    # The letters that OpenCV draws are those of ASCII; what it cannot draw becomes "?".
    plain = line.encode("ascii", "replace").decode("ascii")
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, 0.45
    (width, _), _ = cv2.getTextSize(plain, font, scale, 1)
    scale *= min(1.0, (SIDE - 4) / max(width, 1))
    cv2.putText(tile, plain, (2, baseline), font, scale, INK, 1, cv2.LINE_AA)
