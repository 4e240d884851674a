"""One scan in the dark: the picture, what lies over it, what is written around it, the hand."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from inference.records import Attribution, Frame, Window
from widgets.canvas_marks import Corners
from widgets.canvas_painter import CanvasPainter, Layers, Scene
from widgets.canvas_pointer import CanvasPointer
from widgets.canvas_readout import reading
from widgets.canvas_transform import Placement, View, pixel_aspect, whole_view
from widgets.theme import LABEL_COLOURS, RGB

REST_MS = 140
"""So long after the last movement the picture is drawn once more at its best."""


class Canvas(QWidget):
    """Shows one frame with its overlay; wishes leave as signals."""

    scrolled = Signal(int)
    window_changed = Signal(object)
    view_changed = Signal(object)
    maximise_requested = Signal()
    probed = Signal(int, int)
    probe_left = Signal()
    activated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._layers = Layers()
        self._scene = Scene()
        self._view = View((0.5, 0.5))
        self._laid_out: tuple[tuple[int, int], float] | None = None
        self._pixel: tuple[int, int] | None = None
        self._overlay_visible = True
        self._blinking = False
        self._moving = False
        self._painter = CanvasPainter()
        self._pointer = CanvasPointer(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._come_to_rest)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 160)
        self.setAccessibleName("Viewport")

    # What is shown

    def set_frame(self, frame: Frame | None) -> None:
        """Show a frame; the view is kept if its shape and pixel aspect are those of the last."""
        self._frame = frame
        self._layers.picture.set_frame(frame)
        if frame is not None and _layout(frame) != self._laid_out:
            self._laid_out = _layout(frame)
            self._view = whole_view(frame)
        self._read(self._pixel)
        self.update()

    def set_window(self, window: Window | None) -> None:
        """Grey levels by this window; None for the frame's own."""
        self._layers.picture.set_window(window)
        self.update()

    def shown_window(self) -> Window | None:
        """The window in force, None for colour or no frame."""
        return self._layers.picture.shown_window()

    def set_inverted(self, inverted: bool) -> None:
        self._scene.inverted = inverted
        self._layers.picture.set_inverted(inverted)
        self.update()

    def invert(self) -> None:
        """Turn black to white and back."""
        self.set_inverted(not self._scene.inverted)

    def set_mask(
        self,
        mask: np.ndarray | None,
        labels: tuple[str, ...] = (),
        colours: tuple[RGB, ...] = LABEL_COLOURS,
    ) -> None:
        """Regions over the frame: uint8 [rows, columns] of label indices, 0 = background."""
        self._layers.regions.set_mask(mask, colours)
        self._scene.region_labels = tuple(
            (label, colours[index])
            for index, label in enumerate(labels[: len(colours)])
            if index > 0 and mask is not None and bool((mask == index).any())
        )
        self.update()

    def set_attribution(self, attribution: Attribution | None) -> None:
        """Lay a map over the frame; it is drawn only where its shape is the frame's."""
        self._layers.overlay.set_attribution(attribution)
        self._read(self._pixel)
        self.update()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide both map and regions."""
        self._overlay_visible = visible
        self.update()

    @property
    def overlay_visible(self) -> bool:
        return self._overlay_visible and not self._blinking

    def set_threshold(self, threshold: float) -> None:
        """Hide what is weaker than this share of the colour bar, 0 to 1."""
        self._scene.threshold = min(max(threshold, 0.0), 1.0)
        self._layers.overlay.set_threshold(self._scene.threshold)
        self.update()

    @property
    def threshold(self) -> float:
        return self._scene.threshold

    def set_opacity(self, opacity: float) -> None:
        """How strongly the map covers the picture, 0 to 1."""
        self._scene.opacity = min(max(opacity, 0.0), 1.0)
        self.update()

    @property
    def opacity(self) -> float:
        return self._scene.opacity

    # What is written

    def set_corner_texts(
        self,
        top_left: tuple[str, ...],
        top_right: tuple[str, ...],
        bottom_left: tuple[str, ...],
    ) -> None:
        """Who and what, technique, and slice with position; zoom and window come by themselves."""
        self._scene.corners = Corners(top_left, top_right, bottom_left)
        self.update()

    def set_corner_texts_visible(self, visible: bool) -> None:
        self._scene.corners_visible = visible
        self.update()

    def set_badges(self, badges: tuple[str, ...]) -> None:
        self._scene.badges = badges
        self.update()

    def set_failed_checks(self, sentence: str | None) -> None:
        """Hatch the frame around a map that is not to be trusted; the sentence is its reason."""
        self._scene.failed = sentence is not None
        self.setAccessibleDescription(sentence or "")
        self.update()

    def set_placeholder(self, sentence: str, busy: bool = False) -> None:
        """What is said while there is no frame."""
        self._scene.placeholder = f"{sentence.rstrip('.…')} …" if busy and sentence else sentence
        self.update()

    def set_selected(self, selected: bool) -> None:
        self._scene.selected = selected
        self.update()

    def set_probe(self, pixel: tuple[int, int] | None) -> None:
        """Read this (column, row) and mark it: the pointer is there in a linked viewport."""
        self._scene.cross = pixel
        self._read(pixel)
        self.update()

    # Where it lies

    def view(self) -> View:
        return self._view

    def set_view(self, view: View) -> None:
        """Look at the same part as a linked viewport."""
        placement = self.placement()
        self._view = view if placement is None else placement.kept_in_sight(view)
        self.update()

    def fit(self) -> None:
        """Show the whole frame."""
        if self._frame is not None:
            self._look(whole_view(self._frame))

    def zoom(self) -> float:
        """Screen pixels a column; 0 without a frame."""
        placement = self.placement()
        return placement.scale if placement is not None else 0.0

    def zoom_to(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom to `factor` screen pixels a column, holding the point `at`, else the middle."""
        placement = self.placement()
        if placement is not None:
            held = at or QPointF(self.width() / 2, self.height() / 2)
            self._look(placement.zoomed(factor / placement.scale, held.x(), held.y()))

    def image_to_widget(self, column: float, row: float) -> QPointF:
        """Pixel edges to this widget's coordinates; (0, 0) without a frame."""
        placement = self.placement()
        return QPointF(*placement.to_widget(column, row)) if placement else QPointF()

    def widget_to_image(self, point: QPointF) -> tuple[float, float]:
        """This widget's coordinates to (column, row) in pixel edges; (−1, −1) without a frame."""
        placement = self.placement()
        return placement.to_image(point.x(), point.y()) if placement else (-1.0, -1.0)

    def placement(self) -> Placement | None:
        """How the frame lies in the viewport now."""
        if self._frame is None:
            return None
        return Placement(
            self._frame.shape,
            pixel_aspect(self._frame),
            max(self.width(), 1),
            max(self.height(), 1),
            self._view,
            self.devicePixelRatioF(),
        )

    # The hand

    def drag_window(self, window: Window) -> None:
        """Take the window that the hand draws, and say so."""
        self._move()
        self.set_window(window)
        self.window_changed.emit(window)

    def drag_view(self, view: View) -> None:
        """Take the view that the hand draws, and say so."""
        self._move()
        self._look(view)

    def probe_at(self, point: QPointF) -> None:
        """Read the pixel under the pointer."""
        column, row = (int(np.floor(value)) for value in self.widget_to_image(point))
        frame = self._frame
        inside = frame is not None and 0 <= row < frame.shape[0] and 0 <= column < frame.shape[1]
        self._scene.cross = None
        self._read((column, row) if inside else None)
        if inside:
            self.probed.emit(column, row)
        else:
            self.probe_left.emit()

    def _read(self, pixel: tuple[int, int] | None) -> None:
        frame = self._frame
        self._pixel = pixel
        said = reading(frame, *pixel, self._layers.overlay.attribution) if frame and pixel else ""
        if said != self._scene.reading:
            self._scene.reading = said
            self.update(self._painter.reading_strip(self.rect()))

    def _look(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self.update()
            self.view_changed.emit(view)

    def _move(self) -> None:
        self._moving = True
        self._rest.start()

    def _come_to_rest(self) -> None:
        self._moving = False
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._scene.frame = self._frame
        self._scene.placement = self.placement()
        self._scene.window = self._layers.picture.shown_window()
        self._scene.overlay_visible = self.overlay_visible
        self._painter.paint(
            painter,
            self.rect(),
            self._scene,
            self._layers,
            moving=self._moving,
        )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._move()
        super().resizeEvent(event)

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
        if event.button() == Qt.MouseButton.LeftButton:
            self.maximise_requested.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self._read(None)
        self.probe_left.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.activated.emit()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Space:
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

    def _blink(self, blinking: bool) -> None:
        self._blinking = blinking
        self.update()


def _layout(frame: Frame) -> tuple[tuple[int, int], float]:
    return (frame.shape, pixel_aspect(frame))
