"""Where a frame lies in its viewport, and the painting of it: the canvas's ground floor."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from inference.records import Frame
from widgets.canvas_hand import MeasureHand
from widgets.canvas_labelling import Labelling
from widgets.canvas_painter import CanvasPainter
from widgets.canvas_scene import Layers, Scene
from widgets.canvas_transform import Placement, View, pixel_aspect, whole_view

REST_MS = 140
"""So long after the last movement the picture is drawn once more at its best."""


class CanvasView(QWidget):
    """A widget that paints one frame as its view says."""

    view_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._layers = Layers()
        self._scene = Scene()
        self._view = View((0.5, 0.5))
        self._laid_out: tuple[tuple[int, int], float] | None = None
        self._source_id = ""
        self._overlay_visible = True
        self._blinking = False
        self._moving = False
        self._painter = CanvasPainter()
        self._hand = MeasureHand(self)
        self._labelling = Labelling(self, self.placement, self._layers)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._come_to_rest)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 160)

    def view(self) -> View:
        return self._view

    def set_view(self, view: View) -> None:
        """Look at the same part as a linked viewport, as near.

        Only centre and zoom are taken: how a picture is turned and mirrored is its own affair.
        """
        placement = self.placement()
        taken = replace(self._view, center=view.center, zoom=view.zoom)
        self._move()
        self._view = taken if placement is None else placement.kept_in_sight(taken)
        self.update()

    def fit(self) -> None:
        """Show the whole frame, turned as it is."""
        if self._frame is not None:
            whole = whole_view(self._frame)
            self._look(replace(self._view, center=whole.center, zoom=whole.zoom))

    def reset_view(self) -> None:
        """Show the whole frame, neither turned nor mirrored."""
        if self._frame is not None:
            self._look(whole_view(self._frame))

    def turn(self, quarters: int) -> None:
        """Turn the picture clockwise by quarter turns; negative ones go back."""
        self._look(self._view.turned(quarters))

    def mirror(self) -> None:
        """Flip the picture left to right, as it is seen."""
        self._look(self._view.flipped())

    def actual_size(self) -> None:
        """One column of the frame on one physical pixel of the screen."""
        self.zoom_to(1 / self.devicePixelRatioF())

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

    def drag_view(self, view: View) -> None:
        """Take the view that the hand draws, and say so."""
        self._move()
        self._look(view)

    @property
    def overlay_visible(self) -> bool:
        return self._overlay_visible and not self._blinking

    def grab_picture(self, texts: bool) -> QImage:
        """What is seen, for saving: corner texts only if `texts`, and nothing of the hand."""
        ratio = self.devicePixelRatioF()
        picture = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(ratio)
        measures = tuple(
            replace(drawn, state="plain", handle=None)
            for drawn in self._hand.pictures()
            if drawn.state != "draft"
        )
        scene = replace(
            self._present_scene(),
            corners_visible=texts,
            view_lines_visible=texts,
            reading="",
            cross=None,
            crosshair=None,
            selected=False,
            measures=measures,
            labels=self._labelling.printed(),
        )
        painter = QPainter(picture)
        self._painter.paint(painter, self.rect(), scene, self._layers, moving=False)
        painter.end()
        return picture

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        scene = self._present_scene()
        self._painter.paint(painter, self.rect(), scene, self._layers, moving=self._moving)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._move()
        super().resizeEvent(event)

    def _lay_out(self, frame: Frame) -> None:
        """Keep the view for frames of one shape and pixel aspect, its turn for one source."""
        layout = (frame.shape, pixel_aspect(frame))
        if layout != self._laid_out:
            self._view = whole_view(frame)
        elif frame.key[0] != self._source_id:
            self._view = replace(self._view, turns=0, mirrored=False)
        self._laid_out, self._source_id = layout, frame.key[0]

    def _present_scene(self) -> Scene:
        scene = self._scene
        scene.frame = self._frame
        scene.placement = self.placement()
        scene.window = self._layers.picture.shown_window()
        scene.overlay_visible = self.overlay_visible
        scene.measures = self._hand.pictures()
        scene.labels_visible = not self._blinking
        scene.labels = self._labelling.scene(scene.placement)
        return scene

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
