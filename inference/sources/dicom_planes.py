"""Overlay planes of a frame (groups 6000–601E, PS3.3 C.9.2), from their own data or pixel bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from inference.records import OverlayPlane
from inference.sources.dicom_fields import MALFORMED
from inference.sources.dicom_header import Header
from inference.sources.dicom_pixels import keeps_all_bits, words_of

_GROUPS = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS = 0x0010, 0x0011
_FRAMES, _FIRST_FRAME = 0x0015, 0x0051
_DESCRIPTION, _LABEL = 0x0022, 0x1500
_ORIGIN = 0x0050
_BIT = 0x0102
_DATA = 0x3000


def overlay_groups(dataset: Dataset) -> tuple[int, ...]:
    """The overlay groups of a header, most often none: found without looking any tag up."""
    tags = dataset.keys()  # going through the data set itself would convert its values
    return tuple(sorted({tag >> 16 for tag in tags if tag >> 16 in _GROUPS}))


def embedded_groups(header: Header) -> tuple[int, ...]:
    """The groups whose overlay lies in unused bits of the pixels (PS3.5 8.1.2, retired)."""
    if not keeps_all_bits(header):
        return ()
    return tuple(
        group
        for group in overlay_groups(header.dataset)
        if _value(header.dataset, group, _DATA) is None
        and (_whole(header.dataset, group, _BIT) or 0) > 0
    )


def planes_of(header: Header, number: int, *, without: int | None = None) -> list[OverlayPlane]:
    """What overlay data draws over one frame; `without` is the group of a bitmap shutter."""
    found = []
    for group in overlay_groups(header.dataset):
        if group == without:
            continue
        mask = overlay_mask(header, number, group)
        if mask is not None and mask.any():
            found.append(OverlayPlane(mask, _label(header.dataset, group)))
    return found


def embedded_planes_of(header: Header, number: int) -> list[OverlayPlane]:
    """What unused pixel bits draw over one frame; only if there are any its pixels are decoded."""
    groups = embedded_groups(header)
    if not groups:
        return []
    words = words_of(header, number)
    found = []
    for group in groups:
        bit = _whole(header.dataset, group, _BIT) or 0
        if bit >= 8 * words.dtype.itemsize:
            continue
        mask = ((words >> bit) & 1).astype(np.uint8)
        if mask.any():
            found.append(OverlayPlane(mask, _label(header.dataset, group)))
    return found


def overlay_mask(header: Header, number: int, group: int) -> np.ndarray | None:
    """One group's own data in the frame's pixels, uint8 [rows, columns]; None if it has none.

    An overlay of several frames begins at Image Frame Origin (PS3.3 C.9.3, counted from 1); one
    that names no frames holds for all. Its origin may lie outside of the picture.
    """
    dataset = header.dataset
    rows, columns = (_whole(dataset, group, element) or 0 for element in (_ROWS, _COLUMNS))
    data = _value(dataset, group, _DATA)
    frames, first = _whole(dataset, group, _FRAMES), _whole(dataset, group, _FIRST_FRAME)
    place = number - ((first or 1) - 1) if frames or first else 0
    inside = 0 <= place < (frames or 1)
    if not isinstance(data, bytes) or rows < 1 or columns < 1 or not inside:
        return None
    start = place * rows * columns
    if len(data) * 8 < start + rows * columns:
        return None
    bits = _bits(dataset, group, data, start, rows * columns).reshape(rows, columns)
    return _placed(bits, _origin(dataset, group), (header.rows, header.columns))


def _bits(dataset: Dataset, group: int, data: bytes, start: int, count: int) -> np.ndarray:
    """`count` bits from `start` on, the lowest of each byte first (PS3.5 8.1.2)."""
    packed = np.frombuffer(data, np.uint8)
    if dataset.original_encoding[1] is False and dataset[group << 16 | _DATA].VR == "OW":
        packed = packed[: len(packed) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
    unpacked = np.unpackbits(packed[start // 8 : (start + count + 7) // 8], bitorder="little")
    return unpacked[start % 8 : start % 8 + count]


def _placed(bits: np.ndarray, origin: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """The overlay at its (row, column) from 0 on, cut off at the picture's edges."""
    mask = np.zeros(shape, np.uint8)
    row, column = origin
    top, left = max(0, row), max(0, column)
    bottom = min(shape[0], row + bits.shape[0])
    right = min(shape[1], column + bits.shape[1])
    if top < bottom and left < right:
        mask[top:bottom, left:right] = bits[
            top - row : bottom - row, left - column : right - column
        ]
    return mask


def _origin(dataset: Dataset, group: int) -> tuple[int, int]:
    """Overlay Origin, 1\\1 being the picture's first pixel, as (row, column) from 0 on."""
    found = _value(dataset, group, _ORIGIN)
    try:
        row, column = (int(value) - 1 for value in found)
    except MALFORMED:
        return 0, 0
    return row, column


def _label(dataset: Dataset, group: int) -> str:
    for element in (_LABEL, _DESCRIPTION):
        found = " ".join(str(_value(dataset, group, element) or "").split())
        if found:
            return found
    return f"Overlay {(group - 0x6000) // 2 + 1}"


def _whole(dataset: Dataset, group: int, element: int) -> int | None:
    found = _value(dataset, group, element)
    try:
        return int(found) if found is not None else None
    except MALFORMED:
        return None


def _value(dataset: Dataset, group: int, element: int) -> Any:
    """An element of a repeating group, which has a keyword of its own only without its number."""
    tag = group << 16 | element
    try:
        return dataset[tag].value if tag in dataset else None
    except MALFORMED:
        return None
