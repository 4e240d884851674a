"""What the mouse does to a picture, after IHE Basic Image Review.

The wheel scrolls, with Ctrl it zooms at the pointer; the left button does what the tool in hand
does, with Shift it moves the crosshair, with Space it pans; the right button zooms, the middle one
pans. With a labelling tool Shift belongs to the tool.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from widgets.canvas_draft import CLICK_PX
from widgets.canvas_hand import MeasureHand
from widgets.canvas_labelling import Labelling
from widgets.canvas_measures import hit
from widgets.canvas_tools import ToolName, tool_cursor
from widgets.canvas_transform import Placement, dragged_window

if TYPE_CHECKING:
    from inference.records import Window
    from widgets.canvas import Canvas

NOTCH = 120
"""Qt's unit of a wheel: eighths of a degree a notch."""

NOTCHES_TO_DOUBLE = 4
PX_TO_DOUBLE = 120
PX_A_SLICE = 8

_BUTTONS: dict[Qt.MouseButton, ToolName] = {
    Qt.MouseButton.RightButton: "zoom",
    Qt.MouseButton.MiddleButton: "pan",
}


class CanvasPointer:
    """One drag at a time, reckoned from where it began so that nothing adds up."""

    def __init__(self, canvas: Canvas, hand: MeasureHand, labels: Labelling) -> None:
        self._canvas = canvas
        self._hand = hand
        self._labels = labels
        self._tool: ToolName = "window"
        self._button: Qt.MouseButton | None = None
        self._start = QPointF()
        self._window: Window | None = None
        self._placement: Placement | None = None
        self._notches = 0
        self._slices = 0
        self._follow: Callable[[QPointF], None] = self._drag_nothing
        self._drags: dict[ToolName, Callable[[QPointF], None]] = {
            "window": self._drag_window,
            "zoom": self._drag_zoom,
            "pan": self._drag_pan,
            "scroll": self._drag_slices,
            "crosshair": self._drag_crosshair,
            "ask": self._drag_ask,
        }

    def take(self, tool: ToolName) -> None:
        """Put a tool into the left hand and show it."""
        self._tool = tool
        if self._button is None:
            self._canvas.setCursor(tool_cursor(tool))

    def turn_wheel(self, event: QWheelEvent) -> None:
        """Whole notches scroll; a touchpad's small steps are gathered until they make one."""
        event.accept()
        placement = self._canvas.placement()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._labels.brush.active:
            self._size_brush(event)
            return
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if placement is not None:
                factor = 2.0 ** (event.angleDelta().y() / (NOTCH * NOTCHES_TO_DOUBLE))
                at = event.position()
                self._canvas.drag_view(placement.zoomed(factor, at.x(), at.y()))
            return
        self._notches += event.angleDelta().y()
        notches = int(self._notches / NOTCH)
        self._notches -= notches * NOTCH
        if notches:
            self._canvas.scrolled.emit(-notches)

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag, unless one is under way with another button."""
        placement, button = self._canvas.placement(), event.button()
        if self._button is not None or placement is None:
            return
        if button != Qt.MouseButton.LeftButton and button not in _BUTTONS:
            return
        self._button, self._start, self._placement = button, event.position(), placement
        self._window = self._canvas.shown_window()
        self._slices = 0
        if button == Qt.MouseButton.LeftButton:
            self._follow = self._left_drag(event, placement)
        else:
            self._follow = self._drags[_BUTTONS[button]]
            self._canvas.setCursor(tool_cursor(_BUTTONS[button]))

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag, or read the pixel under the pointer."""
        if self._button is not None:
            self._follow(event.position())
            return
        placement = self._canvas.placement()
        if placement is not None:
            if self._hand.draft is not None:
                self._hand.move(placement, event.position())
            self._labels.hover(placement, event.position())
            held = self._over_mark(placement, event.position())
            shape = Qt.CursorShape.SizeAllCursor if held else tool_cursor(self._tool)
            self._canvas.setCursor(shape)
        self._canvas.probe_at(event.position())

    def release(self, event: QMouseEvent) -> None:
        """End the drag that this button began."""
        if event.button() != self._button:
            return
        placement = self._canvas.placement()
        if self._follow == self._drag_measure and placement is not None:
            self._hand.release(placement, event.position())
        if self._follow == self._labels.follow and placement is not None:
            self._labels.release(placement, event.position())
        if self._follow == self._drag_ask:
            self._ask(event.position(), final=True)
        if event.button() == Qt.MouseButton.RightButton and placement is not None:
            self._ask_for_menu(event, placement)
        self._button = None
        self._canvas.setCursor(tool_cursor(self._tool))

    def double_click(self, event: QMouseEvent) -> None:
        """Close a polygon, else fill the window with this viewport.

        For a brush or seeds it is one more click, however quick.
        """
        placement = self._canvas.placement()
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._labels.brush.active or self._labels.seeds.active:
            self.press(event)
            return
        if placement is not None and (
            self._labels.hand.double_click(placement, event.position())
            or self._hand.double_click(placement)
        ):
            return
        self._canvas.maximise_requested.emit()

    def _left_drag(self, event: QMouseEvent, placement: Placement) -> Callable[[QPointF], None]:
        if self._canvas.let_go_of_blink():
            self._canvas.setCursor(tool_cursor("pan"))
            return self._drag_pan
        labelled = self._labels.press(placement, event)
        if labelled is not None:
            return labelled
        crossing = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if crossing or self._tool == "crosshair":
            self._drag_crosshair(event.position())
            return self._drag_crosshair
        if self._tool == "ask":
            self._drag_ask(event.position())
            return self._drag_ask
        if self._hand.press(placement, event.position()):
            return self._drag_measure
        return self._drags.get(self._tool, self._drag_nothing)

    def _over_mark(self, placement: Placement, point: QPointF) -> bool:
        """Whether a press here would take hold of a label or a measure."""
        if self._hand.draft is not None or self._tool in ("crosshair", "ask"):
            return False
        labels = self._labels
        if labels.hand.draft is not None or labels.brush.active or labels.seeds.active:
            return False
        drawing = labels.hand.kind is not None
        return labels.hand.over(placement, point) or (
            not drawing and self._hand.over(placement, point)
        )

    def _size_brush(self, event: QWheelEvent) -> None:
        """With Shift some systems turn the wheel sideways."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if turned:
            self._labels.brush.resize(1 if turned > 0 else -1)

    def _drag_nothing(self, to: QPointF) -> None:
        """A measuring tool that was pressed beside the picture."""

    def _drag_measure(self, to: QPointF) -> None:
        if self._placement is not None:
            self._hand.move(self._placement, to)

    def _drag_window(self, to: QPointF) -> None:
        way = to - self._start
        if self._window is not None and not way.isNull():
            self._canvas.drag_window(dragged_window(self._window, way.x(), way.y()))

    def _drag_zoom(self, to: QPointF) -> None:
        if self._placement is not None:
            factor = 2.0 ** ((self._start.y() - to.y()) / PX_TO_DOUBLE)
            view = self._placement.zoomed(factor, self._start.x(), self._start.y())
            self._canvas.drag_view(view)

    def _drag_pan(self, to: QPointF) -> None:
        if self._placement is not None:
            way = to - self._start
            self._canvas.drag_view(self._placement.panned(way.x(), way.y()))

    def _drag_slices(self, to: QPointF) -> None:
        slices = int((to.y() - self._start.y()) / PX_A_SLICE)
        if slices != self._slices:
            self._canvas.scrolled.emit(slices - self._slices)
            self._slices = slices

    def _drag_crosshair(self, to: QPointF) -> None:
        if self._placement is not None:
            self._canvas.crosshair_moved.emit(*_place_on(self._placement, to))

    def _drag_ask(self, to: QPointF) -> None:
        self._ask(to, final=False)

    def _ask(self, to: QPointF, *, final: bool) -> None:
        if self._placement is not None:
            self._canvas.place_asked.emit(*_place_on(self._placement, to), final)

    def _ask_for_menu(self, event: QMouseEvent, placement: Placement) -> None:
        """A click with the right button on a label or a measure; a drag zoomed."""
        at = event.position()
        if (at - self._start).manhattanLength() >= CLICK_PX:
            return
        place = event.globalPosition().toPoint()
        label = self._labels.hand.id_at(placement, at)
        found = hit(self._hand.here, placement, at.x(), at.y())
        if found is not None:
            self._canvas.measure_menu_requested.emit(found[0].measure_id, place)
        elif label:
            self._canvas.label_menu_requested.emit(label, place)


def _place_on(placement: Placement, to: QPointF) -> tuple[float, float]:
    """The nearest (column, row) on the frame, in pixel edges."""
    rows, columns = placement.shape
    column, row = placement.to_image(to.x(), to.y())
    return min(max(column, 0.0), float(columns)), min(max(row, 0.0), float(rows))
