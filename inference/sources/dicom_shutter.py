"""Display shutters: the part of a frame that is to be seen (PS3.3 C.7.6.11 and C.7.6.15)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pydicom.dataset import Dataset

from inference.sources.dicom_fields import macro, number, numbers, whole, words
from inference.sources.dicom_header import Header
from inference.sources.dicom_planes import overlay_mask

_EDGES = (
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
)

_FAR = 1 << 14


def shutter_of(header: Header, frame: int, aspect: float) -> np.ndarray | None:
    """uint8 [rows, columns], 1 where the frame is to be seen; None without a valid shutter.

    Several shapes leave what all of them leave. `aspect` is a pixel's height by its width.
    """
    holder = macro(header.dataset, frame, "FrameDisplayShutterSequence")
    shapes = words(holder, "ShutterShape")
    if not shapes:
        return None
    seen = np.ones((header.rows, header.columns), dtype=bool)
    for shape in shapes:
        found = _SHAPES[shape](holder, seen.shape, aspect) if shape in _SHAPES else None
        if found is not None:
            seen &= found
    group = bitmap_group(header.dataset, frame)
    hidden = overlay_mask(header, frame, group) if group is not None else None
    if hidden is not None:
        seen &= hidden == 0
    return None if seen.all() else seen.astype(np.uint8)


def bitmap_group(dataset: Dataset, frame: int) -> int | None:
    """The overlay group whose drawn pixels are hidden: a shutter then, and no graphics."""
    holder = macro(dataset, frame, "FrameDisplayShutterSequence")
    return (
        whole(holder, "ShutterOverlayGroup") if "BITMAP" in words(holder, "ShutterShape") else None
    )


def _rectangle(holder: Dataset, shape: tuple[int, ...], aspect: float) -> np.ndarray | None:
    """Edges are rows and columns counted from 1; they belong to what is seen."""
    edges = [whole(holder, keyword) for keyword in _EDGES]
    upper, lower, left, right = edges
    if upper is None or lower is None or left is None or right is None:
        return None
    seen = np.zeros(shape, dtype=bool)
    seen[max(0, upper - 1) : max(0, lower), max(0, left - 1) : max(0, right)] = True
    return seen


def _circle(holder: Dataset, shape: tuple[int, ...], aspect: float) -> np.ndarray | None:
    """The radius counts in pixels along a row."""
    center = numbers(holder, "CenterOfCircularShutter")
    radius = number(holder, "RadiusOfCircularShutter")
    if len(center) != 2 or radius is None:
        return None
    row, column = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    far = ((row - center[0]) * aspect) ** 2 + (column - center[1]) ** 2
    return np.asarray(far <= radius**2)


def _polygon(holder: Dataset, shape: tuple[int, ...], aspect: float) -> np.ndarray | None:
    """Vertices are (row, column) pairs counted from 1; the outline belongs to what is seen."""
    vertices = numbers(holder, "VerticesOfThePolygonalShutter")
    if len(vertices) < 6 or len(vertices) % 2:
        return None
    import cv2

    # Far outside is as good as farther outside, and OpenCV's fixed point would overflow there.
    places = np.clip(np.array(vertices).round() - 1, -_FAR, _FAR).astype(np.int32)
    points = places.reshape(-1, 2)[:, ::-1].copy()
    seen = np.zeros(shape, np.uint8)
    cv2.fillPoly(seen, [points], 1)
    return seen > 0


_SHAPES: dict[str, Callable[[Dataset, tuple[int, ...], float], np.ndarray | None]] = {
    "RECTANGULAR": _rectangle,
    "CIRCULAR": _circle,
    "POLYGONAL": _polygon,
}
