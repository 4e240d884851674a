"""What maps side by side have in common and what not: requests, and the work of a child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.task import Task

NOT_ENOUGH = "Not enough agreement"


@dataclass(frozen=True, eq=False)
class CombineRequest:
    """Maps of one frame, float32 [rows, columns] each, with the cells that each was made at.

    `kind` is a name of COMBINERS.
    """

    kind: str
    maps: tuple[np.ndarray, ...]
    natives: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Combined:
    """One map made of several, float32 [rows, columns]; zeros where there is not `enough`.

    `native` says of how many cells it is made, and `words` what it shows, in a sentence.
    """

    map: np.ndarray
    native: tuple[int, int]
    words: str
    enough: bool = True


@dataclass(frozen=True, eq=False)
class MatrixRequest:
    """Maps of one frame that are to be compared each with each."""

    maps: tuple[np.ndarray, ...]
    natives: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Matrix:
    """How alike maps are, each with each, float64 [n, n]: Spearman's ρ, and overlaps of tops.

    They are compared on `grid` cells, (rows, columns). `overlap` is the median of all pairs, and
    `enough` says whether that is a place they agree on.
    """

    ranks: np.ndarray
    overlaps: np.ndarray
    grid: tuple[int, int]
    overlap: float
    enough: bool


def combine_maps(request: CombineRequest, task: Task) -> Combined:
    """Make one map of several."""
    task.check()
    return COMBINERS[request.kind](request)


def compare_maps(request: MatrixRequest, task: Task) -> Matrix:
    """How alike the maps are, in what speaks for the target, on the coarsest map's cells."""
    from explain.agreement import agreement_matrix, consensus, on_shared_cells

    task.check()
    cells = on_shared_cells(request.maps, request.natives)
    found = agreement_matrix({str(place): one for place, one in enumerate(cells)})
    together = consensus(cells)
    rows, columns = cells[0].shape
    return Matrix(found.ranks, found.overlaps, (rows, columns), together.overlap, together.enough)


def _difference(request: CombineRequest) -> Combined:
    """The first less the second, each divided by its own robust limit and cut off there."""
    from explain.similarity import normalised

    one, other = (normalised(found) for found in request.maps)
    native = (
        min(found[0] for found in request.natives),
        min(found[1] for found in request.natives),
    )
    words = "Each map is divided by the end of its own scale. Above zero the first is stronger."
    return Combined((one - other).astype(np.float32), native, words)


def _agreement(request: CombineRequest) -> Combined:
    return _together(request, spread=False)


def _uncertainty(request: CombineRequest) -> Combined:
    return _together(request, spread=True)


def _together(request: CombineRequest, *, spread: bool) -> Combined:
    """The mean of the maps, or their standard deviation, where more than half of them agree."""
    import cv2

    from explain.agreement import consensus, on_shared_cells

    cells = on_shared_cells(request.maps, request.natives)
    found = consensus(cells)
    shown = (found.spread if spread else found.mean) * found.agreed * found.enough
    rows, columns = request.maps[0].shape
    # Blocks, not a smooth picture: that would reach beyond the cells that they agree on.
    whole = cv2.resize(
        shown.astype(np.float32), (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT
    )
    native = (cells[0].shape[0], cells[0].shape[1])
    return Combined(np.asarray(whole), native, found.words, found.enough)


COMBINERS: dict[str, Callable[[CombineRequest], Combined]] = {
    "difference": _difference,
    "agreement": _agreement,
    "uncertainty": _uncertainty,
}
"""How several maps become one, by the kind of app.recipes."""
