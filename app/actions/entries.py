"""The box of entries on the start page: what each shows, and opening one."""

from __future__ import annotations

from app import demo
from app.actions import answers, known_labels, models, sources
from app.early import first_index
from app.jobs import Jobs
from app.panes import Asked
from app.places import data_folder, scratch_path
from app.session import Session
from app.walkthrough import Walking
from inference.entry import Entry
from inference.phantom.known_truth import phantom_in
from inference.records import Frame
from inference.requests import EntryRequest, OpenRequest, read_request
from widgets.entry_card import EntryRow

DEMO = "phantom-pair"


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
    """Open what an entry is about, ask its model, and show why it answered so."""
    if name == DEMO:
        demo.open_demo(session, jobs)
        return
    entry = next(one for one in session.entries if one.name == name)
    jobs.start(
        "entry",
        "decode",
        "locate_entry",
        EntryRequest(name, str(data_folder() / "entries" / name)),
        done=lambda path: _open(session, jobs, entry, path),
        failed=session.say_error,
        title=f"Opening {entry.title}",
    )


def _open(session: Session, jobs: Jobs, entry: Entry, path: str) -> None:
    def show(session: Session, jobs: Jobs, source_id: str) -> None:
        _show(session, jobs, entry, source_id)

    intake = sources.Intake(session, jobs, show)
    jobs.start(
        "entry",
        "decode",
        "open_sources",
        OpenRequest((path,), str(scratch_path())),
        done=intake.finish,
        partial=intake.take,
        failed=session.say_error,
        title=f"Opening {entry.title}",
    )


def _show(session: Session, jobs: Jobs, entry: Entry, source_id: str) -> None:
    number, source = session.active, session.sources[source_id]
    card = session.card(entry.models[0])
    index = entry.frame if entry.frame < source.frames else first_index(source)

    def shown(frames: tuple[Frame, ...]) -> None:
        sources.take_frame(session, jobs, number, frames[0])
        if entry.walk is None:
            answers.explain_current(session, jobs, number)

    sources.turn_to(session, jobs, number, source_id)
    if entry.walk is not None:
        _walk(session, Walking(entry.title, source_id, entry.walk))
    elif phantom_in(source) is not None:
        known_labels.label_known(session, jobs, source_id)
    if card is not None:
        models.choose_model(session, jobs, number, card.model_id)
        target = card.labels.index(entry.target) if entry.target in card.labels else None
        models.ask(session, number, Asked(entry.method, target))
    session.choose_index(number, index)
    jobs.start(
        f"frame-{number}",
        "decode",
        "read_frames",
        read_request(source, (index,)),
        done=shown,
        failed=session.say_error,
    )


def _walk(session: Session, walking: Walking) -> None:
    """Go to where labels are given, with the steps beside them."""
    session.set_place("label")
    session.set_walk(walking)
