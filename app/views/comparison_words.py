"""What stands above each compared viewport: what differs there, its scale, or how far it is."""

from __future__ import annotations

from app.actions.comparing import compared
from app.comparison import Name, Parts, names_of
from app.jobs import Jobs
from app.session import Session
from explain import method_titles
from widgets.signs import State

Title = tuple[str, State, str, str]
"""Name in short, sign, a word or two beside it, and the name in full."""


def title_of(session: Session, jobs: Jobs, number: int) -> Title:
    """The strip above a compared viewport; it always says whose scale the colours have."""
    name = names(session).get(number, Name("", ""))
    sign, chip = _state(session, jobs, number)
    return (name.short, sign, chip, name.full)


def names(session: Session) -> dict[int, Name]:
    """The compared viewports by what tells them apart: model, method, target, layer."""
    numbers = compared(session)
    found = names_of([_parts(session, number) for number in numbers])
    return dict(zip(numbers, found, strict=True))


def _parts(session: Session, number: int) -> Parts:
    pane, card = session.panes[number], session.card_of(number)
    asked = pane.asked
    labels = card.labels if card is not None else ()
    known = asked.target is not None and asked.target < len(labels)
    return (
        card.title if card is not None else "",
        method_titles.title_of(asked.method),
        labels[asked.target or 0] if known else "",
        asked.layer or "",
    )


def _state(session: Session, jobs: Jobs, number: int) -> tuple[State, str]:
    pane = session.panes[number]
    job = jobs.running_in(f"explain-{number}")
    if job is not None:
        if jobs.waits(job):
            return "plain", "waiting"
        share = f" {job.done / job.total:.0%}".replace("%", " %") if job.total else ""
        return "plain", f"explaining{share}"
    if pane.explain_trouble is not None:
        return "bad", "failed"
    if pane.attribution is None:
        return "plain", "no map yet"
    return "plain", "own scale" if pane.limit is None else "shared scale"
