"""The box of entries on the start page: what each shows, and opening one."""

from __future__ import annotations

from app import demo
from app.jobs import Jobs
from app.session import Session
from inference.errors import UserError
from widgets.entry_card import EntryRow


def rows(session: Session) -> tuple[EntryRow, ...]:
    """The entries as cards."""
    return tuple(
        EntryRow(
            entry.name,
            entry.title,
            entry.purpose,
            "good" if entry.status == "works" else "doubtful",
            entry.status,
        )
        for entry in session.entries
    )


def open_entry(session: Session, jobs: Jobs, name: str) -> None:
    """Open what an entry is about."""
    if name == "phantom-pair":
        demo.open_demo(session, jobs)
        return
    session.say_error(UserError("This entry needs its data."))
