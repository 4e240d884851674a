"""The picture that lies over a frame: an attribution map, or a segmentation's regions."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.display_overlay import overlay_levels, overlay_table, robust_limit
from inference.records import Attribution
from widgets.canvas_cells import cell_pixels, draw_cell_lines
from widgets.canvas_picture import interpolation, scaled_part
from widgets.canvas_transform import Part
from widgets.images import to_image
from widgets.theme import RGB


@dataclass(frozen=True)
class MapStyle:
    """How a map is drawn, apart from threshold and opacity, and the words that say so.

    `title` is the method's name for people, "" to make it of the map's own. `limit` is the value
    at the end of the colours, None for the map's own, and `scale` says where it comes from.
    `level` is the magnitude that lines enclose, None for no lines, and `lines` says what it is.
    With `cells` the map's own cells are drawn as they are.
    """

    title: str = ""
    limit: float | None = None
    scale: str = ""
    level: float | None = None
    lines: str = ""
    cells: bool = False


REGION_SHARE = 0.32
"""How opaque the inside of a region is; its outline is drawn in full."""


class MapPicture:
    """An attribution as premultiplied colours, over the part of the frame that is looked at.

    The part's values are scaled once and kept; another threshold, scale or opacity then costs one
    table look-up a screen pixel, whatever the map's size.
    """

    def __init__(self) -> None:
        self._attribution: Attribution | None = None
        self._threshold = 0.0
        self._style = MapStyle()
        self._own_limit: float | None = None
        self._scaled: tuple[Part, np.ndarray] | None = None
        self._drawn: tuple[Part, QImage] | None = None

    @property
    def attribution(self) -> Attribution | None:
        return self._attribution

    @property
    def limit(self) -> float:
        """The value at the end of the colour bar: that given, else the map's own."""
        if self._style.limit is not None or self._attribution is None:
            return self._style.limit or 0.0
        if self._own_limit is None:
            self._own_limit = robust_limit(self._attribution.map)
        return self._own_limit

    @property
    def style(self) -> MapStyle:
        return self._style

    def set_attribution(self, attribution: Attribution | None) -> None:
        if attribution is self._attribution:
            return  # its colours and their scaling are worth keeping
        self._attribution = attribution
        self._own_limit = self._scaled = self._drawn = None

    def set_threshold(self, threshold: float) -> None:
        if threshold != self._threshold:
            self._threshold = threshold
            self._drawn = None

    def set_style(self, style: MapStyle) -> None:
        if style.cells != self._style.cells:
            self._scaled = None
        if (style.cells, style.limit) != (self._style.cells, self._style.limit):
            self._drawn = None
        self._style = style

    def image(self, part: Part) -> QImage:
        """The part of the map that lies over the same part of the frame."""
        if self._attribution is None:
            raise ValueError("there is no map to draw")
        if self._drawn is None or self._drawn[0] != part:
            signed = self._attribution.signed
            index = overlay_levels(self._values(self._attribution, part), signed, self.limit)
            table = premultiplied(overlay_table(signed, self._threshold)[None])
            whole = np.take(table.view(np.uint32)[0, :, 0], index)  # all four bytes at once
            pixels = whole.view(np.uint8).reshape(*index.shape, 4)
            if self._style.cells and self._attribution.cells is not None:
                draw_cell_lines(pixels, self._attribution.cells, part)
            self._drawn = (part, to_image(pixels))
        return self._drawn[1]

    def _values(self, attribution: Attribution, part: Part) -> np.ndarray:
        """The map at each screen pixel of the part."""
        if self._scaled is None or self._scaled[0] != part:
            if self._style.cells and attribution.cells is not None:
                values = cell_pixels(attribution.cells, part)
            else:
                squares = cv2.INTER_NEAREST
                how = squares if self._style.cells else interpolation(part, moving=True)
                values = scaled_part(attribution.map, part, how)
            self._scaled = (part, values)
        return self._scaled[1]


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
