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
    """What part is looked at: the (column, row) in the middle, and the zoom relative to fit.

    The picture is first flipped left to right if `mirrored`, then turned clockwise by `turns`
    quarters, 0 to 3.
    """

    center: tuple[float, float]
    zoom: float = 1.0
    turns: int = 0
    mirrored: bool = False

    def turned(self, quarters: int) -> View:
        """The view turned further, clockwise as it is seen."""
        return replace(self, turns=(self.turns + quarters) % 4)

    def flipped(self) -> View:
        """The view flipped left to right as it is seen, whichever way it is turned."""
        return replace(self, turns=-self.turns % 4, mirrored=not self.mirrored)


@dataclass(frozen=True)
class Part:
    """Whole pixels [row0:row1, column0:column1] of a frame, and the screen's pixels they fill.

    `left`, `top`, `width`, `height` are physical pixels of the screen, as it is seen: mirrored
    and turned like the view.
    """

    row0: int
    row1: int
    column0: int
    column1: int
    left: int
    top: int
    width: int
    height: int
    turns: int = 0
    mirrored: bool = False

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height before the turn, along columns and rows of the frame."""
        return (self.height, self.width) if self.turns % 2 else (self.width, self.height)

    @property
    def shrunk(self) -> tuple[int, int]:
        """How many rows and columns go into one pixel of the screen, 1 where it is enlarged."""
        width, height = self.upright
        return (-(-(self.row1 - self.row0) // height), -(-(self.column1 - self.column0) // width))


@dataclass(frozen=True)
class Placement:
    """One frame of `shape` in a viewport of `width` × `height`, mirrored and turned as its view.

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
        wide, high = self.width, self.height
        if self.view.turns % 2:
            wide, high = high, wide
        return max(min(wide / columns, high / (rows * self.aspect)), 1e-6)

    @property
    def scale(self) -> float:
        """Screen pixels a column, now."""
        return self.fit_scale * self.view.zoom

    def to_widget(self, column: float, row: float) -> tuple[float, float]:
        scale = self.scale
        across = (column - self.view.center[0]) * scale
        down = (row - self.view.center[1]) * scale * self.aspect
        x, y = turned_way(-across if self.view.mirrored else across, down, self.view.turns)
        return (self.width / 2 + x, self.height / 2 + y)

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        columns, rows = self.way_in_image(x - self.width / 2, y - self.height / 2)
        return (self.view.center[0] + columns, self.view.center[1] + rows)

    def way_in_image(self, dx: float, dy: float) -> tuple[float, float]:
        """A way on the screen as (columns, rows) of the frame."""
        across, down = turned_way(dx, dy, -self.view.turns)
        if self.view.mirrored:
            across = -across
        return (across / self.scale, down / (self.scale * self.aspect))

    def zoomed(self, factor: float, x: float, y: float) -> View:
        """The view after zooming by `factor` with the point under (x, y) held still."""
        column, row = self.to_image(x, y)
        largest = max(LARGEST_SCALE / self.fit_scale, 1.0)
        smallest = min(SMALLEST_ZOOM, 1 / (self.ratio * self.fit_scale))  # 1:1 is always within
        zoom = min(max(self.view.zoom * factor, smallest), largest)
        closer = replace(self, view=replace(self.view, zoom=zoom))
        columns, rows = closer.way_in_image(x - self.width / 2, y - self.height / 2)
        return self.kept_in_sight(replace(closer.view, center=(column - columns, row - rows)))

    def panned(self, dx: float, dy: float) -> View:
        """The view after the picture followed the pointer by (dx, dy)."""
        column, row = self.view.center
        columns, rows = self.way_in_image(dx, dy)
        return self.kept_in_sight(replace(self.view, center=(column - columns, row - rows)))

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
        first, last = self.to_image(0, 0), self.to_image(self.width, self.height)
        left, right = sorted((first[0], last[0]))
        top, bottom = sorted((first[1], last[1]))
        column0, column1 = max(math.floor(left) - 1, 0), min(math.ceil(right) + 1, columns)
        row0, row1 = max(math.floor(top) - 1, 0), min(math.ceil(bottom) + 1, rows)
        if column0 >= column1 or row0 >= row1:
            return None
        corners = (self.to_widget(column0, row0), self.to_widget(column1, row1))
        x0, x1 = sorted(_nearest(x * self.ratio) for x, _ in corners)
        y0, y1 = sorted(_nearest(y * self.ratio) for _, y in corners)
        box = (x0, y0, max(x1 - x0, 1), max(y1 - y0, 1))
        return Part(row0, row1, column0, column1, *box, self.view.turns, self.view.mirrored)


def turned_way(dx: float, dy: float, quarters: int) -> tuple[float, float]:
    """A way on the screen (x to the right, y down) after clockwise quarter turns."""
    return ((dx, dy), (-dy, dx), (-dx, -dy), (dy, -dx))[quarters % 4]


def _nearest(value: float) -> int:
    """Halves go up, also those that rounding errors made a little smaller: 1:1 stays 1:1."""
    return math.floor(value + 0.5 + 1e-6)


def pixel_aspect(frame: Frame) -> float:
    """A pixel's height over its width; 1 where nothing is known of either."""
    if frame.spacing_mm is None:
        return frame.aspect or 1.0
    if not is_spacing(frame.spacing_mm):
        return 1.0
    between_rows, between_columns = frame.spacing_mm
    return between_rows / between_columns


def is_spacing(spacing_mm: tuple[float, float]) -> bool:
    """Whether lengths can be drawn by it."""
    return all(math.isfinite(step) and step > 0 for step in spacing_mm)


def whole_view(frame: Frame) -> View:
    """The view that shows all of the frame, neither turned nor mirrored."""
    rows, columns = frame.shape
    return View((columns / 2, rows / 2), 1.0)


def dragged_window(start: Window, dx: float, dy: float) -> Window:
    """The window after a drag: to the right widens it, upwards makes the picture darker.

    A drag of 300 px changes the width by itself, so that narrow and wide windows feel alike.
    """
    step = max(start.width, 1e-6) / 300
    width = max(start.width + dx * step, start.width * 0.01, 1e-6)
    return replace(start, center=start.center - dy * step, width=width, explanation="")
