"""Draws, selects and moves the measures of one frame; wishes leave as signals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QPointF, Signal

from inference.records import Frame, FrameKey, Measure, MeasureKind
from widgets.canvas_draft import DRAWING, Draft, Form, Points
from widgets.canvas_measures import DrawnMeasure, MeasureState, ShownMeasure, hit
from widgets.canvas_shapes import (
    POINTS_NEEDED,
    Place,
    handles,
    is_whole,
    placed,
    shifted,
    with_handle,
)
from widgets.canvas_transform import Placement

FORMS: dict[MeasureKind, Form[MeasureKind]] = {
    kind: Form(kind, needed, partial(is_whole, kind)) for kind, needed in POINTS_NEEDED.items()
}

USUAL_REACH = 0.12
"""A measure that keys place reaches so far to each side, as a share of what is seen."""


@dataclass(frozen=True)
class Drag:
    """A measure being moved, as it was, from where, and by which handle; None moves it whole."""

    measure: Measure
    start: Place
    handle: int | None


class MeasureHand(QObject):
    """What a person does with measures; the canvas passes on what is pressed.

    `drawn` carries a finished measure with the id "", which is seen once `set_measures` brings it
    back. `moved` carries what is being drawn or moved, `changed` what was moved.
    """

    drawn = Signal(object)
    moved = Signal(object)
    changed = Signal(object)
    deleted = Signal(str)
    redraw = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: FrameKey | None = None
        self._shape = (0, 0)
        self._measures: tuple[ShownMeasure, ...] = ()
        self._drag: Drag | None = None
        self._live: Measure | None = None
        self._live_lines: tuple[str, ...] = ()
        self._awaited: frozenset[str] | None = None
        self.kind: MeasureKind | None = None
        self.draft: Draft[MeasureKind] | None = None
        self.selected = ""
        self.handle: int | None = None

    # What there is

    def set_frame(self, frame: Frame | None) -> None:
        """Another frame ends what was being drawn or moved.

        A picture that belongs to no source yet is not measured: nothing is kept under its key.
        """
        key = frame.key if frame is not None and frame.key[0] else None
        self._shape = frame.shape if frame is not None else (0, 0)
        if key != self._key:
            self._key, self._awaited = key, None
            self.drop()
            self.select("", None)

    def set_kind(self, kind: MeasureKind | None) -> None:
        """What the tool in hand measures; None for any other tool."""
        self.kind = kind
        if self.draft is not None and self.draft.form.kind != kind:
            self.drop()

    def set_measures(self, measures: tuple[ShownMeasure, ...]) -> None:
        """The measures of the session; one that keys have just placed becomes the selected one."""
        self._measures = measures
        ids = {shown.measure.measure_id for shown in measures}
        if self._awaited is not None and ids - self._awaited:
            self.selected, self.handle = min(ids - self._awaited), None
            self._awaited = None
        if self.selected not in ids:
            self.selected, self.handle = "", None
        self.redraw.emit()

    def set_live_lines(self, lines: tuple[str, ...]) -> None:
        """What the measure that is being drawn or moved says."""
        self._live_lines = lines
        self.redraw.emit()

    @property
    def busy(self) -> bool:
        """Whether a measure is being drawn or moved."""
        return self.draft is not None or self._drag is not None

    @property
    def here(self) -> tuple[Measure, ...]:
        """The finished measures of the frame that is shown."""
        return tuple(shown.measure for shown in self._of_frame())

    def pictures(self) -> tuple[DrawnMeasure, ...]:
        """What is to be painted now."""
        found = [self._picture(shown) for shown in self._of_frame()]
        if self.draft is not None:
            found.append(DrawnMeasure(self._drawing(self.draft), self._live_lines, "draft"))
        return tuple(found)

    def over(self, placement: Placement, point: QPointF) -> bool:
        """Whether a press here would take hold of a measure."""
        return hit(self.here, placement, point.x(), point.y()) is not None

    # The mouse

    def press(self, placement: Placement, point: QPointF) -> bool:
        """Take hold of a measure, or begin or go on drawing one; False if it is none of these."""
        place = self._place(placement, point)
        if self.draft is not None:
            self.draft.press(point)
            self._follow_draft(self.draft, place)
            return True
        found = hit(self.here, placement, point.x(), point.y())
        if found is not None:
            self.select(found[0].measure_id, None)
            self._drag = Drag(found[0], place, found[1])
            return True
        self.select("", None)
        if self.kind is None or self._key is None or not self._inside(placement, point):
            return False
        self.draft = Draft(FORMS[self.kind], place, point)
        self._live_lines = ()
        self.redraw.emit()
        return True

    def move(self, placement: Placement, point: QPointF) -> None:
        """Follow the pointer with what is being drawn or moved."""
        place = self._place(placement, point)
        if self.draft is not None:
            self._follow_draft(self.draft, place)
        elif self._drag is not None:
            start = self._drag.start
            self._follow_drag(self._drag, (place[0] - start[0], place[1] - start[1]))

    def release(self, placement: Placement, point: QPointF) -> None:
        """Fix a point of what is drawn, or end a movement."""
        if self.draft is not None:
            self.finish(self.draft.release(placement, point))
        elif self._drag is not None:
            moved, lines = self._live, self._live_lines
            self._drag = self._live = None
            self._live_lines = ()
            if moved is not None:
                self._change(moved, lines)

    def double_click(self, placement: Placement) -> bool:
        """Close a polygon; False if nothing is being drawn but one click, which is forgotten."""
        if self.draft is None:
            return False
        if self.draft.is_speck(placement):
            self.drop()
            return False
        self.finish(self.draft.close())
        return True

    # What mouse and keys share

    def select(self, measure_id: str, handle: int | None) -> None:
        """Select a measure ("" for none), or the one handle of it that keys are to move."""
        if (measure_id, handle) != (self.selected, self.handle):
            self.selected, self.handle = measure_id, handle
            self.redraw.emit()

    def drop(self) -> None:
        """Forget what is being drawn; what is being moved goes back to where it was."""
        dragged = self._drag.measure if self._drag is not None and self._live is not None else None
        self.draft = self._drag = self._live = None
        self._live_lines = ()
        self.redraw.emit()
        if dragged is not None:
            self.moved.emit(dragged)

    def finish(self, points: Points | None) -> None:
        """Hand over what was drawn; None goes on drawing."""
        if points is not None and self.draft is not None:
            measure = replace(self._drawing(self.draft), measure_id="", points=points)
            self.drop()
            self.drawn.emit(measure)
        self.redraw.emit()

    def nudge(self, way: Place) -> None:
        """Move the selected measure, or its chosen handle, by (columns, rows)."""
        for measure in self.here:
            if measure.measure_id == self.selected:
                self._change(self._moved(measure, self.handle, way), ())

    def put(self, kind: MeasureKind, placement: Placement) -> None:
        """A measure of the usual size in the middle of what is seen; it will be selected."""
        part = placement.visible_part()
        if part is None or self._key is None:
            return
        wide, high = part.column1 - part.column0, part.row1 - part.row0
        center = ((part.column0 + part.column1) / 2, (part.row0 + part.row1) / 2)
        points = placed(kind, center, (wide * USUAL_REACH, high * USUAL_REACH))
        self._awaited = frozenset(shown.measure.measure_id for shown in self._measures)
        self.drawn.emit(Measure("", self._key, kind, points))

    # How it is done

    def _of_frame(self) -> list[ShownMeasure]:
        return [shown for shown in self._measures if shown.measure.key == self._key]

    def _drawing(self, draft: Draft[MeasureKind]) -> Measure:
        """What is being drawn, as far as it is; it can be measured if it is whole."""
        assert self._key is not None
        return Measure(DRAWING, self._key, draft.form.kind, draft.points)

    def _picture(self, shown: ShownMeasure) -> DrawnMeasure:
        measure, lines = shown.measure, shown.lines
        if self._live is not None and self._live.measure_id == measure.measure_id:
            measure, lines = self._live, self._live_lines or lines
        chosen = measure.measure_id == self.selected
        state: MeasureState = "selected" if chosen else "plain"
        return DrawnMeasure(measure, lines, state, self.handle if chosen else None)

    def _inside(self, placement: Placement, point: QPointF) -> bool:
        column, row = placement.to_image(point.x(), point.y())
        return 0 <= column <= self._shape[1] and 0 <= row <= self._shape[0]

    def _place(self, placement: Placement, point: QPointF) -> Place:
        """The nearest place on the frame."""
        return self._kept(placement.to_image(point.x(), point.y()))

    def _kept(self, place: Place) -> Place:
        rows, columns = self._shape
        return (min(max(place[0], 0.0), float(columns)), min(max(place[1], 0.0), float(rows)))

    def _follow_draft(self, draft: Draft[MeasureKind], place: Place) -> None:
        draft.follow(place)
        if draft.whole:
            self.moved.emit(self._drawing(draft))
        else:
            self._live_lines = ()
        self.redraw.emit()

    def _follow_drag(self, drag: Drag, way: Place) -> None:
        if self._live is None and way == (0.0, 0.0):
            return
        self._live = self._moved(drag.measure, drag.handle, way)
        self.moved.emit(self._live)
        self.redraw.emit()

    def _moved(self, measure: Measure, handle: int | None, way: Place) -> Measure:
        """Moved on the frame; as it was where it would have no extent any more."""
        if handle is None:
            return shifted(measure, way, self._shape)
        x, y = handles(measure)[handle]
        moved = with_handle(measure, handle, self._kept((x + way[0], y + way[1])))
        return moved if is_whole(moved.kind, moved.points) else measure

    def _change(self, measure: Measure, lines: tuple[str, ...]) -> None:
        """Say that a measure was moved, and show it there until the session answers."""
        self._measures = tuple(
            replace(shown, measure=measure, lines=lines or shown.lines)
            if shown.measure.measure_id == measure.measure_id
            else shown
            for shown in self._measures
        )
        self.redraw.emit()
        self.changed.emit(measure)
