"""The known truth of generated scans: fetched once they are in sight, to judge maps by."""

from __future__ import annotations

from app.jobs import Jobs
from app.session import Session
from inference.phantom.known_truth import OBJECT_ID, phantom_in


def load_known(session: Session, jobs: Jobs) -> None:
    """Find out what is true of the phantoms in sight, once for each; it is drawn nowhere."""
    for number in session.visible:
        source = session.source_of(number)
        if source is None or (OBJECT_ID, source.source_id) in session.overlays:
            continue
        slot, request = f"truth-{source.source_id}", phantom_in(source)
        if request is None or jobs.is_running(slot):
            continue
        jobs.start(slot, "decode", "known_truth", request, done=session.add_overlay)
