"""The project of the window: found, its scans known, its view kept and given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path

from app.actions import acting
from app.actions.acting import OPENING
from app.actions.keeping import keep
from app.calls import BugError
from app.jobs import Jobs
from app.places import is_project, personal_folder, scratch_path
from app.project_book import ProjectBook
from app.project_entries import Located, LocateRequest, entry_of
from app.project_state import FOLDER, VIEW, ViewState
from app.session import Session
from app.store import Opening
from app.waiting import Pending
from inference.errors import UserError
from inference.records import Source, SourceEntry


def open_project(session: Session, jobs: Jobs) -> None:
    """Ask the store how it found the project, then what the project knows."""
    jobs.start(
        OPENING,
        "store",
        "open_project",
        None,
        done=partial(_take_opening, session, jobs),
        failed=partial(_take_trouble, session),
    )


def take_over(session: Session, jobs: Jobs, taken: Callable[[], None]) -> None:
    """Try again to write to a project that another program had; `taken` is called either way."""

    def take(found: Opening) -> None:
        session.edit_project(lambda book: setattr(book, "opening", found))
        taken()

    jobs.start(OPENING, "store", "open_project", None, done=take, failed=session.say_error)


def restore_backup(session: Session, jobs: Jobs, path: str | None) -> None:
    """Let a copy of a damaged project take its place; None begins with an empty one."""
    jobs.start(
        OPENING,
        "store",
        "restore_backup",
        path,
        done=partial(_take_opening, session, jobs),
        failed=session.say_error,
        title="Bringing the project back",
    )


def note_sources(session: Session, jobs: Jobs) -> None:
    """Let the project remember the scans that are open, where it does not yet."""
    book = session.project
    if not book.writable:
        return
    new = list(takewhile(lambda one: one.source_id not in book.noted, _newest(session)))
    if not new:  # another may stand in the place of one
        new = [one for name, one in session.sources.items() if name not in book.noted]
    book.noted.update(one.source_id for one in new)
    entries = (entry_of(source, book.opened, scratch_path()) for source in new)
    changed = tuple(one for one in entries if one != book.entries.get(one.source_id))
    if changed:
        add_entries(session, jobs, changed)


def add_entries(session: Session, jobs: Jobs, entries: tuple[SourceEntry, ...]) -> None:
    """Remember scans, or where they are now; those were found that were missing."""
    session.edit_project(lambda book: book.take_entries(entries))
    keep(session, jobs, "sources", entries)


def keep_view(session: Session, jobs: Jobs, view: ViewState | None) -> None:
    """Keep what is in view, beside all that must be kept: it never waits, and says nothing."""
    book = session.project
    if view is None or view == book.left or book.returning or not book.writable:
        return
    _keep_state(jobs, VIEW, view, lambda: book.leave(view))


def check_folder(folder: Path) -> None:
    """Raise UserError where a folder cannot become a project."""
    if is_project(folder):
        raise UserError(f"“{folder.name}” is a project already.", "Open it, or take another name.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UserError(
            f"“{folder.name}” holds other files, so it cannot become a project.",
            "Choose a name that no folder has yet.",
        )


def _newest(session: Session) -> Iterator[Source]:
    """The open scans, those that came last first: thousands may come one by one."""
    return reversed(session.sources.values())


def _take_opening(session: Session, jobs: Jobs, found: Opening) -> None:
    def take(book: ProjectBook) -> None:
        book.opening = found
        book.personal = Path(found.folder) == personal_folder()

    session.edit_project(take)
    if found.remark:
        session.say(found.remark, severity="plain")
    if not found.damaged:
        acting.restore(session, jobs)
        _load(session, jobs)


def _take_trouble(session: Session, error: UserError | BugError) -> None:
    session.say_error(error)
    acting.begin(session)


def _load(session: Session, jobs: Jobs) -> None:
    """Ask what the project knows: its scans, where it lay, and what was in view."""
    asked = (("load_sources", None), ("load_state", FOLDER), ("load_state", VIEW))
    known: list[object] = []

    def take(found: object) -> None:
        known.append(found)  # the store answers in the order in which it is asked
        if len(known) == len(asked):
            _take_known(session, jobs, *known)

    for number, (name, request) in enumerate(asked):
        slot = f"project-{number}"
        jobs.start(slot, "store", name, request, done=take, failed=session.say_error)


def _take_known(
    session: Session, jobs: Jobs, entries: object, before: object, view: object
) -> None:
    book = session.project
    known = entries if isinstance(entries, tuple) else ()

    def take(book: ProjectBook) -> None:
        book.take_entries(known)
        book.leave(view if isinstance(view, ViewState) else None)

    session.edit_project(take)
    note_sources(session, jobs)
    seen = book.left.source_ids if book.left is not None else ()
    wanted = tuple(one for one in known if not book.personal or one.source_id in seen)
    where = str(before) if isinstance(before, str) else ""
    jobs.start(
        "project-places",
        "pixels",
        "locate_sources",
        LocateRequest(wanted, str(book.folder), where),
        done=lambda found: _take_located(session, jobs, where, found),
        failed=session.say_error,
        track="places",
    )


def _take_located(session: Session, jobs: Jobs, before: str, found: Located) -> None:
    book, folder = session.project, str(session.project.folder)
    if book.writable and folder != before:
        _keep_state(jobs, FOLDER, folder)
    if found.moved and book.writable:
        add_entries(session, jobs, found.moved)

    def take(book: ProjectBook) -> None:
        book.take_entries(found.moved)
        book.missing = tuple(one for one in found.missing if one not in session.sources)
        book.ready = True

    session.edit_project(take)


def _keep_state(
    jobs: Jobs, name: str, record: object, done: Callable[[], None] = lambda: None
) -> None:
    """Keep something that nobody misses: it never waits, and its failure is not said.

    Labels wait for the same disk, and say so.
    """
    jobs.start(
        f"state-{name}",
        "store",
        "keep",
        (Pending("state", (name, record)),),
        done=lambda _count: done(),
        failed=lambda error: None,
    )
