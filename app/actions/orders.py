"""The frames of a series in another order."""

from __future__ import annotations

from app.actions.sources import show_frame, turn_to
from app.jobs import Jobs
from app.session import Session
from inference.records import OrderRule
from inference.sources.orders import reordered


def reorder(session: Session, jobs: Jobs, source_id: str, rule: OrderRule) -> None:
    """Let a series stand in another of the orders that it offers, wherever it is shown."""
    source = reordered(session.sources[source_id], rule)
    picture = session.thumbnails.get(source_id)
    session.replace_source(source_id, source)
    if picture is not None:
        session.set_thumbnail(source.source_id, picture)
    for number, pane in enumerate(session.panes):
        if pane.source_id == source_id:
            turn_to(session, jobs, number, source.source_id)
            show_frame(session, jobs, number, session.panes[number].index)
