"""The grid of viewports: draws what the session says of each, and hands on what the hand does."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.actions import blinking, marks, moving
from app.jobs import Jobs
from app.linking import patients_of, space_of
from app.object_places import overlays_of
from app.panes import LAYOUTS, Changes, Pane
from app.session import Session
from app.views import wording
from app.views.belief_words import failing
from app.views.canvas_labels_view import CanvasLabels
from app.views.comparison_words import names, title_of
from app.views.crossing import crossings, point_at, same_view
from app.views.label_words import class_chips, disagreement
from app.views.map_words import map_style
from inference.cards import differences
from inference.display import Voi
from inference.measures import measure, words
from inference.records import Measure, Source
from widgets.canvas_draft import DRAWING
from widgets.canvas_measures import ShownMeasure
from widgets.canvas_transform import View
from widgets.theme import LABEL_COLOURS
from widgets.viewport import Viewport


class ViewportGrid(QWidget):
    """Up to six viewports; one is made when a layout first needs it."""

    maximise_requested = Signal(int)
    source_dropped = Signal(int, str)
    place_asked = Signal(int, float, float, bool)
    measure_menu_requested = Signal(int, str, object)

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self.viewports: list[Viewport] = []
        self.labels = CanvasLabels(self, session, jobs)
        self._texts_visible = True
        self._planes_visible = True
        self._shutter_visible = True
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2)
        self.show_layout()

    @property
    def active(self) -> Viewport:
        return self.viewports[self._session.active]

    def scroll_to(self, number: int, index: int) -> None:
        """Move a viewport, and those that are linked with it."""
        self._session.set_active(number)
        moving.scroll(self._session, self._jobs, number, index)

    def toggle_texts(self) -> None:
        """Show or hide who and what in the corners."""
        self._texts_visible = not self._texts_visible
        for viewport in self.viewports:
            viewport.canvas.set_corner_texts_visible(self._texts_visible)

    # Drawn from the session

    def show_layout(self) -> None:
        """Place as many viewports as the layout has."""
        session = self._session
        rows, columns = (1, 1) if session.maximised else LAYOUTS[session.layout]
        made = range(len(self.viewports), session.seats.stop)
        for number in made:
            self._add_viewport(number)
        for viewport in self.viewports:
            self._grid.removeWidget(viewport)
        for place, number in enumerate(session.visible):
            self._grid.addWidget(self.viewports[number], place // columns, place % columns)
        several = len(session.visible) > 1
        for number, viewport in enumerate(self.viewports):
            viewport.setVisible(number in session.visible)
            viewport.set_selected(several and number == session.active)
        for place in range(max(side for layout in LAYOUTS.values() for side in layout)):
            self._grid.setRowStretch(place, 1 if place < rows else 0)
            self._grid.setColumnStretch(place, 1 if place < columns else 0)
        for number in made:
            self.show_frame(number)
            self.show_results(number)
        self._show_patients()

    def follow(self, changes: Changes) -> None:
        """Draw what changed in the session."""
        for number in changes.frame:
            self.show_frame(number)
        linked = set(self._session.visible) if changes.tool else set()
        panes = self._session.panes
        alike = {one for one in self._session.visible if panes[one].source_id in changes.answered}
        said = set(self._session.visible) if changes.labels else set()
        touched = changes.frame | changes.results | changes.view | linked | alike | said
        blinking = {one for one in self._session.visible if panes[one].blinked in touched}
        for number in touched | blinking:
            self.show_results(number)  # maps of one series may share a scale
        for number in self._session.visible:
            if changes.marks:
                self.show_marks(number)
            if changes.cached:
                self.show_cached(number)
        if changes.objects:
            self.show_objects()
        if changes.cursor or changes.frame:
            self.show_cursor()
        self.labels.follow(changes)

    def toggle_planes(self) -> None:
        """Show or hide the overlays that came with the files."""
        self._planes_visible = not self._planes_visible
        for viewport in self.viewports:
            viewport.canvas.set_planes_visible(self._planes_visible)

    def toggle_shutter(self) -> None:
        """Black out what the files' shutters cover, or show it."""
        self._shutter_visible = not self._shutter_visible
        for viewport in self.viewports:
            viewport.canvas.set_shutter_visible(self._shutter_visible)

    def show_tool(self) -> None:
        for viewport in self.viewports:
            viewport.canvas.set_tool(self._session.tool)

    def show_frame(self, number: int) -> None:
        """The picture of a viewport, or what stands in its place."""
        if number >= len(self.viewports):
            return
        session, viewport = self._session, self.viewports[number]
        pane, source = session.panes[number], session.source_of(number)
        self._show_patients()
        if source is None:
            preview = pane.preview
            viewport.canvas.set_frame(preview.frame if preview is not None else None)
            viewport.canvas.set_placeholder("Choose a scan from the list, or drop files here.")
            viewport.set_frames(0, 0)
            viewport.canvas.set_corner_texts((), (), ())
            viewport.canvas.set_badges(("Reading the series",) if preview is not None else ())
            viewport.canvas.set_objects((), 0, frozenset())
            self.show_marks(number)
            return
        viewport.set_frames(moving.count(session, number), pane.index)
        self._show_picture(viewport, pane, source)
        viewport.canvas.set_corner_texts(*wording.corner_texts(source, pane))
        self.show_marks(number)
        self.show_cached(number)

    def _show_picture(self, viewport: Viewport, pane: Pane, source: Source) -> None:
        canvas = viewport.canvas
        if pane.frame_trouble is not None:
            canvas.set_frame(None)
            trouble = pane.frame_trouble
            canvas.set_placeholder(f"{trouble.message} {trouble.hint}".strip())
        elif pane.frame is None:
            canvas.set_frame(None)
            canvas.set_placeholder(pane.waiting or "Reading the picture", busy=True)
        elif pane.is_cut or pane.frame.key == source.key(pane.index):
            canvas.set_frame(pane.frame)
            self._show_objects(viewport, pane, source)

    def show_results(self, number: int) -> None:
        """Window, map, mask, caption and badges of a viewport."""
        if number >= len(self.viewports):
            return
        session, viewport = self._session, self.viewports[number]
        pane, source = session.panes[number], session.source_of(number)
        card = session.card_of(number)
        canvas = viewport.canvas
        canvas.set_window(pane.window)
        canvas.set_inverted(pane.inverted)
        canvas.set_threshold(pane.threshold)
        canvas.set_opacity(pane.opacity)
        canvas.set_overlay_visible(pane.overlay_visible)
        at = blinking.seen_in(session, number)
        shown, prediction = session.panes[at].attribution, session.panes[at].prediction
        canvas.set_attribution(shown)
        blinks = names(session)[at].short if at != number else ""
        canvas.set_map_style(map_style(session, at, blinks))
        viewport.set_failed_checks(failing(shown.figures if shown is not None else ()))
        if prediction is not None and prediction.mask is not None:
            canvas.set_mask(prediction.mask, prediction.labels, LABEL_COLOURS)
        else:
            canvas.set_mask(None)
        viewport.set_caption(pane.caption, pane.caption_severity)
        if source is None:
            viewport.set_title("")
            return
        linked = number in session.anchors and len(session.anchors) > 1
        said = ("Linked to another study" if linked else "", disagreement(session, number))
        canvas.set_classes(class_chips(session, number))
        canvas.set_badges((*wording.badges(source, card, pane), *filter(None, said)))
        answered = pane.prediction is not None or pane.attribution is not None
        if pane.compared:
            viewport.set_title(*title_of(session, self._jobs, number))
        elif pane.made is not None:
            viewport.set_title(pane.made.title, full=pane.made.full)
        elif card is None or (differences(source, card) and not answered):
            viewport.set_title("")  # a model that was not made for this scan, and was not asked
        else:
            viewport.set_title(card.title, *wording.fit(source, card))

    def show_marks(self, number: int) -> None:
        """Measures and key images of the frame that a viewport shows."""
        if number >= len(self.viewports):
            return
        session, viewport = self._session, self.viewports[number]
        pane, source = session.panes[number], session.source_of(number)
        frame = pane.frame
        if frame is None or source is None:
            viewport.canvas.set_measures(())
            viewport.canvas.set_own_spacing(None)
            viewport.canvas.set_key_image(False)
            return
        own = session.marks.calibration_on(frame.key)
        viewport.canvas.set_own_spacing(own.spacing_mm if own is not None else None)
        viewport.canvas.set_measures(
            tuple(
                ShownMeasure(one, words(measure(one, frame, own)))
                for one in session.marks.on(frame.key)
            )
        )
        viewport.canvas.set_key_image(frame.key in session.marks.key_images)
        keys = (index for name, index in session.marks.key_images if name == frame.key[0])
        viewport.set_marks(tuple(sorted(keys)), "key")

    def show_objects(self) -> None:
        """What objects draw over the frames in sight."""
        for number in self._session.visible:
            source = self._session.source_of(number)
            if source is not None:
                self._show_objects(self.viewports[number], self._session.panes[number], source)

    def _show_objects(self, viewport: Viewport, pane: Pane, source: Source) -> None:
        session = self._session
        drawn = pane.objects if pane.is_cut else overlays_of(session, source.source_id)
        index = pane.frame.key[1] if pane.frame is not None else pane.index
        viewport.canvas.set_objects(drawn, index, session.hidden_segments)

    def show_cursor(self) -> None:
        """Crosshair and reference lines, wherever a viewport shows the same space."""
        for number, seen in crossings(self._session).items():
            canvas = self.viewports[number].canvas
            canvas.set_crosshair(seen.cross)
            canvas.set_reference_lines(seen.lines)

    def show_cached(self, number: int) -> None:
        """Which of a viewport's frames are at hand, and which are damaged."""
        source, pane = self._session.source_of(number), self._session.panes[number]
        if number >= len(self.viewports) or source is None:
            return
        viewport, frames = self.viewports[number], self._session.frames
        viewport.set_cached_ranges(() if pane.plane != "slices" else frames.ranges(source))
        holes = () if pane.plane != "slices" else tuple(sorted(frames.holes(source)))
        viewport.set_marks(holes, "damaged")

    def _show_patients(self) -> None:
        """Two patients in one window are named above every viewport."""
        session = self._session
        several = len(patients_of(session)) > 1
        for number in session.visible:
            source = session.source_of(number)
            named = several and source is not None
            name = (source.who or "Patient not named") if source is not None else ""
            self.viewports[number].set_patient(name if named else None)

    # What the hand does

    def _add_viewport(self, number: int) -> None:
        viewport, session = Viewport(self), self._session
        self.viewports.append(viewport)
        canvas = viewport.canvas
        canvas.set_tool(session.tool)
        self.labels.attach(canvas)
        canvas.set_corner_texts_visible(self._texts_visible)
        canvas.set_planes_visible(self._planes_visible)
        canvas.set_shutter_visible(self._shutter_visible)
        viewport.activated.connect(partial(session.set_active, number))
        viewport.index_chosen.connect(partial(self.scroll_to, number))
        viewport.window_changed.connect(partial(self.keep_window, number))
        viewport.maximise_requested.connect(partial(self.maximise_requested.emit, number))
        viewport.view_changed.connect(partial(self._follow_view, number))
        viewport.probed.connect(partial(self._follow_probe, number))
        viewport.probe_left.connect(self._end_probe)
        viewport.source_dropped.connect(partial(self.source_dropped.emit, number))
        canvas.crosshair_moved.connect(partial(self._move_cursor, number))
        canvas.place_asked.connect(partial(self.place_asked.emit, number))
        canvas.measure_menu_requested.connect(partial(self.measure_menu_requested.emit, number))
        canvas.measure_drawn.connect(partial(self._keep_measure, number))
        canvas.measure_changed.connect(partial(self._keep_measure, number))
        canvas.measure_moved.connect(partial(self._move_measure, number))
        canvas.measure_deleted.connect(partial(marks.delete_measure, session, self._jobs))

    def keep_window(self, number: int, window: Voi | None) -> None:
        """The grey levels of a viewport, and of those that are linked and show the same unit."""
        session = self._session
        source = session.source_of(number)
        session.edit_view(number, window=window)
        if "window" not in session.links or source is None:
            return
        for other in session.visible:
            its = session.source_of(other)
            if other == number or its is None:
                continue
            alike = its.unit == source.unit and its.unit is not None
            if its is source or (window is not None and alike):
                session.edit_view(other, window=window)

    def _follow_view(self, number: int, view: View) -> None:
        if "zoom" in self._session.links:
            for other in self._session.visible:
                if other != number and same_view(self._session, number, other):
                    self.viewports[other].canvas.set_view(view)

    def _follow_probe(self, number: int, column: int, row: int) -> None:
        if "crosshair" in self._session.links:
            for other in self._session.visible:
                if other != number and same_view(self._session, number, other):
                    self.viewports[other].canvas.set_probe((column, row))

    def _end_probe(self) -> None:
        for number in self._session.visible:
            self.viewports[number].canvas.set_probe(None)

    def _move_cursor(self, number: int, column: float, row: float) -> None:
        session = self._session
        source, point = session.source_of(number), point_at(session, number, column, row)
        if source is not None and point is not None:
            session.set_cursor((space_of(source), point))
            moving.follow_cursor(session, self._jobs, number)

    def _keep_measure(self, number: int, drawn: Measure) -> None:
        marks.keep_measure(self._session, self._jobs, drawn)

    def _move_measure(self, number: int, moved: Measure) -> None:
        """A measure under the hand: its figures follow at once, it is kept when let go."""
        session = self._session
        frame = session.panes[number].frame
        if frame is None:
            return
        if moved.measure_id == DRAWING:
            own = session.marks.calibration_on(frame.key)
            self.viewports[number].canvas.set_draft_lines(words(measure(moved, frame, own)))
        else:
            session.edit_marks(lambda book: book.move(moved))
