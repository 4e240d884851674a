"""Arrays on memory pages of their own, which go back to the system together with them.

Thousands of slices that come and go among small objects leave gaps all over the heap: with a cache
of 1 GiB the window grew by another 0.7 GB.
"""

from __future__ import annotations

import mmap

import numpy as np

SMALLEST_BYTES = 64 << 10
"""Smaller arrays stay in the heap: a page holds 4 KiB or more."""


def empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array without values yet."""
    count = int(np.prod(shape))
    if count * dtype.itemsize < SMALLEST_BYTES:
        return np.empty(shape, dtype)
    return np.frombuffer(mmap.mmap(-1, count * dtype.itemsize), dtype, count).reshape(shape)


def on_own_pages(pixels: np.ndarray) -> np.ndarray:
    """The array itself if it has its own pages, else a copy that has."""
    if pixels.nbytes < SMALLEST_BYTES or _has_own_pages(pixels):
        return pixels
    found = empty(pixels.shape, pixels.dtype)
    np.copyto(found, pixels)
    return found


def _has_own_pages(pixels: np.ndarray) -> bool:
    base: object = pixels
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, memoryview) and isinstance(base.obj, mmap.mmap)
