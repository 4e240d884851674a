"""The stops of the tour at projects: gone on with, read-only, moved, unsaved and damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app import project_leaving, project_showing
from app.panes import Pane
from app.project_book import ProjectBook
from app.project_state import view_of
from app.store import Backup, Opening
from app.waiting import Pending
from inference.records import SourceEntry
from tests.tour.guide import Tour
from widgets.project_questions import BackupsDialog, UnsavedDialog

LONG = "Liver lesions of the second reading round, with a name that is longer than any bar has room"
PROJECTS = ("/data/projects/Liver lesions", f"/data/projects/of a long path/{LONG}")


def going_on(tour: Tour) -> bool:
    """The start page with projects, and with a view to go on with."""
    window, session = tour.window, tour.session
    reached = tour.wait(lambda: session.project.ready)
    window.show_start()
    entry = SourceEntry("of-the-tour", "series", "Abdomen 5.0 B30f", "CT", 9, (8, 8), ("/x",))
    other = replace(entry, source_id="other-of-the-tour", title="Thorax")
    window.settings = replace(window.settings, projects=PROJECTS)

    def leave(book: ProjectBook) -> None:
        panes = (Pane(entry.source_id), Pane(other.source_id), *session.panes[2:])
        before, session.panes = session.panes, panes
        book.left = view_of(session, {})
        session.panes = before
        book.take_entries((entry, other))

    session.edit_project(leave)
    tour.take("project-go-on")

    def forget(book: ProjectBook) -> None:
        book.left = None
        for one in (entry, other):
            del book.entries[one.source_id]

    session.edit_project(forget)
    return reached


def troubles(tour: Tour) -> bool:
    """A project that is read-only, with scans that are gone, and with work that is not saved."""
    window, session = tour.window, tour.session
    real = session.project.opening
    if real is None:
        return False
    why = "This project is open in another Lepton on reading-room-2 since 14:02."
    window.show_review()

    def spoil(book: ProjectBook) -> None:
        book.opening = Opening(f"/data/{LONG}", LONG, read_only=why)
        book.missing = ("one", "two", "three")

    session.edit_project(spoil)
    session.waiting.trouble = "Changes could not be kept in the project Liver: the disk is full."
    session.waiting.things.extend([Pending("cursor", 1)] * 3)
    project_showing.show_saved(window)
    tour.take("project-troubles")
    project_leaving.may_close(window)
    reached = _take_dialog(tour, UnsavedDialog, "project-unsaved")
    session.waiting.things.clear()
    session.waiting.trouble = ""

    def break_it(book: ProjectBook) -> None:
        backups = tuple(
            Backup(f"/data/{day}.sqlite", f"2026-11-{day}T13:02:00+00:00", 100 * day + 1)
            for day in (21, 20, 19)
        )
        damaged = "The file of the project Liver is damaged: 3 pages are not as they should be."
        book.opening = Opening("/data/Liver", "Liver", damaged=damaged, backups=backups)
        book.missing = ()

    session.edit_project(break_it)
    reached = _take_dialog(tour, BackupsDialog, "project-damaged") and reached
    session.edit_project(lambda book: setattr(book, "opening", real))
    project_showing.show_saved(window)
    return reached


def _take_dialog(tour: Tour, kind: type[UnsavedDialog | BackupsDialog], name: str) -> bool:
    tour.settle(0.3)
    dialog = tour.window.findChild(kind)
    if dialog is None:
        return False
    tour.take(name, dialog)
    dialog.reject()
    tour.settle(0.1)
    return True


STOPS: tuple[Callable[[Tour], bool], ...] = (going_on, troubles)
