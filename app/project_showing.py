"""What the window says of its project: its name, what is saved, and what is the matter."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.palette import run_named
from app.session import Session
from widgets.project_bar import ProjectNotice
from widgets.project_button import ProjectRow

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.store import Backup

MENU = (
    ("new_project", "New project …"),
    ("open_project", "Open a project …"),
    ("personal_project", "Personal project"),
)
"""The commands in the menu of projects, and how they are called there."""


def show_project(window: MainWindow) -> None:
    """The project's name everywhere it stands, and what is the matter with it."""
    book = window.session.project
    folder = "" if book.personal or book.folder is None else str(book.folder)
    window.top.project.set_project(book.name, folder)
    window.setWindowTitle("Lepton" if book.personal else f"{book.name} – Lepton")
    if folder:
        _remember(window, folder)
    window.top.project.set_rows(MENU, _recent(window, but=folder))
    window.project_bar.set_notices(_notices(window.session))
    show_start(window)
    if book.opening is not None and book.opening.damaged:
        _ask_for_backup(window)


def show_start(window: MainWindow) -> None:
    """The projects on the start page, and what can be gone on with."""
    rows = window.start.projects
    open_now = window.session.project.folder
    rows.set_projects(_recent(window, but=str(open_now)))
    rows.set_left(_left_words(window.session))
    window.start.set_first(rows.go_on if can_go_on(window.session) else None)


def can_go_on(session: Session) -> bool:
    """Whether there is a view to go back to, and nothing was opened since."""
    book = session.project
    if not book.ready or book.left is None or session.sources:
        return False
    return any(one in book.entries for one in set(book.left.source_ids) - set(book.missing))


def show_saved(window: MainWindow) -> None:
    """When work was last kept, or how much waits and why."""
    waiting, saved = window.session.waiting, window.job_list.saved
    if window.session.saved_at:
        saved.set_saved(f"saved {window.session.saved_at}")
    count = len(waiting.things)
    if not (waiting.trouble and count):
        saved.set_trouble("")
        return
    things = "1 change is" if count == 1 else f"{count:,} changes are"
    saved.set_trouble(f"{things} not saved yet: {reason_of(waiting.trouble)}")


def reason_of(trouble: str) -> str:
    """The part of a sentence that says why: "the disk is full"."""
    return (trouble.partition(": ")[2] or trouble).rstrip(".")


def _remember(window: MainWindow, folder: str) -> None:
    settings = window.settings.with_project(folder)
    if settings != window.settings:
        window.change_settings(settings)


def _recent(window: MainWindow, but: str = "") -> tuple[ProjectRow, ...]:
    folders = (Path(one) for one in window.settings.projects if one != but)
    return tuple(ProjectRow(str(one), one.name, str(one.parent)) for one in folders)


def _notices(session: Session) -> tuple[ProjectNotice, ...]:
    book, found = session.project, []
    opening = book.opening
    if opening is not None and opening.read_only:
        words = f"Read-only: {opening.read_only} You can look, and nothing is changed."
        found.append(ProjectNotice("take_over", words, "Try again"))
    count = len(book.missing)
    if count and book.ready and not book.personal and not book.told:
        words = "1 scan is" if count == 1 else f"{count:,} scans are"
        text = f"{words} not where {'it was' if count == 1 else 'they were'}."
        found.append(ProjectNotice("find_scans", text, "Find them …", dismissible=True))
    return tuple(found)


def _left_words(session: Session) -> str:
    """What was in view, by the titles of its scans; "" where it cannot be gone on with."""
    book = session.project
    if book.left is None or not can_go_on(session):
        return ""
    known = [book.entries[one].title for one in book.left.source_ids if one in book.entries]
    more = len(known) - 1
    rest = f" and {more} more scan{'' if more == 1 else 's'}" if more else ""
    return f"{known[0]}{rest}"


def _ask_for_backup(window: MainWindow) -> None:
    """Which backup of a damaged project takes its place; asked once at a time."""
    from app.actions import projects
    from widgets.project_questions import BackupRow, BackupsDialog

    opening = window.session.project.opening
    if opening is None or window.findChild(BackupsDialog) is not None:
        return
    rows = tuple(BackupRow(one.path, _backup_words(one)) for one in opening.backups)
    dialog = BackupsDialog(opening.damaged, rows, window)
    dialog.backup_chosen.connect(
        lambda path: projects.restore_backup(window.session, window.jobs, path or None)
    )
    dialog.other_requested.connect(lambda: run_named(window, "open_project"))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _backup_words(backup: Backup) -> str:
    made = datetime.fromisoformat(backup.made_at).astimezone()
    count = backup.annotations
    many = "1 annotation" if count == 1 else f"{count:,} annotations"
    return f"The backup of {made.day} {made:%B %Y, %H:%M}, with {many}"
