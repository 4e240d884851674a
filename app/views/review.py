"""The work place Review: joins the session with list, viewports, tools and answers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.actions import drawing, models, moving, objects, orders, planes, sources
from app.actions.volumes import is_volume
from app.jobs import Jobs
from app.object_places import listed
from app.panes import LINKS, Changes
from app.presets import Grey
from app.session import Session
from app.views.answers_panel import AnswersPanel
from app.views.belief_signs import sign_of
from app.views.label_bar_view import LabelBarView
from app.views.label_view import LabelView
from app.views.prelabels_view import PrelabelsView
from app.views.queue_view import QueueView
from app.views.viewport_grid import ViewportGrid
from app.views.walk_view import WalkView
from inference.display import default_window
from inference.errors import UserError
from inference.mpr.cut import Slab, SlabMode
from widgets.label_bar import LabelBar
from widgets.label_panel import LabelPanel
from widgets.prelabel_controls import PrelabelControls
from widgets.queue_list import QueueList
from widgets.study_list import StudyList
from widgets.tool_bar import ToolBar
from widgets.viewport import Viewport

PANEL_WIDTH = 320
LIST_WIDTH = 232
CINE_MS = 66.0
"""Time of a frame where the recording names none: 15 a second."""
SLAB_MODES: tuple[SlabMode, ...] = ("maximum", "mean", "minimum")


class Review(QWidget):
    """Draws what the session says and hands on what the person wants; holds no state."""

    command_requested = Signal(str)
    tags_requested = Signal(str)
    object_opened = Signal(str)

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__()
        self._session = session
        self._jobs = jobs
        self.studies = StudyList()
        self.tools = ToolBar()
        self.label_bar = LabelBar()
        self.grid = ViewportGrid(session, jobs)
        self.panel = AnswersPanel(session, jobs)
        self.labels = LabelPanel()
        self.labelling = LabelView(session, jobs, self.labels)
        self._walking = WalkView(session, self.labels.walk)
        self.proposals = PrelabelControls()
        self._proposing = PrelabelsView(session, jobs, self.proposals)
        self.queue = QueueList()
        self._queueing = QueueView(session, jobs, self.queue)
        self.lists = QStackedWidget()
        """The list of the place of work: studies, or what is to be labelled."""
        self._label_tools = LabelBarView(session, jobs, self.label_bar)
        self.side = QStackedWidget()
        """The panel of the place of work."""
        self._cine = QTimer(self)
        self._cine.setTimerType(Qt.TimerType.PreciseTimer)
        self._cine.timeout.connect(self._cine_step)
        self._playing: tuple[int, str] = (0, "")
        """The viewport that plays, and its source."""
        self._arrange()
        self._connect()
        session.changed.connect(self._follow)
        self._show_layout()
        self._show_tools()

    @property
    def viewports(self) -> list[Viewport]:
        """The viewports made so far."""
        return self.grid.viewports

    # What the person wants

    def toggle_cine(self) -> None:
        """Play or stop the active viewport, at the frame time of the recording."""
        number = self._session.active
        source = self._session.source_of(number)
        here = self._plays(number)
        self._cine.stop()
        if not here and source is not None and moving.count(self._session, number) > 1:
            self._playing = (number, source.source_id)
            self._cine.start(max(round(source.frame_time_ms or CINE_MS), 1))
        self._show_tools()

    def toggle_maximised(self, number: int) -> None:
        """One viewport fills the window, or all stand side by side again."""
        session = self._session
        session.set_active(number)
        session.set_maximised(maximised=not session.maximised)
        if not session.maximised:
            moving.catch_up(session, self._jobs)
        self.focus_viewport()

    def scroll_by(self, frames: int) -> None:
        """Move the active viewport, and those that are linked with it."""
        number = self._session.active
        if self._session.source_of(number) is not None:
            self.grid.scroll_to(number, self._session.panes[number].index + frames)

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

    def set_grey(self, grey: Grey) -> None:
        """Grey levels for the active viewport: a window, the file's own one, or all values."""
        number = self._session.active
        frame = self._session.panes[number].frame
        if frame is None:
            return
        if grey == "own":
            self.grid.keep_window(number, None)
        elif grey == "full":
            whole = default_window(replace(frame, windows=(), table=None))
            self.grid.keep_window(number, whole)
        else:
            self.grid.keep_window(number, grey)

    def toggle_slab(self) -> None:
        """A maximum slab, or thin again."""
        pane = self._session.panes[self._session.active]
        slab = planes.thick(self._session, self._session.active)
        self._choose_slab("" if pane.slab is not None else slab.mode, slab.thickness_mm)

    def next_viewport(self) -> None:
        """Go to the next viewport, or on to the panel where there is only one."""
        session = self._session
        if len(session.visible) > 1:
            seats = session.seats
            session.set_active(seats[(seats.index(session.active) + 1) % len(seats)])
            self.focus_viewport()
        else:
            self.focusNextChild()

    def reset(self) -> None:
        """The active viewport as it was opened: view, window, inversion, slab, no crosshair."""
        number = self._session.active
        if not planes.shows_mpr(self._session):
            self._session.set_cursor(None)
        self.grid.active.canvas.reset_view()
        self._session.edit_view(number, inverted=False)
        self.grid.keep_window(number, None)
        if self._session.panes[number].slab is not None:
            planes.set_slab(self._session, self._jobs, number, None)

    def focus_viewport(self) -> None:
        """Let keys act on the picture."""
        self.grid.active.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_source(self, number: int, source_id: str) -> None:
        """Show a source in one viewport."""
        self._session.set_active(number)
        sources.choose_source(self._session, self._jobs, source_id)

    def _arrange(self) -> None:
        self.viewport_area = QWidget()
        column = QVBoxLayout(self.viewport_area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.label_bar)
        column.addWidget(self.grid, 1)
        self._label_side = QWidget()
        beside = QVBoxLayout(self._label_side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.labels, 1)
        beside.addWidget(self.proposals)
        for panel in (self.panel, self._label_side):
            self.side.addWidget(panel)
        for listing in (self.studies, self.queue):
            self.lists.addWidget(listing)
        self.side.setMinimumWidth(PANEL_WIDTH - 32)
        self.lists.setMinimumWidth(LIST_WIDTH - 40)

        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        for widget in (self.lists, self.viewport_area, self.side):
            splitter.addWidget(widget)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LIST_WIDTH, 10_000, PANEL_WIDTH])
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _connect(self) -> None:
        session, jobs = self._session, self._jobs
        self.panel.overlay_edited.connect(self._edit_overlay)
        self.panel.keep_scale_requested.connect(lambda: self.command_requested.emit("keep_scale"))
        look = self.panel.explaining.network_requested
        look.connect(lambda: self.command_requested.emit("network"))
        self.grid.maximise_requested.connect(self.toggle_maximised)
        self.grid.source_dropped.connect(self.show_source)
        self.tools.tool_chosen.connect(session.set_tool)
        self.tools.command_chosen.connect(self.command_requested)
        self.tools.slab_chosen.connect(self._choose_slab)
        studies = self.studies
        studies.source_chosen.connect(partial(sources.choose_source, session, jobs))
        studies.object_toggled.connect(partial(objects.toggle_object, session, jobs))
        studies.object_opened.connect(self.object_opened)
        studies.key_images_requested.connect(partial(objects.show_key_images, session, jobs))
        studies.tags_requested.connect(self.tags_requested)
        studies.order_chosen.connect(partial(orders.reorder, session, jobs))
        studies.viewport_chosen.connect(self._show_in)

    def _show_in(self, source_id: str, place: int) -> None:
        """Show a source in the viewport that stands at a place of the layout, from 1."""
        self.show_source(self._session.seats[place - 1], source_id)

    def _choose_slab(self, mode: str, thickness_mm: float) -> None:
        session = self._session
        slab = next((Slab(one, thickness_mm) for one in SLAB_MODES if one == mode), None)
        try:
            planes.set_slab(session, self._jobs, session.active, slab)
        except UserError as error:
            session.say_error(error)
        self._show_tools()

    def _edit_overlay(self, name: str, value: object) -> None:
        drawing.edit(self._session, **{name: value})

    def _cine_step(self) -> None:
        """Go on by a frame, unless the last one is still being read: never ahead of decoding."""
        session, number = self._session, self._playing[0]
        pane, count = session.panes[number], moving.count(session, number)
        if not self._plays(number) or number not in session.visible or count < 2:
            self._cine.stop()
            self._show_tools()
        elif pane.frame_trouble is not None or (pane.frame and pane.frame.key[1] == pane.index):
            moving.scroll(session, self._jobs, number, (pane.index + 1) % count)

    def _plays(self, number: int) -> bool:
        """Whether a viewport plays what it showed when that began."""
        now = (number, self._session.panes[number].source_id)
        return self._cine.isActive() and self._playing == now

    # What the session says

    def _follow(self, changes: Changes) -> None:
        session = self._session
        if changes.place:
            labels = session.place == "label"
            self.side.setCurrentWidget(self._label_side if labels else self.panel)
            self.lists.setCurrentWidget(self.queue if labels else self.studies)
        if changes.sources:
            self.studies.set_sources(listed(session))
            self.studies.set_objects(tuple(session.objects.values()))
            self.studies.set_refused(session.refused)
        if changes.thumbnail is not None:
            self.studies.set_thumbnail(changes.thumbnail, session.thumbnails[changes.thumbnail])
        for source_id in changes.answered:
            self.studies.set_sign(source_id, *sign_of(session, source_id))
        if changes.objects:
            self.studies.set_objects_on(session.shown_objects)
        if changes.layout:
            self._show_layout()
        if changes.frame:
            self._show_chosen()
        self.grid.follow(changes)
        self._label_tools.follow(changes)
        touched = changes.frame | changes.results | changes.methods | changes.view
        if changes.layout or changes.tool or changes.marks or session.active in touched:
            self._show_tools()
        other = changes.layout or changes.models or changes.marks or changes.objects
        drawn = changes.place or (changes.labels and session.place == "review")
        if other or drawn or session.active in touched:
            self.panel.show_all()
        if changes.layout or changes.objects or changes.marks or session.active in touched:
            self.panel.show_scan()

    def _show_layout(self) -> None:
        session = self._session
        for panel in (self.lists, self.side):
            panel.setVisible(not session.maximised)
        self.grid.show_layout()
        self.studies.set_viewports(len(session.seats))
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Which series is shown in which viewport."""
        session = self._session
        shown: dict[str, tuple[int, ...]] = {}
        for place, number in enumerate(session.seats, start=1):
            source_id = session.panes[number].source_id
            if source_id is not None:
                shown[source_id] = (*shown.get(source_id, ()), place)
        self.studies.set_shown(shown if len(session.seats) > 1 else {})
        self.studies.set_selected(session.panes[session.active].source_id)

    def _show_tools(self) -> None:
        session, tools = self._session, self.tools
        pane = session.panes[session.active]
        self.grid.show_tool()
        tools.set_tool(session.tool)
        tools.set_on("invert", pane.inverted)
        tools.set_on("cine", self._plays(session.active))
        key = pane.frame.key if pane.frame is not None else None
        tools.set_on("key_image", key in session.marks.key_images)
        for link in LINKS:
            tools.set_link(link, link in session.links)
        source = session.source_of(session.active)
        tools.set_slab_enabled(is_volume(source), "Thick slabs need a series of several slices.")
        tools.set_enabled("cine", moving.count(session, session.active) > 1, "Nothing to play.")
        if pane.slab is None:
            tools.set_slab("", planes.thick(session, session.active).thickness_mm)
        else:
            tools.set_slab(pane.slab.mode, pane.slab.thickness_mm)
