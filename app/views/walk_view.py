"""Joins the session with the list of a walk's steps."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.panes import Changes
from app.session import Session
from app.walkthrough import steps_of
from widgets.walk_list import WalkList


class WalkView(QObject):
    """Ticks what is done; a walk ends when the person says so."""

    def __init__(self, session: Session, shown: WalkList) -> None:
        super().__init__(shown)
        self._session = session
        self._shown = shown
        shown.closed.connect(lambda: session.set_walk(None))
        session.changed.connect(self._follow)

    def _follow(self, changes: Changes) -> None:
        if changes.labels:
            walking = self._session.walk
            steps = steps_of(walking, self._session.labels) if walking is not None else ()
            rows = tuple((one.words, one.done) for one in steps)
            self._shown.set_steps(walking.title if walking is not None else "", rows)
