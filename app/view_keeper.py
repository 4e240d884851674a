"""Keeps what is in view shortly after it changed, and gives each picture its zoom back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.actions import projects
from app.panes import Changes
from app.project_state import ZoomState, view_of
from widgets.canvas_transform import View

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from widgets.viewport import Viewport

QUIET_MS = 500
"""How long a change of the view waits for others before all of them are kept."""


class ViewKeeper(QObject):
    """Follows the session and the hand; holds no state but its timer."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._known: set[Viewport] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.keep)
        window.session.changed.connect(self._follow)
        self._hear_hands()

    def keep(self) -> None:
        """Keep what is in view now."""
        self._timer.stop()
        session = self._window.session
        projects.keep_view(session, self._window.jobs, view_of(session, self._zooms()))

    def _follow(self, changes: Changes) -> None:
        if changes.layout:
            self._hear_hands()
        if changes.frame and self._window.session.project.zooms:
            QTimer.singleShot(0, self, self._give_back_zooms)
        shown = changes.frame | changes.view | changes.methods
        if shown or changes.layout or changes.tool or changes.place or changes.labels:
            self._keep_soon()

    def _hear_hands(self) -> None:
        for viewport in self._window.review.viewports:
            if viewport not in self._known:
                self._known.add(viewport)
                viewport.view_changed.connect(lambda _view: self._keep_soon())

    def _keep_soon(self) -> None:
        """Not later for what comes meanwhile: who never rests is to be found where he was, too."""
        if not self._timer.isActive():
            self._timer.start()

    def _zooms(self) -> dict[int, ZoomState]:
        """How each picture is looked at; what is still to be given back counts as given."""
        session, found = self._window.session, {}
        for number, viewport in enumerate(self._window.review.viewports):
            if session.panes[number].frame is not None:
                view = viewport.canvas.view()
                center = (float(view.center[0]), float(view.center[1]))
                found[number] = ZoomState(center, view.zoom, view.turns, view.mirrored)
        return found | session.project.zooms

    def _give_back_zooms(self) -> None:
        session = self._window.session
        zooms = session.project.zooms
        for number, viewport in enumerate(self._window.review.viewports):
            if number not in zooms or session.panes[number].frame is None:
                continue
            zoom, canvas = zooms.pop(number), viewport.canvas
            if zoom.mirrored != canvas.view().mirrored:
                canvas.mirror()
            canvas.turn((zoom.turns - canvas.view().turns) % 4)
            canvas.set_view(View(zoom.center, zoom.zoom))
