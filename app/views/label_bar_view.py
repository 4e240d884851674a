"""Joins the session with the bar of labelling: tools, their settings, what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from app.actions import painting, picking, sketching
from app.actions.saying import LABEL_TOOLS
from app.actions.volumes import is_volume
from app.jobs import Jobs
from app.panes import Changes
from app.session import Session
from app.views.label_words import colour_of
from inference.errors import UserError
from inference.records import WHOLE
from widgets.label_bar import LabelBar

NO_LABEL = "Choose a label, or make one."
NO_LABELS = "The first mark makes a label."


class LabelBarView(QObject):
    """Draws what the session says and hands on what the person wants."""

    def __init__(self, session: Session, jobs: Jobs, bar: LabelBar) -> None:
        super().__init__(bar)
        self._session = session
        self._jobs = jobs
        self._bar = bar
        bar.setVisible(False)
        bar.tool_chosen.connect(session.set_tool)
        bar.opacity_changed.connect(lambda value: painting.edit_hand(session, opacity=value))
        page = bar.brush
        page.radius_changed.connect(lambda value: painting.edit_hand(session, radius_px=value))
        page.range.chosen.connect(partial(picking.set_range, session, jobs))
        page.range.joined_toggled.connect(lambda on: painting.edit_hand(session, joined=on))
        page.range.pick_requested.connect(lambda: painting.edit_hand(session, picking=True))
        page.range.otsu_requested.connect(
            partial(self._do, lambda: picking.divide(session, jobs, session.active, None))
        )
        bar.grow.tolerance_changed.connect(self._set_tolerance)
        bar.grow.volume_chosen.connect(lambda on: painting.edit_hand(session, volume=on))
        bar.wand.method_chosen.connect(self._set_method)
        for part in (bar.grow.take, bar.wand.take):
            part.taken.connect(partial(self._do, lambda: sketching.take(session, jobs)))
            part.dropped.connect(partial(sketching.drop, session, jobs))

    def follow(self, changes: Changes) -> None:
        """Show what changed in the session."""
        session = self._session
        if changes.place:
            self._bar.setVisible(session.place == "label")
        if session.place != "label":
            return
        shown = session.active in changes.frame or changes.layout
        if changes.labels or changes.tool or changes.place or changes.project or shown:
            self._show()

    def _show(self) -> None:
        session, bar, hand = self._session, self._bar, self._session.labels.hand
        bar.set_on("labels_visible", session.labels.visible)
        bar.set_on("new_mask", hand.fresh)
        bar.set_opacity(hand.opacity)
        self._show_turns()
        self._show_label()
        self._show_values()
        bar.wand.set_method(hand.method)
        for part in (bar.grow.take, bar.wand.take):
            part.set_tried(session.labels.sketch is not None)
        bar.set_tool(session.tool, asks=hand.picking)  # the last: the page's width is settled

    def _show_label(self) -> None:
        book = self._session.labels
        title = book.label
        if book.hand.picking:
            self._bar.in_hand.set_label("", None, "Click a value to be painted.")
        elif title:
            self._bar.in_hand.set_label(title, colour_of(book.label_set, title), "")
        else:
            self._bar.in_hand.set_label("", None, NO_LABEL if book.label_set.labels else NO_LABELS)

    def _show_values(self) -> None:
        session, bar, hand = self._session, self._bar, self._session.labels.hand
        frame = session.panes[session.active].frame
        unit = (frame.unit or "") if frame is not None else ""
        own = session.marks.calibration_on(frame.key) if frame is not None else None
        spacing = own.spacing_mm if own is not None else frame.spacing_mm if frame else None
        wide_mm = spacing[1] if spacing is not None and spacing[1] > 0 else None
        bar.brush.set_radius(hand.radius_px, wide_mm)
        bar.brush.range.set_range(hand.low, hand.high, unit)
        bar.brush.range.set_joined(hand.joined)
        reach = painting.tolerance(session, frame) if frame is not None else 0.0
        by_range = hand.low is not None or hand.high is not None
        bar.grow.set_tolerance(reach, unit, by_range=by_range)
        source = session.source_of(session.active)
        bar.grow.set_volume(hand.volume, there=is_volume(source))

    def _show_turns(self) -> None:
        history = self._session.labels.history
        for name, number in (("undo", history.to_undo), ("redo", history.to_redo)):
            self._bar.set_turn(name, "" if number is None else self._words(number))

    def _words(self, number: int) -> str:
        """What an act was and where, such as "Box · slice 3"."""
        act = self._session.labels.history.find(number)
        if act is None:
            return "what was done before"
        if act.key is None or act.key[1] == WHOLE:
            return act.words
        source = self._session.sources.get(act.key[0])
        several = source is not None and source.frames > 1
        return f"{act.words} · slice {act.key[1] + 1}" if several else act.words

    def _set_tolerance(self, value: float) -> None:
        painting.edit_hand(self._session, tolerance=value)
        sketching.ask_again(self._session, self._jobs)

    def _set_method(self, method: str) -> None:
        painting.edit_hand(self._session, method=method)
        sketching.ask_again(self._session, self._jobs)

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._session.say_error(error)


def is_label_tool(name: str) -> bool:
    """Whether a tool is one of the bar's."""
    return name == "select" or name in LABEL_TOOLS
