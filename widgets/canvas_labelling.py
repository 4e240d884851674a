"""Everything about labels in one viewport: what is shown, and the hands that work on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRect, Signal
from PySide6.QtGui import QMouseEvent

from inference.painting.strokes import Rect
from inference.records import Frame
from widgets.canvas_brush import BrushHand
from widgets.canvas_label_hand import LabelHand
from widgets.canvas_label_marks import DrawnLabel, LabelScene, worded_labels
from widgets.canvas_label_seeds import SeedHand
from widgets.canvas_labels import LabelStyle, LabelTool, ShownLabel
from widgets.canvas_scene import Layers
from widgets.canvas_tools import TOOLS, ToolName
from widgets.canvas_transform import Placement
from widgets.theme import RGB

_BRUSHES: dict[ToolName, bool] = {"brush": False, "eraser": True}
_SEEDING: frozenset[ToolName] = frozenset({"grow", "wand"})

_RIM_PX = 4
"""Lines reach so far beyond what they stand for."""


class Labelling(QObject):
    """Holds the labels of a viewport; `dirty` asks for a repaint of a part, or of all (None)."""

    dirty = Signal(object)

    def __init__(
        self, parent: QObject, placement: Callable[[], Placement | None], layers: Layers
    ) -> None:
        super().__init__(parent)
        self._placement = placement
        self.masks, self.shapes = layers.masks, layers.shapes
        self.sheet = self.shapes.sheet
        self.hand = LabelHand(self, self.sheet, self.masks)
        self.brush = BrushHand(self, self.masks)
        self.seeds = SeedHand(self)
        self._style = LabelStyle()
        self.hand.reordered.connect(self._refresh)
        self.brush.touched.connect(self._show_stroke)
        for hand in (self.hand, self.brush, self.seeds):
            hand.redraw.connect(self._show_all)

    # What there is

    def set_frame(self, frame: Frame | None) -> None:
        """Another frame ends what was being done on this one."""
        self.brush.set_frame(frame)
        self.hand.set_frame(frame)
        self.masks.set_shape(frame.shape if frame is not None else (0, 0))

    def set_shown(self, shown: tuple[ShownLabel, ...]) -> None:
        """The labels of the frame in sight."""
        changed = self.sheet.set_shown(shown)
        self.masks.set_masks(self.sheet.masks)
        self.brush.settle()
        left = tuple(one for one in self.hand.selected if self.sheet.has(one))
        self.hand.select(left, self.hand.handle if left == self.hand.selected else None)
        if changed:
            self._refresh()

    def set_selected(self, ids: tuple[str, ...]) -> None:
        handle = self.hand.handle if ids == self.hand.selected else None
        self.hand.select(ids, handle)

    def set_style(self, style: LabelStyle) -> None:
        self._style = style
        self.shapes.visible = self.hand.visible = style.visible
        self._refresh()

    def set_tool(self, settings: LabelTool) -> None:
        self.hand.colour = settings.colour
        self.brush.set_tool(settings)

    def set_preview(self, mask: np.ndarray | None, colour: RGB) -> None:
        self.masks.set_preview(mask, colour)
        self.dirty.emit(None)

    def take(self, tool: ToolName) -> None:
        """What the left hand holds; a stroke with another tool is finished."""
        self.brush.take(_BRUSHES.get(tool))
        self.seeds.take(tool if tool in _SEEDING else None)
        self.hand.take(TOOLS[tool].label, selecting=tool == "select")
        self.dirty.emit(None)

    def scene(self, placement: Placement | None) -> LabelScene:
        """What is to be drawn over the picture of labels now."""
        if placement is None:
            return LabelScene()
        seen = self._style.visible
        return LabelScene(
            self.hand.pictures() if seen else (),
            worded_labels(self.sheet, placement) if seen and self._style.words else (),
            self.brush.circle(placement),
            self._dragged(),
        )

    def printed(self) -> LabelScene:
        """What is left over the picture of labels where nothing of the hand is to be seen."""
        shapes = tuple(
            replace(drawn, locked=True, handle=None, selected=False)
            for drawn in self.hand.selected_pictures()
        )
        return LabelScene(shapes if self._style.visible else ())

    def ids(self) -> tuple[str, ...]:
        """The shapes in sight in the order of their drawing."""
        return tuple(self.sheet.places)

    # The mouse

    def press(self, placement: Placement, event: QMouseEvent) -> Callable[[QPointF], None] | None:
        """Begin what the tool in hand does with labels; what follows the pointer, None if nothing.

        Each hand says no unless its tool is held.
        """
        point, modifiers = event.position(), event.modifiers()
        for hand in (self.brush, self.seeds, self.hand):
            if hand.press(placement, point, modifiers):
                return self.follow
        return None

    def follow(self, point: QPointF) -> None:
        """The pointer has gone here with the button held."""
        placement = self._placement()
        if placement is None:
            return
        self._show_brush(placement, point)
        for hand in (self.brush, self.seeds, self.hand):
            hand.move(placement, point)

    def hover(self, placement: Placement, point: QPointF) -> None:
        """The pointer has gone here with no button held."""
        self._show_brush(placement, point)
        if self.hand.draft is not None:
            self.hand.move(placement, point)

    def leave(self) -> None:
        """The pointer is elsewhere."""
        if self.brush.active:
            self.brush.hover(None)
            self.dirty.emit(None)

    def release(self, placement: Placement, point: QPointF) -> None:
        for hand in (self.brush, self.seeds, self.hand):
            hand.release(placement, point)

    # What is repainted

    def _show_all(self) -> None:
        self.dirty.emit(None)

    def _refresh(self) -> None:
        self.shapes.refresh(frozenset(self.hand.selected))
        self.masks.set_style(self._style, self.hand.selected)
        self.dirty.emit(None)

    def _show_stroke(self, rect: Rect) -> None:
        placement = self._placement()
        if placement is not None:
            first = placement.to_widget(rect.left, rect.top)
            last = placement.to_widget(rect.right, rect.bottom)
            (x0, x1), (y0, y1) = sorted((first[0], last[0])), sorted((first[1], last[1]))
            self.dirty.emit(_around((x0, y0, x1, y1)))

    def _show_brush(self, placement: Placement, point: QPointF) -> None:
        """Repaint the brush where it was and where it is."""
        if not self.brush.active:
            return
        old = self.brush.circle(placement)
        self.brush.hover(point)
        for circle in (old, self.brush.circle(placement)):
            if circle is not None:
                x, y, reach = circle
                self.dirty.emit(_around((x - reach, y - reach, x + reach, y + reach)))

    def _dragged(self) -> tuple[DrawnLabel, ...]:
        box = self.seeds.box
        if box is None:
            return ()
        return (DrawnLabel("box", box, self.brush.settings.colour, proposed=True),)


def _around(box: tuple[float, float, float, float]) -> QRect:
    """Whole pixels of the viewport that hold a box and the lines on it."""
    left, top = math.floor(box[0]) - _RIM_PX, math.floor(box[1]) - _RIM_PX
    right, bottom = math.ceil(box[2]) + _RIM_PX, math.ceil(box[3]) + _RIM_PX
    return QRect(left, top, right - left, bottom - top)
