"""Where a frame lies in a viewport: from pixel edges to the screen and back; pure numbers.

Image coordinates are pixel edges: (0, 0) is the outer corner of the first pixel and (0.5, 0.5)
its centre, as in the program's boxes. The screen is in Qt's device-independent pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from inference.records import Frame, Window

LARGEST_SCALE = 64.0
SMALLEST_ZOOM = 0.25


@dataclass(frozen=True)
class View:
    """What part is looked at: the (column, row) in the middle, and the zoom relative to fit."""

    center: tuple[float, float]
    zoom: float = 1.0


@dataclass(frozen=True)
class Part:
    """Whole pixels [row0:row1, column0:column1] of a frame, and the screen's pixels they fill.

    `left`, `top`, `width`, `height` are physical pixels of the screen.
    """

    row0: int
    row1: int
    column0: int
    column1: int
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Placement:
    """One frame of `shape` in a viewport of `width` × `height`.

    `aspect` is a pixel's height in units of its width; `ratio` is physical pixels per logical.
    """

    shape: tuple[int, int]
    aspect: float
    width: int
    height: int
    view: View
    ratio: float = 1.0

    @property
    def fit_scale(self) -> float:
        """Screen pixels a column at which the whole frame is just seen."""
        rows, columns = self.shape
        return max(min(self.width / columns, self.height / (rows * self.aspect)), 1e-6)

    @property
    def scale(self) -> float:
        """Screen pixels a column, now."""
        return self.fit_scale * self.view.zoom

    def to_widget(self, column: float, row: float) -> tuple[float, float]:
        scale = self.scale
        return (
            self.width / 2 + (column - self.view.center[0]) * scale,
            self.height / 2 + (row - self.view.center[1]) * scale * self.aspect,
        )

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        scale = self.scale
        return (
            self.view.center[0] + (x - self.width / 2) / scale,
            self.view.center[1] + (y - self.height / 2) / (scale * self.aspect),
        )

    def zoomed(self, factor: float, x: float, y: float) -> View:
        """The view after zooming by `factor` with the point under (x, y) held still."""
        column, row = self.to_image(x, y)
        largest = max(LARGEST_SCALE / self.fit_scale, 1.0)
        zoom = min(max(self.view.zoom * factor, SMALLEST_ZOOM), largest)
        scale = self.fit_scale * zoom
        center = (
            column - (x - self.width / 2) / scale,
            row - (y - self.height / 2) / (scale * self.aspect),
        )
        return self.kept_in_sight(View(center, zoom))

    def panned(self, dx: float, dy: float) -> View:
        """The view after the picture followed the pointer by (dx, dy)."""
        column, row = self.view.center
        moved = (column - dx / self.scale, row - dy / (self.scale * self.aspect))
        return self.kept_in_sight(replace(self.view, center=moved))

    def kept_in_sight(self, view: View) -> View:
        """The view with its middle on the frame, so that a picture cannot be lost."""
        rows, columns = self.shape
        column = min(max(view.center[0], 0.0), float(columns))
        row = min(max(view.center[1], 0.0), float(rows))
        return replace(view, center=(column, row))

    def visible_part(self) -> Part | None:
        """The pixels to be drawn, with one more on each side; None if nothing is in sight.

        Edges are rounded to the screen's pixels once, here, so that picture, overlay and mask
        cover one another exactly.
        """
        rows, columns = self.shape
        left, top = self.to_image(0, 0)
        right, bottom = self.to_image(self.width, self.height)
        column0, column1 = max(math.floor(left) - 1, 0), min(math.ceil(right) + 1, columns)
        row0, row1 = max(math.floor(top) - 1, 0), min(math.ceil(bottom) + 1, rows)
        if column0 >= column1 or row0 >= row1:
            return None
        x0, y0 = self.to_widget(column0, row0)
        x1, y1 = self.to_widget(column1, row1)
        device = [round(value * self.ratio) for value in (x0, y0, x1, y1)]
        return Part(
            row0,
            row1,
            column0,
            column1,
            device[0],
            device[1],
            max(device[2] - device[0], 1),
            max(device[3] - device[1], 1),
        )


def pixel_aspect(frame: Frame) -> float:
    """A pixel's height over its width; 1 where the spacing is not known."""
    if frame.spacing_mm is None:
        return 1.0
    between_rows, between_columns = frame.spacing_mm
    if not (between_rows > 0 and between_columns > 0):
        return 1.0
    return between_rows / between_columns


def whole_view(frame: Frame) -> View:
    """The view that shows all of the frame."""
    rows, columns = frame.shape
    return View((columns / 2, rows / 2), 1.0)


def dragged_window(start: Window, dx: float, dy: float) -> Window:
    """The window after a drag: to the right widens it, upwards makes the picture darker.

    A drag of 300 px changes the width by itself, so that narrow and wide windows feel alike.
    """
    step = max(start.width, 1e-6) / 300
    width = max(start.width + dx * step, start.width * 0.01, 1e-6)
    return replace(start, center=start.center - dy * step, width=width, explanation="")
