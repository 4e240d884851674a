"""The order in which a viewport is painted: scan, regions, map, then what is written over them."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter

from inference.records import Frame, Window
from widgets.canvas_colour_bar import ColourBar, draw_colour_bar
from widgets.canvas_marks import (
    EDGE_PX,
    LONGEST_BAR_PX,
    QUIET_INK,
    Corners,
    Marks,
    draw_hatched_frame,
    draw_selected_frame,
)
from widgets.canvas_overlay import MapPicture, RegionPicture
from widgets.canvas_picture import PIXELS_SEEN_FROM, Picture
from widgets.canvas_readout import orientation_letters, window_words
from widgets.canvas_transform import Part, Placement
from widgets.theme import DARK, RGB

READING_PX = 22
ONE_LINE_FROM_PX = 520


@dataclass
class Scene:
    """All that a viewport shows apart from pixels; the canvas changes it, the painter reads it."""

    frame: Frame | None = None
    placement: Placement | None = None
    window: Window | None = None
    corners: Corners = field(default_factory=Corners)
    corners_visible: bool = True
    badges: tuple[str, ...] = ()
    region_labels: tuple[tuple[str, RGB], ...] = ()
    reading: str = ""
    placeholder: str = ""
    cross: tuple[int, int] | None = None
    overlay_visible: bool = True
    inverted: bool = False
    failed: bool = False
    selected: bool = False
    threshold: float = 0.0
    opacity: float = 0.75


@dataclass(frozen=True)
class Layers:
    """What lies one upon the other: the scan, the regions, the map."""

    picture: Picture = field(default_factory=Picture)
    regions: RegionPicture = field(default_factory=RegionPicture)
    overlay: MapPicture = field(default_factory=MapPicture)


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
        placement = scene.placement
        if scene.frame is None or placement is None:
            self._marks.draw_placeholder(painter, area, scene.placeholder)
        else:
            part = placement.visible_part()
            if part is not None:
                self._paint_pixels(painter, part, scene, layers, moving=moving)
            self._write(painter, area, scene, placement, layers.overlay)
        if scene.failed and scene.overlay_visible:
            draw_hatched_frame(painter, area)
        if scene.selected:
            draw_selected_frame(painter, area)

    def reading_strip(self, area: QRect) -> QRect:
        """Where the reading is written: along the bottom of `area`, two lines if it is narrow."""
        height = READING_PX if area.width() >= ONE_LINE_FROM_PX else 2 * READING_PX - 6
        return QRect(area.left(), area.bottom() + 1 - height, area.width(), height)

    def _paint_pixels(
        self,
        painter: QPainter,
        part: Part,
        scene: Scene,
        layers: Layers,
        *,
        moving: bool,
    ) -> None:
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
            if layers.regions.mask is not None and layers.regions.mask.shape == scene.frame.shape:
                painter.drawImage(place, layers.regions.image(part, filled=not mapped))
        painter.restore()

    def _write(
        self,
        painter: QPainter,
        area: QRect,
        scene: Scene,
        placement: Placement,
        overlay: MapPicture,
    ) -> None:
        assert self._marks is not None
        marks = self._marks
        page = area.adjusted(0, 0, 0, -self.reading_strip(area).height())
        letters = orientation_letters(scene.frame.affine if scene.frame else None)
        if letters is not None:
            marks.draw_orientation(painter, letters, page)
        self._write_corners(painter, page, scene, placement, overlay)
        if scene.overlay_visible and has_map(scene, overlay) and overlay.attribution is not None:
            bar = ColourBar(overlay.attribution, overlay.limit, scene.threshold)
            draw_colour_bar(painter, marks, page, bar)
        if scene.cross is not None:
            column, row = scene.cross
            marks.draw_probe(painter, *placement.to_widget(column + 0.5, row + 0.5))
        if scene.reading:
            marks.draw_reading(painter, self.reading_strip(area), scene.reading)

    def _write_corners(
        self,
        painter: QPainter,
        page: QRect,
        scene: Scene,
        placement: Placement,
        overlay: MapPicture,
    ) -> None:
        assert self._marks is not None
        marks = self._marks
        inner = page.adjusted(EDGE_PX, EDGE_PX - 2, -EDGE_PX, 0)
        half = inner.width() // 2 - 24
        corners = scene.corners if scene.corners_visible else Corners()
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        place = QRect(inner.left(), inner.top(), half, 0)
        marks.draw_lines(painter, corners.top_left, place, left)
        place = QRect(inner.right() - half, inner.top(), half, 0)
        marks.draw_lines(painter, corners.top_right, place, right)
        badges_top = inner.top() + len(corners.top_left) * marks.line_px + 6
        marks.draw_badges(painter, _all_badges(scene, overlay), inner.left(), badges_top, half)
        lines = corners.bottom_left + _view_lines(scene, placement)
        top = inner.bottom() - len(lines) * marks.line_px
        marks.draw_lines(painter, lines, QRect(inner.left(), top, half, 0), left)
        top = self._write_regions(painter, scene, inner.left(), top, half)
        if scene.frame is not None and scene.frame.spacing_mm is not None:
            mm_per_px = scene.frame.spacing_mm[1] / placement.scale
            longest = min(LONGEST_BAR_PX, half * 0.6)
            marks.draw_scale_bar(painter, inner.left(), top - 10, mm_per_px, longest)

    def _write_regions(
        self, painter: QPainter, scene: Scene, left: int, top: int, width: int
    ) -> int:
        assert self._marks is not None
        if not scene.overlay_visible:
            return top
        for label, colour in reversed(scene.region_labels):
            top -= self._marks.line_px
            painter.fillRect(QRect(left, top + 4, 9, 9), QColor(*colour))
            place = QRect(left + 16, top, width - 16, 0)
            self._marks.draw_lines(painter, (label,), place, Qt.AlignmentFlag.AlignLeft)
        return top


def has_map(scene: Scene, overlay: MapPicture) -> bool:
    """Whether there is a map that fits the frame pixel for pixel."""
    attribution = overlay.attribution
    return (
        attribution is not None
        and scene.frame is not None
        and attribution.map.shape == scene.frame.shape
    )


def _view_lines(scene: Scene, placement: Placement) -> tuple[str, ...]:
    zoom = f"Zoom {placement.scale * 100:.0f} %"
    inverted = " · inverted" if scene.inverted else ""
    return (zoom,) if scene.window is None else (zoom, window_words(scene.window) + inverted)


def _all_badges(scene: Scene, overlay: MapPicture) -> tuple[tuple[str, QColor], ...]:
    assert scene.placement is not None
    badges = [(badge, QColor(DARK.doubtful)) for badge in scene.badges]
    if scene.overlay_visible and has_map(scene, overlay):
        assert overlay.attribution is not None
        if overlay.attribution.coarse:
            badges.append(("Coarse map, still being refined", QColor(DARK.accent)))
    if 2.0 <= scene.placement.scale < PIXELS_SEEN_FROM:
        badges.append(("Interpolated", QUIET_INK))
    return tuple(badges)
