"""The work place Review: joins the session with list, viewports, findings and explanation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from app.actions import models, sources
from app.jobs import Jobs
from app.session import Changes, Session
from app.views import wording
from app.views.answers_panel import AnswersPanel
from inference.records import Window
from widgets.canvas_transform import View
from widgets.study_list import StudyList
from widgets.theme import LABEL_COLOURS
from widgets.viewport import Viewport

PANEL_WIDTH = 320
LIST_WIDTH = 232
CINE_MS = 66.0
"""Time of a frame where the recording names none: 15 a second."""


class Review(QWidget):
    """Draws what the session says and hands on what the person wants; holds no state."""

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self.studies = StudyList()
        self.viewports = (Viewport(), Viewport())
        self.panel = AnswersPanel(session, jobs)
        self._texts_visible = True
        self._cine = QTimer(self)
        self._cine.timeout.connect(self._cine_step)
        self._arrange()
        self._connect()
        session.changed.connect(self._follow)
        self._show_layout()
        for number in (0, 1):
            self._show_frame(number)

    # What the person wants

    def toggle_cine(self) -> None:
        """Play or stop the active viewport's frames."""
        source = self._session.source_of(self._session.active)
        if self._cine.isActive() or source is None or source.frames < 2:
            self._cine.stop()
        else:
            self._cine.start(int(source.frame_time_ms or CINE_MS))

    def toggle_maximised(self, number: int) -> None:
        """One viewport fills the window, or both stand side by side again."""
        if self._session.layout == "side_by_side":
            self._session.set_active(number)
        for panel in (self.studies, self.panel):
            panel.setVisible(not panel.isVisible())

    def scroll_by(self, frames: int) -> None:
        """Move the active viewport, and the other one if it is linked."""
        number = self._session.active
        source = self._session.source_of(number)
        if source is not None:
            index = self._session.panes[number].index + frames
            self._scroll_to(number, min(max(index, 0), source.frames - 1))

    def next_target(self) -> None:
        """Choose the next label as the target of the explanation."""
        number = self._session.active
        card, pane = self._session.card_of(number), self._session.panes[number]
        if card is not None:
            now = pane.asked.target
            if now is None:
                now = pane.prediction.top if pane.prediction is not None else 0
            asked = replace(pane.asked, target=(now + 1) % len(card.labels))
            models.ask(self._session, number, asked)

    def toggle_overlay(self) -> None:
        shown = self._session.panes[self._session.active].overlay_visible
        self._edit_overlay("overlay_visible", not shown)

    def move_threshold(self, by: float) -> None:
        now = self._session.panes[self._session.active].threshold
        self._edit_overlay("threshold", round(min(max(now + by, 0.0), 0.95), 2))

    def toggle_inverted(self) -> None:
        number = self._session.active
        self._session.edit_view(number, inverted=not self._session.panes[number].inverted)

    def set_window(self, window: Window | None) -> None:
        """Grey levels for the active viewport; None for the file's own."""
        self._session.edit_view(self._session.active, window=window)

    def shows_ct(self) -> bool:
        source = self._session.source_of(self._session.active)
        return source is not None and source.unit == "HU"

    def fit(self) -> None:
        self.viewports[self._session.active].canvas.fit()

    def next_viewport(self) -> None:
        """Go to the other viewport, or on to the panel where there is only one."""
        if self._session.layout == "side_by_side":
            self._session.set_active(1 - self._session.active)
            self.focus_viewport()
        else:
            self.focusNextChild()

    def toggle_texts(self) -> None:
        """Show or hide who and what in the corners."""
        self._texts_visible = not self._texts_visible
        for viewport in self.viewports:
            viewport.canvas.set_corner_texts_visible(self._texts_visible)

    def focus_viewport(self) -> None:
        """Let keys act on the picture."""
        self.viewports[self._session.active].canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        self.viewport_area = QWidget()
        row = QHBoxLayout(self.viewport_area)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for viewport in self.viewports:
            row.addWidget(viewport, 1)
        self.panel.setMinimumWidth(PANEL_WIDTH - 32)
        self.studies.setMinimumWidth(LIST_WIDTH - 40)

        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        for widget in (self.studies, self.viewport_area, self.panel):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LIST_WIDTH, 10_000, PANEL_WIDTH])
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _connect(self) -> None:
        session, jobs = self._session, self._jobs
        self.panel.overlay_edited.connect(self._edit_overlay)
        self.studies.source_chosen.connect(partial(sources.choose_source, session, jobs))
        for number, viewport in enumerate(self.viewports):
            viewport.activated.connect(partial(session.set_active, number))
            viewport.index_chosen.connect(partial(self._scroll_to, number))
            viewport.window_changed.connect(partial(self._keep_window, number))
            viewport.maximise_requested.connect(partial(self.toggle_maximised, number))
            viewport.view_changed.connect(partial(self._follow_view, number))
            viewport.probed.connect(partial(self._follow_probe, number))
            viewport.probe_left.connect(partial(self._end_probe, number))

    def _scroll_to(self, number: int, index: int) -> None:
        self._session.set_active(number)
        sources.show_frame(self._session, self._jobs, number, index)
        if self.linked:
            sources.show_frame(self._session, self._jobs, 1 - number, index)

    @property
    def linked(self) -> bool:
        """Two viewports on the same source move together."""
        first, second = self._session.panes
        return (
            self._session.layout == "side_by_side"
            and self._session.linked
            and first.source_id is not None
            and first.source_id == second.source_id
        )

    def _keep_window(self, number: int, window: Window) -> None:
        self._session.edit_view(number, window=window)
        if self.linked:
            self._session.edit_view(1 - number, window=window)

    def _follow_view(self, number: int, view: View) -> None:
        if self.linked:
            self.viewports[1 - number].canvas.set_view(view)

    def _follow_probe(self, number: int, column: int, row: int) -> None:
        if self.linked:
            self.viewports[1 - number].canvas.set_probe((column, row))

    def _end_probe(self, number: int) -> None:
        self.viewports[1 - number].canvas.set_probe(None)

    def _edit_overlay(self, name: str, value: float | bool) -> None:
        numbers = (0, 1) if self.linked else (self._session.active,)
        for number in numbers:
            self._session.edit_view(number, **{name: value})

    def _cine_step(self) -> None:
        number = self._session.active
        source = self._session.source_of(number)
        if source is None or source.frames < 2:
            self._cine.stop()
            return
        pane = self._session.panes[number]
        if pane.frame is not None and pane.frame.key[1] == pane.index:  # never ahead of decoding
            self._scroll_to(number, (pane.index + 1) % source.frames)

    # What the session says

    def _follow(self, changes: Changes) -> None:
        if changes.sources:
            self.studies.set_sources(tuple(self._session.sources.values()))
            self.studies.set_refused(self._session.refused)
        if changes.thumbnail is not None:
            picture = self._session.thumbnails[changes.thumbnail]
            self.studies.set_thumbnail(changes.thumbnail, picture)
        if changes.layout:
            self._show_layout()
        for number in changes.frame:
            self._show_frame(number)
        for number in changes.frame | changes.results | changes.view:
            self._show_results(number)
        touched = changes.frame | changes.results | changes.methods | changes.view
        if changes.layout or changes.models or self._session.active in touched:
            self.panel.show_all()

    def _show_layout(self) -> None:
        session = self._session
        for number, viewport in enumerate(self.viewports):
            viewport.setVisible(number < session.pane_count)
            viewport.set_selected(session.pane_count > 1 and number == session.active)
        self.studies.set_selected(session.panes[session.active].source_id)

    def _show_frame(self, number: int) -> None:
        session, viewport = self._session, self.viewports[number]
        pane, source = session.panes[number], session.source_of(number)
        if source is None:
            viewport.canvas.set_frame(None)
            viewport.canvas.set_placeholder("Choose a scan from the list, or drop files here.")
            viewport.set_frames(0, 0)
            return
        viewport.set_frames(source.frames, pane.index)
        if number == session.active:
            self.studies.set_selected(source.source_id)
        if pane.frame_trouble is not None:
            viewport.canvas.set_frame(None)
            words = f"{pane.frame_trouble.message} {pane.frame_trouble.hint}".strip()
            viewport.canvas.set_placeholder(words)
        elif pane.frame is None:
            viewport.canvas.set_frame(None)
            viewport.canvas.set_placeholder("Reading the picture", busy=True)
        elif pane.frame.key == source.key(pane.index):
            viewport.canvas.set_frame(pane.frame)
        viewport.canvas.set_corner_texts(*wording.corner_texts(source, pane))

    def _show_results(self, number: int) -> None:
        session, viewport = self._session, self.viewports[number]
        pane, source, card = (
            session.panes[number],
            session.source_of(number),
            session.card_of(number),
        )
        canvas = viewport.canvas
        canvas.set_window(pane.window)
        canvas.set_inverted(pane.inverted)
        canvas.set_threshold(pane.threshold)
        canvas.set_opacity(pane.opacity)
        canvas.set_overlay_visible(pane.overlay_visible)
        canvas.set_attribution(pane.attribution)
        prediction = pane.prediction
        if prediction is not None and prediction.mask is not None:
            canvas.set_mask(prediction.mask, prediction.labels, LABEL_COLOURS)
        else:
            canvas.set_mask(None)
        viewport.set_caption(pane.caption, pane.caption_severity)
        if source is None or card is None:
            viewport.set_title("")
            canvas.set_badges(())
            return
        viewport.set_title(card.title, *wording.fit(source, card))
        canvas.set_badges(wording.badges(source, card, pane))
