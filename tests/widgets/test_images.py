"""Arrays as pictures: the right colours, and memory that stays."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from widgets.canvas_overlay import premultiplied
from widgets.images import to_image


def test_grey_rgb_and_premultiplied_colours_arrive() -> None:
    grey = np.array([[0, 90], [200, 255]], np.uint8)
    assert to_image(grey).pixelColor(1, 0) == QColor(90, 90, 90)
    rgb = np.zeros((2, 3, 3), np.uint8)
    rgb[1, 2] = (10, 20, 30)
    assert to_image(rgb).pixelColor(2, 1) == QColor(10, 20, 30)
    rgba = np.zeros((1, 1, 4), np.uint8)
    rgba[0, 0] = (200, 100, 50, 128)
    found = to_image(premultiplied(rgba)).pixelColor(0, 0)
    assert found.alpha() == 128
    assert found.red() == pytest.approx(200, abs=2)
    assert found.blue() == pytest.approx(50, abs=2)


def test_rows_that_are_not_contiguous_are_drawn_as_they_are() -> None:
    wide = np.arange(64, dtype=np.uint8).reshape(8, 8)
    image = to_image(wide[:, 1:6:2])
    assert [image.pixelColor(x, 2).red() for x in range(3)] == [17, 19, 21]


def test_the_image_keeps_its_array_alive() -> None:
    array = np.full((64, 64), 77, np.uint8)
    gone = weakref.ref(array)
    image: QImage | None = to_image(array)
    del array
    gc.collect()
    assert gone() is not None
    assert image is not None
    assert image.pixelColor(63, 63) == QColor(77, 77, 77)
    image = None
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((0, 2), np.uint8),
        np.zeros(4, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="picture"):
        to_image(array)
