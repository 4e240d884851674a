"""Superpixels of a picture or a volume: connected patches of like pixels, about as many as asked.

Simple linear iterative clustering (Achanta et al. 2012, doi 10.1109/TPAMI.2012.120): means of
place and value, begun on a lattice, each looking for pixels no further than one cell away. Plain
arithmetic without chance, so the same input always has the same superpixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod

import numpy as np
from scipy import ndimage

Size = tuple[int, ...]

ROUNDS = 10
"""Of clustering, as the authors took."""

COMPACTNESS = 0.5
"""What one cell's width weighs against, as a difference in value: standard deviations of the
picture. Larger gives squares, smaller frays the edges."""


def lattice(size: Size, count: int) -> Size:
    """How many cells along each axis make about `count` cells that are about as long as wide.

    At least one along each; at most one per pixel.
    """
    counts = [1] * len(size)
    left = [axis for axis, length in enumerate(size) if length > 1]
    while left:
        width = (prod(size[axis] for axis in left) / max(count, 1)) ** (1 / len(left))
        thin = [axis for axis in left if size[axis] < width]
        if not thin:
            for axis in left:
                counts[axis] = min(max(1, round(size[axis] / max(width, 1.0))), size[axis])
            break
        # An axis shorter than one cell takes one; the others share the count among them.
        left = [axis for axis in left if axis not in thin]
    return tuple(counts)


def grid(size: Size, count: int) -> np.ndarray:
    """About `count` boxes of equal size: int32 [*size], numbered from 0 in the order of rows."""
    counts = lattice(size, count)
    indices = [
        np.arange(length) * number // length for length, number in zip(size, counts, strict=True)
    ]
    labels = np.ravel_multi_index(np.meshgrid(*indices, indexing="ij"), counts)
    return np.asarray(labels, dtype=np.int32)


def superpixels(
    picture: np.ndarray, count: int, check: Callable[[], None] = lambda: None
) -> np.ndarray:
    """About `count` superpixels of `picture` [C, *size]: int32 [*size], numbered from 0.

    Each is connected through the faces of its pixels. There are at most as many as cells of the
    lattice, and fewer only where a cell lost all its pixels to others. `check` is called for each
    of them again and again, and what it raises ends the work: large pictures take seconds.
    """
    size = picture.shape[1:]
    values = picture.astype(np.float32) / (COMPACTNESS * max(float(picture.std()), 1e-6))
    begun = grid(size, count)
    counts = lattice(size, count)
    if prod(counts) == 1:
        return begun
    labels = _cluster(values, begun, counts, check)
    return _connected(labels, prod(counts))


def _cluster(
    values: np.ndarray, labels: np.ndarray, counts: Size, check: Callable[[], None]
) -> np.ndarray:
    """Each pixel's nearest mean in value and place, the place in widths of a cell."""
    size = labels.shape
    widths = [length / number for length, number in zip(size, counts, strict=True)]
    for _ in range(ROUNDS):
        means, places = _means(values, labels, prod(counts))
        nearest = np.full(size, np.inf, np.float32)
        found = labels.copy()
        for number, (mean, place) in enumerate(zip(means, places, strict=True)):
            check()
            if not np.isfinite(place[0]):
                continue
            window = tuple(
                slice(max(0, int(at - width)), int(at + width) + 2)
                for at, width in zip(place, widths, strict=True)
            )
            distance = _apart(values[(slice(None), *window)], mean)
            distance += _away(distance.shape, window, place, widths)
            closer = distance < nearest[window]
            nearest[window][closer] = distance[closer]
            found[window][closer] = number
        labels = found
    return labels


def _means(values: np.ndarray, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean value [count, C] and place [count, axes] of each label; NaN for one without pixels."""
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=count).astype(float)
    sizes[sizes == 0] = np.nan
    sums = [np.bincount(flat, channel.ravel(), count) for channel in values]
    for axis, length in enumerate(labels.shape):
        # Pixels of each label at each place along the axis: sums without an array of places.
        along = np.arange(length).reshape([-1 if one == axis else 1 for one in range(labels.ndim)])
        at = np.bincount((labels * length + along).ravel(), minlength=count * length)
        sums.append(at.reshape(count, length) @ np.arange(length))
    means = np.stack(sums, axis=1) / sizes[:, None]
    return means[:, : len(values)].astype(np.float32), means[:, len(values) :]


def _apart(values: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Squared distance in value to one mean: [C, *window] → float32 [*window]."""
    total = np.zeros(values.shape[1:], np.float32)
    for channel, middle in zip(values, mean, strict=True):
        off = channel - middle
        off *= off
        total += off
    return total


def _away(
    shape: Size, window: tuple[slice, ...], place: np.ndarray, widths: Sequence[float]
) -> np.ndarray:
    """Squared distance in place to one mean, in widths of a cell: float32, as large as `shape`."""
    total = np.zeros([1] * len(shape), np.float32)
    for axis, (length, span) in enumerate(zip(shape, window, strict=True)):
        along = (np.arange(span.start, span.start + length) - place[axis]) / widths[axis]
        sideways = [-1 if one == axis else 1 for one in range(len(shape))]
        total = total + (along * along).astype(np.float32).reshape(sideways)
    return np.asarray(total)


def _connected(labels: np.ndarray, count: int) -> np.ndarray:
    """The largest part of each label; its other parts go to the labels around them."""
    kept = np.full(labels.shape, -1, np.int32)
    for number, place in enumerate(ndimage.find_objects(labels + 1, max_label=count)):
        if place is None:
            continue
        parts, several = ndimage.label(labels[place] == number)
        largest = 1 + int(np.argmax(np.bincount(parts.ravel())[1:])) if several > 1 else 1
        kept[place][parts == largest] = number
    _grow(kept)
    _, renumbered = np.unique(kept, return_inverse=True)
    return np.asarray(renumbered.reshape(labels.shape), dtype=np.int32)


def _grow(labels: np.ndarray) -> None:
    """Give each pixel without a label (-1) that of a neighbour, face by face, in place.

    Step by step from the outside, so that what was connected stays connected.
    """
    framed = np.full([length + 2 for length in labels.shape], -1, np.int32)
    inside = (slice(1, -1),) * labels.ndim
    framed[inside] = labels
    flat = framed.ravel()
    left = np.ravel_multi_index([one + 1 for one in np.nonzero(labels < 0)], framed.shape)
    steps = [stride // framed.itemsize for stride in framed.strides]
    while len(left):
        found = np.full(len(left), -1, np.int32)
        for step, sign in product(steps, (-1, 1)):
            beside = flat[left + sign * step]
            found = np.where(found < 0, beside, found)
        flat[left] = found
        left = left[found < 0]
    labels[...] = framed[inside]
