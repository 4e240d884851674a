"""Graphics that came with a frame (PS3.3 C.9.2), each plane in a colour of its own."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage

from inference.records import OverlayPlane
from widgets.canvas_picture import scaled_part
from widgets.canvas_tints import lay_over, tinted
from widgets.canvas_transform import Part
from widgets.images import to_image
from widgets.theme import RGB

PLANE_COLOURS: tuple[RGB, ...] = ((255, 214, 64), (120, 230, 255), (255, 150, 190), (170, 255, 150))
_BOOST = 3.0
"""Lines thinner than a screen pixel are drawn so much stronger than their share of it."""


class PlanesPicture:
    """The planes of one frame, scaled with the picture that they lie on."""

    def __init__(self) -> None:
        self._planes: tuple[OverlayPlane, ...] = ()
        self._visible = True
        self._scaled: tuple[Part, QImage] | None = None

    def set_planes(self, planes: tuple[OverlayPlane, ...]) -> None:
        if planes is not self._planes:
            self._planes = planes
            self._scaled = None

    def set_visible(self, visible: bool) -> None:
        self._visible = visible

    @property
    def legend(self) -> tuple[tuple[str, RGB], ...]:
        """What each plane is called, with its colour; nothing while they are hidden."""
        if not self._visible:
            return ()
        return tuple(
            (plane.label or f"Overlay {number + 1}", plane_colour(number))
            for number, plane in enumerate(self._planes)
        )

    def image(self, part: Part) -> QImage | None:
        """All planes over the same part of the frame; None if there is nothing to draw."""
        if not self._visible or not self._planes:
            return None
        if self._scaled is None or self._scaled[0] != part:
            drawn = np.zeros((part.height, part.width, 4), np.uint8)
            for number, plane in enumerate(self._planes):
                lay_over(drawn, tinted(_opacity(plane.mask, part), plane_colour(number)))
            self._scaled = (part, to_image(drawn))
        return self._scaled[1]


def plane_colour(number: int) -> RGB:
    """The colour of a frame's plane by its place among them."""
    return PLANE_COLOURS[number % len(PLANE_COLOURS)]


def _opacity(mask: np.ndarray, part: Part) -> np.ndarray:
    """How opaque a plane is, uint8 as large as the part; lines survive where it is shrunk."""
    solid = cv2.LUT(mask, _SOLID)
    width, height = part.upright
    if width >= part.column1 - part.column0 and height >= part.row1 - part.row0:
        return scaled_part(solid, part, cv2.INTER_NEAREST)
    return np.asarray(cv2.convertScaleAbs(scaled_part(solid, part, cv2.INTER_AREA), alpha=_BOOST))


_SOLID = np.minimum(np.arange(256) * 255, 255).astype(np.uint8)[None]
