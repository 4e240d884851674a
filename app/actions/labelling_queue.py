"""The queue of what to label: read anew, ordered and filtered, and gone through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.actions import acting, going_on, moving, sources
from app.jobs import Jobs
from app.object_places import listed
from app.queue import Queue, QueueBook, QueueRow, answering_of
from app.session import Session
from inference.records import WHOLE, FrameKey, Opened

_SLOT = "queue"
_AFTER_WORK = 1
"""Priority in the lane of the store: what is to be kept goes first."""


def refresh(session: Session, jobs: Jobs) -> None:
    """Read the queue again; what is in sight stays in it."""
    wish = replace(
        session.queue.wish,
        keep=key_in_sight(session),
        label_set=session.labels.label_set,
        answering=answering_of(session.cards),
    )

    def take(found: Queue) -> None:
        current = not session.waiting.things
        session.edit_queue(lambda book: book.take(found, current=current))

    jobs.start(
        _SLOT,
        "store",
        "load_queue",
        wish,
        take,
        failed=lambda error: None,  # the store says so when something is to be saved
        priority=_AFTER_WORK,
    )


def edit(session: Session, jobs: Jobs, **changes: Any) -> None:
    """Want the queue otherwise: another order, filter or words."""

    def take(book: QueueBook) -> None:
        book.wish = replace(book.wish, **changes)

    session.edit_queue(take)
    refresh(session, jobs)


def key_in_sight(session: Session) -> FrameKey | None:
    """What is in sight, as the queue lists it: the slice, or the scan as a whole."""
    pane = session.panes[session.active]
    if pane.source_id is None:
        return None
    here = (pane.source_id, pane.index)
    listed_so = session.queue.wish.slices and not pane.is_cut and here in session.queue.places
    return here if listed_so else (pane.source_id, WHOLE)


def choose(session: Session, jobs: Jobs, key: FrameKey) -> None:
    """Show a scan or slice of the queue; one that is not open yet is opened first."""
    source_id, frame = key
    if source_id in session.sources:
        acting.show(session, jobs, key)
    elif source_id in session.project.missing or frame == WHOLE:
        going_on.open_entry(session, jobs, source_id)
    else:

        def take(opened: Opened) -> None:
            if any(one.source_id == source_id for one in opened.sources):
                sources.choose_source(session, jobs, source_id)
                sources.show_frame(session, jobs, session.active, frame)

        title = session.project.entries[source_id].title
        going_on.open_entries(session, jobs, (source_id,), take, title=f"Opening {title}")


def step(session: Session, jobs: Jobs, by: int) -> bool:
    """Go to the next (1) or last (-1) row that is not labelled yet; whether there is one.

    After the last row the first follows.
    """
    rows = session.queue.queue.rows
    here = key_in_sight(session)
    at = session.queue.place_of(here) if here is not None else None
    start = at if at is not None else (-1 if by > 0 else len(rows))
    for count in range(1, len(rows) + 1):
        row = rows[(start + by * count) % len(rows)]
        if row.key != here and not is_done(session, row):
            choose(session, jobs, row.key)
            return True
    return False


def go(session: Session, jobs: Jobs, by: int) -> None:
    """The same, and say where nothing is left."""
    if not step(session, jobs, by):
        session.say("Nothing else is left to label in this list.", "", "plain")


def go_on(session: Session, jobs: Jobs) -> None:
    """A class was said: go to the next slice where classes are of slices, or on in the queue.

    Where nothing is left it stays.
    """
    number, source = session.active, session.source_of(session.active)
    if source is None:
        return
    by_slice = not session.labels.hand.whole and source.frames > 1
    if by_slice and not session.queue.wish.slices:
        last = moving.count(session, number) - 1
        if session.panes[number].index < last:
            moving.scroll(session, jobs, number, session.panes[number].index + 1)
            return
    if session.queue.read and session.queue.queue.rows:
        step(session, jobs, 1)
        return
    ids = [one.source_id for one in listed(session)]
    after = ids.index(source.source_id) + 1 if source.source_id in ids else len(ids)
    if after < len(ids):
        sources.choose_source(session, jobs, ids[after])


def is_done(session: Session, row: QueueRow) -> bool:
    """Whether a row is labelled: by what is at hand, which is newer than what was kept."""
    book, source_id = session.labels, row.source_id
    here = book.of_source(source_id) if row.frame == WHOLE else book.on(row.key)
    if here or source_id in book.ready:
        return bool(here)
    return row.annotations > 0 or source_id in session.queue.accepted
