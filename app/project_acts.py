"""Projects in the main window: opened, gone on with, left in order, and what is said of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app import project_leaving, project_showing
from app.actions import going_on, keeping, projects, relinking
from app.keys import Command
from app.palette import run_named
from app.panes import Changes
from app.places import is_project, personal_folder
from app.project_book import ProjectBook
from inference.errors import UserError

if TYPE_CHECKING:
    from app.main_window import MainWindow


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do about projects."""
    session = window.session
    book, waiting = session.project, session.waiting
    group = "Project"
    return (
        Command("new_project", group, "New project …", (), partial(ask_for_new, window)),
        Command("open_project", group, "Open a project …", (), partial(ask_for_project, window)),
        Command(
            "personal_project",
            group,
            "Go to the personal project",
            (),
            partial(switch, window, personal_folder()),
            enabled=lambda: not book.personal,
        ),
        Command(
            "go_on",
            group,
            "Go on where you were",
            (),
            partial(go_on, window),
            enabled=lambda: project_showing.can_go_on(session),
        ),
        Command(
            "find_scans",
            group,
            "Find scans that were moved …",
            (),
            partial(ask_where_scans_are, window),
            enabled=lambda: bool(book.missing),
        ),
        Command(
            "take_over",
            group,
            "Try again to open the project for writing",
            (),
            partial(take_over, window),
            enabled=lambda: bool(book.opening and book.opening.read_only),
        ),
        Command(
            "save_again",
            group,
            "Try again to save",
            (),
            partial(keeping.send, session, window.jobs),
            enabled=lambda: bool(waiting.trouble),
        ),
    )


def connect(window: MainWindow) -> None:
    """Let the window follow what becomes of its project."""
    session, rows = window.session, window.start.projects
    for sign in (window.top.project.wished, rows.wished, window.project_bar.acted):
        sign.connect(partial(run_named, window))
    for sign in (window.top.project.chosen, rows.chosen):
        sign.connect(lambda folder: open_folder(window, Path(folder)))
    window.job_list.saved.again_requested.connect(partial(run_named, window, "save_again"))
    rows.go_on_requested.connect(partial(go_on, window))
    window.project_bar.dismissed.connect(lambda _name: _forget_missing(window))
    session.changed.connect(partial(_follow, window))
    project_showing.show_project(window)
    projects.open_project(session, window.jobs)


def await_project(window: MainWindow, folder: Path, *, resume: bool) -> None:
    """The window is on this project, of which nothing is known yet but its name."""

    def take(book: ProjectBook) -> None:
        book.wanted, book.personal = folder.name, folder == personal_folder()
        book.resume = resume

    window.session.edit_project(take)


def open_if_project(window: MainWindow, paths: tuple[str, ...]) -> bool:
    """Whether what is to be opened is a project, which is then opened as one."""
    found = [Path(one) for one in paths if is_project(Path(one))]
    if len(found) == len(paths) == 1:
        open_folder(window, found[0])
    return len(found) == len(paths) == 1


def open_folder(window: MainWindow, folder: Path) -> None:
    """Open another project; what it stumbles over is said."""
    try:
        switch(window, folder)
    except UserError as error:
        window.session.say_error(error)


def switch(window: MainWindow, folder: Path) -> None:
    """Close this project in order and open another. Raises UserError where there is none."""
    if folder != personal_folder() and not is_project(folder):
        raise UserError(
            f"There is no project in “{folder.name}”.", "Choose another folder, or make a new one."
        )
    if folder != window.session.project.folder:
        _open_next(window, folder)


def ask_for_project(window: MainWindow) -> None:
    """Choose the folder of a project, and open it."""
    path = QFileDialog.getExistingDirectory(window, "Open a project")
    if path:
        switch(window, Path(path))


def ask_for_new(window: MainWindow) -> None:
    """Choose a name and a place for a new project, and open it."""
    path, _ = QFileDialog.getSaveFileName(
        window, "New project: the name of its folder", "project", "", "", _FOLDERS
    )
    if path:
        projects.check_folder(Path(path))
        _open_next(window, Path(path))


def ask_where_scans_are(window: MainWindow) -> None:
    """Choose the folder in which the missing scans are looked for."""
    path = QFileDialog.getExistingDirectory(window, "Find the scans that were moved")
    if path:
        window.show_review()
        relinking.find_missing(window.session, window.jobs, path)


def go_on(window: MainWindow) -> None:
    """Show what was in view when the project was left."""
    window.show_review()
    going_on.go_on(window.session, window.jobs)


def take_over(window: MainWindow) -> None:
    """Try to write to a project that another program had; all is read anew if that has changed."""
    book = window.session.project

    def taken() -> None:
        if book.writable and book.folder is not None:
            _open_next(window, book.folder)
        elif book.opening is not None:
            window.session.say(book.opening.read_only, "Close it there, then try again.", "plain")

    projects.take_over(window.session, window.jobs, taken)


_FOLDERS = QFileDialog.Option.ShowDirsOnly | QFileDialog.Option.DontConfirmOverwrite


def _open_next(window: MainWindow, folder: Path) -> None:
    window.session.project.next = folder
    window.close()


def _forget_missing(window: MainWindow) -> None:
    window.session.edit_project(lambda book: setattr(book, "told", True))


def _follow(window: MainWindow, changes: Changes) -> None:
    session, jobs, book = window.session, window.jobs, window.session.project
    if changes.sources:
        projects.note_sources(session, jobs)
        project_showing.show_start(window)
    if changes.models:
        going_on.take_models(session, jobs)
    if changes.project:
        project_showing.show_project(window)
        if book.ready and book.resume:
            book.resume = False
            if book.left is not None:
                go_on(window)
            elif book.entries:
                window.show_review()
    if changes.messages and book.opening is None and session.saved_at:
        projects.open_project(session, jobs)  # it could not be opened before, and now it was
    if changes.messages or changes.labels or changes.marks:
        project_showing.show_saved(window)
        project_leaving.close_when_kept(window)
