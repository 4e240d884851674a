"""The smoothest continuation of a picture into a hole, from the exact values at its edge."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

DIRECT = 200_000
"""So many pixels are solved for exactly, in about 0.8 s; more begin on a grid half as fine."""

SWEEPS = 20
"""How often what comes from the coarser grid is evened out.

A ramp was then off by at most 0.5 of the step between its pixels for 800,000 of them, and by 1.3
for 3 million; 80 times brought 0.4 and 1.2.
"""

_ACROSS = ndimage.generate_binary_structure(2, 1)


def harmonic(
    values: np.ndarray,
    inside: np.ndarray,
    known: np.ndarray,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """The smoothest continuation into `inside` of what is `known` around it, [n, samples].

    Each pixel becomes the mean of its neighbours (Laplace's equation): a ramp goes on as a ramp.
    Pixels that are neither inside nor known, and the picture's border, carry nothing. NaN where no
    known pixel is connected. `values` is float64 [rows, columns, samples], the masks bool. `check`
    is called between steps, and what it raises ends the work: millions of pixels take seconds.
    """
    check()
    pieces, _ = ndimage.label(inside, _ACROSS)
    touched = np.unique(pieces[ndimage.binary_dilation(known, _ACROSS) & inside])
    solvable = np.isin(pieces, touched[touched > 0])
    filled = np.full(values.shape, np.nan)
    filled[known] = values[known]
    if solvable.any():
        filled[solvable] = _solved(values, solvable, known, check)
    return np.asarray(filled[inside])


def _solved(
    values: np.ndarray, inside: np.ndarray, known: np.ndarray, check: Callable[[], None]
) -> np.ndarray:
    count = int(inside.sum())
    if count > DIRECT:
        return _relaxed(values, inside, known, check)
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(count)
    fixed = np.where(known[..., None], values, 0.0)
    degree, right = np.zeros(count), np.zeros((count, values.shape[2]))
    rows, columns = [], []
    for here, there in _neighbours():
        mine = number[here]
        open_pair = (mine >= 0) & (number[there] >= 0)
        shut_pair = (mine >= 0) & known[there]
        rows.append(mine[open_pair])
        columns.append(number[there][open_pair])
        np.add.at(degree, mine[open_pair | shut_pair], 1.0)
        np.add.at(right, mine[shut_pair], fixed[there][shut_pair])
    across = (-np.ones(sum(map(len, rows))), (np.concatenate(rows), np.concatenate(columns)))
    matrix = sparse.diags(degree) + sparse.csc_matrix(across, shape=(count, count))
    solver = splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return np.asarray(solver.solve(right))


def _relaxed(
    values: np.ndarray, inside: np.ndarray, known: np.ndarray, check: Callable[[], None]
) -> np.ndarray:
    """From the solution on a grid half as fine, evened out by each pixel's neighbours."""
    small, count = _halved(np.where(known[..., None], values, 0.0)), _halved(known[..., None] * 1.0)
    some = count[..., 0] > 0
    coarse = np.divide(small, count, out=np.zeros_like(small), where=count > 0)
    within = (_halved(inside[..., None] * 1.0)[..., 0] > 0) & ~some
    coarse[within] = harmonic(coarse, within, some, check)
    rows, columns = inside.shape
    start = np.repeat(np.repeat(coarse, 2, axis=0), 2, axis=1)[:rows, :columns]
    start = cv2.GaussianBlur(start, (3, 3), 0).reshape(values.shape)
    filled = np.where(known[..., None], values, np.where(inside[..., None], start, 0.0))
    there = (known | inside).astype(np.float64)[..., None]
    neighbours = np.maximum(_around(there), 1.0)
    for _ in range(SWEEPS):
        check()
        filled[inside] = (_around(filled) / neighbours)[inside]
    return np.asarray(filled[inside])


def _halved(values: np.ndarray) -> np.ndarray:
    """The sums of blocks of 2 × 2 pixels, [rows, columns, samples]."""
    rows, columns, samples = values.shape
    padded = np.pad(values, ((0, rows % 2), (0, columns % 2), (0, 0)))
    blocks = padded.reshape((rows + 1) // 2, 2, (columns + 1) // 2, 2, samples)
    return np.asarray(blocks.sum(axis=(1, 3)))


def _around(values: np.ndarray) -> np.ndarray:
    """The sum over the four neighbours of each pixel."""
    total = np.zeros_like(values)
    for here, there in _neighbours():
        total[here] += values[there]
    return total


def _neighbours() -> list[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Slices that lay pixels over their neighbours: above, below, left, right."""
    whole, first, last = slice(None), slice(None, -1), slice(1, None)
    down, right = ((last, whole), (first, whole)), ((whole, last), (whole, first))
    return [down, (down[1], down[0]), right, (right[1], right[0])]
