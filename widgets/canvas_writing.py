"""What is written over a scan: corners, legend, badges, directions, scale and colour bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from widgets.canvas_colour_bar import ColourBar, draw_colour_bar, map_words
from widgets.canvas_marks import (
    EDGE_PX,
    INK,
    LONGEST_BAR_PX,
    NARROW_PX,
    QUIET_INK,
    SPARE_PX,
    Corners,
    Marks,
)
from widgets.canvas_picture import PIXELS_SEEN_FROM
from widgets.canvas_readout import edge_letters, window_words
from widgets.canvas_scene import Layers, Scene, has_map
from widgets.canvas_segments import shortened_legend
from widgets.canvas_transform import Placement, View, is_spacing
from widgets.labels import whole_parts
from widgets.theme import DARK, RGB

GAP_PX = 12
LETTER_PX = 14
"""Half the room that the letter of an edge takes."""
SCALE_PX = 24
BOTTOM_SHARE = 0.68
"""How far lines of the lower corner reach, where the letter of that edge is not in the way."""

NARROW_ROWS = 3

LegendLine = tuple[str, RGB | None]


def write_over(painter: QPainter, marks: Marks, page: QRect, scene: Scene, layers: Layers) -> None:
    """All words that stand on `page`, for a scene with a frame."""
    assert scene.placement is not None
    assert scene.frame is not None
    view = scene.placement.view
    inner = page.adjusted(EDGE_PX, EDGE_PX - 2, -EDGE_PX, 0)
    top = _write_top(painter, marks, inner, scene, layers)
    letters = edge_letters(scene.frame, view.turns, view.mirrored)
    if letters is not None:
        marks.draw_orientation(painter, letters, page, top)
    rooms = _write_bottom(painter, marks, inner, scene, layers)
    bar = _colour_bar(scene, layers)
    if bar is not None:
        draw_colour_bar(painter, marks, page, bar, rooms)


def view_badges(view: View) -> tuple[str, ...]:
    """How the view differs from the frame as it was stored."""
    mirrored = ("Mirrored",) if view.mirrored else ()
    return (*mirrored, f"Rotated {90 * view.turns}°") if view.turns else mirrored


def _write_top(painter: QPainter, marks: Marks, inner: QRect, scene: Scene, layers: Layers) -> int:
    """Who, how, and the badges. Returns where the letter of the upper edge has room.

    In a narrow viewport it is who that stays readable: the technique says what has room, and the
    letter moves below. In a low one the lines end above the letters at the sides.
    """
    corners = scene.corners if scene.corners_visible else Corners()
    most = _rows(marks, inner, 0)
    on_left, on_right = corners.top_left[:most], corners.top_right[:most]
    widths = [marks.metrics.horizontalAdvance(line) for line in on_left]
    who = min(max(widths, default=0), inner.width())
    left = QRect(inner.left(), inner.top(), inner.width(), 0)
    marks.draw_lines(painter, on_left, left, Qt.AlignmentFlag.AlignLeft)
    for number, line in enumerate(on_right):
        taken = widths[number] + GAP_PX if number < len(widths) else 0
        wanted = marks.metrics.horizontalAdvance(line) + SPARE_PX
        room = min(inner.width() - taken, wanted)
        if kept := whole_parts(line, marks.metrics, room):
            top = inner.top() + number * marks.line_px
            place = QRect(inner.right() - room, top, room, 0)
            ink = INK if number == 0 else QUIET_INK
            marks.draw_line(painter, kept, place, Qt.AlignmentFlag.AlignRight, ink)
    how = max((marks.metrics.horizontalAdvance(line) for line in on_right), default=0)
    below = max(who, how) > _half(inner)
    under = inner.top() + len(on_left) * marks.line_px + 6
    width = inner.width() // 2 - 8 if below else _half(inner)
    marks.draw_badges(painter, _all_badges(scene, layers), inner.left(), under, width)
    lines = max(len(on_left), len(on_right))
    return inner.top() + lines * marks.line_px if below else inner.top()


def _write_bottom(
    painter: QPainter, marks: Marks, inner: QRect, scene: Scene, layers: Layers
) -> tuple[int, ...]:
    """The corner's lines, above them the legend, above that the scale.

    Returns the room that each leaves at its right, in pixels, from the last line upwards.
    """
    assert scene.placement is not None
    assert scene.frame is not None
    beside_letter = inner.width() // 2 - LETTER_PX
    wide = round(inner.width() * BOTTOM_SHARE)
    most = _rows(marks, inner, SCALE_PX)
    legend = _legend(scene, layers)[: most - 1]
    lines = _lower_lines(scene, scene.placement, most - len(legend))
    top = inner.bottom() - len(lines) * marks.line_px
    rooms: list[int] = []
    for number, line in enumerate(lines):
        beside = number == len(lines) - 2  # the letter of the lower edge is in the way
        at = top + number * marks.line_px
        place = QRect(inner.left(), at, beside_letter if beside else wide, 0)
        ink = INK if number == 0 else QUIET_INK
        marks.draw_line(painter, line, place, Qt.AlignmentFlag.AlignLeft, ink)
        free = inner.width() - min(marks.metrics.horizontalAdvance(line), place.width()) - GAP_PX
        rooms.insert(0, min(free, beside_letter) if beside else free)
    for label, colour in reversed(legend):
        top -= marks.line_px
        if colour is not None:
            painter.fillRect(QRect(inner.left(), top + 4, 9, 9), QColor(*colour))
        place = QRect(inner.left() + 16, top, wide - 16, 0)
        marks.draw_line(painter, label, place, Qt.AlignmentFlag.AlignLeft, INK)
        rooms.append(inner.width() - 16 - marks.metrics.horizontalAdvance(label) - GAP_PX)
    spacing_mm = scene.own_spacing_mm or scene.frame.spacing_mm
    if spacing_mm is not None and is_spacing(spacing_mm):
        mm_per_px = spacing_mm[1] / scene.placement.scale
        longest = min(LONGEST_BAR_PX, _half(inner) * 0.6)
        marks.draw_scale_bar(painter, inner.left(), top - 10, mm_per_px, longest)
    return tuple(rooms)


def _lower_lines(scene: Scene, placement: Placement, most: int) -> tuple[str, ...]:
    """Where and how the frame is seen; how far it is zoomed is the first to be left out."""
    lines = scene.corners.bottom_left if scene.corners_visible else ()
    seen = _view_lines(scene, placement) if scene.view_lines_visible else ()
    if len(lines) + len(seen) > most:
        seen = seen[1:]
    return (*lines, *seen)[:most]


def _rows(marks: Marks, inner: QRect, spare_px: int) -> int:
    """How many lines have room between a corner and the letters at the sides, at least one.

    In a narrow viewport lines of two corners meet, and more of them would cover the picture.
    """
    high = max((inner.height() // 2 - LETTER_PX - spare_px) // marks.line_px, 1)
    return min(high, NARROW_ROWS) if inner.width() < NARROW_PX else high


def _half(inner: QRect) -> int:
    """The width of one corner's lines."""
    return inner.width() // 2 - 24


def _legend(scene: Scene, layers: Layers) -> tuple[LegendLine, ...]:
    planes = layers.planes.legend
    if not scene.overlay_visible:
        return planes
    return (*scene.region_labels, *shortened_legend(layers.objects.legend()), *planes)


def _colour_bar(scene: Scene, layers: Layers) -> ColourBar | None:
    """The bar of the model's map, else of an object's."""
    attribution = layers.overlay.attribution
    if not scene.overlay_visible:
        return None
    if attribution is not None and has_map(scene, layers.overlay):
        words = map_words(attribution, layers.overlay.style)
        return ColourBar(words, attribution.signed, layers.overlay.limit, scene.threshold)
    scale = layers.objects.map_scale()
    if scale is None:
        return None
    limit, signed = scale
    return ColourBar(layers.objects.map_words(), signed, limit)


def _view_lines(scene: Scene, placement: Placement) -> tuple[str, ...]:
    """100 % is one column on one pixel of the screen."""
    zoom = f"Zoom {placement.scale * placement.ratio * 100:.0f} %"
    inverted = " · inverted" if scene.inverted else ""
    return (zoom,) if scene.window is None else (zoom, window_words(scene.window) + inverted)


def _all_badges(scene: Scene, layers: Layers) -> tuple[tuple[str, QColor], ...]:
    assert scene.placement is not None
    badges = [("Key image", QColor(DARK.accent))] if scene.key_image else []
    badges += [(words, QColor(*colour)) for words, colour in scene.classes]
    doubts = (*view_badges(scene.placement.view), *scene.badges)
    badges += [(badge, QColor(DARK.doubtful)) for badge in doubts]
    attribution = layers.overlay.attribution
    mapped = scene.overlay_visible and has_map(scene, layers.overlay)
    if mapped and attribution is not None and attribution.coarse:
        badges.append(("Coarse map so far", QColor(DARK.accent)))
    if 2.0 <= scene.placement.scale < PIXELS_SEEN_FROM:
        badges.append(("Interpolated", QUIET_INK))
    return tuple(badges)
