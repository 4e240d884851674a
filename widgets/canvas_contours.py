"""The lines around the strongest parts of a map, at the resolution of the screen at any zoom."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.display_contours import contour_pixels
from inference.records import Attribution
from widgets.canvas_picture import scaled_part
from widgets.canvas_transform import Part
from widgets.images import to_image


class ContourPicture:
    """Lines where a map reaches a level; the map's values are interpolated for every zoom anew."""

    def __init__(self) -> None:
        self._level: float | None = None
        self._drawn: tuple[Attribution, Part, QImage] | None = None

    def set_level(self, level: float | None) -> None:
        """The magnitude that the lines enclose; None for no lines."""
        if level != self._level:
            self._level = level
            self._drawn = None

    def image(self, attribution: Attribution | None, part: Part) -> QImage | None:
        """The lines over the same part of the frame; None where none are wanted."""
        if self._level is None or attribution is None:
            return None
        if self._drawn is None or self._drawn[:2] != (attribution, part):
            values = scaled_part(attribution.map, part, cv2.INTER_LINEAR)
            pixels = contour_pixels(values, attribution.signed, self._level)
            ordered = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))
            self._drawn = (attribution, part, to_image(ordered))
        return self._drawn[2]
