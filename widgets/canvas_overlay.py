"""The picture that lies over a frame: an attribution map, or a segmentation's regions."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.display_overlay import overlay_rgba
from inference.records import Attribution
from widgets.canvas_picture import interpolation, scaled_part
from widgets.canvas_transform import Part
from widgets.images import to_image
from widgets.theme import RGB

REGION_SHARE = 0.32
"""How opaque the inside of a region is; its outline is drawn in full."""


class MapPicture:
    """An attribution as premultiplied colours, scaled with the picture that it lies on."""

    def __init__(self) -> None:
        self._attribution: Attribution | None = None
        self._threshold = 0.0
        self._colours: np.ndarray | None = None
        self._scaled: tuple[Part, QImage] | None = None
        self._known_limit: float | None = None

    @property
    def attribution(self) -> Attribution | None:
        return self._attribution

    @property
    def limit(self) -> float:
        """The value at the end of the colour bar."""
        self._coloured()
        return self._known_limit or 0.0

    def set_attribution(self, attribution: Attribution | None) -> None:
        if attribution is self._attribution:
            return  # its colours and their scaling are worth keeping
        self._attribution = attribution
        self._colours = self._scaled = self._known_limit = None

    def set_threshold(self, threshold: float) -> None:
        if threshold == self._threshold:
            return
        self._threshold = threshold
        self._colours = self._scaled = None

    def image(self, part: Part) -> QImage:
        """The part of the map that lies over the same part of the frame."""
        if self._scaled is None or self._scaled[0] != part:
            how = interpolation(part, moving=True)
            self._scaled = (part, to_image(scaled_part(self._coloured(), part, how)))
        return self._scaled[1]

    def _coloured(self) -> np.ndarray:
        if self._colours is None:
            if self._attribution is None:
                raise ValueError("there is no map to draw")
            rgba, self._known_limit = overlay_rgba(
                self._attribution.map,
                self._attribution.signed,
                self._threshold,
                self._known_limit,
            )
            self._colours = premultiplied(rgba)
        return self._colours


class RegionPicture:
    """Label indices as tinted regions with outlines; 0 is the background."""

    def __init__(self) -> None:
        self._mask: np.ndarray | None = None
        self._colours: tuple[RGB, ...] = ()
        self._scaled: tuple[tuple[Part, bool], QImage] | None = None

    @property
    def mask(self) -> np.ndarray | None:
        return self._mask

    def set_mask(self, mask: np.ndarray | None, colours: tuple[RGB, ...]) -> None:
        if mask is self._mask and colours == self._colours:
            return
        self._mask = mask
        self._colours = colours
        self._scaled = None

    def image(self, part: Part, *, filled: bool) -> QImage:
        """The regions over the same part of the frame, outlined within by one pixel of the screen.

        A tint under a map would be taken for a part of the map, so there only outlines are drawn.
        Where the picture is shrunk, a screen pixel has the highest label of those that it shows,
        so that no region is too small to be seen.
        """
        if self._mask is None:
            raise ValueError("there are no regions to draw")
        if self._scaled is None or self._scaled[0] != (part, filled):
            labels = scaled_part(_highest(self._mask, part), part, cv2.INTER_NEAREST)
            self._scaled = ((part, filled), to_image(self._painted(labels, filled=filled)))
        return self._scaled[1]

    def _painted(self, labels: np.ndarray, *, filled: bool) -> np.ndarray:
        inside = np.zeros((256, 4), np.uint8)
        outline = np.zeros((256, 4), np.uint8)
        for index, (red, green, blue) in enumerate(self._colours[:256]):
            if index > 0:
                outline[index] = (blue, green, red, 255)
                if filled:
                    inside[index] = (outline[index] * REGION_SHARE).astype(np.uint8)
        painted = inside[labels]
        edge = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        painted[edge] = outline[labels[edge]]
        return np.asarray(painted)


def _highest(mask: np.ndarray, part: Part) -> np.ndarray:
    """The mask with, at each place, the highest label of the pixels that go into one there."""
    if part.shrunk == (1, 1):
        return mask
    return np.asarray(cv2.dilate(mask, np.ones(part.shrunk, np.uint8), anchor=(0, 0)))


def premultiplied(rgba: np.ndarray) -> np.ndarray:
    """Straight RGBA to the BGRA order of Qt's ARGB32, colours multiplied by their alpha."""
    alpha = cv2.extractChannel(rgba, 3)
    channels = [
        cv2.multiply(cv2.extractChannel(rgba, index), alpha, scale=1 / 255) for index in (2, 1, 0)
    ]
    return np.asarray(cv2.merge([*channels, alpha]))
