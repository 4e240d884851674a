"""Joins the session with the queue: read anew when something was said, listed, gone through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.actions import asking, labelling_queue
from app.jobs import Jobs
from app.panes import Changes
from app.queue import answering_of
from app.session import Session
from app.views.queue_words import item_of, shows_of
from inference.errors import UserError
from inference.records import FrameKey
from widgets.queue_list import QueueList
from widgets.queue_rows import QueueItem

SETTLE_MS = 200
"""The queue is read again when so long nothing more was said."""


class QueueView(QObject):
    """Draws what the session says and hands on what the person wants."""

    def __init__(self, session: Session, jobs: Jobs, listing: QueueList) -> None:
        super().__init__(listing)
        self._session = session
        self._jobs = jobs
        self._list = listing
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(partial(labelling_queue.refresh, session, jobs))
        edit = partial(labelling_queue.edit, session, jobs)
        listing.chosen.connect(self._choose)
        listing.text_changed.connect(lambda text: edit(text=text))
        listing.order_chosen.connect(lambda order: edit(order=order))
        listing.show_chosen.connect(self._show_only)
        listing.slices_toggled.connect(lambda on: edit(slices=on))
        listing.ask_requested.connect(partial(self._do, asking.ask_all))
        listing.next_requested.connect(partial(labelling_queue.go, session, jobs, 1))
        listing.previous_requested.connect(partial(labelling_queue.go, session, jobs, -1))
        session.changed.connect(self._follow)
        self.show()

    def show(self) -> None:
        """All of it."""
        session, book = self._session, self._session.queue
        listing, wish = self._list, book.wish
        listing.set_shows(shows_of(session.labels.label_set))
        listing.set_wish(wish.text, wish.order, self._shown(), slices=wish.slices)
        noun = "slice" if wish.slices else "scan"
        listing.set_count(book.queue.labelled, book.queue.total, noun)
        card = session.card_of(session.active)
        lack = "" if card is not None else "No model is chosen for the scan in sight."
        listing.set_model(card.title if card is not None else "", lack)
        self._show_rows()

    def _show_rows(self) -> None:
        session, book = self._session, self._session.queue
        here = labelling_queue.key_in_sight(session)
        current = book.place_of(here) if here is not None else None
        rows, answering = book.queue.rows, dict(answering_of(session.cards))

        def item(place: int) -> QueueItem:
            return item_of(session, rows[place], answering)

        self._list.set_rows(book.keys, item, current)

    def _follow(self, changes: Changes) -> None:
        session = self._session
        if session.place != "label":
            return
        said = changes.labels or changes.answered or changes.sources or changes.project
        if changes.place or said or changes.models or changes.marks:
            self._settle.start()
        here = session.active in changes.frame or changes.layout
        if changes.queue or changes.place or changes.models:
            self.show()
        elif here or changes.thumbnail is not None:
            self._show_rows()

    def _shown(self) -> str:
        wish = self._session.queue.wish
        if wish.label:
            return f"label:{wish.label}"
        return f"kind:{wish.kind}" if wish.kind else f"show:{wish.show}"

    def _show_only(self, chosen: str) -> None:
        what, _, name = chosen.partition(":")
        found = {"show": "all", "label": "", "kind": ""} | {what: name}
        labelling_queue.edit(self._session, self._jobs, **found)

    def _choose(self, key: FrameKey) -> None:
        if key != labelling_queue.key_in_sight(self._session):
            labelling_queue.choose(self._session, self._jobs, key)

    def _do(self, act: Callable[[Session, Jobs], None]) -> None:
        try:
            act(self._session, self._jobs)
        except UserError as error:
            self._session.say_error(error)
