"""Three ways to divide a picture into inside and outside, from some pixels that are known.

`inside` and `outside` are bool [rows, columns]: what a person, or a box, says. All three are
deterministic: the same question has the same answer. What is not `within` (padding, as
`Frame.measured` says) is never part of the inside, and nothing is learned from it.
"""

from __future__ import annotations

import cv2
import numpy as np

from inference.errors import UserError
from inference.task import Task

BETA = 90.0
"""How much a step in value hinders a walker: that of Grady's figures."""

_KINDS_OF_COLOUR = 5
"""OpenCV's GrabCut describes either side by so many Gaussians and needs as many pixels."""

_ROUNDS = 5

_NO_BOX = (0, 0, 1, 1)
"""OpenCV wants one, and does not look at it where labels are given."""

_LEAST_WEIGHT = 1e-6
"""A walker crosses even the strongest edge at times: the equations stay solvable."""

_INSIDE, _OUTSIDE = 1, 2


def grab_cut(
    picture: np.ndarray,
    probable: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    task: Task,
    *,
    within: np.ndarray | None = None,
) -> np.ndarray:
    """What belongs together by its grey or colour, bool [rows, columns].

    `picture` is uint8 [rows, columns] or [rows, columns, 3], `probable` is the first guess of the
    inside, such as all of a box. Rother, Kolmogorov and Blake 2004, doi:10.1145/1015706.1015720,
    in OpenCV's way. Raises UserError where either side has next to no pixels to learn from.
    """
    labels = np.where(probable, np.uint8(cv2.GC_PR_FGD), np.uint8(cv2.GC_PR_BGD))
    labels[outside] = cv2.GC_BGD
    labels[inside] = cv2.GC_FGD
    measured = np.ones(inside.shape, bool) if within is None else within
    labels[~measured] = cv2.GC_BGD
    for value, side in ((1, "inside"), (0, "outside")):
        if np.count_nonzero(labels[measured] % 2 == value) < _KINDS_OF_COLOUR:
            raise UserError(
                f"There are too few pixels {side} to tell both sides apart.",
                "Draw a box with some ground around the thing, or click with a larger brush.",
            )
    colours = _colours(picture, measured)
    ground, thing = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    mode = cv2.GC_INIT_WITH_MASK
    for _ in range(_ROUNDS):
        task.check()
        before = labels.copy()
        cv2.grabCut(colours, labels, _NO_BOX, ground, thing, 1, mode)
        mode = cv2.GC_EVAL
        if np.array_equal(before, labels):
            break
    return np.asarray(labels % 2 == 1)


def watershed(
    picture: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    *,
    within: np.ndarray | None = None,
) -> np.ndarray:
    """What water from the known pixels reaches first over the steps of the picture.

    `picture` is uint8 [rows, columns] or [rows, columns, 3]. Meyer 1992, in OpenCV's way: the
    lines where both waters meet, one pixel wide, belong to the outside.
    """
    measured = np.ones(inside.shape, bool) if within is None else within
    colours = _colours(picture, measured)
    padded = cv2.copyMakeBorder(colours, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    markers = np.where(outside, np.int32(_OUTSIDE), np.int32(0))
    markers[inside] = _INSIDE
    found = cv2.watershed(padded, np.pad(markers, 1))
    return np.asarray((found[1:-1, 1:-1] == _INSIDE) & measured)


def _colours(picture: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Three channels, as OpenCV wants them: what is not measured is unlike anything that is.

    Without that, padding as bright as the thing would be taken for it, or for the ground.
    """
    if picture.ndim == 3:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.merge([picture, picture, np.where(within, np.uint8(0), np.uint8(255))]))


def random_walk(
    values: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
    beta: float = BETA,
    within: np.ndarray | None = None,
) -> np.ndarray:
    """The chance that a walker from each pixel meets the inside first, float64 [rows, columns].

    Grady 2006, doi:10.1109/TPAMI.2006.233: a walker steps to a neighbour by its side with the
    weight exp(-beta · d²), d being the difference of their values by the largest in the picture.
    `values` are [rows, columns] or [rows, columns, channels]. No walker enters what is not
    `within`; what no known pixel can be reached from has no chance.
    """
    from scipy import sparse
    from scipy.sparse import linalg

    open_to = _reachable(np.ones(inside.shape, bool) if within is None else within, inside, outside)
    chances = np.where(inside & open_to, 1.0, 0.0)
    unknown = open_to & ~inside & ~outside
    count = int(np.count_nonzero(unknown))
    if not count:
        return chances
    index = np.full(inside.size, -1)
    index[unknown.ravel()] = np.arange(count)
    pairs, weights = _sides(values, open_to, beta)
    pairs, weights = np.concatenate([pairs, pairs[::-1]], axis=1), np.tile(weights, 2)
    first, second = index[pairs]
    pull = weights * chances.ravel()[pairs[1]]
    here = first >= 0
    total = np.bincount(first[here], weights[here], minlength=count)
    known = np.bincount(first[here], pull[here], minlength=count)
    both = here & (second >= 0)
    joined = sparse.csc_matrix((-weights[both], (first[both], second[both])), (count, count))
    solver = linalg.splu(
        joined + sparse.diags(total, format="csc"),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    chances[unknown] = np.clip(solver.solve(known), 0, 1)
    return chances


def _reachable(within: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """The parts of `within`, joined by sides, in which some pixel is known."""
    labels = cv2.connectedComponents(within.astype(np.uint8), connectivity=4)[1]
    known = np.zeros(int(labels.max()) + 1, bool)
    known[labels[inside | outside]] = True
    known[0] = False
    return np.asarray(known[labels])


def _sides(values: np.ndarray, open_to: np.ndarray, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of pixels that share a side, flat indices [2, n], and their weights [n]."""
    layers = values.reshape(open_to.size, -1)
    pairs = []
    for step, one, other in (
        (1, open_to[:, :-1], open_to[:, 1:]),
        (open_to.shape[1], open_to[:-1], open_to[1:]),
    ):
        row, column = np.nonzero(one & other)
        first = row * open_to.shape[1] + column
        pairs.append(np.stack([first, first + step]))
    joined = np.concatenate(pairs, axis=1)
    apart = layers[joined[0]].astype(np.float64) - layers[joined[1]]
    squares = (apart**2).sum(axis=1)
    largest = squares.max(initial=0.0) or 1.0
    return joined, np.maximum(np.exp(-beta * squares / largest), _LEAST_WEIGHT)
