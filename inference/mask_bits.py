"""Masks as they are kept: the box that holds them, one bit a pixel, compressed."""

from __future__ import annotations

import zlib

import numpy as np

from inference.records.annotations import Annotation, MaskBits

LEVEL = 1
"""Masks are runs of equal bits: more effort gains little and the hand waits for it."""


def pack_mask(mask: np.ndarray) -> MaskBits | None:
    """The pixels of `mask`, bool [rows, columns]; None where there are none."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(mask[top:bottom].any(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    inside = np.ascontiguousarray(mask[top:bottom, left:right], dtype=bool)
    packed = zlib.compress(np.packbits(inside).tobytes(), LEVEL)
    bits = np.frombuffer(packed, np.uint8)
    size = (bottom - top, right - left)
    return MaskBits(top, left, *size, int(np.count_nonzero(inside)), bits)


def unpack_mask(bits: MaskBits, shape: tuple[int, int]) -> np.ndarray:
    """The mask as bool [rows, columns] of `shape`; what lies beyond it is cut off.

    Raises ValueError where the bits do not fill their box.
    """
    found = np.zeros(shape, dtype=bool)
    top, left = max(bits.top, 0), max(bits.left, 0)
    part = found[top : bits.top + bits.rows, left : bits.left + bits.columns]
    inside = unpack_box(bits)
    part[:] = inside[
        top - bits.top : top - bits.top + part.shape[0],
        left - bits.left : left - bits.left + part.shape[1],
    ]
    return found


def unpack_box(bits: MaskBits) -> np.ndarray:
    """The pixels of the box alone, bool [rows, columns] of it."""
    count = bits.rows * bits.columns
    limit = (count + 7) // 8
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(bits.bits.tobytes(), limit + 1)
    except zlib.error as error:
        raise ValueError("the bits of a mask cannot be read") from error
    if len(raw) != limit:
        raise ValueError("the bits of a mask do not fill its box")
    flat = np.unpackbits(np.frombuffer(raw, np.uint8), count=count)
    return flat.reshape(bits.rows, bits.columns).astype(bool)


def mask_of(annotation: Annotation, shape: tuple[int, int]) -> np.ndarray:
    """The mask of an annotation of kind "mask" on its frame, bool [rows, columns]."""
    if annotation.mask is None:
        return np.zeros(shape, dtype=bool)
    return unpack_mask(annotation.mask, shape)
