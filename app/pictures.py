"""Frames and maps as finished pictures for files and reports; free of Qt and torch."""

from __future__ import annotations

import cv2
import numpy as np

from inference.display import default_window, grey
from inference.display_overlay import blend, colour_table, overlay_rgba
from inference.records import Attribution, Frame


def shown(frame: Frame) -> np.ndarray:
    """The frame in its default window: uint8 [rows, columns], or RGB [rows, columns, 3]."""
    return grey(frame, default_window(frame))


def overlaid(frame: Frame, attribution: Attribution) -> np.ndarray:
    """The frame with the map over it, at the frame's own size: uint8 RGB [rows, columns, 3]."""
    rgba, _ = overlay_rgba(attribution.map, attribution.signed)
    return blend(shown(frame), rgba)


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
