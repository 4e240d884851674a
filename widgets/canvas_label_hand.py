"""Draws, selects, moves and reshapes the labels of one frame; wishes leave as signals."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from inference.records import AnnotationKind, Frame, FrameKey
from widgets.canvas_draft import Draft, Points
from widgets.canvas_hand import USUAL_REACH
from widgets.canvas_label_hits import hit_handle, hit_line
from widgets.canvas_label_marks import DrawnLabel
from widgets.canvas_label_masks import MaskPicture
from widgets.canvas_label_shapes import (
    FORMS,
    drawn_shape,
    handles,
    is_whole,
    usual_shape,
    with_handle,
    with_vertex,
    without_vertex,
)
from widgets.canvas_labels import LabelSheet, ShownLabel
from widgets.canvas_shapes import Place, shifted_points
from widgets.canvas_transform import Placement
from widgets.theme import LABEL_COLOURS, RGB

TRACE_TOLERANCE_PX = 1.0
"""What is drawn freehand is kept to this on the screen, with as few points as that takes."""


@dataclass(frozen=True)
class LabelDrag:
    """A shape being moved, from where, and by which handle; None moves it whole."""

    shown: ShownLabel
    start: Place
    handle: int | None


class LabelHand(QObject):
    """What a person does with the shapes of labels; the canvas passes on what is pressed."""

    drawn = Signal(str, object)
    changed = Signal(str, object)
    picked = Signal(object)
    deleted = Signal(object)
    redraw = Signal()
    """Only what lies over the picture of labels is another."""
    reordered = Signal()
    """The picture itself is: a shape has come to lie over it, or has gone back into it."""

    def __init__(self, parent: QObject, sheet: LabelSheet, masks: MaskPicture) -> None:
        super().__init__(parent)
        self._sheet, self._masks = sheet, masks
        self._key: FrameKey | None = None
        self._shape = (0, 0)
        self._drag: LabelDrag | None = None
        self._live: tuple[str, Points] | None = None
        self.kind: AnnotationKind | None = None
        self.selecting = False
        self.visible = True
        self.colour: RGB = LABEL_COLOURS[1]
        self.draft: Draft[AnnotationKind] | None = None
        self.selected: tuple[str, ...] = ()
        self.handle: int | None = None

    # What there is

    def set_frame(self, frame: Frame | None) -> None:
        """Another frame ends what was being drawn or moved."""
        key = frame.key if frame is not None else None
        self._shape = frame.shape if frame is not None else (0, 0)
        if key != self._key:
            self._key = key
            self.drop()

    def take(self, kind: AnnotationKind | None, *, selecting: bool) -> None:
        """What the tool in hand draws, and whether it selects; neither for any other tool."""
        self.kind, self.selecting = kind, selecting
        if self.draft is not None and self.draft.form.kind != kind:
            self.drop()

    @property
    def active(self) -> bool:
        """Whether the tool in hand draws labels or takes hold of them."""
        return self.selecting or self.kind is not None

    @property
    def busy(self) -> bool:
        return self.draft is not None or self._drag is not None

    @property
    def chosen(self) -> list[ShownLabel]:
        """The shapes that are selected."""
        found = [self._sheet.shape(one) for one in self.selected]
        return [one for one in found if one is not None]

    def pictures(self) -> tuple[DrawnLabel, ...]:
        """The selected shapes and what is being drawn."""
        drafts = (_drafted(self.draft, self.colour),) if self.draft is not None else ()
        return (*self.selected_pictures(), *drafts)

    def selected_pictures(self) -> tuple[DrawnLabel, ...]:
        """The selected shapes, which lie over the picture of the others."""
        single = self.handle if len(self.selected) == 1 else None
        return tuple(
            DrawnLabel(
                one.annotation.kind,
                self._points(one),
                one.colour,
                one.proposed,
                one.locked or not self.active,
                single,
            )
            for one in self.chosen
        )

    def over(self, placement: Placement, point: QPointF) -> bool:
        """Whether a press here would take hold of a shape."""
        return self.active and self._found(placement, point) is not None

    def id_at(self, placement: Placement, point: QPointF) -> str:
        """The label under a place: a line, else a shape or a mask around it; "" for none."""
        if not self.visible:
            return ""
        line = hit_line(self._sheet, placement, point)
        if line is not None:
            return line.shown.annotation.annotation_id
        place = placement.to_image(point.x(), point.y())
        around = self._sheet.around(place)
        if around is not None:
            return around.annotation.annotation_id
        return self._masks.id_at(int(np.floor(place[0])), int(np.floor(place[1])))

    # The mouse

    def press(self, placement: Placement, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Take hold of a label, or begin or go on drawing one; False if it is none of these."""
        place = self._place(placement, point)
        if self.draft is not None:
            self.draft.press(point)
            self.draft.follow(place)
            self.redraw.emit()
            return True
        if self.active and self._take_hold(placement, point, modifiers):
            return True
        if not self.active:
            return False
        self.pick(())
        if self.kind is None or self._key is None or not self._inside(placement, point):
            return False
        if self.kind == "point":
            self.drawn.emit(self.kind, (place,))
        else:
            self.draft = Draft(FORMS[self.kind], place, point)
            self.redraw.emit()
        return True

    def move(self, placement: Placement, point: QPointF) -> None:
        """Follow the pointer with what is being drawn or moved."""
        place = self._place(placement, point)
        if self.draft is not None:
            self.draft.follow(place)
            self.draft.trace(placement, point)
            self.redraw.emit()
        elif self._drag is not None and not self._drag.shown.locked:
            start = self._drag.start
            way = (place[0] - start[0], place[1] - start[1])
            if self._live is not None or way != (0.0, 0.0):
                shown = self._drag.shown
                moved = self._moved(shown, self._drag.handle, way)
                self._live = (shown.annotation.annotation_id, moved)
                self.redraw.emit()

    def release(self, placement: Placement, point: QPointF) -> None:
        """Fix a point of what is drawn, or end a movement."""
        if self.draft is not None:
            freehand = self.draft.freehand
            points = self.draft.release(placement, point)
            if points is not None and freehand:
                points = _thinned(points, TRACE_TOLERANCE_PX / placement.scale)
            self.finish(points)
        elif self._drag is not None:
            moved = self._live
            self._drag = self._live = None
            if moved is not None:
                self.changed.emit(*moved)
            self.redraw.emit()

    def double_click(self, placement: Placement, point: QPointF) -> bool:
        """Finish what is drawn, else put a point into the side that was clicked."""
        if self.draft is not None:
            if self.draft.is_speck(placement):
                self.drop()
                return False
            self.finish(self.draft.close())
            return True
        line = hit_line(self._sheet, placement, point) if self.active else None
        if line is None or line.shown.locked:
            return False
        old = line.shown.annotation
        place = self._place(placement, point)
        self._change(line.shown, with_vertex(old.kind, old.points, line.side, place))
        return True

    # What mouse and keys share

    def pick(self, ids: tuple[str, ...], handle: int | None = None) -> None:
        """Select labels, and the one handle that keys are to move; say so if others are."""
        other = ids != self.selected
        self.select(ids, handle)
        if other:
            self.picked.emit(ids)

    def select(self, ids: tuple[str, ...], handle: int | None = None) -> None:
        """Select labels without saying so."""
        if (ids, handle) != (self.selected, self.handle):
            other = ids != self.selected
            self.selected, self.handle = ids, handle
            if other:
                self.reordered.emit()
            self.redraw.emit()

    def drop(self) -> None:
        """Forget what is being drawn; what is being moved goes back to where it was."""
        self.draft = self._drag = self._live = None
        self.redraw.emit()

    def finish(self, points: Points | None) -> None:
        """Hand over what was drawn; None goes on drawing."""
        if points is not None and self.draft is not None:
            kind = self.draft.form.kind
            self.drop()
            self.drawn.emit(kind, drawn_shape(kind, points))
        self.redraw.emit()

    def take_back(self) -> None:
        """Forget the last point of what is drawn, all of it if there is no other."""
        if self.draft is not None and not self.draft.take_back():
            self.drop()
        self.redraw.emit()

    def nudge(self, way: Place) -> None:
        """Move the selected shapes, or the chosen handle, by (columns, rows)."""
        for shown in self.chosen:
            if not shown.locked:
                self._change(shown, self._moved(shown, self.handle, way))

    def put(self, kind: AnnotationKind, placement: Placement) -> None:
        """A shape of the usual size in the middle of what is seen."""
        part = placement.visible_part()
        if part is not None and self._key is not None:
            center = ((part.column0 + part.column1) / 2, (part.row0 + part.row1) / 2)
            wide, high = part.column1 - part.column0, part.row1 - part.row0
            reach = (wide * USUAL_REACH, high * USUAL_REACH)
            self.drawn.emit(kind, usual_shape(kind, center, reach))

    # How it is done

    def _take_hold(
        self, placement: Placement, point: QPointF, modifiers: Qt.KeyboardModifier
    ) -> bool:
        found = self._found(placement, point)
        if found is None:
            return False
        chosen, handle = found
        shown = self._sheet.shape(chosen)
        if modifiers & Qt.KeyboardModifier.AltModifier and handle is not None and shown is not None:
            if not shown.locked:
                old = shown.annotation
                self._change(shown, without_vertex(old.kind, old.points, handle))
            return True
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            rest = tuple(one for one in self.selected if one != chosen)
            self.pick(rest if chosen in self.selected else (*self.selected, chosen))
            return True
        self.pick((chosen,))
        if shown is not None:
            self._drag = LabelDrag(shown, self._place(placement, point), handle)
        return True

    def _found(self, placement: Placement, point: QPointF) -> tuple[str, int | None] | None:
        """The label that a press takes, and its handle if that is near."""
        if not self.visible:
            return None
        for shown in self.chosen:
            handle = None if shown.locked else hit_handle(shown, placement, point)
            if handle is not None:
                return shown.annotation.annotation_id, handle
        if self.selecting:
            found = self.id_at(placement, point)
            return (found, None) if found else None
        line = hit_line(self._sheet, placement, point)
        return (line.shown.annotation.annotation_id, None) if line is not None else None

    def _points(self, shown: ShownLabel) -> Points:
        live = self._live
        if live is not None and live[0] == shown.annotation.annotation_id:
            return live[1]
        return shown.annotation.points

    def _moved(self, shown: ShownLabel, handle: int | None, way: Place) -> Points:
        """Moved on the frame; as it was where it would have no extent any more."""
        kind, points = shown.annotation.kind, shown.annotation.points
        if handle is None:
            return shifted_points(points, way, self._shape)
        x, y = handles(kind, points)[handle]
        moved = with_handle(kind, points, handle, self._kept((x + way[0], y + way[1])))
        return moved if is_whole(kind, moved) else points

    def _change(self, shown: ShownLabel, points: Points) -> None:
        if points != shown.annotation.points:
            self.changed.emit(shown.annotation.annotation_id, points)

    def _inside(self, placement: Placement, point: QPointF) -> bool:
        column, row = placement.to_image(point.x(), point.y())
        return 0 <= column <= self._shape[1] and 0 <= row <= self._shape[0]

    def _place(self, placement: Placement, point: QPointF) -> Place:
        """The nearest place on the frame."""
        return self._kept(placement.to_image(point.x(), point.y()))

    def _kept(self, place: Place) -> Place:
        rows, columns = self._shape
        return (min(max(place[0], 0.0), float(columns)), min(max(place[1], 0.0), float(rows)))


def _drafted(draft: Draft[AnnotationKind], colour: RGB) -> DrawnLabel:
    """What is being drawn: a line until there is enough for the shape.

    Points are seen where they were clicked; freehand there are too many of them.
    """
    kind = draft.form.kind
    if kind == "box" or (kind == "rotated_box" and len(draft.points) > 2):
        return DrawnLabel(kind, drawn_shape(kind, draft.points), colour, locked=True)
    return DrawnLabel("line", draft.points, colour, locked=draft.freehand)


def _thinned(points: Points, tolerance: float) -> Points:
    """As few of the points as keep the line (Douglas and Peucker 1973)."""
    line = cv2.approxPolyDP(np.array(points, np.float32), tolerance, True)[:, 0]
    kept = tuple((float(x), float(y)) for x, y in line)
    return kept if len(kept) > 2 else points
