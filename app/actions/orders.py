"""The frames of a series in another order."""

from __future__ import annotations

from app.actions.sources import read_thumbnail, show_frame, turn_to
from app.jobs import Jobs
from app.linking import frame_in_sight
from app.session import Session
from inference.records import OrderRule
from inference.sources.orders import reordered


def reorder(session: Session, jobs: Jobs, source_id: str, rule: OrderRule) -> None:
    """Let a series stand in another of the orders that it offers, wherever it is shown.

    Viewports stay at the frame that they show, or that is nearest to their plane.
    """
    before = session.sources[source_id]
    source = reordered(before, rule)
    in_sight = {
        number: source.refs.index(before.refs[frame_in_sight(session, number)])
        for number, pane in enumerate(session.panes)
        if pane.source_id == source_id
    }
    picture = session.thumbnails.get(source_id)
    session.replace_source(source_id, source)
    if picture is not None:
        session.set_thumbnail(source.source_id, picture)
    else:
        read_thumbnail(session, jobs, source)
    for number, index in in_sight.items():
        turn_to(session, jobs, number, source.source_id, index)
        show_frame(session, jobs, number, index)
