"""One scan in the dark: the picture, what lies over it, what is written around it, the hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from inference.records import Window
from widgets.canvas_keys import next_handle, press_key, wants_key
from widgets.canvas_label_keys import next_label_handle, press_label_key, wants_label_key
from widgets.canvas_labelled import LabelledCanvas
from widgets.canvas_pointer import CanvasPointer
from widgets.canvas_readout import holds
from widgets.canvas_tools import TOOLS, ToolName

_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
"""With one of these a key is a command of the window, never a movement of a measure."""


class Canvas(LabelledCanvas):
    """Shows one frame with all that lies over it; wishes leave as signals.

    `crosshair_moved` is (column, row) in pixel edges. `measure_drawn` carries a `Measure` whose id
    is "", for the owner to give; `measure_moved` one that is being drawn (its id is "drawing") or
    moved, to be answered by `set_draft_lines`; `measure_changed` one that was moved.
    """

    scrolled = Signal(int)
    window_changed = Signal(object)
    maximise_requested = Signal()
    probed = Signal(int, int)
    probe_left = Signal()
    activated = Signal()
    crosshair_moved = Signal(float, float)
    measure_drawn = Signal(object)
    measure_moved = Signal(object)
    measure_changed = Signal(object)
    measure_deleted = Signal(str)
    measure_menu_requested = Signal(str, object)
    """The id of the measure that was clicked with the right button, and where on the screen."""
    place_asked = Signal(float, float, bool)
    """(column, row) in pixel edges that the tool "ask" points at, and whether the hand let go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pointer = CanvasPointer(self, self._hand, self._labelling)
        self._hand.drawn.connect(self.measure_drawn)
        self._hand.moved.connect(self.measure_moved)
        self._hand.changed.connect(self.measure_changed)
        self._hand.deleted.connect(self.measure_deleted)
        self._hand.redraw.connect(self.update)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Viewport")
        self.set_tool("window")

    def set_tool(self, name: ToolName) -> None:
        """What the left button does; the pointer shows it."""
        self._hand.set_kind(TOOLS[name].measure)
        self._labelling.take(name)
        self._pointer.take(name)

    @property
    def selected_measure(self) -> str:
        """The id of the selected measure, "" for none."""
        return self._hand.selected

    def drag_window(self, window: Window) -> None:
        """Take the window that the hand draws, and say so."""
        self.set_window(window)
        self.window_changed.emit(window)

    def probe_at(self, point: QPointF) -> None:
        """Read the pixel under the pointer."""
        column, row = (math.floor(value) for value in self.widget_to_image(point))
        inside = self._frame is not None and holds(self._frame, column, row)
        if self._scene.cross is not None:
            self._scene.cross = None
            self.update()
        self._read((column, row) if inside else None)
        if inside:
            self.probed.emit(column, row)
        else:
            self.probe_left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointer.turn_wheel(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        self._pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointer.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._read(None)
        self._labelling.leave()
        self.probe_left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.activated.emit()
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that act on a mark are taken before any command that they are bound to."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._for_marks(event):
            event.accept()
            return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        step = 1 if forward else -1
        labels = self._labelling
        if next_label_handle(labels.hand, labels.ids(), step) or next_handle(self._hand, step):
            return True
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        placement = self.placement()
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if placement is not None and self._for_labels(event):
            labels = self._labelling
            press_label_key(labels.hand, labels.brush, event.key(), placement, far=far)
        elif placement is not None and self._for_measures(event):
            press_key(self._hand, event.key(), placement, far=far)
        elif event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._blink(True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._blink(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._blink(False)
        super().focusOutEvent(event)

    def let_go_of_blink(self) -> bool:
        """Whether Space is held; a drag with it pans, and the picture is seen as it is again."""
        blinking = self._blinking
        if blinking:
            self._blink(False)
        return blinking

    def _for_marks(self, event: QKeyEvent) -> bool:
        return self._for_labels(event) or self._for_measures(event)

    def _for_labels(self, event: QKeyEvent) -> bool:
        labels = self._labelling
        commanding = bool(event.modifiers() & _COMMANDING)
        return not commanding and wants_label_key(labels.hand, labels.brush, event.key())

    def _for_measures(self, event: QKeyEvent) -> bool:
        return not event.modifiers() & _COMMANDING and wants_key(self._hand, event.key())

    def _blink(self, blinking: bool) -> None:
        self._blinking = blinking
        self.update()
