"""Back from a comparison to what was on the screen before it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.actions import reading
from app.actions.offering import load_methods
from app.comparison import Before
from app.jobs import Jobs
from app.messages import trouble
from app.panes import LAYOUTS, LINKS, VIEWPORTS, Pane
from app.session import Session

_SLOTS = ("frame", "explain", "methods", "layers", "stored")
"""What runs for a viewport and is of no use once it shows something else."""


def leave(session: Session, jobs: Jobs) -> bool:
    """End the comparison that is on the screen; False where there is none."""
    before = session.comparison.before
    if before is None:
        return False
    cancel_all(session, jobs)
    session.comparison.before = None
    for number, pane in enumerate(before.panes):
        # A plane is cut again once the layout is back, with the maps that were made meanwhile.
        waiting = "Cutting the plane" if pane.is_cut else ""
        session.put_pane(number, replace(pane, waiting=waiting))
    _hang(session, before)
    for number, pane in enumerate(before.panes):
        _go_on(session, jobs, number, pane)
    session.drop_coarse(session.active)  # and what was made meanwhile is seen
    return True


def snapshot(session: Session, jobs: Jobs) -> Before:
    """What is on the screen, once what runs for it has been cancelled."""
    cancel_all(session, jobs)
    return Before(
        session.layout,
        session.first,
        session.active,
        session.maximised,
        session.panes,
        session.links,
        dict(session.anchors),
    )


def cancel_all(session: Session, jobs: Jobs) -> None:
    """Cancel what runs for the viewports, but for predictions, which are short and kept."""
    for number in range(VIEWPORTS):
        for what in _SLOTS:
            jobs.cancel_slot(f"{what}-{number}")
        session.drop_coarse(number)


def _hang(session: Session, before: Before) -> None:
    rows, columns = LAYOUTS[before.layout]
    session.set_layout(before.layout, before.first + rows * columns - 1)
    session.set_active(before.active)
    if before.maximised:
        session.set_maximised(maximised=True)
    for link in LINKS:
        session.set_link(link, on=link in before.links)
    session.set_anchors(before.anchors)


def _go_on(session: Session, jobs: Jobs, number: int, pane: Pane) -> None:
    """Ask again for what had not come when the comparison began."""
    source = session.source_of(number)
    if source is None:
        return
    if pane.model_id is not None and not (pane.methods and pane.layers):
        load_methods(session, jobs, number)
    shown = pane.frame is not None and pane.frame.key == source.key(pane.index)
    if not pane.is_cut and not shown and pane.frame_trouble is None:
        reading.read_frame(
            session,
            jobs,
            f"frame-{number}",
            source,
            pane.index,
            take=partial(session.set_frame, number),
            fail=lambda error: session.set_frame_trouble(number, trouble(error)),
        )
