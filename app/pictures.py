"""Frames and maps as finished pictures for files and reports; free of Qt and torch."""

from __future__ import annotations

import cv2
import numpy as np

from app.map_requests import Drawing
from inference.display import default_window, grey
from inference.display_cells import on_pixels
from inference.display_contours import contour_pixels, lay_pixels
from inference.display_overlay import blend, colour_table, overlay_rgba, robust_limit
from inference.records import Attribution, Frame

IN_FULL = Drawing()


def shown(frame: Frame) -> np.ndarray:
    """The frame in its default window: uint8 [rows, columns], or RGB [rows, columns, 3]."""
    return grey(frame, default_window(frame))


def overlaid(frame: Frame, attribution: Attribution, drawn: Drawing = IN_FULL) -> np.ndarray:
    """The frame with the map over it, at the frame's own size: uint8 RGB [rows, columns, 3]."""
    limit = robust_limit(attribution.map) if drawn.limit is None else drawn.limit
    values = attribution.map
    if drawn.cells and attribution.cells is not None:
        values = on_pixels(attribution.cells, frame.shape)
    rgba, _ = overlay_rgba(values, attribution.signed, drawn.threshold, limit)
    picture = blend(shown(frame), rgba)
    if drawn.level is None:
        return picture
    lines = contour_pixels(attribution.map, attribution.signed, drawn.level)
    return lay_pixels(picture, lines)


def colour_bar(signed: bool) -> np.ndarray:
    """The colours of a map from its lowest to its highest value, uint8 RGB [8, 255 or 256, 3]."""
    # A diverging table has its zero at 128; without its first entry zero is the middle.
    table = colour_table(signed)[1:] if signed else colour_table(signed)
    return np.repeat(table[None], 8, axis=0)


def png_bytes(picture: np.ndarray) -> bytes:
    """uint8 [rows, columns] or RGB [rows, columns, 3] as a PNG file."""
    ordered = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".png", ordered)
    if not done:
        raise ValueError(f"no PNG of an array {picture.shape} of {picture.dtype}")
    return bytes(data)
