"""The only place that makes QImages of numpy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QImage

_FORMATS = {
    1: QImage.Format.Format_Grayscale8,
    3: QImage.Format.Format_RGB888,
    4: QImage.Format.Format_ARGB32_Premultiplied,
}


class ArrayImage(QImage):
    """A QImage over an array's own memory; it keeps the array alive, which QImage does not."""

    def __init__(self, array: np.ndarray) -> None:
        pixels = np.ascontiguousarray(array)
        rows, columns = pixels.shape[:2]
        samples = 1 if pixels.ndim == 2 else int(pixels.shape[2])
        memory: Any = pixels.data
        super().__init__(memory, columns, rows, pixels.strides[0], _FORMATS[samples])
        self._pixels = pixels


def to_image(array: np.ndarray) -> QImage:
    """uint8 [rows, columns] grey, [.., 3] RGB or [.., 4] premultiplied BGRA, without a copy.

    Raises ValueError for any other type or shape. Copies of the returned object made by Qt share
    the memory, so keep the returned object itself for as long as it is drawn.
    """
    if array.dtype != np.uint8 or array.ndim not in {2, 3} or 0 in array.shape:
        raise ValueError(f"no picture can be made of {array.dtype} {array.shape}")
    if array.ndim == 3 and array.shape[2] not in _FORMATS:
        raise ValueError(f"a picture has 1, 3 or 4 samples, not {array.shape[2]}")
    return ArrayImage(array)
