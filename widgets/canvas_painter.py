"""The order in which a viewport is painted: scan, what lies over it, what is written over all."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter

from widgets.canvas_crosshair import draw_crosshair, draw_reference_lines
from widgets.canvas_label_marks import draw_label_marks
from widgets.canvas_marks import Marks, draw_hatched_frame, draw_selected_frame
from widgets.canvas_measures import draw_measures
from widgets.canvas_scene import Layers, Scene, has_map
from widgets.canvas_spot import draw_changed_frame, draw_spot
from widgets.canvas_transform import Part
from widgets.canvas_writing import write_over

READING_PX = 22
ONE_LINE_FROM_PX = 520


class CanvasPainter:
    """Paints a scene; its fonts are found at the first painting, when there is an application."""

    def __init__(self) -> None:
        self._marks: Marks | None = None

    def paint(
        self,
        painter: QPainter,
        area: QRect,
        scene: Scene,
        layers: Layers,
        *,
        moving: bool,
    ) -> None:
        """Everything in `area`, within the painter's clip."""
        self._marks = self._marks or Marks()
        painter.fillRect(area, Qt.GlobalColor.black)
        if scene.frame is None or scene.placement is None:
            self._marks.draw_placeholder(painter, area, scene.placeholder)
        else:
            part = scene.placement.visible_part()
            if part is not None:
                _paint_pixels(painter, part, scene, layers, moving=moving)
            self._paint_marks(painter, self._marks, area, scene, layers)
        if scene.failed and scene.overlay_visible:
            draw_hatched_frame(painter, area)
        if scene.selected:
            draw_selected_frame(painter, area)

    def reading_strip(self, area: QRect) -> QRect:
        """Where the reading is written: along the bottom of `area`, two lines if it is narrow."""
        height = READING_PX if area.width() >= ONE_LINE_FROM_PX else 2 * READING_PX - 6
        return QRect(area.left(), area.bottom() + 1 - height, area.width(), height)

    def _paint_marks(
        self,
        painter: QPainter,
        marks: Marks,
        area: QRect,
        scene: Scene,
        layers: Layers,
    ) -> None:
        placement = scene.placement
        assert placement is not None
        page = area.adjusted(0, 0, 0, -self.reading_strip(area).height())
        draw_reference_lines(painter, placement, scene.reference_lines)
        if scene.crosshair is not None:
            draw_crosshair(painter, area, placement, scene.crosshair)
        write_over(painter, marks, page, scene, layers)
        if scene.labels_visible:
            draw_label_marks(painter, marks, page, placement, scene.labels)
        plates = draw_measures(painter, marks, page, placement, scene.measures)
        if scene.spot is not None:
            draw_spot(painter, marks, page, placement, (scene.spot, plates))
        if scene.changed:
            draw_changed_frame(painter, marks, area)
        if scene.cross is not None:
            column, row = scene.cross
            marks.draw_probe(painter, *placement.to_widget(column + 0.5, row + 0.5))
        if scene.reading:
            marks.draw_reading(painter, self.reading_strip(area), scene.reading)


def _paint_pixels(
    painter: QPainter,
    part: Part,
    scene: Scene,
    layers: Layers,
    *,
    moving: bool,
) -> None:
    """The scan and what lies on it, pixel upon pixel of the screen."""
    assert scene.placement is not None
    assert scene.frame is not None
    painter.save()
    painter.scale(1 / scene.placement.ratio, 1 / scene.placement.ratio)
    place = QPoint(part.left, part.top)
    painter.drawImage(place, layers.picture.image(part, moving=moving))
    if scene.overlay_visible:
        mapped = has_map(scene, layers.overlay)
        if mapped:
            painter.setOpacity(scene.opacity)
            painter.drawImage(place, layers.overlay.image(part))
            painter.setOpacity(1.0)
            lines = layers.contours.image(layers.overlay.attribution, part)
            if lines is not None:
                painter.drawImage(place, lines)
        if layers.regions.mask is not None and layers.regions.mask.shape == scene.frame.shape:
            painter.drawImage(place, layers.regions.image(part, filled=not mapped))
        objects = layers.objects.image(part, scene.placement.ratio)
        if objects is not None:
            painter.drawImage(place, objects)
    planes = layers.planes.image(part)
    if planes is not None:
        painter.drawImage(place, planes)
    if scene.labels_visible:
        masks = layers.masks.image(part, scene.placement.ratio)
        if masks is not None:
            painter.drawImage(place, masks)
        shapes = layers.shapes.image(scene.placement, moving=moving)
        if shapes is not None:
            painter.drawImage(QPoint(0, 0), shapes)
    painter.restore()
