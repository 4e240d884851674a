"""Where the cells of a map lie over each frame: from the model's grid to the frame's, unblurred."""

from __future__ import annotations

import numpy as np

from inference.geometry import Geometry
from inference.records import Cells
from inference.resample import Axis


def cells_over(
    geometry: Geometry, values: np.ndarray, shape: tuple[int, int], count: int
) -> tuple[Cells | None, ...]:
    """The cells over each of `count` frames of `shape`.

    `values` are float32 [N, *native] in the model's order of axes: N is 1 for a volume, else one
    a frame. None for a frame that the model saw nothing of, and where each cell is just a pixel.
    """
    planes = planes_over(geometry, values, count)
    if geometry.turn is None:
        box = _box(geometry.axes, (False, False), shape)
    else:
        order = [geometry.turn.axes.index(number) for number in (1, 2)]
        rows, columns = (geometry.axes[number] for number in order)
        down, across = (geometry.turn.flips[number] for number in order)
        box = _box((rows, columns), (down, across), shape)
    return tuple(None if plane is None else _unless_pixels(plane, box, shape) for plane in planes)


def planes_over(
    geometry: Geometry, values: np.ndarray, count: int
) -> tuple[np.ndarray | None, ...]:
    """What a grid in the model's space holds where each of `count` frames lies, in its own cells.

    `values` are as for `cells_over`. Of a volume it is the layer of cells that the middle of the
    frame lies in, its rows and columns along the frame's; None where the model saw nothing of it.
    """
    if geometry.turn is None:
        return tuple(values)
    across = geometry.turn.axes.index(0)
    axis, flipped = geometry.axes[across], geometry.turn.flips[across]
    turned = geometry.turn.back(values)[0]
    found: list[np.ndarray | None] = []
    for index in range(count):
        layer = _layer(axis, len(turned), count - 1 - index if flipped else index)
        last = len(turned) - 1
        found.append(None if layer is None else turned[last - layer if flipped else layer])
    return tuple(found)


Box = tuple[float, float, float, float]


def _box(axes: tuple[Axis, ...], flips: tuple[bool, bool], shape: tuple[int, int]) -> Box:
    """Top, left, bottom and right of the model's field of view, in pixel edges of the frame."""
    sides = []
    for axis, flipped, length in zip(axes, flips, shape, strict=True):
        ends = axis.to_source(np.array([-0.5, axis.model_length - 0.5])) + 0.5
        sides.append(length - ends[::-1] if flipped else ends)
    (top, bottom), (left, right) = sides
    return float(top), float(left), float(bottom), float(right)


def _layer(axis: Axis, cells: int, index: int) -> int | None:
    """Which layer of cells the middle of a slice lies in, counted along the model's axis."""
    place = float(axis.to_model(index)) + 0.5
    if not 0 <= place <= axis.model_length:
        return None
    return min(int(place * cells / axis.model_length), cells - 1)


def _unless_pixels(plane: np.ndarray, box: Box, shape: tuple[int, int]) -> Cells | None:
    if plane.shape == shape and np.allclose(box, (0, 0, *shape)):
        return None
    return Cells(np.array(plane, dtype=np.float32), box)
