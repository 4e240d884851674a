"""Moving through frames and planes, one viewport or all that are linked."""

from __future__ import annotations

from app.actions import planes, sources
from app.jobs import Jobs
from app.linking import (
    anchors_of,
    carried_cursor,
    count_of,
    cursor_seen,
    followers,
    index_at,
    patients_of,
    space_of,
)
from app.session import Session
from inference.errors import UserError


def count(session: Session, number: int) -> int:
    """How many planes a viewport scrolls through."""
    return count_of(session.panes[number], session.source_of(number))


def move_to(session: Session, jobs: Jobs, number: int, index: int) -> None:
    """Show another plane in one viewport."""
    if session.panes[number].is_cut:
        planes.show_plane(session, jobs, number, index)
    else:
        sources.show_frame(session, jobs, number, index)


def scroll(session: Session, jobs: Jobs, number: int, index: int) -> None:
    """Show another plane, and scroll the viewports that are linked with this one."""
    last = count(session, number) - 1
    index = min(max(index, 0), max(last, 0))
    also = followers(session, number, index)
    carried, source = carried_cursor(session, number, index), session.source_of(number)
    move_to(session, jobs, number, index)
    for other, its in also.items():
        move_to(session, jobs, other, its)
    if carried is not None and source is not None:
        session.set_cursor((space_of(source), carried))


def follow_cursor(session: Session, jobs: Jobs, number: int) -> None:
    """Turn the other viewports of the same space to the plane that the crosshair lies in."""
    if session.cursor is None or "crosshair" not in session.links:
        return
    space, point = session.cursor
    for other in session.visible:
        source, pane = session.source_of(other), session.panes[other]
        if other == number or source is None or space_of(source) != space:
            continue
        index = index_at(pane, source, point)
        if index is not None and index != pane.index:
            move_to(session, jobs, other, index)


def catch_up(session: Session, jobs: Jobs) -> None:
    """Let viewports that were hidden follow the one that filled the window."""
    number = session.active
    for other, index in followers(session, number, session.panes[number].index).items():
        move_to(session, jobs, other, index)
    if cursor_seen(session, number) is not None:
        follow_cursor(session, jobs, number)


def link_studies(session: Session) -> None:
    """Link viewports of different studies as they stand now; once more unlinks them."""
    anchors = {} if session.anchors else anchors_of(session)
    if not session.anchors and len({session.panes[number].source_id for number in anchors}) < 2:
        raise UserError(
            "There is no second scan in sight to link with.",
            "Show the other study in a viewport of its own.",
        )
    session.set_anchors(anchors)


def needs_question(session: Session) -> bool:
    """Whether linking the viewports would scroll two patients together."""
    return not session.anchors and len(patients_of(session)) > 1
